"""Whether a storm that goes on could still pass: what is broken for good is, however the rest of it goes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from loadtest.gate.figures import OPERATORS, Until, Whole, Worst, span
from loadtest.gate.limits import Finding, Limit
from loadtest.record.phases import STORM
from loadtest.record.record import Record
from loadtest.record.units import Kind, show

# Seconds after which everything that happened in a second has been reported: workers report once a second.
SETTLED = 2.0
# Seconds that a cut has to save: a storm that is all but over comes to its end.
WORTH_CUTTING = 5.0


def decided(limits: Sequence[Limit], record: Record, moment: float, since: float = -math.inf) -> list[Finding]:
    """Return the limits that are broken for good at a moment (seconds from the opening).

    Nothing that the rest of the storm brings can mend them. Windows that had settled ``since`` an earlier look need not
    be looked at again.
    """
    phases = record.phases
    found = []
    for limit in limits:
        over = limit.scope != STORM and phases.seconds(limit.scope).stop <= moment - SETTLED
        measured = _for_good(limit, record, moment, since, over=over)
        if measured is not None and not OPERATORS[limit.operator](measured, limit.bound):
            found.append(Finding(limit, measured, holds=False))
    return found


def _for_good(limit: Limit, record: Record, moment: float, since: float, *, over: bool) -> float | None:
    """Return the figure as far as it can only get worse; None while it may still get better."""
    match limit.figure:
        case Worst() as worst:
            whole = span(record, limit.scope)
            settled = min(whole.stop, math.floor(moment - SETTLED))
            first = whole.start if math.isinf(since) else max(whole.start, math.floor(since - SETTLED) - worst.seconds)
            if settled - first < worst.seconds:
                return None  # a window that is not full yet may still be filled with better seconds
            values = [each.value for each in worst.windows(record, range(first, settled))]
            return (max if limit.high_is_worse else min)(values, default=None)
        case Until() as until if limit.high_is_worse:
            return until.at_least(record, limit.scope)
        case Whole() as whole_phase if over or (limit.high_is_worse and whole_phase.only_grows):
            return whole_phase.measure(record, limit.scope)
        case _:
            return None


class Watch:
    """Looks at a storm now and then, and says when to cut it.

    That is ``delay`` seconds after it was first found to be hopeless, so that the timeline shows what became of it, and
    only if it still is.
    """

    def __init__(self, limits: Sequence[Limit], delay: float | None) -> None:
        self._limits = limits
        self._delay = delay
        self._looked = -math.inf
        self._hopeless_since: float | None = None
        self._windows: dict[str, str] = {}

    def cut(self, record: Record, moment: float) -> str | None:
        """Return why the storm is to be cut now; None if it is not."""
        if self._delay is None:
            return None
        reasons = self._reasons(record, moment)
        self._looked = moment
        if not reasons:
            self._hopeless_since = None
            return None
        if self._hopeless_since is None:
            self._hopeless_since = moment
        end = record.phases.end
        if moment - self._hopeless_since < self._delay or end - moment < WORTH_CUTTING:
            return None
        left = show(end - moment, Kind.DURATION)
        return f"the storm was cut {moment:.0f} s after the opening, {left} before its end: {reasons[0]}, for good"

    def _reasons(self, record: Record, moment: float) -> list[str]:
        found = decided(self._limits, record, moment, self._looked)
        self._windows |= {each.limit.text: each.sentence for each in found if isinstance(each.limit.figure, Worst)}
        others = [each.sentence for each in found if not isinstance(each.limit.figure, Worst)]
        return [*oversold(record), *self._windows.values(), *others]


def oversold(record: Record) -> list[str]:
    """Return what people's confirmations say already, before the ledger does."""
    codes = {code for claim in record.claims for code in claim.codes}
    seats = record.parameters.seats
    return [f"{len(codes)} different confirmations were seen for {seats} seats"] if len(codes) > seats else []
