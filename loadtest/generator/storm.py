"""The storm: makes a course, raises the crowd, releases it by the clock, gathers what it measures, reads the ledger.

This process is Locust's master; the people live in worker processes. So a generator that dies, hangs or is starved is
seen from outside, and it is the parent that says what that means.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import MasterRunner

from loadtest.chromium.messages import News, Order
from loadtest.chromium.program import Program
from loadtest.crowd import habits
from loadtest.crowd.browser.browser import storm_pass
from loadtest.crowd.storm_clock import StormClock
from loadtest.generator.channel import Keys, call, close_to_others
from loadtest.generator.chromium_process import ChromiumProcess
from loadtest.generator.fleet_workers import FleetFailed, FleetWorkers
from loadtest.generator.local_workers import LocalWorkers
from loadtest.generator.messages import (
    CLOCK,
    RELEASE,
    REPORT,
    Clock,
    Release,
    Report,
    code,
    pack,
    unpack_clock,
    unpack_report,
)
from loadtest.generator.site_api import TIMEOUT, Astray, SiteApi, Unusable
from loadtest.generator.site_key import key_of
from loadtest.generator.task_killer import KillFailed, TaskKiller
from loadtest.generator.worker import CALLED_WITHIN, GRACE, People
from loadtest.generator.worker_clocks import Clocks
from loadtest.live import live_line
from loadtest.record.codec import RecordError
from loadtest.record.error_example import first_of_each
from loadtest.record.record import Claim, Record, Worker
from loadtest.request.options import Options
from loadtest.request.target import Target

# Seconds for all processes to start, or all people to be made; a busy machine needs several for the imports alone.
CONNECT_WITHIN = 60.0
# Seconds for the tasks of a fleet to start, image included; below what they wait for their master's call.
FLEET_WITHIN = 240.0
# Seconds without a report after which a worker is taken for lost; it reports every second.
SILENT_AFTER = 5.0
# Seconds between making the course and the first person, for a site that makes one at once.
LEAD = 1.0
PROGRESS_EVERY = 2.0
# At the mailbox simulator of Amazon SES, which takes mails for nobody and counts none as returned: a site that sends
# mails sends one to each of these, and mails to a name that is reserved for examples would come back.
EMAILS = "success+person-{number}@simulator.amazonses.com"

Workers = LocalWorkers | FleetWorkers
log = logging.getLogger(__name__)


class Interrupted(Exception):
    """Somebody asked the storm to stop."""


class Cut(Exception):
    """The storm can no longer pass; the message says why."""


class StormBroken(Exception):
    """The storm cannot go on: the generator failed, or its target is not what it should be; the message says how."""


class Storm:
    """One storm; fills in the record as it goes, so that what was measured is there however it ends.

    ``look`` is called every two seconds, with the record and the moment, and may return a reason to cut the storm.
    """

    def __init__(
        self,
        options: Options,
        target: Target,
        record: Record,
        browser: Program | None,
        *,
        interrupted: Callable[[], str | None],
        look: Callable[[Record, float], str | None],
        log_file: Path,
    ) -> None:
        self._options = options
        self._target = target
        self._record = record
        self._browser = browser
        self._interrupted = interrupted
        self._look = look
        self._log_file = log_file
        self._api = SiteApi(target.host, target.token)
        self._reported: dict[int, float] = {}
        self._broken: list[str] = []

    def run(self) -> None:
        """Storm the site.

        Whatever makes the measurement unsound becomes a fault in the record; nothing is raised for it.
        """
        try:
            self._meet_the_site()
            with self._generator() as (runner, workers), self._browsers() as browsers:
                self._spawn(runner, workers)
                self._wait_for_the_browsers(workers, browsers)
                killer = TaskKiller(self._target.service) if self._target.service else None
                url, opening = self._open_a_course()
                # From here on the wall clock is asked for nothing: somebody may set it while the storm runs.
                clock = StormClock.until(opening)
                self._release(runner, url, opening, clock)
                if browsers:
                    browsers.order(self._order(url, clock))
                gevent.spawn(self._look_at_the_page, url)
                killing = gevent.spawn(self._kill_a_task, killer, clock) if killer else None
                self._supervise(runner, workers, browsers, clock)
                self._count_with_locust(runner)
                if killing:
                    self._wait_until_whole(killing)
        except (Unusable, StormBroken, FleetFailed, KillFailed, Interrupted) as reason:
            self._record.faults.append(str(reason))
        except Cut as reason:
            self._record.cut = str(reason)
        finally:
            self._read_the_ledger()

    # Before the storm

    def _meet_the_site(self) -> None:
        self._record.site_commit = self._api.commit()
        commit = self._options.commit
        if commit and self._record.site_commit != commit:
            raise Unusable(f"{self._target.host} runs commit {self._record.site_commit}, and {commit} is to be judged")
        self._record.commit = commit or self._record.site_commit or "unknown"

    def _open_a_course(self) -> tuple[str, float]:
        """Make the course; returns its page and its opening in epoch seconds by this process's clock.

        A site that is slow even now gets a later opening, so that it is stormed and not excused.
        """
        phases = self._options.phases
        lead = LEAD
        while True:
            start = time.monotonic()
            course = self._api.make_course(self._options.seats, lead - phases.start)
            opening = course.opens_at - course.clock_offset
            if StormClock.until(opening)() + LEAD / 2 < phases.start or lead > TIMEOUT:
                self._record.course = course
                return course.url, opening
            lead = 2 * lead + 2 * (time.monotonic() - start)

    def _look_at_the_page(self, url: str) -> None:
        """See whether it is the page of a course at all; that it is slow, or fails, is for the people to find out."""
        try:
            page = self._api.page(url)
        except Astray as reason:
            self._broken.append(str(reason))
            return
        except Unusable as reason:
            log.info("%s", reason)
            return
        if page.state is None:
            self._broken.append(f"{url} carries no data-floodgate-state: this is not the page of a Floodgate course")
        if page.elsewhere and not page.assets:
            self._broken.append(
                f"{url} names {len(page.elsewhere)} scripts, styles and images, none of them on {self._target.host} "
                f"(such as {page.elsewhere[0]}): people would load less than a browser does; storm the site by the "
                "address that it calls itself (--host, SITE_URL)"
            )

    @contextmanager
    def _generator(self) -> Iterator[tuple[MasterRunner, Workers]]:
        """Run Locust's master and the workers; all are gone afterwards."""
        keys = Keys.new()
        close_to_others(keys)
        environment = Environment(user_classes=[People])
        runner = environment.create_master_runner("127.0.0.1", 0)
        runner.register_message(REPORT, self._on_report)
        options, deadline = self._options, self._deadline
        workers: Workers | None = None
        try:
            if options.fleet:
                workers = FleetWorkers(options.fleet, options.workers, keys, deadline)
            else:
                port = runner.server.port
                workers = LocalWorkers(options.workers, keys, deadline, port=port, log_file=self._log_file)
            yield runner, workers
        finally:
            if workers:
                workers.end()
            runner.greenlet.kill(block=False)
            runner.server.close(linger=0)  # type: ignore[no-untyped-call] # Locust does not annotate it

    @property
    def _deadline(self) -> float:
        """All seconds that a storm may wait for before its people begin, and their phases."""
        phases = self._options.phases
        beforehand = CALLED_WITHIN + 2 * CONNECT_WITHIN + 4 * TIMEOUT
        return beforehand + phases.end - phases.start + GRACE + SILENT_AFTER

    @contextmanager
    def _browsers(self) -> Iterator[ChromiumProcess | None]:
        """Run the process of the browsers, where some come; it is gone afterwards."""
        if self._browser is None:
            yield None
            return
        browsers = ChromiumProcess(
            self._browser,
            self._record.browsers.planned,
            self._deadline,
            key=key_of(self._target.host),
            log_file=self._log_file,
            on_news=self._hear_of_the_browsers,
        )
        try:
            yield browsers
        finally:
            browsers.end()

    def _wait_for_the_browsers(self, workers: Workers, browsers: ChromiumProcess | None) -> None:
        """Wait until they have started: that takes a second of a processor that the crowd needs later."""
        until = time.monotonic() + CONNECT_WITHIN
        while browsers and not browsers.program:
            self._check_browsers(browsers)
            self._pause(workers, until, "the browsers did not start in time")

    def _order(self, url: str, clock: StormClock) -> Order:
        options = self._options
        return Order(
            url=url,
            opening=clock.opening,
            phases=dict(options.phases.lengths()),
            first=options.people,
            emails=EMAILS,
            passes=[
                dict(storm_pass(self._target.token, options.people + place))
                for place in range(self._record.browsers.planned)
            ],
        )

    def _spawn(self, runner: MasterRunner, workers: Workers) -> None:
        """Raise a share of the people in each worker; they stay idle."""
        self._gather(runner, workers)
        shares = self._options.workers
        runner.start(shares, spawn_rate=shares)
        until = time.monotonic() + CONNECT_WITHIN
        while any(client.user_count < 1 for client in runner.clients.all):
            self._pause(workers, until, f"only {runner.user_count} of {shares} workers were ready in time")
        self._read_clocks(runner, workers)

    def _gather(self, runner: MasterRunner, workers: Workers) -> None:
        """Wait for all workers, and call those that are elsewhere as they come up."""
        fleet, number = self._options.fleet, self._options.workers
        until = time.monotonic() + (FLEET_WITHIN if fleet else CONNECT_WITHIN)
        while runner.worker_count < number:
            if fleet and isinstance(workers, FleetWorkers):
                for address in workers.addresses():
                    call(runner, address, fleet.port)
            self._pause(workers, until, f"only {runner.worker_count} of {number} workers came up in time")

    def _read_clocks(self, runner: MasterRunner, workers: Workers) -> None:
        """Ask each worker for its clock and its version while it has nothing else to do."""

        def ask(client: str, question: Clock) -> None:
            runner.send_message(CLOCK, pack(question), client)

        def on_clock(msg: Any, **_: Any) -> None:
            self._clocks.answered(msg.node_id, unpack_clock(msg.data))

        self._clocks = Clocks(ask, clock=time.monotonic, now=time.time)
        runner.register_message(CLOCK, on_clock)
        until = time.monotonic() + CONNECT_WITHIN
        while not self._clocks.known(client.id for client in runner.clients.all):
            self._pause(workers, until, "a worker did not tell its clock in time")
        if any(offset.code != code() for offset in self._clocks.offsets.values()):
            raise StormBroken(
                "a worker runs another version of loadtest/ than this command: the image of the fleet was made from "
                "another commit; run the storm again when the pipeline has deployed this one"
            )

    def _pause(self, workers: Workers, until: float, otherwise: str) -> None:
        self._check(workers)
        if time.monotonic() > until:
            raise StormBroken(otherwise)
        gevent.sleep(0.05)

    def _release(self, runner: MasterRunner, url: str, opening: float, clock: StormClock) -> None:
        """Tell each worker its people, and the moment of the opening (epoch seconds) by its own clock."""
        options = self._options
        phases = options.phases
        clients, first = runner.clients.all, 0
        for index, client in enumerate(clients):
            people = options.people // len(clients) + (index < options.people % len(clients))
            offset = self._clocks.offsets[client.id]
            worker = Worker(index, people, clock_apart=offset.apart, clock_error=offset.error)
            self._record.workers.append(worker)
            self._reported[index] = time.monotonic() + max(0.0, phases.start - clock())
            message = Release(
                opening=opening + offset.apart,
                worker=index,
                first_person=first,
                people=people,
                regulars=habits.regulars(options.people, options.behaviour),
                url=url,
                token=self._target.token,
                seed=options.seed,
                behaviour=options.behaviour,
                emails=EMAILS,
                phases=phases,
            )
            runner.send_message(RELEASE, pack(message), client.id)
            first += people

    # During the storm

    def _supervise(
        self, runner: MasterRunner, workers: Workers, browsers: ChromiumProcess | None, clock: StormClock
    ) -> None:
        """Watch until every worker has finished, and the browsers."""
        phases = self._options.phases
        next_line = clock()
        deadline = phases.end + GRACE + SILENT_AFTER
        while late := self._unfinished(browsers):
            gevent.sleep(0.1)
            self._check(workers)
            self._check_browsers(browsers)
            now = clock()
            self._record.seconds_run = max(0.0, now - phases.start)
            for index, heard in self._reported.items():
                silent = time.monotonic() - heard
                if silent > SILENT_AFTER and not self._record.workers[index].finished:
                    raise StormBroken(f"worker {index} has not reported for {silent:.1f} s")
            for failure in runner.exceptions.values():
                raise StormBroken(f"a person's behaviour failed: {failure['msg']}")
            if self._broken:
                raise StormBroken(self._broken[0])
            if now > deadline:
                raise StormBroken(f"the {late} did not finish in time")
            if now >= next_line:
                print(live_line.line(self._record, phases, now), flush=True)
                next_line += PROGRESS_EVERY
                hopeless = self._look(self._record, now)
                if hopeless:
                    raise Cut(hopeless)

    def _unfinished(self, browsers: ChromiumProcess | None) -> str:
        """Return who is still waited for; nothing when nobody is."""
        if not all(worker.finished for worker in self._record.workers):
            return "workers"
        return "browsers" if browsers and not browsers.finished else ""

    def _kill_a_task(self, killer: TaskKiller, clock: StormClock) -> None:
        try:
            self._record.killed = killed = killer.strike(clock)
        except KillFailed as reason:
            self._broken.append(str(reason))
            return
        print(f"stopped the task {killed.task.rpartition('/')[2]}, one of {killed.healthy}", flush=True)
        killer.watch(killed, clock)

    def _wait_until_whole(self, killing: gevent.Greenlet[[TaskKiller, StormClock], None]) -> None:
        """Let the service have as many tasks as before, also for the storm that may come next."""
        if not killing.ready():
            print("waiting until as many tasks are healthy as before", flush=True)
        while not killing.ready():
            if reason := self._interrupted():
                raise Interrupted(reason)
            killing.join(timeout=0.5)

    def _count_with_locust(self, runner: MasterRunner) -> None:
        """Keep what Locust's own statistics counted: they hear of each request beside our recorders."""
        counted: Counter[str] = Counter()
        for entry in runner.stats.entries.values():
            counted[entry.name] += entry.num_requests
        self._record.locust = dict(sorted(counted.items()))

    def _check(self, workers: Workers) -> None:
        """Raise when somebody wants the storm to stop, or a worker has gone before it finished."""
        reason = self._interrupted()
        if reason:
            raise Interrupted(reason)
        lost = workers.lost()
        if lost:
            raise StormBroken(lost)

    def _check_browsers(self, browsers: ChromiumProcess | None) -> None:
        """Raise when nothing can be expected of them any more."""
        fault = browsers.fault() if browsers else None
        if fault:
            self._record.browsers.fault = fault
            raise StormBroken(f"the browsers failed: {fault}")

    def _hear_of_the_browsers(self, news: News) -> None:
        """Add what they tell to the record."""
        known = self._record.browsers
        known.program = news.program or known.program
        known.finished = news.final
        known.measurements.merge(news.measurements)
        known.examples = first_of_each([*known.examples, *news.examples])
        known.pictures += news.pictures
        self._note_claims(news.claims)

    def _on_report(self, msg: Any, **_: Any) -> None:
        """Add a worker's report to the record."""
        try:
            report = unpack_report(msg.data)
            worker = self._record.workers[report.worker]
        except (RecordError, IndexError) as error:
            self._broken.append(f"a worker's report could not be read: {error}")
            return
        if report.number != worker.reports + 1:
            self._broken.append(f"worker {worker.index}: report {worker.reports + 1} is missing")
        self._merge(report, worker)

    def _merge(self, report: Report, worker: Worker) -> None:
        worker.reports = report.number
        worker.cpu.append(report.cpu)
        worker.finished = report.final
        worker.totals = report.totals
        now = time.monotonic()
        worker.silence = max(worker.silence, now - self._reported[worker.index])
        self._reported[worker.index] = now
        self._record.measurements.merge(report.news)
        self._record.examples = first_of_each([*self._record.examples, *report.examples])
        self._note_claims(report.claims)

    def _note_claims(self, claims: Iterable[Claim]) -> None:
        """Add claims to the record, or put them in the place of what was known of them."""
        known = {claim.person: number for number, claim in enumerate(self._record.claims)}
        for claim in claims:
            if claim.person in known:
                self._record.claims[known[claim.person]] = claim
            else:
                self._record.claims.append(claim)

    # After the storm

    def _read_the_ledger(self) -> None:
        if self._record.course is None:
            return
        try:
            self._record.ledger = self._api.ledger(self._record.course.slug)
        except Unusable as reason:
            self._record.ledger_fault = str(reason)
