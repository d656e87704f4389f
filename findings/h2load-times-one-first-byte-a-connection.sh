#!/bin/sh
# h2load prints "time for request" and "time to 1st byte". One would have guessed that both are of the requests: how long an answer took, and how long until it
# began. The latter is of connections: the first byte of the first body that came on each, connecting included (0 us where no answer has a body). Where the first
# answer on a connection comes at once and each later one takes 0.2 s, the mean of 40 requests is nearly that, and that to the first byte is as short as the first.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with nghttp2-client 1.52.0) and Python.
set -eu
folder=$(mktemp -d)
site=''
trap 'kill $site 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq nghttp2-client libjemalloc2 libev4 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
cat >site.py <<'PYTHON'
import http.server
import time
from pathlib import Path


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.wait = 0.0

    def log_message(self, *_):
        pass

    def do_GET(self):
        time.sleep(self.wait)
        self.wait = 0.2
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
Path("port").write_text(str(server.server_port))
server.serve_forever()
PYTHON
"${PYTHON:-python3}" site.py &
site=$!
while [ ! -s port ]; do sleep 0.1; done
libraries=$(dirname "$(find root -name 'libev.so.4')")
LD_LIBRARY_PATH="$libraries" root/usr/bin/h2load --h1 -n 40 -c 2 "http://127.0.0.1:$(cat port)/" >printed
grep -E '^requests|^time|min +max' printed
"${PYTHON:-python3}" - <<'PYTHON'
import re
import sys
from pathlib import Path

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
printed = Path("printed").read_text()


def mean(name):
    text = re.search(rf"^{name}:\s+\S+\s+\S+\s+([0-9.]+)(s|ms|us)\s", printed, re.MULTILINE)
    return float(text[1]) * UNITS[text[2]]


sys.exit(not ("40 succeeded" in printed and mean("time for request") > 0.15 and 0 < mean("time to 1st byte") < 0.1))
PYTHON
