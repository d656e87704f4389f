"""Each alarm of the templates, fed the metrics of its own failure and of calm days, as CloudWatch would evaluate it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from rehearsal.fargate.desired.alarm_state import COMPARISONS, Missing, State, evaluation_range, judge
from rehearsal.fargate.desired.metric_math import result
from tests.sections import sections
from tests.templates.faults import copied
from tests.templates.runbook import PAGE, leads_to_the_runbook
from tests.templates.synthesis import Make
from tests.templates.variants import ALL_AT_ONCE, variant
from tests.templates.world import Template, World, of_type, pipeline, text, wordpress

# The values of one period by metric; what is not named has no data point. The last words of a metric's name do.
Period = Mapping[str, float]

# A busy day, and a night in which nobody asks for anything, the database is paused and no mail goes out.
DAY: Period = {
    "RequestCount": 12_000,
    "HTTPCode_ELB_5XX_Count": 3,
    "HTTPCode_Target_5XX_Count": 40,
    "TargetResponseTime": 0.2,
    "HealthyHostCount": 3,
    "UnHealthyHostCount": 0,
    "php-errors": 1,
    "ACUUtilization": 45,
    "DatabaseConnections": 60,
    "PercentIOLimit": 4,
    "DaysToExpiry": 61,
    "scheduled-work": 5,
    "InvocationDroppedCount": 0,
    "Reputation.BounceRate": 0.01,
    "NumberOfBackupJobsCompleted": 2,
    "SuccessPercent": 100,
    "nights": 1,
}
QUIET: dict[str, float] = {
    "HealthyHostCount": 1,
    "UnHealthyHostCount": 0,
    "scheduled-work": 1,
    "NumberOfBackupJobsCompleted": 2,
    "SuccessPercent": 100,
    "nights": 1,
}
BUSY_AND_SHEDDING: Period = {**DAY, "RequestCount": 90_000, "HTTPCode_Target_5XX_Count": 4000, "HealthyHostCount": 5}


def but(**changes: float) -> Period:
    """Return a busy day with other values; ``_`` stands for the hyphen and the dot of a name."""
    names = {re.sub(r"[-.]", "_", name): name for name in DAY}
    return {**DAY, **{names[name]: value for name, value in changes.items()}}


def without(*names: str, of_day: Period = DAY) -> dict[str, float]:
    """Return a day on which some metrics have no data point."""
    return {name: value for name, value in of_day.items() if name not in names}


ALL_GONE = without("RequestCount", "TargetResponseTime", "HTTPCode_Target_5XX_Count", "php-errors") | {
    "HTTPCode_ELB_5XX_Count": 12_000
}

# What each alarm is for: its word in the name, and the periods of a failure.
FAILURES: Mapping[str, Sequence[Period]] = {
    "gone": [
        ALL_GONE | {"HealthyHostCount": 0},
        without("HealthyHostCount", of_day=ALL_GONE),
        QUIET | {"HealthyHostCount": 0},
    ],
    "broken": [but(HTTPCode_ELB_5XX_Count=130), but(HTTPCode_ELB_5XX_Count=12_000)],
    "unhealthy": [but(UnHealthyHostCount=1), QUIET | {"UnHealthyHostCount": 1}],
    "failing": [but(php_errors=6), QUIET | {"php-errors": 400}],
    "waiting": [but(HTTPCode_Target_5XX_Count=700)],
    "slow": [but(TargetResponseTime=2.1)],
    "atmaximum": [but(HealthyHostCount=6)],
    "databasefull": [but(ACUUtilization=100)],
    "connections": [but(DatabaseConnections=1_800)],
    "storage": [but(PercentIOLimit=97)],
    "certificate": [but(DaysToExpiry=29), QUIET | {"DaysToExpiry": 1}],
    "workundone": [but(scheduled_work=0), without("scheduled-work"), without("scheduled-work", of_day=QUIET)],
    "schedules": [but(InvocationDroppedCount=1), QUIET | {"InvocationDroppedCount": 2}],
    "mailsreturned": [but(Reputation_BounceRate=0.06)],
    "notbackedup": [but(NumberOfBackupJobsCompleted=1), without("NumberOfBackupJobsCompleted")],
    "unreachable": [but(SuccessPercent=0), without("SuccessPercent"), without("SuccessPercent", of_day=QUIET)],
    "missed-night": [without("nights"), without("nights", of_day=QUIET)],
}
CALM = {"a busy day": DAY, "a night without anybody": QUIET, "a rush that is shed": BUSY_AND_SHEDDING}


@pytest.fixture(scope="module")
def whole(make: Make) -> World:
    """A site with all that settings offer: with a domain, with mails, of several sizes."""
    return make(variant(*ALL_AT_ONCE))


def alarms(world: World) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each alarm of the templates with its word."""
    templates: Mapping[str, Template] = {
        "dev-": wordpress(world, "Dev"),
        "prod-": wordpress(world, "Prod"),
        "": pipeline(world),
    }
    for infix, template in templates.items():
        for alarm in of_type(template, "CloudWatch::Alarm").values():
            yield alarm["AlarmName"].removeprefix(f"{world.settings.name}-{infix}"), alarm


