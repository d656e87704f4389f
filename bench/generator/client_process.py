"""One client in a process of its own: ``python -m bench.generator.client_process JSON`` measures, and prints JSON.

The JSON is an Order.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import sys
import time
from dataclasses import replace
from functools import partial
from typing import ClassVar
from urllib.parse import urlsplit

import gevent
import psutil
from gevent.event import Event
from gevent.pool import Pool
from locust import FastHttpUser, HttpUser, User, constant, task
from locust.env import Environment

from bench.generator.orders import Order
from loadtest.crowd import profiles
from loadtest.crowd.browser.browser import Browser, Exchange, request_head, storm_pass
from loadtest.crowd.browser.connection import HEAD_ENDS, Connection, Origin
from loadtest.crowd.browser.page_reader import PageReader
from loadtest.crowd.habits import Behaviour, Component, Distribution
from loadtest.crowd.person import Crowd
from loadtest.crowd.storm_clock import StormClock
from loadtest.generator.messages import Release, Report, pack
from loadtest.generator.worker import People, Share, Start, spare_the_collector
from loadtest.record.measurements import Measurements
from loadtest.record.phases import Phases

WARM_UP = 1.0
# Seconds: the pauses of people in a hurry. A lognormal has no zero.
AT_ONCE = 1e-9
NEVER = 7200.0
# Seconds from making people at rest to the first one's arrival; making them must take less.
MAKING = 5.0
# Connections that are opened at the same time, where nothing but connections is measured.
AT_A_TIME = 32
ARRIVING = Distribution((Component(1.0, 2.0, 0.5),))


def main(text: str) -> None:
    """Measure what the order says."""
    order = Order(**json.loads(text))
    os.sched_setaffinity(0, {order.core})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    logging.disable(logging.WARNING)
    parts = urlsplit(order.url)
    kinds: dict[str, type[User]] = {
        "person": Person,
        "browser": Reader,
        "connection": Bare,
        "http": Stock,
        "fast": FastStock,
    }
    for kind in kinds.values():
        kind.order = order  # type: ignore[attr-defined] # the kinds have nothing but this in common
    if order.client == "person":
        spare_the_collector()
    environment = Environment(user_classes=[kinds[order.client]], host=f"{parts.scheme}://{parts.netloc}")
    if order.seconds:
        measured = _rate(order, environment)
    else:
        measured = _connections(order) if order.client == "connection" else _rest(order, environment)
    print(json.dumps(measured), flush=True)


def _rate(order: Order, environment: Environment) -> dict[str, float]:
    """Return the rate: good ``answers`` in so many ``seconds`` for ``cpu`` seconds, ``failures``, and the ``total``.

    The total is of requests from first to last; of the CPU's seconds so many were the ``kernel``'s.
    """
    runner = environment.create_local_runner()
    share = People.share = Share(environment)
    share.started.set(_start(order, _hurried(), opens_in=0.0))
    reporter = gevent.spawn(_report_each_second, share)
    GO.set()
    runner.start(_locust_users(order), spawn_rate=order.users)
    gevent.sleep(WARM_UP)
    first, began, used, system = _requests(environment), time.monotonic(), time.process_time(), os.times().system
    gevent.sleep(order.seconds or 0.0)
    answers, seconds, cpu = _requests(environment) - first, time.monotonic() - began, time.process_time() - used
    kernel = os.times().system - system
    failures = environment.stats.total.num_failures
    runner.quit()
    reporter.kill()
    return {
        "answers": answers,
        "seconds": seconds,
        "cpu": cpu,
        "kernel": kernel,
        "failures": failures,
        "total": _requests(environment),
    }


def _locust_users(order: Order) -> int:
    """Return how many users Locust starts: all people of a process are one."""
    return 1 if order.client == "person" else order.users


def _requests(environment: Environment) -> int:
    return sum(entry.num_requests for entry in environment.stats.entries.values())


def _rest(order: Order, environment: Environment) -> dict[str, float]:
    """Return the rest: CPU seconds in which users are ``made`` and their first pages ``loaded``, and ``failures``.

    ``memory`` is in bytes, when the pages are loaded; ``waiting`` before that, when they wait for the first.
    """
    runner = environment.create_local_runner()
    share = People.share = Share(environment)
    process = psutil.Process()
    gc.collect()
    before, began = process.memory_info().rss, time.process_time()
    share.started.set(_start(order, _calm(), opens_in=MAKING))
    runner.start(_locust_users(order), spawn_rate=order.users)
    while runner.user_count < _locust_users(order) or (order.client == "person" and len(share.people) < order.users):
        gevent.sleep(0.01)
    if _requests(environment):
        raise SystemExit(f"making {order.users} users took longer than {MAKING:.0f} s")
    made = time.process_time() - began
    waiting = process.memory_info().rss - before
    GO.set()
    began = time.process_time()
    while _requests(environment) < order.users:
        gevent.sleep(0.01)
    loaded = time.process_time() - began
    gc.collect()
    memory = process.memory_info().rss - before
    failures = environment.stats.total.num_failures
    runner.quit()
    return {"made": made, "loaded": loaded, "memory": memory, "waiting": waiting, "failures": failures}


def _connections(order: Order) -> dict[str, float]:
    """Return the bytes of ``memory`` that as many connections take as there would be users, each with its answer."""
    origin, request = Origin.of(order.url), request_head("GET", order.url) + b"\r\n"
    process = psutil.Process()

    def connected(_number: int) -> Connection:
        connection = Connection.open(origin, turn=0, session=None)
        connection.ask(request)
        return connection

    pool = Pool(AT_A_TIME)
    first = pool.map(connected, range(AT_A_TIME))
    gc.collect()
    before = process.memory_info().rss
    kept = pool.map(connected, range(order.users))
    gc.collect()
    memory = process.memory_info().rss - before
    for connection in (*first, *kept):
        connection.close()
    return {"memory": memory}


# This project's person: the whole of it, with all that is measured, and a report each second as a worker makes it


class Person(People):
    """The storm's own user; only its pauses are the benchmark's."""

    order: ClassVar[Order]

    def browser(self, start: Start, number: int) -> Browser:
        """Make the storm's own browser, with connections as they were ordered."""
        identity = storm_pass(start.release.token, number)
        headers = identity if self.order.kept else {**identity, **CLOSE}
        kind = Browser if self.order.resumed else Forgetful
        return kind(start.crowd.url, partial(self.share.observe, start), self.share.reader, headers)


