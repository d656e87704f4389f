"""The timeline as SVG: people, waits, answers, trouble, and the generator's own health, with the phases marked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from loadtest.gate.verdict import Answer
from loadtest.history.regression import Compared, Comparison
from loadtest.history.summaries import Summary
from loadtest.history.trend import Change
from loadtest.record import page_states
from loadtest.record.counters import ABORTS, ARRIVED, ERRORS, GAVE_UP, LAG, LEFT, READ_LAG, WAIT, saw
from loadtest.record.measurements import Tally
from loadtest.record.phases import BEFORE, OPEN, OPENING, RECOVERY, WARM_UP, Phases
from loadtest.record.record import Record
from loadtest.record.units import Kind, show

INK = "#334155"
GRID = "#e2e8f0"
# The share of a drawing's width that a letter of a phase's name takes.
_PER_LETTER = 0.0155
BANDS = {WARM_UP: "#f8fafc", BEFORE: "#eef2ff", OPENING: "#ffedd5", OPEN: "#f0fdf4", RECOVERY: "#f8fafc"}
STATES: Mapping[str, tuple[str, str]] = {
    saw(page_states.CLOSED): ("closed", "#94a3b8"),
    saw(page_states.OPEN): ("form", "#2563eb"),
    saw(page_states.CONFIRMED): ("confirmed", "#16a34a"),
    saw(page_states.SOLD_OUT): ("sold out", "#9333ea"),
    saw(page_states.ENDED): ("ended", "#0f766e"),
    saw(page_states.WAITING): ("waiting page", "#f59e0b"),
    ERRORS: ("error", "#dc2626"),
}


Drawing = Callable[[Sequence[int], Sequence[Tally], Record, Axes], None]


@dataclass(frozen=True)
class Plot:
    """One plot: its title, what it shows in a sentence, and its SVG element."""

    title: str
    caption: str
    svg: str


def timeline(record: Record) -> list[Plot]:
    """Draw the plots of a record; an empty list when nothing was measured."""
    seconds = record.measurements.seconds
    if not seconds:
        return []
    phases = record.phases
    numbers = list(range(min(seconds), max(seconds) + 1))
    tallies = [seconds.get(number, Tally()) for number in numbers]
    return [
        Plot(title, caption, _svg(title, phases, numbers, partial(draw, numbers, tallies, record)))
        for title, caption, draw in DRAWINGS
    ]


def levels(comparison: Comparison, earlier: Sequence[Summary]) -> list[Plot]:
    """Draw each compared figure over the earlier runs, with the candidates at the end."""
    return [
        Plot(
            each.figure,
            "each dot is a run; the band is where 95 % of the earlier ones lie, the line is what would be slower",
            _drawing(f"{each.figure} of earlier runs", partial(_levels, each, earlier[-comparison.used :])),
        )
        for each in comparison.figures
    ]


def trend(figure: str, runs: Sequence[Summary], changes: Sequence[Change]) -> Plot:
    """Draw a figure over runs, oldest first, with its changes marked."""
    return Plot(figure, "each dot is a run", _drawing(f"{figure} over runs", partial(_trend, figure, runs, changes)))


def _levels(compared: Compared, earlier: Sequence[Summary], axes: Axes) -> None:
    values = [run.figures[compared.figure] for run in earlier]
    low, high = compared.band
    last = len(values) + len(compared.candidates) - 0.5
    axes.axhspan(low, high, color="#eef2ff", linewidth=0)
    axes.axhline(compared.usual * compared.floor, color="#dc2626", linewidth=0.8, linestyle="--")
    axes.plot(range(len(values)), values, "o", markersize=3, color="#94a3b8", label="earlier")
    places = range(len(values), len(values) + len(compared.candidates))
    tone = "#dc2626" if compared.slower else "#16a34a"
    axes.plot(places, compared.candidates, "o", markersize=5, color=tone, label="this commit")
    axes.set_xlim(-0.5, last)
    _of_runs(axes)


def _trend(figure: str, runs: Sequence[Summary], changes: Sequence[Change], axes: Axes) -> None:
    having = [run for run in runs if figure in run.figures]
    for answer, tone in ((Answer.PASS, "#16a34a"), (Answer.FAIL, "#dc2626")):
        points = [(at, run.figures[figure]) for at, run in enumerate(having) if run.verdict is answer]
        if points:
            axes.plot(*zip(*points, strict=True), "o", markersize=3, color=tone, label=answer)
    for change in changes:
        at = next(place for place, run in enumerate(having) if run.started_at == change.started_at)
        axes.axvline(at - 0.5, color="#ea580c", linewidth=1)
        label = f"{change.started_at[:10]}: {change.ratio:.2f} times"
        axes.annotate(label, (at - 0.5, 0.98), xycoords=("data", "axes fraction"), fontsize=8, va="top", color=INK)
    _of_runs(axes)


def _of_runs(axes: Axes) -> None:
    axes.set_ylim(bottom=0, top=1.1 * axes.get_ylim()[1])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: show(value, Kind.DURATION)))
    _quiet(axes, "runs, the oldest first")


def _svg(title: str, phases: Phases, numbers: Sequence[int], draw: Callable[[Axes], None]) -> str:
    """Return a drawing over the seconds of a storm."""

    def with_phases(axes: Axes) -> None:
        draw(axes)
        _phases(axes, phases, numbers)

    return _drawing(f"{title} over time", with_phases)


def _drawing(title: str, draw: Callable[[Axes], None]) -> str:
    """Return one drawing as an ``<svg>`` element: text stays text, and nothing refers to anything outside."""
    style: Any = {"svg.fonttype": "none", "svg.hashsalt": title, "font.size": 9, "font.family": "sans-serif"}
    with mpl.rc_context(style):
        figure = Figure(figsize=(4.6, 2.7))  # so small that its letters can be read where it fills a phone
        axes = figure.add_axes((0.13, 0.17, 0.85, 0.6))  # in every drawing, so that the seconds align
        draw(axes)
        out = io.StringIO()
        figure.savefig(
            out, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r' id="[a-zA-Z0-9]+_\d+(_\d+)?"', "", svg)  # repeated in every drawing, and nothing refers to them
    svg = re.sub(r'(<svg[^>]*?) (width|height)="[^"]*"', r"\1", svg)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)


def _phases(axes: Axes, phases: Phases, numbers: Sequence[int]) -> None:
    axes.set_xlim(min(numbers[0], phases.start), max(numbers[-1] + 1, phases.start + 1))
    lengths = phases.lengths()
    shown = axes.get_xlim()
    for name, start in phases.starts().items():
        end = min(start + lengths[name], shown[1])
        if start >= end:
            continue
        axes.axvspan(start, end, color=BANDS[name], zorder=0, linewidth=0)
        if end - start > _PER_LETTER * len(name) * (shown[1] - shown[0]):
            axes.annotate(
                name,
                ((start + end) / 2, 1.0),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="bottom",
                fontsize=8,
                color=INK,
            )
    axes.axvline(0, color="#ea580c", linewidth=1, zorder=1)
    _quiet(axes, "seconds from the opening")


def _quiet(axes: Axes, along: str) -> None:
    """Leave little ink for what is not data, and put the legend above it."""
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel(along, color=INK)
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        legend = axes.legend(
            handles,
            labels,
            fontsize=8,
            labelcolor=INK,
            ncols=min(len(handles), 3),
            handlelength=1.2,
            columnspacing=1.0,
            labelspacing=0.2,
            frameon=False,
            loc="lower right",
            bbox_to_anchor=(1.0, 1.06),
        )
        legend.set_in_layout(False)


def _people(numbers: Sequence[int], tallies: Sequence[Tally], _record: Record, axes: Axes) -> None:
    present, values = 0, []
    for tally in tallies:
        present += tally.counts[ARRIVED] - tally.counts[LEFT]
        values.append(present)
    axes.fill_between(numbers, values, step="post", color="#bfdbfe", linewidth=0)
    axes.step(numbers, values, where="post", color="#2563eb", linewidth=1.2, label="people")
    axes.set_ylim(bottom=0)


def _waits(numbers: Sequence[int], tallies: Sequence[Tally], _record: Record, axes: Axes) -> None:
    for percent, color in ((99, "#f97316"), (95, "#2563eb"), (50, "#94a3b8")):
        points = [
            (number + 0.5, value)
            for number, tally in zip(numbers, tallies, strict=True)
            if (histogram := tally.durations.get(WAIT)) and (value := histogram.percentile(percent)) is not None
        ]
        if points:
            axes.plot(*zip(*points, strict=True), color=color, linewidth=1.2, label=f"p{percent}")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: show(value, Kind.DURATION)))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
    axes.yaxis.set_minor_locator(NullLocator())


def _answers(numbers: Sequence[int], tallies: Sequence[Tally], _record: Record, axes: Axes) -> None:
    floor = [0] * len(numbers)
    for name, (label, color) in STATES.items():
        values = [tally.counts[name] for tally in tallies]
        if any(values):
            top = [below + value for below, value in zip(floor, values, strict=True)]
            # One outline for a kind, not a bar for each second: a storm of ten minutes stays small.
            axes.fill_between(
                [*numbers, numbers[-1] + 1],
                [*floor, floor[-1]],
                [*top, top[-1]],
                step="post",
                color=color,
                label=label,
                linewidth=0,
            )
            floor = top
    axes.set_ylim(bottom=0)


def _trouble(numbers: Sequence[int], tallies: Sequence[Tally], _record: Record, axes: Axes) -> None:
    for name, label, color in (
        (ABORTS, "aborts", "#f59e0b"),
        (ERRORS, "errors", "#dc2626"),
        (GAVE_UP, "gave up", "#7f1d1d"),
    ):
        axes.step(
            numbers, [tally.counts[name] for tally in tallies], where="post", color=color, linewidth=1.2, label=label
        )
    axes.set_ylim(bottom=0, top=max(1.0, axes.get_ylim()[1]))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _generator(numbers: Sequence[int], tallies: Sequence[Tally], record: Record, axes: Axes) -> None:
    for name, color in ((LAG, "#0f766e"), (READ_LAG, "#f59e0b")):
        lags = [
            (number + 0.5, value * 1000)
            for number, tally in zip(numbers, tallies, strict=True)
            if (histogram := tally.durations.get(name)) and (value := histogram.percentile(99)) is not None
        ]
        if lags:
            axes.plot(*zip(*lags, strict=True), color=color, linewidth=1.2, label=f"{name} p99, ms")
    length = max((len(worker.cpu) for worker in record.workers), default=0)
    shares = [max(worker.cpu[place] for worker in record.workers if place < len(worker.cpu)) for place in range(length)]
    # Reports come about once a second, the last one at the storm's end: so they are laid out backwards from there.
    moments = [numbers[-1] + 1 - length + place for place in range(length)]
    axes.plot(moments, [share * 100 for share in shares], color="#a855f7", linewidth=1.2, label="CPU, % of a core")
    axes.set_ylim(bottom=0)


DRAWINGS: Final[Sequence[tuple[str, str, Drawing]]] = (
    ("People", "present at each second", _people),
    ("Waits", "from wanting the page to seeing it; by the second in which it was seen", _waits),
    ("What people saw", "answers per second, by what the page said", _answers),
    ("Trouble", "aborts, errors and people who gave up, per second", _trouble),
    ("Generator", "how late people acted and were read, and how much of a core the busiest worker used", _generator),
)
