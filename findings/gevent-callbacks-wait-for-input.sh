#!/bin/sh
# What gevent's spawn, Event.set, joinall and sleep(0) start is run as a callback of the loop: fifty in each turn, and more only while five milliseconds (Python's switch interval) have not passed. What can be read is handled
# without a bound in the same turn. Where input keeps coming, spawned work is late by its length times that of a turn, while timers that are due are all called at once.
# 600 pieces of work of 1 ms each, beside 100 sockets that can always be read, at 1 ms each: from timers, and spawned; then spawned with a longer switch interval.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI; nothing leaves the process.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: gevent==26.9.0
"$folder/venv/bin/python" - <<'PYTHON'
import socket
import sys
import time

import gevent

WORK, READABLE, LENGTH = 600, 100, 0.001
hub = gevent.get_hub()


def busy():
    until = time.process_time() + LENGTH
    while time.process_time() < until:
        pass


pairs = [socket.socketpair() for _ in range(READABLE)]
watchers = []
for one, other in pairs:
    other.send(b"x")
    watcher = hub.loop.io(one.fileno(), 1)
    watcher.start(busy)
    watchers.append(watcher)


def measured(start):
    """Return the CPU seconds until the last piece of work is done, in turns of the loop that cost 0.1 s each."""
    done = []

    def work():
        busy()
        done.append(time.process_time())

    began = time.process_time()
    kept = [start(work) for _ in range(WORK)]
    while len(done) < WORK:
        gevent.sleep(0.01)
    assert kept
    return done[-1] - began


def by_timer(work):
    timer = hub.loop.timer(0)
    timer.start(work)
    return timer


timers, spawned = measured(by_timer), measured(gevent.spawn)
sys.setswitchinterval(1.0)
patient = measured(gevent.spawn)
print(f"gevent {gevent.__version__}: {WORK} ms of work beside input took {timers:.1f} s of CPU by timers, {spawned:.1f} s spawned, {patient:.1f} s spawned with a switch interval of 1 s")
sys.exit(not (spawned > 1.7 * timers and patient < 0.8 * spawned))
PYTHON
