"""The picture of a stage's dashboard in docs/operator.md, taken anew: ``python -m tests.templates.dashboard_picture``.

It is drawn of the dashboard in the synthesized template and of metrics that were recorded in a rehearsed storm of 300
people (``recorded_minute.json``: minutes, by metric and statistic). What a machine does not measure is said to have no
data, as CloudWatch says it.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("picture", __name__):
    import argparse
    import json
    import sys
    import tempfile
    from collections.abc import Iterator, Mapping, Sequence
    from dataclasses import dataclass
    from datetime import UTC, datetime
    from functools import cache
    from pathlib import Path
    from typing import TYPE_CHECKING, Any, Final

    from terminal.standard_streams import run
    from tests.templates.inputs import ROOT
    from tests.templates.synthesis import synthesize
    from tests.templates.variants import variant
    from tests.templates.world import World, of_type, only, text, wordpress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILE: Final = ROOT / "docs/images/dashboard.png"
RECORDED: Final = Path(__file__).parent / "recorded_minute.json"
# Metrics of AWS alone: no rehearsal has them.
UNMEASURED: Final = frozenset(
    {
        *("HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count", "DesiredTaskCount", "RunningTaskCount"),
        *("ServerlessDatabaseCapacity", "DatabaseConnections", "PeakLCUs", "ReservedLCUs"),
    }
)
# Those that are told where they are not 0: the recorded storm had none.
NONE_THEN: Final = frozenset({"HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"})

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """A line of a widget: the metric's name without the stage's, or an expression; its statistic, label and axis."""

    metric: str
    statistic: str
    label: str
    right: bool


def body(world: World, stage: str) -> Mapping[str, Any]:
    """Return the dashboard of a stage as CloudWatch gets it."""
    found: Mapping[str, Any] = json.loads(text(only(wordpress(world, stage), "CloudWatch::Dashboard")["DashboardBody"]))
    return found


def lines(widget: Mapping[str, Any], name: str) -> Iterator[Line]:
    """Yield what is drawn in a widget of the stage ``name``."""
    for row in widget["properties"]["metrics"]:
        options = row[-1]
        if options.get("visible", True):
            label, right = str(options.get("label", "")), options.get("yAxis") == "right"
            if "expression" in options:
                yield Line(str(options["expression"]), "", label, right)
            else:
                yield Line(str(row[1]).removeprefix(f"{name}-"), str(options.get("stat", "Average")), label, right)


@cache
def recorded() -> Mapping[str, Points]:
    """Return the recorded minutes by metric and statistic."""
    found: Mapping[str, Points] = json.loads(RECORDED.read_text())["metrics"]
    return found


def points(line: Line) -> Points:
    """Return what was recorded of a line; nothing, where there is nothing. A line that nobody knows is an error."""
    key = f"{line.metric} {line.statistic}".strip()
    if key in recorded():
        return recorded()[key]
    if line.metric in UNMEASURED | NONE_THEN:
        return ()
    raise KeyError(f"{key} is neither recorded nor known to be unmeasured")


def draw(world: World, stage: str, file: Path) -> int:
    """Write the picture of a stage's dashboard; return how many lines it has with data."""
    from matplotlib.figure import Figure

    name = f"{world.settings.name}-{stage.lower()}"
    widgets = body(world, stage)["widgets"]
    rows = max(each["y"] + each["height"] for each in widgets)
    figure = Figure(figsize=(13, rows * 0.46))
    drawn = 0
    for widget in widgets:
        place = (
            (widget["x"] + 0.75) / 24,
            1 - (widget["y"] + widget["height"] - 1.3) / rows,
            (widget["width"] - 1.3) / 24,
            (widget["height"] - 2.3) / rows,
        )
        axes = figure.add_axes(place)
        axes.set_title(widget["properties"]["title"], fontsize=9, loc="left")
        if widget["type"] == "alarm":
            _alarms(
                axes,
                sorted(each["AlarmName"] for each in of_type(wordpress(world, stage), "CloudWatch::Alarm").values()),
            )
        else:
            drawn += _lines(axes, widget, name)
    figure.savefig(file, dpi=80, metadata={"Software": None})
    return drawn


def _alarms(axes: Axes, names: Sequence[str]) -> None:
    axes.set_axis_off()
    for number, each in enumerate(names):
        where = (number % 5 / 5, 0.72 - number // 5 * 0.34)
        axes.text(*where, f"■ {each}", color="#1d8102", fontsize=8, transform=axes.transAxes)


def _lines(axes: Axes, widget: Mapping[str, Any], name: str) -> int:
    drawn = 0
    left, second = axes, None
    for number, line in enumerate(lines(widget, name)):
        found = points(line)
        if line.right and second is None:
            second = axes.twinx()
            second.tick_params(labelsize=6)
        axes = second if line.right and second is not None else left
        colour = f"C{number}"
        if found:
            drawn += 1
            moments = [datetime.fromtimestamp(at, UTC).strftime("%H:%M") for at, _ in found]
            axes.plot(moments, [value for _, value in found], color=colour, marker="o", markersize=3, linewidth=1.2)
            left.plot([], [], color=colour, label=line.label)
        else:
            left.plot([], [], color=colour, label=f"{line.label} ({'none' if line.metric in NONE_THEN else 'no data'})")
        axes.set_ylim(bottom=0)
    axes = left
    if not drawn:
        axes.set_xticks([])
        axes.annotate("no data", (0.5, 0.5), xycoords="axes fraction", fontsize=9, color="#8a8a8a", ha="center")
    for each in widget["properties"].get("annotations", {}).get("horizontal", ()):
        axes.axhline(each["value"], color="#8a8a8a", linewidth=0.8, linestyle="--")
        axes.annotate(
            each["label"], (0.01, each["value"]), xycoords=("axes fraction", "data"), fontsize=6, color="#666666"
        )
    axes.set_ylim(bottom=0)
    axes.tick_params(labelsize=6)
    axes.legend(fontsize=6, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
    return drawn


def main() -> int:
    """Take the picture of dev's, whose storm was recorded."""
    argparse.ArgumentParser(prog="python -m tests.templates.dashboard_picture", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        draw(synthesize(variant(), Path(folder)), "Dev", FILE)
    return 0


if __name__ == "__main__":
    sys.exit(run("picture", main))
