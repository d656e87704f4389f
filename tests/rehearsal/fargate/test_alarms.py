"""Alarms: what of them is watched, what their data points are, and the state that CloudWatch would give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from containers.checkout import Context
from containers.file_lock import file_lock
from rehearsal.fargate.desired import metric_math
from rehearsal.fargate.desired.alarm import Alarm, Unwatched
from rehearsal.fargate.desired.alarm_state import Missing, State, evaluation_range, judge
from rehearsal.fargate.desired.data_points import Samples, breaching
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.watched_metric import BalancerMetric, LogMetric
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.alarm_watch import AlarmState
from rehearsal.fargate.stand.balancer_metrics import Counts, parse_counts
from rehearsal.fargate.stand.deployment_alarms import DeploymentAlarms
from rehearsal.values.stack import Resource, Stack
from tests.rehearsal.fargate import templates

TOPIC = "arn:aws:sns:eu-central-1:222222222222:alarms"


def points(text: str) -> list[bool | None]:
    """Read data points: ``X`` breaches, ``0`` does not, ``-`` is missing; the last is the newest."""
    return [{"X": True, "0": False, "-": None}[each] for each in text]


# The two tables of "Configuring how CloudWatch alarms treat missing data", for 3 evaluation periods, and what its text
# says beside them. The state before is INSUFFICIENT_DATA, which nothing but "keeps its state" gives for ``ignore``.
OK, ALARM, KEPT = State.OK, State.ALARM, State.INSUFFICIENT_DATA


@pytest.mark.parametrize(
    ("data", "to_alarm", "states"),
    [
        pytest.param("XXXXX", 3, (ALARM, ALARM, ALARM, ALARM), id="3 of 3, all breach"),
        pytest.param("XX00X", 3, (OK, OK, OK, OK), id="3 of 3, some breach"),
        pytest.param("XX000", 3, (OK, OK, OK, OK), id="3 of 3, it is over"),
        pytest.param("0-X-X", 3, (OK, OK, OK, OK), id="3 of 3, enough real points"),
        pytest.param("----0", 3, (OK, OK, OK, OK), id="3 of 3, one good point"),
        pytest.param("-----", 3, (KEPT, KEPT, ALARM, OK), id="3 of 3, nothing"),
        pytest.param("0XX-X", 3, (ALARM, ALARM, ALARM, ALARM), id="3 of 3, real points further back"),
        pytest.param("--X--", 3, (ALARM, KEPT, ALARM, OK), id="3 of 3, one bad point that is old enough"),
        pytest.param("----X", 3, (KEPT, KEPT, ALARM, OK), id="3 of 3, one bad point that is new"),
        pytest.param("---X-", 3, (KEPT, KEPT, ALARM, OK), id="3 of 3, one bad point of yesterday"),
        pytest.param("0-X-X", 2, (ALARM, ALARM, ALARM, ALARM), id="2 of 3, enough real points"),
        pytest.param("00X0X", 2, (ALARM, ALARM, ALARM, ALARM), id="2 of 3, nothing is missing"),
        pytest.param("0-X--", 2, (OK, OK, ALARM, OK), id="2 of 3, one good, one bad"),
        pytest.param("----0", 2, (OK, OK, ALARM, OK), id="2 of 3, one good point"),
        pytest.param("---X-", 2, (ALARM, KEPT, ALARM, OK), id="2 of 3, one bad point that is old enough"),
        pytest.param("X---0", 1, (ALARM, ALARM, ALARM, ALARM), id="1 of 3, all real points count"),
    ],
)
def test_the_state_of_an_alarm(data: str, to_alarm: int, states: tuple[State, ...]) -> None:
    assert len(data) == evaluation_range(3)
    modes = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)
    got = [judge(points(data), periods=3, to_alarm=to_alarm, missing=mode, before=KEPT) for mode in modes]
    assert dict(zip(modes, got, strict=True)) == dict(zip(modes, states, strict=True))


@pytest.mark.parametrize("before", list(State))
def test_an_alarm_that_ignores_missing_data_keeps_its_state(before: State) -> None:
    assert judge(points("-----"), periods=3, to_alarm=3, missing=Missing.IGNORE, before=before) is before


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        pytest.param("100 * part / whole", 25.0, id="per cent"),
        pytest.param("part + whole * 2", 45.0, id="precedence"),
        pytest.param("(part + whole) * -2", -50.0, id="parentheses and sign"),
        pytest.param("part - whole / 4 - 0.5", -0.5, id="from left to right"),
        pytest.param("part / (whole - 20)", None, id="division by zero"),
        pytest.param("part + absent", None, id="an operand without data"),
    ],
)
def test_metric_math(expression: str, value: float | None) -> None:
    assert metric_math.result(expression, {"part": 5.0, "whole": 20.0, "absent": None}) == value


@pytest.mark.parametrize(
    "expression",
    ["SUM([a, b])", "a ^ b", "a > 1", "a +", "IF(a, 1, 0)", "'a'", "True + a", "a; b"],
)
def test_what_is_no_arithmetic_is_told(expression: str) -> None:
    with pytest.raises(ValueError, match=r"no arithmetic|cannot be read"):
        metric_math.ids(expression)


def dimensions(*, group: bool = False) -> list[dict[str, str]]:
    """Return the dimensions of the site's load balancer, or of its target group."""
    found = [{"Name": "LoadBalancer", "Value": "app/web/1"}]
    return found + ([{"Name": "TargetGroup", "Value": "targetgroup/web/1"}] if group else [])


