"""CloudWatch dashboards: widgets of metrics, texts and alarms, as far as what they show is measured here.

The structure is that of "Dashboard body structure and syntax" in the API reference of CloudWatch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.fargate.desired.dashboard import Dashboard, Line, Widget
from rehearsal.fargate.plan.alarm import NotWatched, joined
from rehearsal.fargate.plan.lookup import Found, Lookup, truth

COLUMNS = 24

# What a widget has where its body says nothing.
_WIDTH, _PERIOD, _STATISTIC = 6, 300, "Average"
# How metrics may be drawn, and how they are drawn here.
_VIEWS = ("timeSeries", "singleValue")


def dashboard(found: Found, lookup: Lookup) -> Dashboard:
    """Plan a dashboard; a body that is no JSON object is refused, as CloudWatch refuses it."""
    text = str(found.properties["DashboardBody"])
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise found.fault(f"its DashboardBody is no JSON: {error}.") from None
    widgets = body.get("widgets", []) if isinstance(body, dict) else None
    if not isinstance(widgets, list) or not all(isinstance(each, dict) for each in widgets):
        raise found.fault("its DashboardBody is no object with a list of widgets.")
    if all("x" in each and "y" in each for each in widgets):
        widgets = sorted(widgets, key=lambda each: (each["y"], each["x"]))
    name = str(found.properties.get("DashboardName") or found.resource.physical_id)
    drawn = []
    for number, each in enumerate(widgets):
        try:
            drawn.append(_widget(each, f"{found.key}/{number}", lookup))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise found.fault(f"its widget {json.dumps(each)} is not as CloudWatch documents it: {error!r}.") from None
    return Dashboard(found.key, name, tuple(drawn))


def _widget(body: Mapping[str, Any], key: str, lookup: Lookup) -> Widget:
    kind = str(body.get("type"))
    properties = body.get("properties", {})
    title = str(properties.get("title", ""))
    width = min(max(int(body.get("width", _WIDTH)), 1), COLUMNS)
    match kind:
        case "text":
            return Widget(kind, title, width, text=str(properties.get("markdown", "")))
        case "alarm":
            alarms, undrawn = _alarms(properties.get("alarms", ()), lookup)
            return Widget(kind, title, width, alarms=alarms, undrawn=undrawn)
        case "metric":
            return _of_metrics(properties, title, width, key, lookup)
    return Widget(kind, title, width, undrawn=(f"widgets of type {kind} are not drawn here",))


def _of_metrics(properties: Mapping[str, Any], title: str, width: int, key: str, lookup: Lookup) -> Widget:
    annotations = properties.get("annotations", {})
    alarms, undrawn = _alarms(annotations.get("alarms", ()), lookup)
    notes = list(undrawn)
    view = str(properties.get("view", _VIEWS[0]))
    if view not in _VIEWS:
        notes.append(f"the view {view} is drawn as lines")
    if truth(properties.get("stacked", False)):
        notes.append("what is stacked there is drawn as lines beside each other")
    if annotations.get("vertical"):
        notes.append("vertical annotations are not drawn here")
    queries, shown = _queries(properties)
    lines = []
    for name, label in shown:
        try:
            lines.append(Line(f"{key}/{name}", label, *joined(name, queries, lookup)))
        except NotWatched as reason:
            notes.append(f"{label}: {reason}")
    return Widget(
        "metric",
        title,
        width,
        single=view == _VIEWS[1],
        lines=tuple(lines),
        alarms=alarms,
        thresholds=tuple(_thresholds(annotations.get("horizontal", ()))),
        undrawn=tuple(notes),
    )


def _thresholds(annotations: Sequence[Any]) -> Iterator[tuple[str, float]]:
    """Yield horizontal annotations; a band is a pair of them."""
    for each in annotations:
        for edge in each if isinstance(each, list) else [each]:
            if "value" in edge:
                yield str(edge.get("label", "")), float(edge["value"])


def _queries(properties: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], list[tuple[str, str]]]:
    """Return a widget's metrics as metric queries by id, and which of them are shown, each with its label."""
    queries: dict[str, Mapping[str, Any]] = {}
    shown = []
    before: list[str] = []
    for number, row in enumerate(properties.get("metrics", ())):
        options: Mapping[str, Any] = row[-1] if isinstance(row[-1], dict) else {}
        name = str(options.get("id", f"row{number}"))
        if "expression" in options:
            queries[name] = {"Expression": str(options["expression"])}
            label = str(options.get("label", options["expression"]))
        else:
            before = names = _spelt([str(each) for each in row if not isinstance(each, dict)], before)
            namespace, metric, *dimensions = names
            queries[name] = {
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": metric,
                        "Dimensions": [
                            {"Name": name, "Value": value}
                            for name, value in zip(dimensions[::2], dimensions[1::2], strict=False)
                        ],
                    },
                    "Stat": str(options.get("stat", properties.get("stat", _STATISTIC))),
                    "Period": options.get("period", properties.get("period", _PERIOD)),
                }
            }
            label = str(options.get("label", metric))
        if truth(options.get("visible", True)):
            shown.append((name, label))
    return queries, shown


def _spelt(names: list[str], before: Sequence[str]) -> list[str]:
    """Write out what a row takes from the row before: ``.`` one name, ``...`` all but the last ones."""
    if names[:1] == ["..."]:
        return [*before[: len(before) - len(names) + 1], *names[1:]]
    return [before[place] if name == "." and place < len(before) else name for place, name in enumerate(names)]


def _alarms(arns: Sequence[Any], lookup: Lookup) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the alarms that some ARNs name, and what is said of the others."""
    alarms, others = [], []
    for arn in map(str, arns):
        if found := lookup.find(arn, "AWS::CloudWatch::Alarm"):
            alarms.append(str(found.key))
        else:
            others.append(f"the alarm {arn.rpartition(':')[2]} does not stand in this account and region")
    return tuple(alarms), tuple(others)
