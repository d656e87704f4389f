#!/bin/sh
# log_format with escape=json escapes what JSON would stumble over, the bytes below 32, the quote and the backslash, and writes all others as they came. A
# header with a byte of ISO 8859-1, as old programs send ("Käthe" in a user agent), makes a line that is no UTF-8, and so no JSON: Python's json refuses the
# line as bytes, and a whole file of such lines as a text. Without escape=json nginx writes \xE4. Whoever reads such a log says what to do with such a byte.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with nginx 1.22.1) and Python.
set -eu
folder=$(mktemp -d)
nginx=''
trap 'kill $nginx 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq nginx >/dev/null 2>&1
dpkg -x ./nginx_*.deb root
port=$("${PYTHON:-python3}" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >nginx.conf <<CONF
daemon off;
user $(id -un);
pid $folder/pid;
error_log $folder/error.log;
events {}
http {
    log_format json escape=json '{"agent":"\$http_user_agent"}';
    log_format plain '"\$http_user_agent"';
    access_log $folder/json.log json;
    access_log $folder/plain.log plain;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    server { listen 127.0.0.1:$port; return 204; }
}
CONF
root/usr/sbin/nginx -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" &
nginx=$!
until [ -s pid ]; do sleep 0.1; done
root/usr/sbin/nginx -v 2>&1
cat >ask.py <<'PYTHON'
import http.client
import json
import sys
import time
from pathlib import Path

AGENTS = ("Käthe's".encode(), 'say "hi"'.encode(), "Käthe's".encode("iso-8859-1"))
for agent in AGENTS:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
    connection.request("GET", "/", headers={"User-Agent": agent})
    connection.getresponse().read()
until = time.monotonic() + 5
while Path("plain.log").read_bytes().count(b"\n") < len(AGENTS) and time.monotonic() < until:
    time.sleep(0.05)
found = []
for line, plain in zip(Path("json.log").read_bytes().splitlines(), Path("plain.log").read_bytes().splitlines(), strict=True):
    try:
        found.append(json.loads(line)["agent"])
    except ValueError as error:
        found.append(type(error).__name__)
    print(line, plain, found[-1])
sys.exit(found != ["Käthe's", 'say "hi"', "UnicodeDecodeError"])
PYTHON
"${PYTHON:-python3}" ask.py "$port"
