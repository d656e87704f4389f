"""What must hold between the ledger that the site keeps and what people saw, whatever the load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.record.counters import saw
from loadtest.record.page_states import CLOSED, CONFIRMED, ENDED, INVALID, OPEN, SOLD_OUT
from loadtest.record.record import Ledger, Record

# Seconds before the opening at which an open form is still taken for the grain of the timeline.
_GRAIN: Final = 1.0


@dataclass(frozen=True)
class Check:
    """An invariant with what was found.

    ``certain`` says that a broken one is the site's fault however badly the generator fared: what is stored twice is
    stored twice. The others may look broken while claims of a storm that was cut off are still being worked on.
    """

    name: str
    holds: bool
    sentence: str
    certain: bool = True


def check(record: Record) -> list[Check]:
    """Check all invariants of a record; if its ledger could not be read, those that need none."""
    ledger = record.ledger
    if ledger is None:
        return [_one_answer(record), _not_early(record)]
    return [
        _not_oversold(record, ledger),
        _counter(ledger),
        _once(ledger),
        _kept(record, ledger),
        _found_again(record, ledger),
        _one_answer(record),
        _asked_for(record, ledger),
        _sold_what_was_asked(record, ledger),
        _opened(record),
        _not_early(record),
    ]


def _not_oversold(record: Record, ledger: Ledger) -> Check:
    seats, sold = record.parameters.seats, max(ledger.sold, ledger.taken, len(ledger.claims))
    if ledger.seats != seats:
        return Check("never oversold", False, f"the ledger has {ledger.seats} seats and not {seats}")
    return Check("never oversold", sold <= seats, f"{sold} seats sold of {seats}")


def _counter(ledger: Ledger) -> Check:
    same = ledger.sold == ledger.taken == len(ledger.claims)
    found = f"{len(ledger.claims)} rows, {ledger.sold} sold, {ledger.taken} taken by the counter"
    return Check("the counter agrees with the ledger", same, found, certain=False)


def _once(ledger: Ledger) -> Check:
    emails = Counter(row.email.strip().lower() for row in ledger.claims)
    codes = Counter(row.code for row in ledger.claims)
    twice = [key for key, times in (emails + codes).items() if times > 1]
    found = f"stored more than once: {_some(twice)}" if twice else f"{len(codes)} codes, each stored once"
    return Check("nothing sold twice", not twice, found)


def _kept(record: Record, ledger: Ledger) -> Check:
    stored = {(row.email.strip().lower(), row.code) for row in ledger.claims}
    pairs = [(claim.email, code) for claim in record.claims for code in claim.codes]
    lost = [f"{code} of {email}" for email, code in pairs if (email.lower(), code) not in stored]
    found = (
        f"not in the ledger: {_some(lost)}" if lost else f"all {len(pairs)} confirmations that people saw are stored"
    )
    return Check("no confirmation lost", not lost, found)


def _found_again(record: Record, ledger: Ledger) -> Check:
    """Check that nobody has a seat and was told in the end that there is none.

    A claim that was taken and whose answer was lost is asked for again, by whatever the page offers.
    """
    stored = {row.email.strip().lower() for row in ledger.claims}
    refused = [claim for claim in record.claims if claim.outcome in (SOLD_OUT, ENDED, CLOSED)]
    lost = [claim.email for claim in refused if claim.email.lower() in stored]
    found = (
        f"seats whose code their people did not get: {_some(lost)}" if lost else f"{len(refused)} refused, none has one"
    )
    return Check("no ticket lost", not lost, found)


def _one_answer(record: Record) -> Check:
    torn = [claim.email for claim in record.claims if len(claim.codes) > 1 or _taken_back(claim.answers)]
    repeated = sum(claim.sends > 1 for claim in record.claims)
    found = f"different answers for {_some(torn)}" if torn else f"{repeated} people submitted more than once"
    return Check("asking again gives the same seat", not torn, found)


def _taken_back(answers: Sequence[str]) -> bool:
    """Return whether a person who was confirmed was later told something else."""
    later = answers[answers.index(CONFIRMED) :] if CONFIRMED in answers else []
    return any(answer in (SOLD_OUT, ENDED, CLOSED, INVALID) for answer in later)


def _asked_for(record: Record, ledger: Ledger) -> Check:
    people = {claim.email.lower() for claim in record.claims if claim.sends}
    strange = [row.email for row in ledger.claims if row.email.strip().lower() not in people]
    found = f"claims of nobody: {_some(strange)}" if strange else "each claim is somebody's"
    return Check("nobody got a seat unasked", not strange, found, certain=False)


def _sold_what_was_asked(record: Record, ledger: Ledger) -> Check:
    """Check that no seat stays unsold while somebody wanted it.

    People who were refused, or who asked and never got an answer.
    """
    counts = record.measurements.whole().counts
    refused = counts[saw(SOLD_OUT)] + counts[saw(ENDED)]
    in_vain = sum(claim.sends > 0 and claim.outcome != CONFIRMED for claim in record.claims)
    unsold = record.parameters.seats - len(ledger.claims)
    holds = unsold <= 0 or not (refused or in_vain)
    found = f"{max(0, unsold)} seats unsold; {in_vain} people asked in vain, {refused} times refused by a page"
    return Check("no seat unsold while wanted", holds, found, certain=False)


def _opened(record: Record) -> Check:
    forms = record.measurements.whole().counts[saw(OPEN)]
    return Check("the course opened", forms > 0, f"the form was seen {forms} times", certain=False)


def _not_early(record: Record) -> Check:
    """Check that nobody saw the form before its time, by the site's own clock.

    The limit on ``clocks`` voids a storm whose generators did not know the time. Where they did, a task whose clock is
    ahead of the database's has shown a form whose claims are refused, or the course opened too soon for everybody.
    """
    seconds = [second for second, tally in record.measurements.seconds.items() if tally.counts[saw(OPEN)]]
    error = (record.course.clock_error if record.course else 0.0) + max(
        (worker.clock_error for worker in record.workers), default=0.0
    )
    lead = -(min(seconds, default=0) + 1)
    holds = lead <= _GRAIN + error
    found = (
        "nobody saw the form before the opening"
        if holds
        else f"the form was seen {lead} s before the opening, by the site's own clock, known to {error:.2f} s"
    )
    return Check("not open before its time", holds, found, certain=False)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
