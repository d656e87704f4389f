"""How many tasks a service has: bounds by the clock, policies by their metrics, cooldowns, deployments, the machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.fargate.desired.alarm_state import State
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.desired.scaling import Scaling
from rehearsal.fargate.desired.watched_metric import BalancerMetric, ServiceMetric
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.plan.target_tracking import (
    Bounds,
    Cooldown,
    Decision,
    Machine,
    Reading,
    bounds,
    carried,
    cooled,
    decide,
    survives,
)
from rehearsal.values.stack import Resource, Stack
from tests.rehearsal.fargate import templates


def predefined(kind: str, label: str | None = None, target: float = 50) -> dict[str, Any]:
    """Return the configuration of a policy on a predefined metric."""
    metric = {"PredefinedMetricType": kind, **({"ResourceLabel": label} if label else {})}
    return {"PredefinedMetricSpecification": metric, "TargetValue": target}


def custom(**metric: Any) -> dict[str, Any]:
    """Return the configuration of a policy on another metric."""
    return {"CustomizedMetricSpecification": {"Statistic": "Sum", **metric}, "TargetValue": 5}


REQUESTS = {
    **predefined("ALBRequestCountPerTarget", "app/web/1/targetgroup/web/1", target=100),
    "ScaleOutCooldown": 60,
    "ScaleInCooldown": 600,
}
CPU = predefined("ECSServiceAverageCPUUtilization")


def tracking(configuration: dict[str, Any], name: str = "requests", **more: Any) -> Resource:
    """Return a policy as the CDK writes it."""
    properties = {
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": "count",
        "TargetTrackingScalingPolicyConfiguration": configuration,
        **more,
    }
    return Resource(f"Policy{name.title()}", "AWS::ApplicationAutoScaling::ScalingPolicy", name, properties, {})


def action(name: str, schedule: str, least: int | None, most: int | None, zone: str = "Europe/Berlin") -> Any:
    """Return a scheduled action as the CDK writes it."""
    chosen = {key: value for key, value in (("MinCapacity", least), ("MaxCapacity", most)) if value is not None}
    return {"ScheduledActionName": name, "Schedule": schedule, "Timezone": zone, "ScalableTargetAction": chosen}


WINDOW = [
    action("raised", "cron(0 9 1 12 ? 2026)", 3, 4),
    action("lowered", "cron(0 11 1 12 ? 2026)", 1, None),
]


def site(*policies: Resource, actions: Any = ..., **target: Any) -> Stack:
    """Return the site with policies and scheduled actions."""
    stack = templates.stack(templates.web(image="app", port=8080))
    for name, value in {"ScheduledActions": actions, **target}.items():
        if value is not ...:
            stack = templates.changed(stack, "Count", (name,), value)
    for policy in policies:
        stack = templates.with_resource(stack, policy)
    return stack


def planned(stack: Stack) -> Plan:
    """Return the plan of a stack."""
    return make_plan(templates.world(stack), stack, templates.Secrets())


def scaling(*policies: Resource, actions: Any = ..., **target: Any) -> Scaling:
    """Return what scales the site's service."""
    [found] = planned(site(*policies, actions=actions, **target)).scalings
    return found


def test_what_scales_a_service_is_planned() -> None:
    found = scaling(tracking(REQUESTS), tracking(CPU, "cpu"))
    assert (found.minimum, found.maximum, found.desired, found.unscaled) == (1, 4, None, ())
    requests, cpu = found.policies
    [(metric, statistic)] = requests.high.metrics.values()
    assert isinstance(metric, BalancerMetric)
    assert (metric.name, statistic) == ("RequestCountPerTarget", "Sum")
    assert [(each.threshold, each.periods, each.to_alarm) for each in (requests.high, requests.low)] == [
        (100, 3, 3),
        (90, 15, 15),
    ]
    assert (requests.out_cooldown, requests.in_cooldown, requests.scales_in) == (60, 600, True)
    [(metric, statistic)] = cpu.high.metrics.values()
    assert metric == ServiceMetric("CPUUtilization", found.service)
    assert (statistic, cpu.out_cooldown, cpu.in_cooldown) == ("Average", 300, 300)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        pytest.param(
            tracking(CPU, PolicyType="StepScaling"), "the policy type StepScaling is not followed here", id="step"
        ),
        pytest.param(
            tracking(custom(Namespace="Own", MetricName="queue")),
            "nothing here measures queue of Own",
            id="a metric of one's own",
        ),
        pytest.param(
            tracking(predefined("ECSServiceAverageCPUUtilizationHighResolution")),
            "ECSServiceAverageCPUUtilizationHighResolution",
            id="another predefined metric",
        ),
    ],
)
def test_a_policy_that_cannot_be_followed_is_named(policy: Resource, reason: str) -> None:
    plan = planned(site(policy))
    [(name, reasons)] = plan.scalings[0].unscaled
    assert (name, plan.scalings[0].policies) == ("requests", ())
    assert reason in reasons
    assert f"policy requests does not scale here: {reasons}." in plan.notes


