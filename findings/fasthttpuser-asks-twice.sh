#!/bin/sh
# When a kept connection ends without an answer, Locust's FastHttpUser opens another and sends the request again, and tells of one request.
# The server has seen two. Four asks of a user over a server that closes each connection when the second request has come on it: the
# server reads more requests than Locust tells of, and none of them failed.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI; all of it on this machine's loopback.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: locust==2.47.0 geventhttpclient==2.6.1
"$folder/venv/bin/python" - <<'PYTHON'
from gevent import monkey

monkey.patch_all()

import sys

import gevent
import locust
from gevent.server import StreamServer
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment
from locust.user.users import User

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
seen = []


def serve(connection, address):
    for place in range(2):
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            piece = connection.recv(4096)
            if not piece:
                return
            request += piece
        seen.append(request.split(b" ", 2)[1].decode())
        if place == 0:
            connection.sendall(ANSWER)
    connection.close()


server = StreamServer(("127.0.0.1", 0), serve)
server.start()
environment = Environment(user_classes=[User])
session = FastHttpSession(f"http://127.0.0.1:{server.server_port}", environment.events.request, None, insecure=True)
told = []
environment.events.request.add_listener(lambda exception=None, **_: told.append(exception))
statuses = []
for number in range(4):
    statuses.append(session.get(f"/{number}").status_code)
    gevent.sleep(0.1)
counted, failed = len(told), sum(exception is not None for exception in told)
print(f"locust {locust.__version__}: statuses {statuses}; counted {counted}, failed {failed}; the server has read {seen}")
sys.exit(not (statuses == [200] * 4 and counted == 4 and failed == 0 and len(seen) > 4))
PYTHON
