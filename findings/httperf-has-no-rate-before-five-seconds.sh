#!/bin/sh
# httperf offers a fixed rate and prints, beside the rate of its requests, that of the replies: min, avg, max. One would have guessed that a run of two seconds with
# 40 replies has some 20 a second. The replies are counted once in five seconds, and a run that is over sooner has no count: it prints "min 0.0 avg 0.0 max 0.0 …
# (0 samples)" beside a sound "Request rate". That each reply is a 503 is no error to it, and its exit status is 0.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with httperf 0.9.0) and Python.
set -eu
folder=$(mktemp -d)
site=''
trap 'kill $site 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq httperf >/dev/null 2>&1
dpkg -x ./httperf_*.deb root
cat >site.py <<'PYTHON'
import http.server
from pathlib import Path


class Site(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
Path("port").write_text(str(server.server_port))
server.serve_forever()
PYTHON
"${PYTHON:-python3}" site.py &
site=$!
while [ ! -s port ]; do sleep 0.1; done
root/usr/bin/httperf --server 127.0.0.1 --port "$(cat port)" --uri / --num-conns 40 --rate 20 >printed 2>/dev/null
grep -E '^(Total|Request rate|Reply rate|Reply status|Errors: total)' printed
grep -q '^Total: connections 40 requests 40 replies 40 ' printed
grep -q '^Reply rate \[replies/s\]: min 0.0 avg 0.0 max 0.0 stddev 0.0 (0 samples)$' printed
grep -q '5xx=40$' printed
grep -q '^Errors: total 0 ' printed
