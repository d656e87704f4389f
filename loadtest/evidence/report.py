"""The report: one self-contained HTML file, for the approver's phone as for paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import jinja2
from markupsafe import Markup

from loadtest.evidence import in_browsers, plots, worst
from loadtest.gate.limits import Finding
from loadtest.gate.verdict import Answer, Verdict
from loadtest.history.judgement import Judgement
from loadtest.history.regression import Compared, Comparison
from loadtest.history.series import Series
from loadtest.history.summaries import Summary
from loadtest.record.counters import ABORTS, CAME, CLAIM, ERRORS, PEOPLE, REQUESTS, WAIT, WANTS, kind_of_error
from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Tally
from loadtest.record.phases import NAMES, OPENING
from loadtest.record.record import Record
from loadtest.record.units import Kind, show

MEANINGS: Final = {
    Answer.PASS: "The site held: every limit was kept, and every seat was sold as it should be.",
    Answer.FAIL: "The site did not hold. It must not be promoted.",
    Answer.VOID: "The storm says nothing about the site: its measurement cannot be trusted. It must not be promoted; "
    "mend what is named here and storm again.",
}


STORMS: Final = ("storm", "started", "verdict", "wait at the opening, p95", "claim p95", "errors")
COMPARED: Final = ("result", "figure", "usual", "this commit", "slow-down", "p", "counts above", "found in 95 %")
ERRORS_BY_KIND: Final = ("kind", "how many", "the first at", "of", "status", "what was wrong")
FIRST_PROBLEMS: Final = ("kind", *ERRORS_BY_KIND[2:])
# What the rows and columns of the tables are called.
PHASES: Final = (
    *("seconds", "people", "wants", "requests", "wait p50", "wait p95", "wait p99", "wait max", "aborts", "errors"),
)


@dataclass(frozen=True)
class Row:
    """A limit as the table shows it.

    ``used`` is how much of the limit is used up, in percent; None where that is no sensible figure.
    """

    mark: str
    scope: str
    name: str
    meaning: str
    measured: str
    limit: str
    margin: str
    used: int | None


@dataclass(frozen=True)
class _Drawing:
    title: str
    caption: str
    svg: Markup


def render(series: Series, judgement: Judgement) -> str:
    """Render the report's HTML. Everything that came from outside is escaped; only our own drawings are not."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("loadtest.evidence", "."), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.globals |= {
        "zip": zip,
        "STORMS": STORMS,
        "COMPARED": COMPARED,
        "PHASES": PHASES,
        "ERRORS_BY_KIND": ERRORS_BY_KIND,
        "IN_BROWSERS": in_browsers.PHASES,
        "FIRST_PROBLEMS": FIRST_PROBLEMS,
    }
    record, verdict = series.runs[judgement.shown], judgement.verdicts[judgement.shown]
    groups = [
        ("The site", _rows(verdict.site)),
        ("Whether the measurement is sound", _rows(verdict.sound)),
        ("Whether enough was measured", _rows(verdict.enough)),
    ]
    comparison = judgement.comparison
    return environment.get_template("report.html.j2").render(
        record=record,
        judgement=judgement,
        verdict=verdict,
        meaning=MEANINGS[judgement.answer],
        storm=judgement.shown + 1,
        storms=[
            [str(number), *_storm(run, each)]
            for number, (run, each) in enumerate(zip(series.runs, judgement.verdicts, strict=True), start=1)
        ],
        figures=_figures(record),
        groups=[(title, rows) for title, rows in groups if rows],
        plots=_drawn(plots.timeline(record)),
        worst=worst.seconds(record),
        browsers=(browsers := in_browsers.told(record.browsers)),
        problems=[[each.kind, *_example(each)] for each in browsers.examples],
        history=_history(series, judgement),
        compared=[_compared(each) for each in comparison.figures] if comparison else [],
        levels=_drawn(plots.levels(comparison, _used(series, comparison))) if comparison else [],
        phases=list(zip(*(_phase(record, name) for name in NAMES), strict=True)),
        errors=_errors(record),
        parameters=list(_parameters(record)),
    )


def _drawn(drawings: Iterable[plots.Plot]) -> list[_Drawing]:
    return [
        _Drawing(plot.title, plot.caption, Markup(plot.svg))  # noqa: S704 - matplotlib's output from numbers and names of ours
        for plot in drawings
    ]


def _storm(record: Record, verdict: Verdict) -> list[str]:
    """Return a row of the table of storms."""
    opening = record.measurements.phases.get(OPENING)
    return [
        record.started_at,
        verdict.answer.value,
        _percentile(opening, WAIT, 95),
        _percentile(record.measurements.whole(), CLAIM, 95),
        str(record.measurements.whole().counts[ERRORS]),
    ]


def _history(series: Series, judgement: Judgement) -> str:
    """Say what was compared, in a sentence or two."""
    if series.history is None:
        return "No history was given to compare with."
    if judgement.comparison is None:
        return "Not compared: the storm cannot be trusted, or the limits compare nothing."
    return f"{judgement.comparison.sentence[0].upper()}{judgement.comparison.sentence[1:]}."


def _used(series: Series, comparison: Comparison) -> list[Summary]:
    """Return the earlier runs that have all compared figures, oldest first; the comparison used the newest of them."""
    names = [each.figure for each in comparison.figures]
    return [run for run in series.earlier if run.verdict is Answer.PASS and all(name in run.figures for name in names)]


