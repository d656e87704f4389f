"""The picture of a record: rates on one scale, and the collapse second by second. Light, and readable on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from bench.common.statistics import spread
from bench.site.results import Record

INK = "#334155"
GRID = "#e2e8f0"
COLORS = {"site": "#0f766e", "static": "#94a3b8", "varnish": "#7c3aed", "original": "#dc2626", "apache": "#ea580c"}
SHORT = {
    "site": "this site",
    "static": "static file",
    "varnish": "Varnish in front",
    "original": "nginx, php-fpm",
    "apache": "Apache, mod_php",
}
STYLE: Any = {"font.size": 13, "font.family": "sans-serif", "text.color": INK, "axes.labelcolor": INK}


def draw(record: Record, file: Path) -> bool:
    """Write the picture as PNG; False when the record lacks what it shows (rates and collapses)."""
    if not record.rates or not record.collapses:
        return False
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7, 7.6), layout="constrained", facecolor="white")
        rates, collapse = figure.subplots(2, 1, height_ratios=[1, 1.35])
        _rates(record, rates)
        _collapse(record, collapse)
        file.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(file, dpi=130, metadata={"Software": None})
    return True


def _rates(record: Record, axes: Axes) -> None:
    medians = {key: spread([rate.rate for rate in record.rounds(key, gzip=True)]) for key in COLORS}
    known = [(key, found.median) for key, found in medians.items() if found and found.median > 0]
    known.sort(key=lambda pair: pair[1])
    bars = axes.barh(
        [SHORT[key] for key, _ in known], [rate for _, rate in known], color=[COLORS[key] for key, _ in known]
    )
    axes.bar_label(bars, labels=[f" {rate:,.0f}" for _, rate in known], color=INK)
    axes.set_xscale("log")
    axes.set_xlim(right=max(rate for _, rate in known) * 8)
    _title(axes, "Pages per second on one core (logarithmic)")
    axes.xaxis.set_major_locator(NullLocator())
    axes.xaxis.set_minor_locator(NullLocator())
    _plain(axes)


def _collapse(record: Record, axes: Axes) -> None:
    for each in record.collapses:
        smooth = [sum(each.good[max(place - 1, 0) : place + 1]) / 2 for place in range(len(each.good))]
        axes.plot(
            [place + 0.5 for place in range(len(smooth))],
            [max(value, 0.5) for value in smooth],
            color=COLORS[each.variant],
            linewidth=2.4 if each.variant == "site" else 1.8,
            label=SHORT[each.variant],
        )
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.4)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "0" if value < 1 else f"{value:,.0f}"))
    _title(axes, "Good pages per second while a crowd reloads, and after")
    axes.set_xlabel("seconds", loc="right", labelpad=-2)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(0, max(len(each.good) for each in record.collapses))
    axes.legend(frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.45, -0.16), handlelength=1.4)
    axes.grid(axis="y", color=GRID)
    _plain(axes)


def _title(axes: Axes, text: str) -> None:
    """Write a title over the whole width, names of the rows included: a phone has no room for margins."""
    axes.annotate(
        text, (0.01, 1.0), xycoords=("figure fraction", "axes fraction"), xytext=(0, 9), textcoords="offset points",
        fontweight="bold", fontsize=14, annotation_clip=False,
    )  # fmt: skip


def _plain(axes: Axes) -> None:
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, length=0)
    for side in axes.spines.values():
        side.set_visible(False)
