#!/bin/sh
# nginx keeps connections to an upstream (`keepalive` in its block), also where that answers with an error that nginx shows as it is. Where
# nginx has a page of its own for the error (`proxy_intercept_errors on` with `error_page`), it leaves the answer's body unread, and
# closes the connection: each error costs a new one, most of all while there are most of them. An error without a body
# (`Content-Length: 0`) leaves nothing unread, and its connection is kept. (In nginx itself `return 503 ""` has a body all the same,
# nginx's own; an `error_page` whose location says `return 200 ""` has none.)
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and Python.
set -eu
folder=$(mktemp -d)
nginx=''
trap 'kill $nginx 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq nginx >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
program=$folder/root/usr/sbin/nginx

# What counts is $connection, the number of the connection on which the upstream, a second server of the same nginx, was asked.
cat >nginx.conf <<CONF
daemon off;
user $(id -un);
pid $folder/pid;
error_log $folder/error.log;
worker_processes 1;
events {}
http {
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    access_log off;
    log_format asked '\$request_uri \$connection';
    upstream behind { server unix:$folder/behind.sock; keepalive 4; }
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    server {
        listen unix:$folder/behind.sock;
        access_log $folder/asked.log asked;
        location / { return 503 "a body"; }
        location /empty { error_page 503 /nothing; return 503; }
        location = /nothing { internal; return 200 ""; }
    }
    server {
        listen 127.0.0.1:18194;
        location = /own { internal; return 503 "nginx's own page"; }
        location / { proxy_pass http://behind; }
        location /page { proxy_pass http://behind; proxy_intercept_errors on; error_page 503 /own; }
        location /empty { proxy_pass http://behind; proxy_intercept_errors on; error_page 503 /own; }
    }
}
CONF
"$program" -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" &
nginx=$!
for _ in $(seq 50); do [ -s pid ] && break; sleep 0.1; done
"$program" -v 2>&1
cat >client.py <<'PYTHON'
import http.client

connection = http.client.HTTPConnection("127.0.0.1", 18194, timeout=5)
for path in ["/as-it-is"] * 5 + ["/page"] * 5 + ["/empty"] * 5:
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 503, answer.status
    answer.read()
PYTHON
python3 client.py
connections() { awk -v path="$1" 'index($1, path) == 1 { seen[$2] } END { print length(seen) }' asked.log; }
for path in /as-it-is /page /empty; do echo "five errors at $path: $(connections "$path") connections"; done
[ "$(connections /as-it-is)" = 1 ] && [ "$(connections /page)" -ge 4 ] && [ "$(connections /empty)" -le 2 ]