def test_a_custom_metric_that_is_measured_is_followed() -> None:
    dimensions = [{"Name": "LoadBalancer", "Value": "app/web/1"}]
    own = {
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "RequestCount",
        "Statistic": "Sum",
        "Dimensions": dimensions,
    }
    [policy] = scaling(tracking({"CustomizedMetricSpecification": own, "TargetValue": 5})).policies
    [(metric, _)] = policy.high.metrics.values()
    assert isinstance(metric, BalancerMetric)
    assert metric.name == "RequestCount"


@pytest.mark.parametrize(
    ("stack", "fault"),
    [
        pytest.param(site(actions=[action("all", "daily", 1, 2)]), "schedule 'daily' cannot be read", id="schedule"),
        pytest.param(site(actions=[action("all", "rate(1 day)", 3, 2)]), "all: MinCapacity 3 is above", id="bounds"),
        pytest.param(site(actions=[action("all", "rate(1 day)", None, None)]), "all sets neither", id="nothing"),
        pytest.param(site(tracking({**REQUESTS, "TargetValue": 0})), "TargetValue is 0", id="target"),
        pytest.param(
            site(tracking(REQUESTS), tracking(REQUESTS, "again")),
            "it tracks the metric that .*PolicyRequests .* tracks",
            id="two policies of one metric",
        ),
        pytest.param(
            site(tracking(predefined("ALBRequestCountPerTarget", "web"))),
            "ResourceLabel is 'web'",
            id="label",
        ),
    ],
)
def test_what_application_auto_scaling_refuses_is_refused(stack: Stack, fault: str) -> None:
    with pytest.raises(PlanError, match=fault):
        planned(stack)


def utc(text: str) -> float:
    """Return a moment of universal time; Berlin is an hour before it in winter."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "least", "most"),
    [
        pytest.param("2026-12-01 07:59", 1, 4, id="before"),
        pytest.param("2026-12-01 08:00", 3, 4, id="in the window"),
        pytest.param("2026-12-01 10:00", 1, 4, id="after"),
        pytest.param("2026-10-01 00:00", 1, 4, id="a clock that was put back"),
    ],
)
def test_bounds_are_those_of_the_last_action(now: str, least: int, most: int) -> None:
    found = bounds(scaling(actions=WINDOW), utc("2026-11-01 00:00"), utc(now))
    assert (found.minimum, found.maximum) == (least, most)


def test_an_action_before_the_deployment_does_not_count() -> None:
    assert bounds(scaling(actions=WINDOW), utc("2026-12-01 08:30"), utc("2026-12-01 09:00")).minimum == 1


def test_suspended_actions_do_nothing() -> None:
    found = scaling(actions=WINDOW, SuspendedState={"ScheduledScalingSuspended": True})
    assert bounds(found, utc("2026-11-01 00:00"), utc("2026-12-01 09:00")).minimum == 1


NOW = 10_000.0
OPEN = Bounds(1, 10)


def reading(value: float | None, scaled: Scaling, index: int = 0) -> Reading:
    """Return a policy's metric with the alarms that it gives when it lasts."""
    policy = scaled.policies[index]
    if value is None:
        return Reading(policy, None, State.INSUFFICIENT_DATA, State.INSUFFICIENT_DATA)
    high = State.ALARM if value > policy.target else State.OK
    low = State.ALARM if value < 0.9 * policy.target else State.OK
    return Reading(policy, value, high, low)


ONE, BOTH = scaling(tracking(REQUESTS)), scaling(tracking(REQUESTS), tracking(CPU, "cpu"))


@pytest.mark.parametrize(
    ("count", "values", "cooldown", "wanted"),
    [
        pytest.param(2, [100], Cooldown(), 2, id="at the target"),
        pytest.param(2, [101], Cooldown(), 3, id="rounded up"),
        pytest.param(2, [350], Cooldown(), 7, id="in proportion"),
        pytest.param(4, [900], Cooldown(), 10, id="to the maximum"),
        pytest.param(10, [900], Cooldown(), 10, id="at the maximum"),
        pytest.param(2, [None], Cooldown(), 2, id="no data"),
        pytest.param(4, [95], Cooldown(), 4, id="between the alarms"),
        pytest.param(4, [10], Cooldown(), 3, id="in by one"),
        pytest.param(2, [80], Cooldown(), 2, id="one fewer would be too few"),
        pytest.param(1, [1], Cooldown(), 1, id="at the minimum"),
        pytest.param(0, [None], Cooldown(), 1, id="below the minimum"),
        pytest.param(12, [None], Cooldown(), 10, id="above the maximum"),
        pytest.param(4, [150], Cooldown(NOW - 59, 60, base=2), 4, id="cools down after an addition"),
        pytest.param(4, [150], Cooldown(NOW - 60, 60, base=2), 6, id="has cooled down after an addition"),
        pytest.param(4, [350], Cooldown(NOW - 59, 60, base=2), 7, id="a larger addition does not wait"),
        pytest.param(4, [10], Cooldown(in_at=NOW - 599, in_seconds=600), 4, id="cools down after a removal"),
        pytest.param(4, [10], Cooldown(in_at=NOW - 600, in_seconds=600), 3, id="has cooled down after a removal"),
        pytest.param(4, [120], Cooldown(in_at=NOW - 1, in_seconds=600), 5, id="out does not wait for in"),
        pytest.param(4, [10], Cooldown(in_at=NOW + 9, in_seconds=600), 3, id="a clock that was put back"),
        pytest.param(2, [150, 200], Cooldown(), 8, id="the policy that wants most"),
        pytest.param(4, [10, 60], Cooldown(), 5, id="out though one could go in"),
        pytest.param(4, [10, 48], Cooldown(), 4, id="in only if all agree"),
        pytest.param(4, [10, None], Cooldown(), 4, id="in only with all data"),
        pytest.param(4, [10, 30], Cooldown(), 3, id="all agree"),
    ],
)
def test_target_tracking(count: int, values: list[float | None], cooldown: Cooldown, wanted: int) -> None:
    scaled = ONE if len(values) == 1 else BOTH
    readings = [reading(value, scaled, index) for index, value in enumerate(values)]
    decision = decide(scaled, count, OPEN, readings=readings, cooldown=cooldown, now=NOW)
    assert (decision.count if decision else count) == wanted
    assert decision is None or decision.count != count


