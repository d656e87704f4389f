#!/bin/sh
# ApacheBench counts an answer as failed where it is not as long as the first one was: a page that shows the time, or seats that are left, fails
# by the half. An answer that says 503 is no failure as long as its length stays: a site that is down has "Failed requests: 0", and a line of
# its own for answers that are not 2xx, which is not there when there are none. It ends with 0 in both cases. (`-l` lets lengths differ.)
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and Python.
set -eu
folder=$(mktemp -d)
site=''
trap 'kill $site 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq apache2-utils libapr1 libaprutil1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
cat > site.py <<'PYTHON'
import itertools
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

NUMBERS = itertools.count()


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"page" + (b"." if self.path == "/changing" and next(NUMBERS) % 2 else b"")
        self.send_response(503 if self.path == "/down" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


with HTTPServer(("127.0.0.1", 0), Site) as server:
    Path(sys.argv[1]).write_text(str(server.server_port))
    server.serve_forever()
PYTHON
"${PYTHON:-python3}" site.py port &
site=$!
until [ -s port ]; do sleep 0.1; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libapr-1.so.0')")
export LD_LIBRARY_PATH
asked() {
    root/usr/bin/ab -q -n 20 "http://127.0.0.1:$(cat port)$1" > said
    awk -F ': *' '/^Failed requests|^Non-2xx/ { printf "%s%s %s", comma, $1, $2; comma = ", " }' said
}
changing=$(asked /changing) down=$(asked /down)
dpkg-deb --show apache2-utils_*.deb
echo "of 20 pages, each second one a character longer: $changing; of 20 answers that say 503: $down"
[ "$changing" = "Failed requests 10" ] && [ "$down" = "Failed requests 0, Non-2xx responses 20" ]
