#!/bin/sh
# An epoll may be put into another one (or into gevent's loop, by a watcher of its descriptor). Each time that is done, Linux walks through all that is in it, in search of circles: starting a watcher on an epoll of 10,000 sockets costs many times what it costs on one of ten. Started once and left so, it costs nothing more.
# gevent's libev forgets a watcher that is stopped, and puts it in anew when it is started: a watcher that is stopped and started as people come and go was a third of a busy process.
# Start and stop of a gevent watcher on an epoll with 10 and with 10,000 sockets, in microseconds of CPU each.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and Linux; nothing leaves the process.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: gevent==26.9.0
"$folder/venv/bin/python" - <<'PYTHON'
import os
import platform
import resource
import select
import socket
import sys
import time

import gevent

TIMES = 200
SOCKETS = (10, 10_000)
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
hub = gevent.get_hub()


def measured(number):
    """Return the microseconds that a watcher's start takes on an epoll with a number of sockets."""
    inner = select.epoll()
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        inner.register(each.fileno(), 0)
    watcher = hub.loop.io(inner.fileno(), 1)
    began = time.process_time()
    for _ in range(TIMES):
        watcher.start(lambda: None)
        gevent.sleep(1e-6)  # libev tells epoll in its next turn, which a timer waits for
        watcher.stop()
        gevent.sleep(1e-6)
    spent = time.process_time() - began
    watcher.close()
    for each in sockets:
        each.close()
    return spent / TIMES * 1e6


few, many = (measured(number) for number in SOCKETS)
print(f"Linux {os.uname().release}, Python {platform.python_version()}, gevent {gevent.__version__}: {few:.0f} µs with {SOCKETS[0]} sockets, {many:.0f} µs with {SOCKETS[1]:,}")
sys.exit(not many > 10 * few)
PYTHON
