"""The summary for the approver: ten lines of plain text, and one line for a pipeline's variable."""

from __future__ import annotations

from collections.abc import Sequence

from loadtest.evidence import in_browsers
from loadtest.gate.limits import Finding
from loadtest.history.judgement import Judgement
from loadtest.history.series import Series
from loadtest.record.counters import ABORTS, CAME, CLAIM, ERRORS, GAVE_UP, SERVED, WAIT, kind_of_error
from loadtest.record.phases import NAMES, OPENING
from loadtest.record.record import Record
from loadtest.record.units import Kind, show

LINES = 10
REASONS_SHOWN = 3
# Characters. Of the 1,000 of the question to the approver: the rest are promotion/difference.py's, of names and words.
LONGEST_LINE = 380


def text(series: Series, judgement: Judgement, report: str) -> str:
    """Write what an approver has to know, in ten lines.

    The figures are those of the storm that tells most; where there are reasons against it, they take the place of what
    only a pass is asked for.
    """
    record, verdict = series.runs[judgement.shown], judgement.verdicts[judgement.shown]
    crowd = f"{record.parameters.people} people for {record.parameters.seats} seats"
    crowd += f", {record.killed.sentence}" if record.killed else ""
    many = f", storm {judgement.shown + 1} of {len(series.runs)}" if len(series.runs) > 1 else ""
    head = [
        f"{judgement.answer.value}  commit {record.commit}",
        f"{record.host}, {record.started_at}, {crowd}{many}",
    ]
    held = f"{sum(each.holds for each in verdict.invariants)} of {len(verdict.invariants)} hold"
    figures = [
        *_errors(record),
        f"wait p95     {_by_phase(record)}",
        f"people       {_people(record)}",
        f"seats        {_seats(record)}, invariants {held}",
        f"limits       {_kept(verdict.site)}",
        f"claim p95    {_duration(record, CLAIM)}; {in_browsers.brief(record.browsers)}",
        f"history      {_history(series, judgement)}",
    ]
    reasons = _reasons(judgement.reasons)
    figures = figures[: LINES - len(head) - len(reasons) - 1]
    return "\n".join([*head, *reasons, *figures, f"report       {report}"]) + "\n"


def _reasons(reasons: Sequence[str]) -> list[str]:
    """Return three lines at most, and at least one that tells how many there are besides."""
    reasons = [" ".join(reason.split()) for reason in reasons]
    if len(reasons) <= REASONS_SHOWN:
        return [f"- {reason}" for reason in reasons]
    shown = reasons[: REASONS_SHOWN - 1]
    return [*(f"- {reason}" for reason in shown), f"- and {len(reasons) - len(shown)} more reasons, in the report"]


def line(series: Series, judgement: Judgement) -> str:
    """Write one line of key figures, of so many characters; the first reason if there is one."""
    record = series.runs[judgement.shown]
    storms = f"{len(series.runs)} storms, " if len(series.runs) > 1 else ""
    figures = (
        f"{storms}{record.parameters.people} people, {_seats(record)}, wait p95 at the opening {_opening(record)}, "
        f"claim p95 {_duration(record, CLAIM)}"
    )
    figures += f", {in_browsers.brief(record.browsers)}"
    figures += f", {record.killed.sentence}" if record.killed else ""
    reason = f"{judgement.reasons[0]}; " if judgement.reasons else ""
    whole = f"{judgement.answer.value}: {reason}{figures}"
    return whole if len(whole) <= LONGEST_LINE else f"{whole[: LONGEST_LINE - 1]}…"


def _history(series: Series, judgement: Judgement) -> str:
    if series.history is None:
        return "none was given to compare with"
    if judgement.comparison is None:
        return "not compared"
    changes = f"; {judgement.changes[-1].sentence}" if judgement.changes else ""
    return judgement.comparison.sentence + changes


def _opening(record: Record) -> str:
    tally = record.measurements.phases.get(OPENING)
    value = tally.durations[WAIT].percentile(95) if tally and WAIT in tally.durations else None
    return "not measured" if value is None else show(value, Kind.DURATION)


def _by_phase(record: Record) -> str:
    parts = []
    for name in NAMES:
        tally = record.measurements.phases.get(name)
        value = tally.durations[WAIT].percentile(95) if tally and WAIT in tally.durations else None
        parts.append(f"{name} {'-' if value is None else show(value, Kind.DURATION)}")
    return ", ".join(parts)


def _duration(record: Record, name: str) -> str:
    histogram = record.measurements.whole().durations.get(name)
    value = histogram.percentile(95) if histogram else None
    return "not measured" if value is None else show(value, Kind.DURATION)


def _seats(record: Record) -> str:
    if record.ledger is None:
        return "ledger not read"
    return f"{len(record.ledger.claims)} of {record.parameters.seats} sold"


def _people(record: Record) -> str:
    counts = record.measurements.whole().counts
    return (
        f"{counts[CAME]} came, {counts[SERVED]} learnt their answer, {counts[ERRORS]} errors, "
        f"{counts[ABORTS]} aborts, {counts[GAVE_UP]} gave up"
    )


def _errors(record: Record) -> list[str]:
    """Return a line on the most frequent kind of error, with its first example; none where nobody met one."""
    counts = record.measurements.whole().counts
    kinds = {kind: number for name, number in counts.items() if (kind := kind_of_error(name))}
    if not kinds:
        return []
    worst = max(kinds, key=lambda kind: kinds[kind])
    example = next((f", {each.sentence}" for each in record.examples if each.kind == worst), "")
    others = len(kinds) - 1
    more = f"; {others} more {'kind' if others == 1 else 'kinds'}, in the report" if others else ""
    return [f"errors       {kinds[worst]} {worst}{example}{more}"]


def _kept(findings: tuple[Finding, ...]) -> str:
    kept = [each for each in findings if each.holds]
    # A share that should be near 100 % is always near its limit: only what should stay low tells how close it was.
    low = [each for each in kept if each.margin is not None and each.limit.operator.startswith("<")]
    closest = min(low, key=lambda each: each.margin or 0.0, default=None)
    near = f"; closest: {closest.sentence}" if closest else ""
    absent = sum(each.absent is not None for each in findings)
    apart = f", {absent} on browsers not looked at" if absent else ""
    return f"{len(kept)} of {len(findings) - absent} kept{apart}{near}"
