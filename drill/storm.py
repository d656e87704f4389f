"""One storm with one fault: people from loadtest/, the blow at its moment, the way back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from drill.faults import Fault
from drill.namespaces import NotInjected
from drill.probe import Probe
from drill.results import Result
from drill.site_parts import Parts
from loadtest.gate.invariants import check
from loadtest.generator.site_api import SiteApi, Unusable
from loadtest.history.series import load
from loadtest.record.codec import RecordError
from loadtest.record.counters import ABORTS, ERRORS, saw
from loadtest.record.page_states import CONFIRMED, STATES, WAITING
from loadtest.record.record import Record

STRIKES_AT = 1.0  # seconds after the opening
LATER = 5.0  # seconds for the way back beyond its bound
_MOMENT = re.compile(r"^\s*([+-]\d+\.\d) s ")
_ROOT = Path(__file__).parents[1]
# What a fault may keep from happening: people who cannot ask leave seats unsold. How many were sold is in the table.
_NOT_PROMISED = {"no seat unsold while wanted", "the course opened"}


@dataclass(frozen=True)
class Size:
    """People and seats of a storm, and the seconds of its phases."""

    people: int
    seats: int
    phases: dict[str, float] = field(
        default_factory=lambda: {"warm-up": 3, "before": 5, "opening": 5, "open": 14, "recovery": 6}
    )

    def longer(self, seconds: float) -> Size:
        """Return the same storm, its course open for so many seconds more."""
        return replace(self, phases={**self.phases, "open": self.phases["open"] + seconds})

    def options(self) -> list[str]:
        """Return the options of ``python -m loadtest run``."""
        phases = [word for name, seconds in self.phases.items() for word in (f"--{name}", f"{seconds:g}")]
        return ["--people", str(self.people), "--seats", str(self.seats), *phases, "--cut-after", "never"]


class DrillBroken(Exception):
    """The drill itself failed: neither the site nor this machine's means are judged by it."""


class _Blow:
    """A fault on its way: it strikes at its moment, in a thread beside the storm, and is healed there."""

    def __init__(self, site: Parts, fault: Fault) -> None:
        self._site, self._fault = site, fault
        self._thread: threading.Thread | None = None
        # Moments of ``time.monotonic``; the way back is counted from ``over``.
        self.struck = self.over = 0.0
        self.error: Exception | None = None

    def fall_in(self, seconds: float) -> None:
        """Strike so many seconds from now; only the first call does."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._fall, args=(seconds,))
            self._thread.start()

    def finish(self) -> None:
        """Wait until a blow that has been called for is healed, however the storm ended."""
        if self._thread is not None:
            self._thread.join()

    def wait(self) -> None:
        """Wait until it is healed. Raise NotInjected, or what else went wrong."""
        if self._thread is None:
            raise DrillBroken("the storm never came to its opening; its words are in drill.log")
        self.finish()
        if self.error is not None:
            raise self.error

    def _fall(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))
        self.struck = self.over = time.monotonic()
        entered = False
        try:
            with self._fault.inject(self._site):
                entered = True
                time.sleep(self._fault.hold)
            if not self._fault.heals_itself:
                self.over = time.monotonic()
        except Exception as error:  # noqa: BLE001 - raised by ``wait``, in the thread that asks
            self.error = DrillBroken(f"the fault cannot be healed: {error}") if entered else error


def drill(site: Parts, fault: Fault, size: Size, out: Path, patience: float) -> Result:
    """Storm the site with a fault; what people saw, how it came back, and what it must never break.

    The way back is waited for up to ``patience`` seconds. Raise DrillBroken where the storm says nothing.
    """
    try:
        with fault.around(site), Probe(site.url, site.token) as probe:
            blow = _Blow(site, fault)
            try:
                record = _storm(site, size, out, blow)
            finally:
                blow.finish()
            blow.wait()
            back = probe.recovered(blow.over, patience)
        found = result(fault, record, back, _ledger_fault(site, record))
        return replace(found, broken=[*found.broken, *fault.promises(site, record)])
    except NotInjected as reason:
        return Result(fault.name, fault.what, not_injected=str(reason))


def _storm(site: Parts, size: Size, out: Path, blow: _Blow) -> Record:
    out.mkdir(parents=True, exist_ok=True)
    (out / "record.json").unlink(missing_ok=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("STORM_", "SITE_", "AWS_"))}
    with subprocess.Popen(
        [sys.executable, "-m", "loadtest", "run", "--host", site.url, "--out", str(out), *size.options()],
        cwd=_ROOT, env={**environment, "STORM_TOKEN": site.token, "STORM_BROWSERS": "0"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as storm, (out / "drill.log").open("w") as log:  # fmt: skip
        for line in storm.stdout or ():
            log.write(line)
            if moment := _MOMENT.match(line):
                blow.fall_in(STRIKES_AT - float(moment[1]))
    try:
        record = load(out / "record.json").runs[-1]
    except (OSError, RecordError) as error:
        raise DrillBroken(f"the storm left no record that can be read: {error}; its words are in {log.name}") from error
    if record.faults:
        raise DrillBroken(f"the storm says nothing of the site: {'; '.join(record.faults)}")
    return record


def _ledger_fault(site: Parts, record: Record) -> str | None:
    """Read the ledger again where the storm could not: the site may not have been back yet. Return why it cannot be."""
    if record.ledger is None and record.course is not None:
        try:
            record.ledger = SiteApi(site.url, site.token).ledger(record.course.slug)
        except Unusable as error:
            return str(error)
    return None


def result(fault: Fault, record: Record, back: dict[str, float | None], ledger_fault: str | None) -> Result:
    """Sum up: shares of what people saw from the blow on, what came back when, and which promises are broken."""
    counts: Counter[str] = Counter()
    for second, tally in record.measurements.seconds.items():
        if second >= STRIKES_AT:
            counts.update(tally.counts)
    pages = sum(counts[saw(state)] for state in STATES)
    broken = [
        f"{each.name}: {each.sentence}" for each in check(record) if not each.holds and each.name not in _NOT_PROMISED
    ]
    if record.ledger is None:
        broken.append(f"the ledger cannot be read: {ledger_fault}")
    return Result(
        fault.name,
        fault.what,
        people=record.parameters.people,
        answers=pages + counts[ERRORS] + counts[ABORTS],
        served=pages - counts[saw(WAITING)],
        waiting=counts[saw(WAITING)],
        aborts=counts[ABORTS],
        errors=counts[ERRORS],
        confirmed=sum(claim.outcome == CONFIRMED for claim in record.claims),
        seats=record.parameters.seats,
        stored=len(record.ledger.claims) if record.ledger else None,
        back=dict(back),
        broken=broken,
    )
