"""Who may join a storm: its own workers, and nobody else, however they come."""

from __future__ import annotations

import subprocess
import sys

from tests.loadtest.conftest import ROOT, clean_environment

# A master, and workers that come in different ways; it says whom it has let in, when those have had time who may not.
JOINING = """
import os, socket, subprocess, sys, time
import gevent
from locust import User
from locust.env import Environment
from loadtest.generator.channel import KEYS, Keys, call, close_to_others

WORKER = '''
import sys
from locust import User
from locust.env import Environment
from locust.runners import WorkerRunner
from loadtest.generator import channel
if sys.argv[1] != "plain":
    channel.join(listens=sys.argv[1] == "listen")
import socket
socket.gethostname = lambda: sys.argv[3]
Environment(user_classes=[User]).create_worker_runner("127.0.0.1", int(sys.argv[2])).greenlet.join()
'''
ours, others = Keys.new(), Keys.new()
half = ours.of_a_worker.split()[0] + " " + others.of_a_worker.split()[1]
keys = {"ours": ours.of_a_worker, "others": others.of_a_worker, "half": half}
close_to_others(ours)
master = Environment(user_classes=[User]).create_master_runner("127.0.0.1", 0)
workers = []
for who in sys.argv[1:]:
    way, whose = who.split("-")
    port = master.server.port
    if way == "listen":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        call(master, "127.0.0.1", port)
    command = [sys.executable, "-c", WORKER, way, str(port), who]
    workers.append(subprocess.Popen(command, env={**os.environ, KEYS: keys[whose]}))
until = time.monotonic() + 20
while master.worker_count < 2 and time.monotonic() < until:
    gevent.sleep(0.05)
gevent.sleep(1.5)
for worker in workers:
    worker.kill()
print(*sorted(client.partition("_")[0] for client in master.clients))
"""


def test_only_workers_of_this_storm_join() -> None:
    strangers = [
        "plain-ours",  # Locust's own worker, which uses no keys
        "connect-others",  # of another storm
        "listen-others",
        "connect-half",  # which knows the master, and is not known to it
    ]
    done = subprocess.run(
        [sys.executable, "-c", JOINING, *strangers, "connect-ours", "listen-ours"],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["connect-ours", "listen-ours"], done.stderr


def test_a_worker_started_by_hand_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadtest.generator.worker", "listen", "5557"],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "STORM_WORKER_KEYS holds no two keys: a worker is started by a storm" in done.stderr
    assert "Traceback" not in done.stderr
