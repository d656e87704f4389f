#!/bin/sh
# In HAProxy req.hdr(NAME) is not the header but the last of the values that commas part in it: of a browser's User-Agent, "... (KHTML, like Gecko) Chrome/...", what
# follows the comma, of a Set-Cookie's or Last-Modified's date what follows the weekday. So a log, a rate by user agent or a header that is passed on
# has "like Gecko) ..." of every browser. req.fhdr and res.fhdr give the whole.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with HAProxy 2.6.12) and Python.
set -eu
folder=$(mktemp -d)
haproxy=''
trap 'kill $haproxy 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'liblua5.3.so.*' | head -1)")
export LD_LIBRARY_PATH
port=$("${PYTHON:-python3}" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >haproxy.cfg <<CONF
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend site
    bind 127.0.0.1:$port
    http-request return status 200 content-type text/plain lf-string "%[req.hdr(User-Agent)]\n%[req.fhdr(User-Agent)]" hdr Last-Modified "Tue, 01 Dec 2026 09:00:00 GMT"
    http-after-response set-header Changed "%[res.hdr(Last-Modified)]"
    http-after-response set-header Changed-Whole "%[res.fhdr(Last-Modified)]"
CONF
root/usr/sbin/haproxy -v | head -1
root/usr/sbin/haproxy -f haproxy.cfg &
haproxy=$!
cat >ask.py <<'PYTHON'
import http.client
import sys
import time

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
until = time.monotonic() + 10
while True:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
        connection.request("GET", "/", headers={"User-Agent": AGENT})
        break
    except ConnectionRefusedError:
        if time.monotonic() > until:
            raise
        time.sleep(0.1)
answer = connection.getresponse()
hdr, fhdr = answer.read().decode().split("\n")
changed, whole = answer.headers["Changed"], answer.headers["Changed-Whole"]
print(f"req.hdr:  {hdr}\nreq.fhdr: {fhdr}\nres.hdr:  {changed}\nres.fhdr: {whole}")
expected = ("like Gecko) Chrome/140.0 Safari/537.36", AGENT, "01 Dec 2026 09:00:00 GMT", "Tue, 01 Dec 2026 09:00:00 GMT")
sys.exit((hdr, fhdr, changed, whole) != expected)
PYTHON
"${PYTHON:-python3}" ask.py "$port"
