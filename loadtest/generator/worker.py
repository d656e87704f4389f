"""One process of the generator: a Locust worker, whose user is its share of the people.

Started by the storm, never by hand.

``python -m loadtest.generator.worker connect PORT`` connects to the storm's Locust master on this machine, ``listen
PORT`` waits for the call of one on another. It makes its people at the release, and reports every second until the
storm's end. It ends when its master has gone, and in any case after the seconds that it was given.
"""

from __future__ import annotations

import faulthandler
import gc
import math
import os
import resource
import sys
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

import gevent
import gevent.os
from gevent.event import AsyncResult
from locust import User, runners, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import WorkerRunner

from loadtest.crowd.browser.browser import Browser, Exchange, storm_pass
from loadtest.crowd.browser.page_reader import PageReader
from loadtest.crowd.lives import Life, Scheduler
from loadtest.crowd.person import Crowd, Person
from loadtest.crowd.storm_clock import StormClock
from loadtest.generator import channel
from loadtest.generator.messages import (
    CLOCK,
    RELEASE,
    REPORT,
    REPORT_INTERVAL,
    Clock,
    Release,
    Report,
    code,
    pack,
    unpack_clock,
    unpack_release,
)
from loadtest.record.counters import READ_LAG, REQUESTS, of_request
from loadtest.record.measurements import Recorder
from loadtest.record.record import Claim

# Seconds after the storm's end in which people may finish what they are doing.
GRACE = 2.0
# Seconds in which a master must have called or answered: Fargate tasks of one storm start within a minute or two.
CALLED_WITHIN = 300.0
# Seconds without a word from the master after which it is taken for gone; it answers every second.
MASTER_GONE_AFTER = 10.0
# Seconds after which a worker ends that was given no deadline.
DEADLINE = 900


@dataclass(frozen=True)
class Start:
    """What people need to begin: who they are, what they share, and how late it is."""

    release: Release
    crowd: Crowd
    clock: StormClock

    @classmethod
    def of(cls, release: Release) -> Start:
        """Return the start that a release tells."""
        crowd = Crowd(
            url=release.url,
            phases=release.phases,
            behaviour=release.behaviour,
            seed=release.seed,
            regulars=release.regulars,
            emails=release.emails,
        )
        return cls(release, crowd, StormClock.until(release.opening))


@dataclass
class Share:
    """This worker's part of the crowd, and what it has in common."""

    environment: Environment
    started: AsyncResult[Start] = field(default_factory=AsyncResult)
    recorder: Recorder = field(default_factory=Recorder)
    reader: PageReader = field(default_factory=PageReader)
    people: list[Person] = field(default_factory=list)
    # Whether the people have been made: they are made once.
    raised: bool = False

    def wait(self) -> Start:
        """Wait for the start, and return it when the storm gives it."""
        start: Start | None = self.started.get()
        if start is None:
            raise RuntimeError("started with nothing to start from")
        return start

    def observe(self, start: Start, exchange: Exchange) -> None:
        """Count a request, and tell Locust's own statistics of it."""
        now = start.clock()
        phase = start.crowd.phases.at(now - exchange.read_lag - exchange.seconds)
        self.recorder.duration(of_request(exchange.kind), phase, now, exchange.seconds)
        self.recorder.duration(READ_LAG, phase, now, exchange.read_lag)
        self.recorder.count(REQUESTS, phase, now)
        # What Locust's own listener of the request event does: there is no other, and the event costs as much again.
        # Not its sum over all, which nobody asks for, and which costs as much as the entry.
        entry = self.environment.stats.get(exchange.kind, exchange.method)
        milliseconds: Any = exchange.seconds * 1000  # Locust says int, and takes what is finer
        entry.log(milliseconds, exchange.size)
        if exchange.status is None:
            self.environment.stats.log_error(exchange.method, exchange.kind, "no whole answer")


class People(User):
    """A Locust user that is this worker's whole share of the crowd: idle until the start, gone with its last person.

    One user for each of them would be one greenlet for each of them, which nearly all only wait.
    """

    share: ClassVar[Share]

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._again = self.share.raised
        self.share.raised = True

    @task
    def visit(self) -> None:
        """Live through the storm once."""
        start = self.share.wait()
        if self._again:
            raise StopUser  # Locust makes its users anew when a worker comes back after a pause; our people come once
        first = start.release.first_person
        lives = (self._life(start, number) for number in range(first, first + start.release.people))
        Scheduler(start.clock).live(lives)
        raise StopUser

    def _life(self, start: Start, number: int) -> Life:
        browser = self.browser(start, number)
        person = Person(number, start.crowd, start.clock, browser, self.share.recorder)
        self.share.people.append(person)
        try:
            yield from person.live()
        finally:
            browser.close()

    def browser(self, start: Start, number: int) -> Browser:
        """Make the browser of the person with a number."""
        share = self.share
        identity = storm_pass(start.release.token, number)
        return Browser(start.crowd.url, partial(share.observe, start), share.reader, identity, turn=number)


