"""Locust's channel between master and workers, closed to everybody else.

Locust's sockets are ZeroMQ's without its security: whoever reaches the port may join, and is sent what workers are
sent. Here both ends prove who they are by keys that are made for one storm, and what they say is encrypted (CurveZMQ,
RFC 26): who lacks the keys does not get as far as Locust. Master and workers may each be the one that listens.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import gevent
import zmq.green as zmq
from locust.rpc import zmqrpc
from locust.runners import MasterRunner
from zmq.utils import z85

KEYS: Final = "STORM_WORKER_KEYS"
# The variables by which a worker is given its keys, and the seconds after which it ends in any case.
DEADLINE: Final = "STORM_WORKER_DEADLINE"

_ADMISSION = "inproc://zeromq.zap.01"  # where libzmq asks whom to let in (RFC 27)


class ChannelRefused(Exception):
    """What a worker was given is not what it needs; the message says how."""


@dataclass(frozen=True)
class Keys:
    """The keys of one storm: a pair for its master, a pair for its workers. Text in Z85."""

    master_public: bytes = field(repr=False)
    master_secret: bytes = field(repr=False)
    worker_public: bytes = field(repr=False)
    worker_secret: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Keys:
        """Make keys that nobody has yet."""
        return cls(*zmq.curve_keypair(), *zmq.curve_keypair())

    @property
    def of_a_worker(self) -> str:
        """What a worker needs of them: whom to trust, and its own."""
        return f"{self.master_public.decode()} {self.worker_secret.decode()}"


class _Master(zmqrpc.BaseSocket):
    """The master's end. It listens on a loopback port for workers here, and calls those on other machines."""

    def __init__(self, keys: Keys, host: str, _port: int) -> None:
        super().__init__(zmq.ROUTER, ipv4_only=True)  # type: ignore[no-untyped-call] # Locust does not annotate it
        self._admission = self.socket.context.socket(zmq.REP)
        self._admission.bind(_ADMISSION)
        self._doorman = gevent.spawn(_admit, self._admission, z85.decode(keys.worker_public))
        # With a domain nobody gets in where nobody is asked.
        self.socket.zap_domain = b"storm"
        self.socket.curve_server = True
        self.socket.curve_secretkey = keys.master_secret
        self.port = self.socket.bind_to_random_port(f"tcp://{host}")

    def close(self, linger: int | None = None) -> None:
        self._doorman.kill(block=False)
        self._admission.close(linger=0)
        self.socket.close(linger=linger)


def _admit(admission: Any, ours: bytes) -> None:
    """Answer libzmq's question for each connection: this storm's workers, and nobody else."""
    while True:
        version, request, _domain, _address, _identity, mechanism, *credentials = admission.recv_multipart()
        code = b"200" if mechanism == b"CURVE" and credentials == [ours] else b"400"
        admission.send_multipart([version, request, code, b"", b"worker", b""])


class _Worker(zmqrpc.BaseSocket):
    """A worker's end: it connects to its master, or waits for its call."""

    def __init__(self, keys: str, listens: bool, host: str, port: int, identity: str) -> None:
        super().__init__(zmq.DEALER, ipv4_only=True)  # type: ignore[no-untyped-call] # Locust does not annotate it
        master, secret = keys.encode().split()
        self.socket.setsockopt(zmq.IDENTITY, identity.encode())
        self.socket.curve_serverkey = master
        self.socket.curve_secretkey = secret
        self.socket.curve_publickey = zmq.curve_public(secret)
        (self.socket.bind if listens else self.socket.connect)(f"tcp://{host}:{port}")

    def send(self, msg: Any) -> None:
        """Send when there is a master: before it calls there is nobody to send to."""
        self.socket.send(msg.serialize())


def close_to_others(keys: Keys) -> None:
    """Let the masters that this process makes from now on admit this storm's workers alone."""
    zmqrpc.Server = partial(_Master, keys)  # type: ignore[misc, assignment] # what Locust's runner makes its socket of


def call(master: MasterRunner, address: str, port: int) -> None:
    """Connect to a worker that listens, or will: ZeroMQ tries until it does."""
    master.server.socket.connect(f"tcp://{address}:{port}")


def join(*, listens: bool) -> None:
    """Give the workers that this process makes from now on the keys of this storm. Raise ChannelRefused."""
    keys = os.environ.get(KEYS, "")
    if [len(key) for key in keys.split()] != [40, 40]:
        raise ChannelRefused(f"{KEYS} holds no two keys: a worker is started by a storm, never by hand")
    zmqrpc.Client = partial(_Worker, keys, listens)  # type: ignore[misc, assignment] # as above
