#!/bin/sh
# hey -n 10 -c 3 asks nine times: each of the three does a third, rounded down, and nobody does the rest. Of 199 requests by 100 it sends 100. It follows
# redirects, so that a page behind one counts once and is asked for twice, and ends 0 whatever came: twenty times 503 among them.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with hey 0.1.4) and Python.
set -eu
folder=$(mktemp -d)
site=''
trap 'kill $site 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq hey >/dev/null 2>&1
dpkg -x ./hey_*.deb root
cat >site.py <<'PYTHON'
import http.server
from pathlib import Path


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        with Path("asked").open("a") as asked:
            asked.write(f"{self.path}\n")
        self.send_response({"/moved": 302, "/full": 503}.get(self.path, 200))
        self.send_header("Location", "/page")
        self.send_header("Content-Length", "0")
        self.end_headers()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
Path("port").write_text(str(server.server_port))
server.serve_forever()
PYTHON
"${PYTHON:-python3}" site.py &
site=$!
until [ -s port ]; do sleep 0.1; done
for asked in "-n 10 -c 3 /page" "-n 199 -c 100 /page" "-n 6 -c 2 /moved" "-n 20 -c 2 /full"; do
    : >asked
    code=0
    # shellcheck disable=SC2086 # the options are words
    root/usr/bin/hey ${asked% *} "http://127.0.0.1:$(cat port)${asked##* }" >report || code=$?
    echo "hey $asked: $(sed -n 's/^ *\(\[[0-9]*\]\)\t\([0-9]*\) responses/\2 of \1/p' report), requests $(wc -l <asked), exit $code"
done | tee said
cat >expected <<'SAID'
hey -n 10 -c 3 /page: 9 of [200], requests 9, exit 0
hey -n 199 -c 100 /page: 100 of [200], requests 100, exit 0
hey -n 6 -c 2 /moved: 6 of [200], requests 12, exit 0
hey -n 20 -c 2 /full: 20 of [503], requests 20, exit 0
SAID
cmp -s expected said
