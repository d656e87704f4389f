"""Dashboards: what of their widgets is drawn, what is named, and how their lines go on from clock to clock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.fargate.desired import metric_math
from rehearsal.fargate.desired.dashboard import Line, Widget
from rehearsal.fargate.desired.data_points import Samples
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.desired.watched_metric import LogMetric
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand import charts
from rehearsal.fargate.stand.charts import KEPT, Charts
from rehearsal.values.stack import Resource, Stack
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.test_alarms import math, single, watched

REQUESTS = ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/web/1"]
ALARM_ARN = "arn:aws:cloudwatch:eu-central-1:222222222222:alarm:site-alarm"


def with_dashboard(body: object) -> Stack:
    """Return the site with an alarm, and a dashboard of that body."""
    stack = templates.stack(templates.web(image="app", port=8080))
    text = body if isinstance(body, str) else json.dumps(body)
    for resource in (
        Resource("Alarm", "AWS::CloudWatch::Alarm", "site-alarm", single(), {"Arn": ALARM_ARN}),
        Resource("Board", "AWS::CloudWatch::Dashboard", "board", {"DashboardBody": text}, {}),
    ):
        stack = templates.with_resource(stack, resource)
    return stack


def planned(body: object) -> Plan:
    stack = with_dashboard(body)
    return make_plan(templates.world(stack), stack, templates.Secrets())


def widget(properties: dict[str, Any], kind: str = "metric", **more: Any) -> Widget:
    """Return what becomes of a dashboard's only widget."""
    [board] = planned({"widgets": [{"type": kind, "properties": properties, **more}]}).dashboards
    [drawn] = board.widgets
    return drawn


def test_a_widget_of_metrics_as_the_cdk_writes_it() -> None:
    errors = ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", "app/web/1"]
    drawn = widget(
        {
            "view": "timeSeries", "title": "People", "region": "eu-central-1", "yAxis": {}, "stat": "Sum",
            "metrics": [
                [{"label": "Share", "expression": "100 * part / whole"}],
                [*REQUESTS, {"stat": "Sum", "id": "whole", "period": 60, "label": "Requests"}],
                [*errors, {"stat": "Sum", "id": "part", "period": 60, "visible": False}],
            ],
            "annotations": {"horizontal": [{"value": 5, "label": "too many"}, [{"value": 1}, {"value": 2}]]},
        },
        width=12,
    )  # fmt: skip
    share, requests = drawn.lines
    assert [line.label for line in drawn.lines] == ["Share", "Requests"]
    assert metric_math.result(share.expression, {"part": 1.0, "whole": 4.0}) == 25.0
    assert {statistic for _, statistic in requests.metrics.values()} == {"Sum"}
    assert (share.period, drawn.width, drawn.title, drawn.undrawn) == (60, 12, "People", ())
    assert drawn.thresholds == (("too many", 5.0), ("", 1.0), ("", 2.0))


def test_a_row_takes_over_what_the_row_before_says() -> None:
    up = ["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", "targetgroup/web/1", "LoadBalancer", "app/web/1"]
    drawn = widget({"metrics": [up, [".", "UnHealthyHostCount", ".", ".", ".", "."], ["...", "app/web/1"]]})
    metrics = [metric for line in drawn.lines for metric, _ in line.metrics.values()]
    names = [metric.name for metric in metrics if not isinstance(metric, LogMetric)]
    assert names == ["HealthyHostCount", "UnHealthyHostCount", "UnHealthyHostCount"]
    assert {line.period for line in drawn.lines} == {300}


