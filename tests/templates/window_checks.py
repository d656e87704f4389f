"""What must hold for registration windows: prod is larger in them, is what it was after them, and is not deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rehearsal.values import schedule_rules
from settings.registration_window import RegistrationWindow
from tests.templates.pipeline_checks import actions, beyond_its_own, build_spec, environment, project, travelling_commit
from tests.templates.pipeline_checks import variable as written
from tests.templates.runbook import leads_to_the_runbook
from tests.templates.world import (
    PipelineCheck,
    Properties,
    SiteCheck,
    World,
    name_of,
    of_type,
    only,
    pipeline,
    referred,
    rights,
    text,
    wordpress,
)


def moments(window: RegistrationWindow) -> tuple[str, str, str]:
    """Return when capacity is reserved, when the window begins and when it ends, as schedules of UTC."""
    opening = window.opens.replace(tzinfo=ZoneInfo(window.time_zone)).astimezone(UTC)
    begin, end = opening - timedelta(minutes=window.lead), opening + timedelta(minutes=window.cool_down)
    return at(begin - timedelta(hours=6)), at(begin), at(end)


def at(moment: datetime) -> str:
    """Return a moment as a schedule that happens once."""
    return f"at({moment.isoformat().partition('+')[0]})"


def calls(world: World, stack: str, action: str) -> Iterator[tuple[str, Properties, Properties]]:
    """Yield the schedules that call an action of AWS: expression, request, and the schedule itself."""
    template = pipeline(world) if stack == "Pipeline" else wordpress(world, stack)
    for schedule in of_type(template, "Scheduler::Schedule").values():
        if text(schedule["Target"]["Arn"]).endswith(f":scheduler:::aws-sdk:{action}"):
            assert (schedule["State"], schedule["FlexibleTimeWindow"]) == ("ENABLED", {"Mode": "OFF"})
            yield schedule["ScheduleExpression"], json.loads(text(schedule["Target"]["Input"])), schedule


def calls_are_what_services_take(world: World, stage: str) -> None:
    """Check that no schedule of a stage asks AWS for what it would refuse: nobody hears of it before it is due."""
    for name, schedule in of_type(wordpress(world, stage), "Scheduler::Schedule").items():
        resolved = {key: text(schedule["Target"].get(key, "{}")) for key in ("Arn", "Input")}
        assert not list(schedule_rules.schedule({"Target": resolved})), name


def prod_is_larger_in_windows_only(world: World, stage: str) -> None:
    """Check that fewest tasks, least capacity and reserved units rise before a window and fall after it."""
    if stage == "Dev":
        return
    site, prod = wordpress(world, stage), world.settings.prod
    day, capacity, units = [], [], []
    for window in prod.windows:
        size, (reserved, begin, end) = prod.size_in(window), moments(window)
        day += [(begin, size.tasks, prod.task.max), (end, prod.task.min, prod.task.max)]
        capacity += [(begin, size.min_acu), (end, prod.database.min_acu)]
        units += [(reserved, size.units), (end, None)] if size.units else []
    planned = only(site, "ApplicationAutoScaling::ScalableTarget").get("ScheduledActions", [])
    bounds = [
        (each["Schedule"], *(each["ScalableTargetAction"][key] for key in ("MinCapacity", "MaxCapacity")))
        for each in planned
    ]
    assert sorted(bounds) == sorted(day)
    assert {each["Timezone"] for each in planned} <= {"UTC"}
    cluster, balancer = name_of(site, "RDS::DBCluster"), name_of(site, "ElasticLoadBalancingV2::LoadBalancer")
    found = []
    for when, request, schedule in calls(world, stage, "rds:modifyDBCluster"):
        assert request["DbClusterIdentifier"] == f"<{cluster}>" and request["ApplyImmediately"]
        scaling = request["ServerlessV2ScalingConfiguration"]
        assert scaling["MaxCapacity"] == prod.database.max_acu
        found.append((when, scaling["MinCapacity"]))
        [(action, resource)] = rights(site, referred(schedule["Target"]["RoleArn"]))
        assert action == "rds:ModifyDBCluster" and resource.endswith(f":cluster:<{cluster}>")
        assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert sorted(found) == sorted(capacity)
    reservations = []
    for when, request, schedule in calls(world, stage, "elasticloadbalancingv2:modifyCapacityReservation"):
        assert request.pop("LoadBalancerArn") == f"<{balancer}>"
        reset = request == {"ResetCapacityReservation": True}
        reservations.append((when, None if reset else request["MinimumLoadBalancerCapacity"]["CapacityUnits"]))
        assert rights(site, referred(schedule["Target"]["RoleArn"])) == {
            ("elasticloadbalancing:ModifyCapacityReservation", f"<{balancer}>")
        }
        assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert sorted(reservations, key=str) == sorted(units, key=str)


def way_into_prod_is_closed_in_windows(world: World) -> None:
    """Check that the transition into prod closes when a window begins and opens when it is over, and may only that."""
    name = only(pipeline(world), "CodePipeline::Pipeline")["Name"]
    place = world.settings.pipeline
    for action, index in (("disableStageTransition", 1), ("enableStageTransition", 2)):
        found = list(calls(world, "Pipeline", f"codepipeline:{action}"))
        assert [when for when, _, _ in found] == [moments(window)[index] for window in world.settings.prod.windows]
        for _, request, schedule in found:
            # A request that CodePipeline refuses closes nothing, and says so when people register.
            assert not list(schedule_rules.schedule(schedule))
            reason = request.pop("Reason", "")
            assert bool(reason) == (action == "disableStageTransition")
            assert request == {"PipelineName": name, "StageName": "Window", "TransitionType": "Inbound"}
            assert schedule["ScheduleExpressionTimezone"] == "Etc/UTC"
            [(right, resource)] = rights(pipeline(world), referred(schedule["Target"]["RoleArn"]))
            assert right.lower() == f"codepipeline:{action}".lower()
            assert resource == f"arn:aws:codepipeline:{place.region}:{place.account}:{name}/Window"


def transitions_that_stay_as_they_are_are_told(world: World) -> None:
    """Check for an alarm on calls that EventBridge Scheduler has given up, where it closes and opens the way."""
    template = pipeline(world)
    found = [each for each in of_type(template, "CloudWatch::Alarm").values() if each["Namespace"] == "AWS/Scheduler"]
    assert len(found) == bool(world.settings.prod.windows)
    for alarm in found:
        assert (alarm["MetricName"], alarm["Statistic"]) == ("InvocationDroppedCount", "Sum")
        assert alarm["Dimensions"] == [{"Name": "ScheduleGroup", "Value": "default"}]
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
        assert list(map(referred, alarm["AlarmActions"])) == [name_of(template, "SNS::Topic")]
        leads_to_the_runbook(world, alarm["AlarmDescription"])


def prod_is_not_entered_in_a_window(world: World) -> None:
    """Check that a stage before prod asks again, for this commit, by the windows of the settings."""
    windows = world.settings.prod.windows
    if not windows:
        assert "Window.Freeze" not in actions(world)
        return
    [first] = [name for name in actions(world) if name.startswith("Window.")]
    assert first == "Window.Freeze"
    variables = environment(world, first)
    pairs = [
        tuple(each.removeprefix("at(").removesuffix(")") + "Z" for each in moments(window)[1:]) for window in windows
    ]
    assert [tuple(pair) for pair in json.loads(variables["FREEZE_WINDOWS"])] == pairs
    assert variables["FREEZE_COMMIT"] == written(*travelling_commit(world))
    topic = f"<{name_of(pipeline(world), 'SNS::Topic')}>"
    assert variables["FREEZE_TOPIC"] == topic
    parameter = variables["FREEZE_OVERRIDE"]
    place = world.settings.pipeline
    assert beyond_its_own(pipeline(world), project(world, first)) == {
        ("ssm:GetParameter", f"arn:aws:ssm:{place.region}:{place.account}:parameter{parameter}"),
        ("sns:Publish", topic),
    }
    assert parameter == f"/{world.settings.name}/enter-prod-now"
    assert build_spec(project(world, first))["phases"]["build"]["commands"] == [".venv/bin/python -m promotion freeze"]


SITE_CHECKS: tuple[SiteCheck, ...] = (prod_is_larger_in_windows_only, calls_are_what_services_take)
PIPELINE_CHECKS: tuple[PipelineCheck, ...] = (
    way_into_prod_is_closed_in_windows,
    transitions_that_stay_as_they_are_are_told,
    prod_is_not_entered_in_a_window,
)