def _report(share: Share, runner: WorkerRunner, start: Start) -> None:
    """Report every second, and for the last time when the storm is over."""
    end = start.crowd.phases.end + GRACE
    number = 0
    sent: dict[int, Claim] = {}
    wall, used = time.monotonic(), time.process_time()
    final = False
    while not final:
        gevent.sleep(REPORT_INTERVAL)
        number += 1
        final = start.clock() >= end or not runner.user_greenlets
        if final:
            runner.user_greenlets.kill()
            _send_statistics(share, runner)
        now, cpu = time.monotonic(), time.process_time()
        claims = {p.number: p.claim for p in share.people if p.claim and p.claim != sent.get(p.number)}
        sent |= {number: _copy(claim) for number, claim in claims.items()}
        report = Report(
            worker=start.release.worker,
            number=number,
            cpu=(cpu - used) / (now - wall),
            news=share.recorder.take(),
            claims=list(claims.values()),
            final=final,
            totals=dict(share.recorder.totals) if final else {},
            examples=share.recorder.take_examples(),
        )
        wall, used = now, cpu
        runner.send_message(REPORT, pack(report))


def _copy(claim: Claim) -> Claim:
    """Copy what changes of a claim: ``deepcopy`` takes fifteen times as long, of thousands of claims at once."""
    return replace(claim, codes=[*claim.codes], answers=[*claim.answers])


def _send_statistics(share: Share, runner: WorkerRunner) -> None:
    """Send Locust's own statistics, up to now: it sends them every three seconds, and the last ones would be lost."""
    data: dict[str, Any] = {}
    share.environment.events.report_to_master.fire(client_id=runner.client_id, data=data)  # type: ignore[no-untyped-call] # Locust's
    runner.send_message("stats", data)


def _allow_connections() -> None:
    """Take as many descriptors as the machine lets us have: each person holds a connection."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def spare_the_collector() -> None:
    """Have the collector look seldom, and at the people alone.

    What was imported stays. What a request makes is gone by itself when it is over; looking for more of it each seven
    hundred objects took a twentieth of a request's time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def _end_with_the_parent() -> None:
    """Exit when the parent's end of our standard input closes: a killed parent leaves no load behind."""
    while gevent.os.tp_read(sys.stdin.fileno(), 1):
        pass
    raise SystemExit(1)


class Master:
    """What is known of the master: when it was last heard, by the monotonic clock."""

    def __init__(self, environment: Environment) -> None:
        self._until = time.monotonic() + CALLED_WITHIN
        environment.events.heartbeat_received.add_listener(self._heard)  # type: ignore[no-untyped-call] # Locust's

    def _heard(self, **_: Any) -> None:
        self._until = time.monotonic() + MASTER_GONE_AFTER

    def watch(self) -> None:
        """Exit when it has gone, however it went: no load without somebody who measures it."""
        while time.monotonic() < self._until:
            gevent.sleep(0.5)
        print("the storm's master has gone: this worker ends", file=sys.stderr, flush=True)
        raise SystemExit(1)


def main(where: str, port: int) -> None:
    """Run until the storm's master says that it is over. Raise ChannelRefused."""
    # The interpreter's own watchdog: it ends a process whose event loop hangs, too, and says where it hung.
    faulthandler.dump_traceback_later(float(os.environ.get(channel.DEADLINE) or DEADLINE), exit=True)
    spare_the_collector()
    _allow_connections()
    listens = where == "listen"
    channel.join(listens=listens)
    # Locust's own watch for the master asks the wall clock: set ahead, it ends the worker. Ours does not.
    runners.MASTER_HEARTBEAT_TIMEOUT = math.inf  # type: ignore[assignment] # Locust says int, and subtracts it
    environment = Environment(user_classes=[People], catch_exceptions=False)
    share = People.share = Share(environment)
    gevent.spawn(Master(environment).watch)
    if not listens:
        gevent.spawn(_end_with_the_parent)
    runner = environment.create_worker_runner("*" if listens else "127.0.0.1", port)

    def on_clock(msg: Any, **_: Any) -> None:
        moment = unpack_clock(msg.data).sent_at
        runner.send_message(CLOCK, pack(Clock(moment, time.time(), code())))

    def on_release(msg: Any, **_: Any) -> None:
        share.started.set(Start.of(unpack_release(msg.data)))

    runner.register_message(CLOCK, on_clock)
    runner.register_message(RELEASE, on_release)
    reporter = gevent.spawn(_report, share, runner, share.wait())
    reporter.get()
    runner.greenlet.join()


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]))
    except channel.ChannelRefused as error:
        raise SystemExit(f"loadtest.generator.worker: {error}") from None