@pytest.mark.parametrize(
    ("properties", "kind", "reason"),
    [
        pytest.param({"metrics": [["AWS/RDS", "CPUUtilization"]]}, "metric", "CPUUtilization of AWS/RDS", id="metric"),
        pytest.param({"metrics": [[*REQUESTS, {"stat": "p95"}]]}, "metric", "p95 of RequestCount", id="statistic"),
        pytest.param({"metrics": [[{"expression": "SEARCH('x')"}]]}, "metric", "no arithmetic", id="a search"),
        pytest.param({"metrics": [[*REQUESTS, {"period": 1, "stat": "Sum"}]]}, "metric", "period of 1 s", id="period"),
        pytest.param({"view": "pie", "metrics": []}, "metric", "the view pie", id="view"),
        pytest.param({"stacked": True, "metrics": []}, "metric", "stacked", id="stacked"),
        pytest.param({"query": "fields @message"}, "log", "widgets of type log", id="type"),
        pytest.param({"alarms": ["arn:aws:cloudwatch:x:1:alarm:gone"]}, "alarm", "the alarm gone", id="alarm"),
    ],
)
def test_what_is_not_drawn_is_named(properties: dict[str, Any], kind: str, reason: str) -> None:
    drawn = widget(properties, kind)
    assert not drawn.lines
    assert reason in " ".join(drawn.undrawn)


def test_texts_and_alarms() -> None:
    assert widget({"markdown": "# The site"}, "text").text == "# The site"
    for kind, properties in (("alarm", {"alarms": [ALARM_ARN]}), ("metric", {"annotations": {"alarms": [ALARM_ARN]}})):
        assert [key.rpartition("/")[2] for key in widget(properties, kind).alarms] == ["Alarm"]


def test_widgets_stand_as_they_are_read() -> None:
    places = {"low": (0, 6), "right": (6, 0), "left": (0, 0)}
    body = [
        {"type": "text", "x": x, "y": y, "properties": {"markdown": name}} for name, (x, y) in places.items()
    ]  # fmt: skip
    [board] = planned({"widgets": body}).dashboards
    assert [each.text for each in board.widgets] == ["left", "right", "low"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{", id="no JSON"),
        pytest.param([], id="no object"),
        pytest.param({"widgets": [{"type": "metric", "properties": {"metrics": [7]}}]}, id="a metric that is none"),
    ],
)
def test_a_body_that_cloudwatch_refuses_is_refused(body: object) -> None:
    with pytest.raises(PlanError, match=r"Board \(AWS::CloudWatch::Dashboard\): its"):
        planned(body)


def a_line() -> Line:
    [line] = widget({"metrics": [[*REQUESTS, {"stat": "Sum", "period": 60}]]}).lines
    return line


def points(folder: Path) -> list[list[float]]:
    shown = json.loads((folder / "charts" / "site.points.json").read_text())
    return list(shown["lines"][a_line().key]["points"])


def test_a_line_grows_by_data_points_and_goes_on_with_the_next_clock(tmp_path: Path) -> None:
    line = a_line()
    [(metric, _)] = line.metrics.values()
    samples, drawn = Samples([], [line]), Charts(tmp_path, "site", [line])
    for until, value in ((610, 4), (620, 1), (670, 7)):
        samples.add(metric, until - 1, value)
        drawn.extend(samples, until)
    assert points(tmp_path) == [[600, 5], [660, 7]]
    # Another clock knows no samples of the first; a period without any has no data point.
    samples, drawn = Samples([], [line]), Charts(tmp_path, "site", [line])
    drawn.extend(samples, 730)
    assert points(tmp_path) == [[600, 5], [660, 7]]
    samples.add(metric, 600 + KEPT * 60, 2)
    drawn.extend(samples, 600 + KEPT * 60 + 1)
    assert points(tmp_path) == [[660, 7], [600 + KEPT * 60, 2]]


def test_an_alarm_is_drawn_with_what_it_is_calculated_from() -> None:
    joined, alone = watched(math("100 * part / whole")), watched(single())
    names = [line.label for line in charts.lines([joined, alone], ())]
    assert names == ["site-alarm", "site-alarm", "HTTPCode_ELB_5XX_Count, Sum", "RequestCount, Sum"]


def test_what_is_drawn_goes_with_what_it_is_about(tmp_path: Path) -> None:
    plan = planned({"widgets": []})
    charts.stand(tmp_path, "site", plan.alarms, plan.dashboards)
    Charts(tmp_path, "site", charts.lines(plan.alarms, plan.dashboards)).extend(Samples([]), 60)
    assert len(list((tmp_path / "charts").iterdir())) == 2
    charts.stand(tmp_path, "site", (), ())
    assert not list((tmp_path / "charts").iterdir())
