#!/bin/sh
# As Debian configures siege, it also asks for the files that a page names, and counts each: ten visits of a page with three files are 40 transactions, and the
# time of an answer is that of a file. "Availability" leaves out only what failed to come, and 5xx: where each answer is a 429, or a 404, it is 100 %, with no
# failed transaction and no successful one. siege ends 0 each time.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with siege 4.0.7) and Python.
set -eu
folder=$(mktemp -d)
site=''
trap 'kill $site 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq siege >/dev/null 2>&1
dpkg -x ./siege_*.deb root
cat >site.py <<'PYTHON'
import http.server
from pathlib import Path

PAGE = b'<html><head><link rel="stylesheet" href="/a.css"><script src="/b.js"></script></head><body><img src="/c.png"></body></html>'


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response({"/asks-later": 429, "/nowhere": 404, "/full": 503}.get(self.path, 200))
        kind, body = ("text/html", PAGE) if self.path == "/page" else ("text/plain", b"a text")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
Path("port").write_text(str(server.server_port))
server.serve_forever()
PYTHON
"${PYTHON:-python3}" site.py &
site=$!
until [ -s port ]; do sleep 0.1; done
for path in /page /asks-later /nowhere /full; do
    code=0
    HOME=$folder root/usr/bin/siege -R root/etc/siege/siegerc -b -c 2 -r 5 "http://127.0.0.1:$(cat port)$path" >report 2>log || code=$?
    "${PYTHON:-python3}" -c "
import json, sys
told = json.load(open('report'))
print('$path', *(f'{name} {told[name]:.0f}' for name in ('transactions', 'availability', 'successful_transactions', 'failed_transactions')), 'exit $code')"
done | tee said
cat >expected <<'SAID'
/page transactions 40 availability 100 successful_transactions 40 failed_transactions 0 exit 0
/asks-later transactions 10 availability 100 successful_transactions 0 failed_transactions 0 exit 0
/nowhere transactions 10 availability 100 successful_transactions 0 failed_transactions 0 exit 0
/full transactions 0 availability 0 successful_transactions 0 failed_transactions 10 exit 0
SAID
cmp -s expected said