def without(properties: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != name}


def single(metric: str = "UnHealthyHostCount", statistic: str = "Maximum", **more: Any) -> dict[str, Any]:
    """Return an alarm on one metric as the CDK writes it."""
    return {
        "AlarmName": "site-alarm",
        "Namespace": "AWS/ApplicationELB",
        "MetricName": metric,
        "Dimensions": dimensions(group=metric.endswith("HostCount")),
        "Period": 60,
        "Statistic": statistic,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 3,
        "TreatMissingData": "notBreaching",
        **more,
    }


def math(expression: str, *more: dict[str, Any], period: int = 60, **properties: Any) -> dict[str, Any]:
    """Return an alarm on an expression of the load balancer's own errors and its requests."""
    stats = [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions()},
                "Period": period,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for name, metric in (("part", "HTTPCode_ELB_5XX_Count"), ("whole", "RequestCount"))
    ]
    own = single(Metrics=[{"Id": "expr_1", "Expression": expression}, *stats, *more], **properties)
    for name in ("Namespace", "MetricName", "Dimensions", "Period", "Statistic"):
        del own[name]
    return own


def with_alarm(properties: dict[str, Any], stack: Stack | None = None) -> Stack:
    """Return the site with an alarm."""
    stack = stack or templates.stack(templates.web(image="app", port=8080))
    return templates.with_resource(stack, Resource("Alarm", "AWS::CloudWatch::Alarm", "site-alarm", properties, {}))


def planned(stack: Stack) -> Alarm | Unwatched:
    """Return what the plan makes of the site's only alarm."""
    plan = make_plan(templates.world(stack), stack, templates.Secrets())
    found: list[Alarm | Unwatched] = [*plan.alarms, *plan.unwatched]
    [alarm] = found
    return alarm


def watched(properties: dict[str, Any], stack: Stack | None = None) -> Alarm:
    """Return the alarm, which is watched."""
    found = planned(with_alarm(properties, stack))
    assert isinstance(found, Alarm), found
    return found


def test_an_alarm_on_one_metric() -> None:
    alarm = watched(single())
    [(metric, statistic)] = alarm.metrics.values()
    assert isinstance(metric, BalancerMetric)
    assert (metric.name, metric.balancer.logical_id, statistic) == ("UnHealthyHostCount", "Balancer", "Maximum")
    assert metric.group
    assert metric.group.logical_id == "Targets"
    assert (alarm.period, alarm.periods, alarm.to_alarm, alarm.missing) == (60, 3, 3, Missing.NOT_BREACHING)