@pytest.mark.parametrize(
    ("suspended", "value"),
    [
        pytest.param("DynamicScalingOutSuspended", 900, id="out"),
        pytest.param("DynamicScalingInSuspended", 10, id="in"),
    ],
)
def test_what_is_suspended_is_not_done(suspended: str, value: float) -> None:
    scaled = scaling(tracking(REQUESTS), SuspendedState={suspended: True})
    assert decide(scaled, 4, OPEN, readings=[reading(value, scaled)], cooldown=Cooldown(), now=NOW) is None


def test_a_policy_that_does_not_scale_in_does_not() -> None:
    scaled = scaling(tracking({**REQUESTS, "DisableScaleIn": True}))
    assert decide(scaled, 4, OPEN, readings=[reading(10, scaled)], cooldown=Cooldown(), now=NOW) is None
    # What one policy does not do, it does not keep another from doing.
    both = scaling(tracking({**REQUESTS, "DisableScaleIn": True}), tracking(CPU, "cpu"))
    readings = [reading(95, both), reading(10, both, 1)]
    decision = decide(both, 4, OPEN, readings=readings, cooldown=Cooldown(), now=NOW)
    assert decision is not None
    assert decision.count == 3


def test_cooldowns_begin_with_what_was_done() -> None:
    [policy] = ONE.policies
    added = cooled(Cooldown(in_at=NOW - 5, in_seconds=600), Decision(4, "", policy), 2, NOW)
    assert added == Cooldown(NOW, 60, base=2), "the cooldown of a removal does not complete"
    more = cooled(added, Decision(7, "", policy), 4, NOW + 30)
    assert more == Cooldown(NOW + 30, 60, base=2), "what cools down is counted from where it began"
    fewer = cooled(more, Decision(6, "", policy), 7, NOW + 900)
    assert fewer == replace(more, in_at=NOW + 900, in_seconds=600)
    assert cooled(fewer, Decision(9, "by the minimum"), 6, NOW) == fewer, "bounds have no cooldown"


@pytest.mark.parametrize(
    ("template", "before", "count", "kept"),
    [
        pytest.param(None, None, 5, 5, id="the template has none"),
        pytest.param(2, 2, 5, 5, id="the template's own has not changed"),
        pytest.param(3, 2, 5, 3, id="the template's own has changed"),
        pytest.param(2, 2, None, 2, id="the first deployment"),
        pytest.param(None, 2, 5, 5, id="the template's own is gone"),
        pytest.param(None, None, 12, 10, id="the bounds have"),
    ],
)
def test_a_scaled_number_outlives_a_deployment(
    template: int | None, before: int | None, count: int | None, kept: int
) -> None:
    scaled = replace(ONE, desired=template)
    assert survives(scaled, template or 1, count, before, OPEN) == kept


@pytest.mark.parametrize(
    ("wanted", "running", "machine", "count", "reason"),
    [
        pytest.param(4, 1, Machine(2, 8000), 4, "", id="all"),
        pytest.param(9, 1, Machine(2, 24000), 8, "this machine has 2 cores, which carry 8 vCPU", id="cores"),
        pytest.param(4, 1, Machine(2, 2600), 3, "this machine has 2600 MiB free", id="memory"),
        pytest.param(4, 2, Machine(2, 100), 2, "this machine has 100 MiB free", id="no more than run"),
        pytest.param(11, 10, Machine(1, 24000), 10, "this machine has 1 cores", id="none is taken away"),
    ],
)
def test_a_machine_carries_so_many(wanted: int, running: int, machine: Machine, count: int, reason: str) -> None:
    possible = carried(wanted, running, 1024, 1024, machine)
    assert possible.count == count
    assert reason in possible.cause