def data_point(alarm: Mapping[str, Any], period: Period) -> float | None:
    """Return what the alarm sees of one period; None where there is no data."""

    def value(metric: str) -> float | None:
        found = [each for name, each in period.items() if metric == name or metric.endswith(f"-{name}")]
        return found[0] if found else None

    if "Metrics" not in alarm:
        return value(alarm["MetricName"])
    values = {each["Id"]: value(each["MetricStat"]["Metric"]["MetricName"]) for each in alarm["Metrics"][1:]}
    return result(alarm["Metrics"][0]["Expression"], values)


def states(alarm: Mapping[str, Any], periods: Sequence[Period]) -> list[State]:
    """Return the alarm's state at the end of each period, from the first evaluation of a new alarm on."""
    compare, _ = COMPARISONS[alarm["ComparisonOperator"]]
    points = [data_point(alarm, period) for period in periods]
    breaching = [None if point is None else compare(point, alarm["Threshold"]) for point in points]
    looked = evaluation_range(alarm["EvaluationPeriods"])
    found = [State.INSUFFICIENT_DATA]
    for end in range(looked, len(periods) + 1):
        found.append(
            judge(
                breaching[end - looked : end],
                periods=alarm["EvaluationPeriods"],
                to_alarm=alarm["DatapointsToAlarm"],
                missing=Missing(alarm["TreatMissingData"]),
                before=found[-1],
            )
        )
    return found[1:]


def rings_at(alarm: Mapping[str, Any], calm: Period, failure: Period) -> int | None:
    """Return after how many periods of a failure, which follows a calm time, an alarm rings; None: it does not."""
    before = evaluation_range(alarm["EvaluationPeriods"])
    after = states(alarm, [calm] * before + [failure] * (before + 1))[1:]
    return next((number for number, state in enumerate(after, start=1) if state is State.ALARM), None)


def test_the_table_has_each_alarm_of_the_templates(whole: World) -> None:
    assert {word for word, _ in alarms(whole)} == set(FAILURES)


def test_each_alarm_rings_at_its_own_failure_and_is_quiet_again_when_that_is_over(whole: World) -> None:
    faults = []
    for word, alarm in alarms(whole):
        needed = alarm["EvaluationPeriods"]
        for number, failure in enumerate(FAILURES[word]):
            calm = DAY if failure.get("RequestCount") or "RequestCount" in failure else QUIET
            needed_periods = rings_at(alarm, calm, failure)
            # Missing data are believed when no real one is left in the range that is looked at.
            if needed_periods is None or needed_periods > evaluation_range(needed):
                faults.append(f"{word}, failure {number}: rings after {needed_periods} periods")
            over = states(alarm, [failure] * evaluation_range(needed) + [DAY] * evaluation_range(needed))
            if over[-1] is not State.OK:
                faults.append(f"{word}, failure {number}: {over[-1]} when it is over")
    assert faults == []