def test_an_alarm_on_an_expression_of_expressions() -> None:
    alarm = watched(math("100 * share", {"Id": "share", "Expression": "part / whole", "ReturnData": False}))
    assert set(alarm.metrics) == {"part", "whole"}
    assert metric_math.result(alarm.expression, {"part": 1.0, "whole": 4.0}) == 25.0


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        pytest.param(
            without(single("TargetResponseTime", ExtendedStatistic="p95"), "Statistic"),
            "p95 of TargetResponseTime",
            id="percentile",
        ),
        pytest.param(single("TargetResponseTime", "Average"), "TargetResponseTime of a load", id="response time"),
        pytest.param(
            single("ACUUtilization", Namespace="AWS/RDS", Dimensions=[]), "ACUUtilization of AWS/RDS", id="database"
        ),
        pytest.param(single("RequestCount", "Average"), "Average of RequestCount", id="statistic"),
        pytest.param(single(Dimensions=dimensions()), "a target group's", id="group's metric without a group"),
        pytest.param(
            single("HTTPCode_ELB_5XX_Count", "Sum", Dimensions=dimensions(group=True)),
            "a load balancer's",
            id="balancer's metric with a group",
        ),
        pytest.param(
            single("RequestCount", "Sum", Dimensions=[{"Name": "LoadBalancer", "Value": "app/other/2"}]),
            "name no load balancer",
            id="a load balancer that is not there",
        ),
        pytest.param(math("FILL(part, 0) / whole"), "FILL", id="function of metric math"),
        pytest.param(math("part / nothing"), "'nothing'", id="unknown id"),
        pytest.param(math("100 * expr_1"), "itself", id="circle"),
        pytest.param(
            without(single(ComparisonOperator="GreaterThanUpperThreshold", ThresholdMetricId="band"), "Threshold"),
            "a band",
            id="band",
        ),
    ],
)
def test_what_is_not_measured_is_named(properties: dict[str, Any], reason: str) -> None:
    stack = with_alarm(properties)
    found = planned(stack)
    assert isinstance(found, Unwatched)
    assert reason in found.reason
    notes = make_plan(templates.world(stack), stack, templates.Secrets()).notes
    assert f"alarm site-alarm is not watched here: {found.reason}." in notes


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        pytest.param(single(DatapointsToAlarm=4), "DatapointsToAlarm is 4", id="more to alarm than periods"),
        pytest.param(single(TreatMissingData="guess"), "TreatMissingData is 'guess'", id="missing data"),
        pytest.param(
            math("part", {"Id": "also", "Expression": "whole"}), "2 of its Metrics have ReturnData", id="two results"
        ),
    ],
)
def test_what_cloudwatch_refuses_is_refused(properties: dict[str, Any], fault: str) -> None:
    with pytest.raises(PlanError, match=fault):
        planned(with_alarm(properties))


def logged(
    pattern: str = '"work: done"', run_by: Callable[[Stack], Stack] = templates.scheduled, **transformation: Any
) -> Stack:
    """Return the site with a task that a schedule or a rule runs, and a metric filter on what that prints."""
    stack = run_by(templates.stack(templates.web(image="app", port=8080)))
    stack = templates.logging(stack, "Work", 0, "work")
    metric = {"MetricName": "done", "MetricNamespace": "Site", "MetricValue": "1", **transformation}
    properties = {"LogGroupName": "work", "FilterPattern": pattern, "MetricTransformations": [metric]}
    return templates.with_resource(stack, Resource("Filter", "AWS::Logs::MetricFilter", "filter", properties, {}))


DONE = single("done", "Sum", Namespace="Site", Dimensions=[])


@pytest.mark.parametrize("run_by", [templates.scheduled, templates.ruled], ids=["schedule", "rule"])
def test_an_alarm_on_what_a_scheduled_task_prints(run_by: Callable[[Stack], Stack]) -> None:
    [(metric, _)] = watched(DONE, logged('"work: done" well', run_by, DefaultValue=0)).metrics.values()
    assert isinstance(metric, LogMetric)
    assert [(key.logical_id, container) for key, container in metric.sources] == [("Schedule", "work")]
    assert (metric.terms, metric.value, metric.default) == (("work: done", "well"), 1.0, 0.0)


