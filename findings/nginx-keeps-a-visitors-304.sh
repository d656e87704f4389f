#!/bin/sh
# nginx's cache does not pass a visitor's If-None-Match on by itself. A proxy that has to (a page that may not be kept is then answered
# by a 304 of the site, as behind CloudFront) says `proxy_set_header If-None-Match $http_if_none_match`, and from then on a 304 that says
# `max-age` is kept under the page's key: the next visitor, who has nothing of the page, gets a 304 without a body. `proxy_cache_valid`
# does not name a 304, and need not: Cache-Control is enough. `proxy_no_cache` on $upstream_status keeps it out.
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


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers.get("If-None-Match") == '"m"'
        self.send_response(304 if known else 200)
        self.send_header("ETag", '"m"')
        self.send_header("Cache-Control", "max-age=60")
        self.end_headers()
        if not known:
            self.wfile.write(b"a page")

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 18191), Handler).serve_forever()
PYTHON
cat >client.py <<'PYTHON'
import http.client
import sys


def asked(**headers):
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
    connection.request("GET", "/", headers=headers)
    answer = connection.getresponse()
    return f"{answer.status} {answer.read().decode() or '(no body)'}"


print(f"{asked(**{'If-None-Match': chr(34) + 'm' + chr(34)})} | {asked()}")
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
    map \$upstream_status \$not_kept { 304 1; default ""; }
    proxy_set_header If-None-Match \$http_if_none_match;
    proxy_cache kept;
    server { listen 127.0.0.1:18192; location / { proxy_pass http://127.0.0.1:18191; proxy_cache_key one; } }
    server {
        listen 127.0.0.1:18193;
        location / { proxy_pass http://127.0.0.1:18191; proxy_cache_key other; proxy_no_cache \$not_kept; }
    }
}
CONF
python3 server.py &
server=$!
"$program" -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" &
nginx=$!
for _ in $(seq 50); do [ -s pid ] && break; sleep 0.1; done
"$program" -v 2>&1
echo "who has the page | who has nothing, afterwards"
kept=$(python3 client.py 18192)
echo "by Cache-Control alone: $kept"
not_kept=$(python3 client.py 18193)
echo "with proxy_no_cache: $not_kept"
[ "$kept" = "304 (no body) | 304 (no body)" ] && [ "$not_kept" = "304 (no body) | 200 a page" ]