@pytest.mark.parametrize("calm", CALM.values(), ids=CALM)
def test_no_alarm_rings_in_a_calm_time(whole: World, calm: Period) -> None:
    ringing = [
        word for word, alarm in alarms(whole) if State.ALARM in states(alarm, [calm] * (alarm["EvaluationPeriods"] + 5))
    ]
    assert ringing == []


def test_when_all_tasks_are_gone_somebody_is_told_within_four_minutes(whole: World) -> None:
    """Those that count answers see nothing then: they must not say that they do."""
    gone = without("HealthyHostCount", of_day=ALL_GONE)
    ringing = {word: at for word, alarm in alarms(whole) if (at := rings_at(alarm, DAY, gone)) is not None}
    assert set(ringing) == {"gone"}
    assert ringing["gone"] <= 4
    for word, alarm in alarms(whole):
        claims = re.search(r"\b(gone|no task|none is left)\b", alarm["AlarmDescription"])
        assert not claims or word == "gone" or "another alarm's" in alarm["AlarmDescription"], word


def test_each_message_leads_to_its_paragraph(whole: World) -> None:
    for word, alarm in alarms(whole):
        leads_to_the_runbook(whole, alarm["AlarmDescription"])
        assert alarm["AlarmDescription"].endswith(f"#alarm-{word}")
        assert len(alarm["AlarmDescription"]) <= 1024, "CloudWatch takes no more"
    for template in (wordpress(whole, "Dev"), wordpress(whole, "Prod"), pipeline(whole)):
        for rule in of_type(template, "Events::Rule").values():
            for target in rule["Targets"]:
                leads_to_the_runbook(whole, text(target["InputTransformer"]["InputTemplate"]))


def test_an_alarm_that_rings_at_silence_says_that_it_does_so_before_anything_has_happened(whole: World) -> None:
    """Its stack is deployed before the first figure: who is called then reads that nothing is broken."""
    words = [word for word, alarm in alarms(whole) if alarm["TreatMissingData"] == "breaching"]
    assert len(set(words)) > 4
    untold = {word for word in words if not re.search(r"first\s+deploy", sections(PAGE)[f"alarm-{word}"])}
    assert not untold


@pytest.mark.parametrize(
    ("word", "change"),
    [
        pytest.param("gone", {"TreatMissingData": "notBreaching"}, id="silence is good"),
        pytest.param("gone", {"MetricName": "RequestCount"}, id="another metric"),
        pytest.param("gone", {"Threshold": 0}, id="a threshold that nothing is below"),
        pytest.param("failing", {"Threshold": 1000}, id="a threshold that nothing is above"),
        pytest.param("workundone", {"EvaluationPeriods": 1000, "DatapointsToAlarm": 1000}, id="a day late"),
        pytest.param("connections", {"MetricName": "Connections"}, id="a metric that there is not"),
        pytest.param("atmaximum", {"ComparisonOperator": "LessThanThreshold"}, id="the other way round"),
        pytest.param("certificate", {"TreatMissingData": "breaching"}, id="a figure of once a day that is waited for"),
    ],
)
def test_a_fault_of_an_alarm_is_noticed(whole: World, word: str, change: Mapping[str, Any]) -> None:
    found = next(alarm for each, alarm in alarms(whole) if each == word)
    faulty = {**copied(dict(found)), **change}
    failures = [each for each in FAILURES[word] if "RequestCount" in each or word == "gone"]
    times = [rings_at(faulty, DAY, each) for each in failures]
    calm = [State.ALARM in states(faulty, [each] * 8) for each in CALM.values()]
    assert any(at is None or at > 40 for at in times) or any(calm)
