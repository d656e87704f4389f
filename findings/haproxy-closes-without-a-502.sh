#!/bin/sh
# A server that ends without an answer is a 502 to HAProxy's client in the first request of its connection only: in any later one
# HAProxy closes the client's connection without a word, so that a browser asks again by itself. An AWS application load balancer, which
# HAProxy stands in for in many tests, answers 502 each time. It is decided by the client's connection, not the server's: neither
# `http-reuse never`, `option http-server-close`, `retries 0`, `retry-on none` or `empty-response` nor `errorfile 502` changes it. A second pass through
# HAProxy itself does, in which each request has a connection of its own.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and Python.
set -eu
folder=$(mktemp -d)
haproxy='' server=''
trap 'kill $haproxy $server 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >/dev/null 2>&1 || apt-get download -qq haproxy liblua5.4-0 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu"
program=$folder/root/usr/sbin/haproxy

cat >server.py <<'PYTHON'
import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/ends":
            self.close_connection = True  # and not a byte of an answer
            return
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 18090), Handler).serve_forever()
PYTHON
cat >client.py <<'PYTHON'
import http.client
import sys


def asked(connection):
    try:
        connection.request("GET", "/ends")
        return str(connection.getresponse().status)
    except http.client.RemoteDisconnected:
        return "closed without an answer"


first = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
later = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
later.request("GET", "/")
later.getresponse().read()
print(f"{asked(first)} | {asked(later)}")
PYTHON
{
    printf 'defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n'
    port=18100
    for option in '' 'http-reuse never' 'option http-server-close' 'retries 0' 'retry-on none' 'retry-on empty-response' 'no option abortonclose'; do
        printf 'listen l%s\n bind 127.0.0.1:%s\n %s\n server s 127.0.0.1:18090\n' "$port" "$port" "$option"
        port=$((port + 1))
    done
    printf 'listen twice\n bind 127.0.0.1:18199\n http-reuse never\n option http-server-close\n server hop abns@hop\n'
    printf 'listen inner\n bind abns@hop\n http-reuse always\n server s 127.0.0.1:18090\n'
} >haproxy.cfg
python3 server.py &
server=$!
"$program" -f haproxy.cfg -db &
haproxy=$!
for _ in $(seq 50); do python3 client.py 18100 >/dev/null 2>&1 && break; sleep 0.1; done
"$program" -v | head -1
echo "first request of a connection | a later one"
ends=0
for port in 18100 18101 18102 18103 18104 18105 18106; do
    seen=$(python3 client.py "$port")
    echo "$port: $seen"
    [ "$seen" = "502 | closed without an answer" ] || ends=1
done
seen=$(python3 client.py 18199)
echo "twice through HAProxy: $seen"
[ "$seen" = "502 | 502" ] || ends=1
exit "$ends"
