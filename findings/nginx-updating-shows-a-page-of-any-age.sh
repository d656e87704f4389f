#!/bin/sh
# proxy_cache_use_stale updating: while one request renews a page whose time is over, others are shown the one that is kept. One would have
# guessed that it has just run out, as on a busy site. It may be of any age, up to the cache's `inactive`: of two people who ask at the same
# moment after a quiet hour, one gets the new page and the other that of an hour ago. nginx has no bound for it in its configuration; the
# site has: Cache-Control: stale-while-revalidate=SECONDS, without `updating`, allows the same for so long, and is read beside X-Accel-Expires.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and Python.
set -eu
folder=$(mktemp -d)
nginx='' server=''
trap 'kill $nginx $server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq nginx >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
program=$folder/root/usr/sbin/nginx

cat >server.py <<'PYTHON'
import http.server
import itertools
import time

NUMBERS = itertools.count(1)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        number = next(NUMBERS)
        time.sleep(0.5)
        self.send_response(200)
        self.send_header("X-Accel-Expires", "1")
        self.send_header("Cache-Control", "stale-while-revalidate=1")
        self.end_headers()
        self.wfile.write(f"page {number}".encode())

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 18194), Handler).serve_forever()
PYTHON
cat >client.py <<'PYTHON'
import sys
import threading
import time
import urllib.request


def asked(found):
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/", timeout=10) as answer:
        found.append(answer.read().decode())


first = []
asked(first)
time.sleep(4)
found = []
both = [threading.Thread(target=asked, args=(found,)) for _ in range(2)]
for each in both:
    each.start()
    time.sleep(0.1)
for each in both:
    each.join()
print("the old one" if first[0] in found else "none")
PYTHON
cat >nginx.conf <<CONF
daemon off;
user $(id -un);
pid $folder/pid;
error_log $folder/error.log;
events {}
http {
    access_log off;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    proxy_cache_path $folder/kept keys_zone=kept:1m;
    proxy_cache kept;
    server {
        listen 127.0.0.1:18195;
        location / { proxy_pass http://127.0.0.1:18194; proxy_cache_key one; proxy_cache_use_stale updating; }
    }
    server { listen 127.0.0.1:18196; location / { proxy_pass http://127.0.0.1:18194; proxy_cache_key other; } }
}
CONF
"${PYTHON:-python3}" server.py &
server=$!
"$program" -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" &
nginx=$!
for _ in $(seq 50); do [ -s pid ] && break; sleep 0.1; done
"$program" -v 2>&1
updating=$("${PYTHON:-python3}" client.py 18195)
echo "a page that is kept for one second, asked for by two people four seconds later; who is shown it: with updating, $updating"
bounded=$("${PYTHON:-python3}" client.py 18196)
echo "with stale-while-revalidate=1 alone: $bounded"
[ "$updating" = "the old one" ] && [ "$bounded" = "none" ]