ANSWERS = (
    '{"status":500,"php_status":"500"}',
    '{"status":200,"php_status":"530 : 500"}',
    '{"status":503,"php_status":"503"}',
    '{"status":503,"php_status":"","php_asked":1,"seconds":0.25}',
    '{"status":200,"php_asked":1,"seconds":2}',
    '{"status":200,"php_asked":1,"seconds":"-"}',
    '{"status":200,"php_asked":0,"seconds":1}',
    "PHP Fatal error: 500",
    "[500]",
)


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        pytest.param('{ $.php_status = "*500" }', [1.0, 1.0], id="the end of a text"),
        pytest.param("{ $.status = 503 }", [1.0, 1.0], id="a number"),
        pytest.param("{$.status=404}", [0.0], id="what is not there"),
        pytest.param('"500"', [1.0] * 4, id="a phrase"),
        pytest.param("{ $.php_asked = 1 }", [0.25, 2.0], id="the value of a field"),
    ],
)
def test_an_alarm_on_what_a_service_prints(pattern: str, values: list[float]) -> None:
    stack = logged(pattern, DefaultValue=0, MetricValue="$.seconds" if "asked" in pattern else "1")
    stack = templates.logging(stack, "Task", 1, "site")
    stack = templates.changed(stack, "Filter", ("LogGroupName",), "site")
    [(metric, _)] = watched(DONE, stack).metrics.values()
    assert isinstance(metric, LogMetric)
    assert [(key.logical_id, container) for key, container in metric.sources] == [("Service", "web")]
    assert metric.values(ANSWERS) == values
    assert metric.values(()) == []


