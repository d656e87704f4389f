#!/bin/sh
# HAProxy's `capture.req.method` and `capture.req.uri` read "the method" and "the uri" of a request, its manual says, "in both request and
# response". They do so only where the frontend's log format asks for the request line (`option httplog`): elsewhere they hold nothing, no
# condition on them is ever true, and neither `haproxy -c` nor a warning says so. A rule that blocks a method by it blocks nobody, until somebody
# switches on logging. `method` and `url` read the request itself.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and Python.
set -eu
folder=$(mktemp -d)
haproxy=''
trap 'kill $haproxy 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >/dev/null 2>&1 || apt-get download -qq haproxy liblua5.4-0 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu"
program=$folder/root/usr/sbin/haproxy
{
    printf 'defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n'
    port=18200
    for option in '' 'option httplog'; do
        for fetch in capture.req.method method; do
            printf 'frontend f%s\n bind 127.0.0.1:%s\n %s\n acl put %s -m str PUT\n' "$port" "$port" "$option" "$fetch"
            printf ' http-request deny deny_status 403 if put\n http-request return status 200\n'
            port=$((port + 1))
        done
    done
} >haproxy.cfg
"$program" -c -f haproxy.cfg >judgement 2>&1 || { cat judgement; exit 1; }
"$program" -f haproxy.cfg -db 2>/dev/null &
haproxy=$!
cat >client.py <<'PYTHON'
import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
connection.request("PUT", "/")
print(connection.getresponse().status)
PYTHON
for _ in $(seq 50); do python3 client.py 18200 >/dev/null 2>&1 && break; sleep 0.1; done
"$program" -v | head -1
ends=0
asked() {
    status=$(python3 client.py "$1")
    echo "PUT, to be refused by $2: $status"
    [ "$status" = "$3" ] || ends=1
}
asked 18200 "capture.req.method, nothing logged" 200
asked 18201 "method, nothing logged" 403
asked 18202 "capture.req.method, option httplog" 403
asked 18203 "method, option httplog" 403
exit "$ends"
