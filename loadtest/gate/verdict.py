"""The verdict: PASS, FAIL or VOID with its reasons, from a record and limits alone."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from loadtest.gate.early_end import decided
from loadtest.gate.invariants import Check, check
from loadtest.gate.limits import Finding, Limits
from loadtest.record import counters
from loadtest.record.counters import FOREIGN, REQUESTS, SHORTAGE, WANTS
from loadtest.record.exit_codes import Exit
from loadtest.record.measurements import totals
from loadtest.record.phases import NAMES
from loadtest.record.record import Record


class Answer(StrEnum):
    """PASS promotes. FAIL says that the site is not good enough. VOID says nothing about the site."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    VOID = "VOID"

    @property
    def exit_code(self) -> Exit:
        """The exit code of a command that ends with this answer."""
        return Exit[self.name]


@dataclass(frozen=True)
class Verdict:
    """The answer, the reasons for it (none for a pass), and everything that was looked at."""

    answer: Answer
    reasons: tuple[str, ...]
    site: tuple[Finding, ...]
    sound: tuple[Finding, ...]
    enough: tuple[Finding, ...]
    invariants: tuple[Check, ...]


def judge(record: Record, limits: Limits) -> Verdict:
    """Judge a storm.

    In this order: a certain breach of the ledger's invariants is a FAIL, for no fault of the generator excuses it; an
    unsound measurement is VOID, whatever its figures say; a broken limit or invariant is a FAIL; too little measured
    is VOID; the rest is a PASS. A limit on browsers in a storm without any decides nothing, but what is demanded as
    enough. All reasons of the kinds up to the deciding one are given, the deciding ones first.
    """
    verdict = _looked_at(record, limits)
    certain = [f"{each.name}: {each.sentence}" for each in verdict.invariants if not each.holds and each.certain]
    unsound = [*_faults(record), *(each.sentence for each in verdict.sound if not each.holds and each.absent is None)]
    broken = [
        *(f"{each.name}: {each.sentence}" for each in verdict.invariants if not each.holds and not each.certain),
        *(each.sentence for each in verdict.site if each.holds is False),
    ]
    if record.cut:
        too_little = [record.cut]
    else:
        too_little = [
            *_missing(record),
            *(each.sentence for each in verdict.enough if not each.holds),
            *(each.sentence for each in verdict.site if each.holds is None and each.absent is None),
        ]
    answer = Answer.PASS
    reasons: list[str] = []
    for found, meaning in (
        (certain, Answer.FAIL),
        (unsound, Answer.VOID),
        (broken, Answer.FAIL),
        (too_little, Answer.VOID),
    ):
        if found and not reasons:
            answer = meaning
        if found and (not reasons or meaning is Answer.FAIL):
            reasons += found
    if record.cut and record.cut not in reasons:
        reasons.append(record.cut)
    return dataclasses.replace(verdict, answer=answer, reasons=tuple(reasons))


def _looked_at(record: Record, limits: Limits) -> Verdict:
    """Return all that a verdict looks at, without an answer yet.

    Of a storm that was cut, only what no later second could have mended is held against the site, and nothing is asked
    that only a whole storm could have reached.
    """
    site = tuple(limit.check(record) for limit in limits.site)
    sound = tuple(limit.check(record) for limit in limits.sound)
    enough = tuple(limit.check(record) for limit in limits.enough)
    invariants = tuple(check(record))
    if record.cut:
        phases = record.phases
        broken = {each.limit: each for each in decided(limits.site, record, phases.start + record.seconds_run)}
        site = tuple(broken.get(each.limit, each if each.holds else Finding(each.limit, None, None)) for each in site)
        sound = tuple(each for each in sound if each.limit.high_is_worse)
        enough = ()
        invariants = tuple(each for each in invariants if each.certain)
    return Verdict(Answer.VOID, (), site, sound, enough, invariants)


def _faults(record: Record) -> list[str]:
    """Return why the measurement cannot be trusted, as far as no limit is needed to say so."""
    faults = list(record.faults)
    if record.parameters.kills_task and record.killed is None and not record.cut:
        faults.append("a task was to be stopped at the opening, and none was")
    if not record.workers:
        faults.append("no worker took part")
    if record.browsers.planned and not (record.browsers.finished or record.cut or faults):
        faults.append("the browsers did not come to their end")
    for worker in record.workers:
        if not worker.finished and not record.cut:
            faults.append(f"worker {worker.index} never reported that it had finished")
    if record.workers and all(worker.finished for worker in record.workers):
        faults += _miscounts(record)
    if not record.measurements.whole().counts[WANTS]:
        faults.append("nothing was measured")
    counts = record.measurements.whole().counts
    if foreign := counts[counters.error(FOREIGN)]:
        faults.append(f"{foreign} answers were pages without the site's marker: something else answered")
    if short := counts[counters.error(SHORTAGE)]:
        faults.append(
            f"{short} attempts failed because the generator had no descriptor, port or memory for a connection: more "
            "workers, or a higher limit (ulimit -Hn), are needed"
        )
    return faults


def _missing(record: Record) -> list[str]:
    """Return what is not there to be judged.

    It is no excuse for what is: a site that died under the storm can show no ledger and answers no wishes in a later
    phase, and has failed by the limits before that.
    """
    phases = record.measurements.phases
    missing = [name for name in NAMES if name not in phases or not phases[name].counts[WANTS]]
    sentences = [f"nothing was measured in the phase {', '.join(missing)}"] if missing else []
    if record.ledger is None:
        why = f": {record.ledger_fault}" if record.ledger_fault else ""
        sentences.append(f"the ledger was not read, so nobody can say whether the seats were sold rightly{why}")
    return sentences


def _miscounts(record: Record) -> list[str]:
    """Return where the workers' own totals and the sum of their reports disagree."""
    reported = totals(record.measurements)
    counted: Counter[str] = Counter()
    for worker in record.workers:
        counted.update(worker.totals)
    miscounts = [
        f"the workers counted {counted[name]} {name}, and {reported.get(name, 0)} arrived"
        for name in sorted({*counted, *reported})
        if counted[name] != reported.get(name, 0)
    ]
    if record.locust is not None:
        for kind, number in record.locust.items():
            recorded = reported.get(counters.of_request(kind), 0)
            if number != recorded:
                miscounts.append(
                    f"Locust's statistics counted {number} requests of the kind {kind}, and {recorded} arrived"
                )
        every, arrived = sum(record.locust.values()), reported.get(REQUESTS, 0)
        if every != arrived:
            miscounts.append(f"Locust's statistics counted {every} requests, and {arrived} arrived")
    return miscounts