@pytest.mark.parametrize(
    ("stack", "reason"),
    [
        pytest.param(logged("{ $.done = true && $.ok = 1 }"), "the pattern", id="two fields of JSON"),
        pytest.param(logged('{ $.done = "%yes%" }'.replace("%", "?")), "the pattern", id="one letter of a field"),
        pytest.param(logged("?done ?well"), "the pattern", id="one of several"),
        pytest.param(logged(MetricValue="$bytes"), "takes its value from the line", id="value of the line"),
        pytest.param(
            templates.changed(logged(), "Filter", ("LogGroupName",), "other"), "reads the log group other", id="group"
        ),
    ],
)
def test_a_metric_filter_that_is_not_read_is_named(stack: Stack, reason: str) -> None:
    found = planned(with_alarm(DONE, stack))
    assert isinstance(found, Unwatched)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("enabled", "notified"),
    [
        pytest.param(True, {"ALARM": ("a@example.org", "b@example.org")}, id="enabled"),
        pytest.param(False, {}, id="disabled"),
    ],
)
def test_who_is_told(enabled: bool, notified: dict[str, tuple[str, ...]]) -> None:
    stack = templates.stack(templates.web(image="app", port=8080))
    inline = {"Subscription": [{"Protocol": "email", "Endpoint": "a@example.org"}]}
    beside = {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "b@example.org"}
    queue = {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": "queue"}
    for resource in (
        Resource("Topic", "AWS::SNS::Topic", TOPIC, inline, {}),
        Resource("Person", "AWS::SNS::Subscription", "person", beside, {}),
        Resource("Queue", "AWS::SNS::Subscription", "queue", queue, {}),
    ):
        stack = templates.with_resource(stack, resource)
    alarm = watched(single(AlarmActions=[TOPIC], OKActions=["arn:other"], ActionsEnabled=enabled), stack)
    assert {state: tuple(sorted(addresses)) for state, addresses in alarm.notified.items()} == notified


def samples(alarm: Alarm, **values: list[tuple[float, float]]) -> Samples:
    """Return samples of an alarm's metrics by id, each a moment and a value."""
    made = Samples([alarm])
    for name, pairs in values.items():
        for at, value in pairs:
            made.add(alarm.metrics[name][0], at, value)
    return made


@pytest.mark.parametrize(
    ("statistic", "data_points"),
    [
        pytest.param("Maximum", [None, None, 2.0, None, 3.0], id="maximum"),
        pytest.param("Minimum", [None, None, 0.0, None, 3.0], id="minimum"),
        pytest.param("Average", [None, None, 1.0, None, 3.0], id="average"),
    ],
)
def test_samples_are_summed_to_periods(statistic: str, data_points: list[float | None]) -> None:
    alarm = watched(single(statistic=statistic))
    made = samples(alarm, m=[(119.0, 9.0), (120.0, 2.0), (179.9, 0.0), (240.0, 3.0), (300.0, 9.0)])
    assert made.data_points(alarm, 300) == [None, 9.0, *data_points[2:]]


def test_an_expression_has_data_where_all_its_metrics_have() -> None:
    alarm = watched(math("100 * part / whole", period=10))
    made = samples(alarm, part=[(30.0, 1.0), (40.0, 2.0)], whole=[(20.0, 4.0), (30.0, 4.0), (35.0, 4.0)])
    assert made.data_points(alarm, 50) == [None, None, None, 12.5, None]
    assert breaching(replace(alarm, threshold=12), [None, 12.5, 12.0]) == [None, True, False]


def test_haproxy_statistics_are_read() -> None:
    counts = parse_counts(
        "# pxname,svname,status,req_tot,hrsp_5xx,\n"
        "listener-80,FRONTEND,OPEN,90,7,\n"
        "web,a1,UP 1/2,,5,\nweb,a1-open,no check,,0,\nweb,b2,DOWN,,0,\nweb,c3,MAINT,,0,\nweb,BACKEND,UP,80,7,\n"
        "\n\n"
        "# table: web, type: integer, size:1, used:1\n0x55d: key=0 use=0 exp=0 shard=0 gpc0=5\n\n"
        "# table: idle, type: integer, size:1, used:0\n\n"
    )
    assert counts == Counts({"web": 80}, {"web": 5, "idle": 0}, 7, {"web": 1}, {"web": 1})


@pytest.mark.parametrize(
    ("alarms", "planned_alarms", "rollback", "noted"),
    [
        pytest.param(
            {"Enable": True, "Rollback": True, "AlarmNames": ["site-alarm"]}, ("site-alarm",), True, False, id="on"
        ),
        pytest.param(
            {"Enable": True, "Rollback": False, "AlarmNames": ["else"]}, ("else",), False, True, id="elsewhere"
        ),
        pytest.param({"Enable": False, "Rollback": True, "AlarmNames": ["site-alarm"]}, (), True, False, id="off"),
    ],
)
def test_the_alarms_of_a_deployment(
    alarms: dict[str, Any], planned_alarms: tuple[str, ...], rollback: bool, noted: bool
) -> None:
    stack = templates.changed(with_alarm(single()), "Service", ("DeploymentConfiguration", "Alarms"), alarms)
    plan = make_plan(templates.world(stack), stack, templates.Secrets())
    [service] = plan.services
    assert (service.alarms, service.alarm_rollback) == (planned_alarms, rollback)
    assert any("no alarm else, which fail nothing here" in note for note in plan.notes) is noted


@pytest.mark.parametrize(
    ("states", "ringing", "heeded"),
    [
        pytest.param(("OK", "INSUFFICIENT_DATA"), [], ["first", "second"], id="none rings"),
        pytest.param(("ALARM", "OK"), ["first"], [], id="one rings already"),
    ],
)
def test_where_an_alarm_rings_already_a_deployment_heeds_none(
    tmp_path: Path, states: tuple[str, str], ringing: list[str], heeded: list[str]
) -> None:
    context = Context(tmp_path, ("docker",), {}, print, lambda *_: "")
    one = watched(single())
    alarms = [replace(one, key=replace(one.key, logical_id=name), name=name) for name in ("first", "second")]
    folder = context.state / "clocks" / "site"
    folder.mkdir(parents=True)
    (folder / "order").write_text(json.dumps({"alarms": [str(alarm.key) for alarm in alarms]}))
    found = [AlarmState(str(a.key), a.name, state, 0.0, "") for a, state in zip(alarms, states, strict=True)]
    (context.state / "alarms.json").write_text(json.dumps([vars(each) for each in found]))
    deployment = DeploymentAlarms(context, alarms)
    with file_lock(folder / "lock"):
        assert deployment.begin() == ringing
    assert deployment.later_than(0) == heeded
