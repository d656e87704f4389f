#!/bin/sh
# `return 304;` in nginx says `Content-Length: 0`, and a Content-Type. A 304 speaks of the page that the asker has: its Content-Length, where
# there is one, must be that page's (RFC 9110, 8.6), and whoever keeps pages may put it beside what it keeps. nginx's own 304, of a file or of
# its cache, has neither. No directive of nginx's own takes them back: `add_header Content-Length ""` and `default_type ""` leave the length
# where it is. The module headers-more does (`more_clear_headers Content-Length`).
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and Python.
set -eu
folder=$(mktemp -d)
nginx=''
trap 'kill $nginx 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq nginx libnginx-mod-http-headers-more-filter >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
program=$folder/root/usr/sbin/nginx
mkdir pages
echo "a page" >pages/page.html

cat >client.py <<'PYTHON'
import http.client
import sys


def asked(path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", 18195, timeout=5)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer


path = sys.argv[1]
headers = {}
if path == "/page.html":
    headers = {"If-None-Match": asked(path).headers["ETag"]}
answer = asked(path, **headers)
print(answer.status, "Content-Length:", answer.headers["Content-Length"], "Content-Type:", answer.headers["Content-Type"])
PYTHON
cat >nginx.conf <<CONF
load_module $folder/root/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so;
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
    server {
        listen 127.0.0.1:18195;
        root $folder/pages;
        location /returned { return 304; }
        location /emptied { default_type ""; add_header Content-Length "" always; return 304; }
        location /cleared { default_type ""; more_clear_headers Content-Length; return 304; }
    }
}
CONF
"$program" -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" &
nginx=$!
for _ in $(seq 50); do [ -s pid ] && break; sleep 0.1; done
"$program" -v 2>&1
said=$(for path in /page.html /returned /emptied /cleared; do python3 client.py "$path"; done)
echo "$said"
[ "$said" = "304 Content-Length: None Content-Type: None
304 Content-Length: 0 Content-Type: text/plain
304 Content-Length: 0 Content-Type: None
304 Content-Length: None Content-Type: None" ]
