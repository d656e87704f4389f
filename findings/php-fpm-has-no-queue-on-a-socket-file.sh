#!/bin/sh
# php-fpm's status page tells how many requests wait for a process ("listen queue"), which is what an alarm on a busy site would watch. It is
# known only where the pool listens on TCP. On a socket's file, which is how Debian sets PHP up, it is 0 whatever waits, as are the longest
# queue and the room for one, in each of the page's formats; and "max children reached" stays 0 with pm = static. Two processes, eight
# requests: six wait, by TCP the page says so, by a file it says none.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and Python.
set -eu
folder=$(mktemp -d)
fpm=''
trap 'kill $fpm 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
cd "$folder"
version=$(apt-cache depends --important php-fpm | sed -n 's/.*Depends: php\([0-9.]*\)-fpm/\1/p')
apt-get download -qq "php$version-fpm" libapparmor1 libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
port=$("${PYTHON:-python3}" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo '<?php usleep(4000000);' > slow.php
cat > fpm.conf <<CONF
[global]
error_log = $folder/log
daemonize = no
[file]
user = $(id -un)
listen = $folder/pages
pm = static
pm.max_children = 2
pm.status_path = /status
pm.status_listen = $folder/pages-status
[tcp]
user = $(id -un)
listen = 127.0.0.1:$port
pm = static
pm.max_children = 2
pm.status_path = /status
pm.status_listen = $folder/tcp-status
CONF
"root/usr/sbin/php-fpm$version" -n -R -F -y fpm.conf &
fpm=$!
until [ -S tcp-status ]; do sleep 0.1; done
cat > ask.py <<'PYTHON'
import json
import socket
import struct
import sys
import time


def asked(address, **parameters):
    """A connection on which php-fpm was asked for a script, by FastCGI."""
    connection = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    connection.connect(address)
    pairs = {"REQUEST_METHOD": "GET", **parameters}.items()
    body = b"".join(struct.pack("!BB", len(name), len(value)) + f"{name}{value}".encode() for name, value in pairs)
    parts = [(1, struct.pack("!HB5x", 1, 0)), (4, body), (4, b""), (5, b"")]
    connection.sendall(b"".join(struct.pack("!BBHHBB", 1, kind, 1, len(part), 0, 0) + part for kind, part in parts))
    return connection


def status(address):
    with asked(address, SCRIPT_NAME="/status", SCRIPT_FILENAME="/status", QUERY_STRING="json") as connection:
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")
    return json.loads(answer[answer.index("{") : answer.index("}") + 1])


folder, port = sys.argv[1], int(sys.argv[2])
found = []
for address, page in ((f"{folder}/pages", f"{folder}/pages-status"), (("127.0.0.1", port), f"{folder}/tcp-status")):
    waiting = [asked(address, SCRIPT_NAME="/slow.php", SCRIPT_FILENAME=f"{folder}/slow.php") for _ in range(8)]
    until = time.monotonic() + 3
    while (told := status(page))["active processes"] < 2 and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1.5)
    told = status(page)
    found.append([told[name] for name in ("active processes", "listen queue", "max listen queue", "max children reached")])
    print(f"pool {told['pool']}: {told['active processes']} busy, listen queue {told['listen queue']} of {told['listen queue len']}")
sys.exit(found != [[2, 0, 0, 0], [2, 6, 6, 0]])
PYTHON
"root/usr/sbin/php-fpm$version" -n -v | head -1
"${PYTHON:-python3}" ask.py "$folder" "$port"