class Forgetful(Browser):
    """A browser that shakes hands in full each time: it forgets its TLS sessions."""

    def drop(self, connection: Connection) -> None:
        """Close a connection, and no more."""
        connection.close()


def _start(order: Order, habits: Behaviour, opens_in: float) -> Start:
    phases = Phases(warm_up=1.0, before=1.0, opening=10.0, open=NEVER, recovery=1.0)
    release = Release(
        opening=time.time() + opens_in,
        worker=0,
        first_person=0,
        people=order.users,
        regulars=0,
        url=order.url,
        token="benchmark",  # noqa: S106 - of no site
        seed=1,
        behaviour=habits,
        emails="person-{number}@storm.example.org",
        phases=phases,
    )
    crowd = Crowd(order.url, phases, habits, release.seed, release.regulars, release.emails)
    return Start(release, crowd, StormClock(time.monotonic() + opens_in))


def _always(seconds: float) -> Distribution:
    return Distribution((Component(1.0, seconds, 0.0),))


def _hurried() -> Behaviour:
    """Return the behaviour of people who all come at once, and reload as soon as the page is there."""
    return replace(profiles.load(), late=1.0, reaction=_always(AT_ONCE), eager_gap=_always(AT_ONCE), give_up=0.0)


def _calm() -> Behaviour:
    """Return the behaviour of people who all come within some seconds, and stay with the page."""
    calm = _always(NEVER)
    return replace(profiles.load(), late=1.0, reaction=ARRIVING, eager_gap=calm, patience=calm, give_up=0.0)


def _report_each_second(share: Share) -> None:
    number, whole = 0, Measurements()
    while True:
        gevent.sleep(1.0)
        number += 1
        news = share.recorder.take()
        pack(Report(worker=0, number=number, cpu=0.0, news=news))
        whole.merge(news)


# What a person stands on, alone: where a request's time goes is the difference


class Reader(User):
    """The browser of a person, with nobody who decides and counts."""

    order: ClassVar[Order]

    @task
    def load(self) -> None:
        """Load the page again and again."""
        order, entry = self.order, self.environment.stats.get("page", "GET")
        kind = Browser if order.resumed else Forgetful
        identity = storm_pass("benchmark", 1)
        browser = kind(order.url, _unheard, READER, identity if order.kept else {**identity, **CLOSE})
        GO.wait()
        while True:
            browser.open(order.url)
            entry.num_requests += 1


class Bare(User):
    """The connection of a browser, which is asked the same without a look at the answer but for its length."""

    order: ClassVar[Order]

    @task
    def load(self) -> None:
        """Ask again and again."""
        order, entry = self.order, self.environment.stats.get("page", "GET")
        origin = Origin.of(order.url)
        lines = {**storm_pass("benchmark", 1), **({} if order.kept else CLOSE)}
        head = (
            request_head("GET", order.url) + "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
        )
        connection = Connection.open(origin, turn=0, session=None)
        answer, keep = connection.ask(head + b"\r\n")
        request = head + f"If-None-Match: {answer.etag}\r\nIf-Modified-Since: {answer.last_modified}\r\n\r\n".encode()
        GO.wait()
        while True:
            if not keep:
                connection.close()
                connection = Connection.open(origin, turn=0, session=None)
            connection.send(request)
            data = b""
            while not data.endswith(HEAD_ENDS):  # it has not changed: a head, and no body
                data += connection.receive()
            entry.num_requests += 1


def _unheard(_exchange: Exchange) -> None:
    pass


READER = PageReader()

# Locust's own users, as its documentation has them

GO = Event()
CLOSE = {"Connection": "close"}


class Stock(HttpUser):
    """Locust's HttpUser, which stands on requests."""

    order: ClassVar[Order]
    wait_time = constant(0)

    def on_start(self) -> None:
        """Trust the site; Locust keeps requests from reading the environment."""
        self.client.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True

    @task
    def load(self) -> None:
        """Load the page; at rest, only once."""
        GO.wait()
        self.client.get(self.order.url, name="page", headers=None if self.order.kept else CLOSE)
        if not self.order.seconds:
            gevent.sleep(NEVER)


class FastStock(FastHttpUser):
    """Locust's FastHttpUser, which stands on geventhttpclient."""

    order: ClassVar[Order]
    wait_time = constant(0)

    @task
    def load(self) -> None:
        """Load the page; at rest, only once."""
        GO.wait()
        self.client.get(self.order.url, name="page", headers=None if self.order.kept else CLOSE)
        if not self.order.seconds:
            gevent.sleep(NEVER)


if __name__ == "__main__":
    main(sys.argv[1])