def _compared(each: Compared) -> list[str]:
    """Return a row of the table of compared figures; a number and its unit stay on one line."""
    return [
        "✗ slower" if each.slower else "✓ no slower",
        each.figure,
        _one_line(show(each.usual, Kind.DURATION)),
        ", ".join(_one_line(show(value, Kind.DURATION)) for value in each.candidates),
        _one_line(f"{each.ratio:.2f} times"),
        f"{each.adjusted:.2g}",
        _one_line(f"{each.floor:.2f} times"),
        "none" if each.smallest is None else _one_line(f"{each.smallest:.2f} times"),
    ]


_MARKS: Final = {True: "kept", False: "broken", None: "unknown"}


def _one_line(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _rows(findings: Iterable[Finding]) -> list[Row]:
    rows = []
    for finding in findings:
        limit, margin = finding.limit, finding.margin
        below = limit.operator.startswith("<")
        rows.append(
            Row(
                mark="absent" if finding.absent is not None else _MARKS[finding.holds],
                scope=limit.scope,
                name=limit.figure.name,
                meaning=limit.figure.meaning,
                measured="not measured" if finding.measured is None else show(finding.measured, limit.figure.kind),
                limit=f"{limit.operator} {show(limit.bound, limit.figure.kind)}",
                margin=_margin(margin),
                used=min(100, round((1 - margin) * 100)) if margin is not None and below else None,
            )
        )
    return rows


def _margin(margin: float | None) -> str:
    if margin is None:
        return ""
    return "> 100 %" if margin > 1 else "< -100 %" if margin < -1 else f"{round(margin * 100)} %"


def _figures(record: Record) -> list[tuple[str, str]]:
    whole = record.measurements.whole()
    sold = "not read" if record.ledger is None else f"{len(record.ledger.claims)} of {record.parameters.seats}"
    return [
        ("people", f"{whole.counts[CAME]}"),
        ("seats sold", sold),
        ("wait at the opening, p95", _percentile(record.measurements.phases.get(OPENING), WAIT, 95)),
        ("claim, p95", _percentile(whole, CLAIM, 95)),
        ("errors", f"{whole.counts[ERRORS]}"),
        ("requests", f"{whole.counts[REQUESTS]}"),
    ]


def _percentile(tally: Tally | None, name: str, percent: float) -> str:
    histogram = tally.durations.get(name) if tally else None
    value = histogram.percentile(percent) if histogram else None
    return "-" if value is None else show(value, Kind.DURATION)


def _phase(record: Record, name: str) -> list[str]:
    tally = record.measurements.phases.get(name)
    counts = (tally or Tally()).counts
    return [
        name,
        f"{record.parameters.phases[name]:g}",
        *(str(counts[key]) for key in (PEOPLE, WANTS, REQUESTS)),
        *(_percentile(tally, WAIT, percent) for percent in (50, 95, 99, 100)),
        str(counts[ABORTS]),
        str(counts[ERRORS]),
    ]


def _errors(record: Record) -> list[list[str]]:
    """Return the rows of the table of errors: each kind, how many, and the first of them; the most frequent first."""
    counts = record.measurements.whole().counts
    kinds = sorted(((number, kind) for name, number in counts.items() if (kind := kind_of_error(name))), reverse=True)
    first = {example.kind: example for example in record.examples}
    return [[kind, str(number), *_example(first.get(kind))] for number, kind in kinds]


def _example(example: ErrorExample | None) -> list[str]:
    if example is None:
        return ["-"] * 4
    status = "none" if example.status is None else str(example.status)
    return [_one_line(f"{example.at:+.1f} s"), example.url, status, example.what]


def _parameters(record: Record) -> Iterable[tuple[str, str]]:
    parameters = record.parameters
    yield "people", str(parameters.people)
    yield "seats", str(parameters.seats)
    yield "seed of the crowd", str(parameters.seed)
    if parameters.people_file:
        yield "people file", f"{parameters.people_file}, profile {parameters.profile}"
    yield "form", f"median {parameters.form_median:g} s (people need about 60 s; shorter storms scale it)"
    yield "generator", f"{parameters.workers} processes, Locust {record.versions.get('locust', '?')}"
    if record.locust is not None:
        kinds = ", ".join(f"{kind} {number}" for kind, number in record.locust.items())
        yield "requests, by Locust's own statistics", f"{sum(record.locust.values())} ({kinds})"
    if record.course:
        yield "course", record.course.slug
        apart = f"{record.course.clock_offset:+.3f} s ± {record.course.clock_error:.3f} s"
        yield "the site's clock against ours", f"{apart}, corrected"
    if record.killed:
        yield "task stopped at the opening", f"{record.killed.task}: {record.killed.sentence}"
    for name, value in record.environment.items():
        yield f"the site's {name}", value
    yield "commit that the site names", record.site_commit or "unknown"
    for name, habits in parameters.behaviour.items():
        yield name.replace("_", " "), _habit(habits)


def _habit(habits: object) -> str:
    """Return a distribution or a plain figure of people.toml, in words."""
    match habits:
        case {"mixture": [*parts], "floor": float(floor)}:
            drawn = [f"median {part['median']:.3g} s, sigma {part['sigma']:g}" for part in parts]
            if len(parts) > 1:
                drawn = [f"{part['weight'] * 100:.0f} %: {text}" for part, text in zip(parts, drawn, strict=True)]
            return "lognormal, " + "; ".join(drawn) + (f"; at least {floor:.3g} s" if floor else "")
        case _:
            return str(habits)
