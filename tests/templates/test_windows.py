"""Registration windows in the templates, and each fault of them that would let the minute come unprepared."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.templates.checks import check_all
from tests.templates.faults import Fault, copied, drop, put, put_variable, remove
from tests.templates.synthesis import Make
from tests.templates.variants import WINDOWS, variant
from tests.templates.world import PIPELINE, World

SITE = "FloodgatePipeline/Prod/WordPress"
TASKS = "ApplicationAutoScaling::ScalableTarget"
# CodePipeline takes no colon in a reason.
REFUSED = {
    **{"PipelineName": "floodgate", "StageName": "Window", "TransitionType": "Inbound"},
    "Reason": "Registration opens at 17:00",
}
FIRST, SECOND = "209902011700", "209907010700"


@pytest.fixture(scope="module")
def changed(make: Make) -> World:
    """Two windows, of which the first wants capacity of the load balancer, too."""
    return make(variant(WINDOWS))


def test_all_checks_hold(changed: World) -> None:
    check_all(changed)


@pytest.mark.parametrize(
    ("stack", "fault"),
    [
        (SITE, put(TASKS, "ScheduledActions.0.ScalableTargetAction.MinCapacity", 2)),
        (SITE, put(TASKS, "ScheduledActions.0.Schedule", "at(2099-02-01T17:00:00)")),
        (SITE, put(TASKS, "ScheduledActions.0.Timezone", "Europe/Berlin")),
        (SITE, put(TASKS, "ScheduledActions.1.ScalableTargetAction.MaxCapacity", 4)),
        (SITE, drop(TASKS, "ScheduledActions.1")),
        (SITE, drop(TASKS, "ScheduledActions.2")),
        (SITE, remove(f"Scheduler::Schedule/Window{FIRST}Raised")),
        (SITE, remove(f"Scheduler::Schedule/Window{FIRST}Dropped")),
        (SITE, remove(f"Scheduler::Schedule/Window{FIRST}ReservedUnits")),
        (SITE, remove(f"Scheduler::Schedule/Window{FIRST}DroppedUnits")),
        (SITE, put(f"Scheduler::Schedule/Window{FIRST}Raised", "State", "DISABLED")),
        (SITE, put(f"Scheduler::Schedule/Window{FIRST}Raised", "ScheduleExpressionTimezone", "Europe/Berlin")),
        (SITE, put(f"Scheduler::Schedule/Window{FIRST}ReservedUnits", "ScheduleExpression", "at(2099-02-01T16:59:00)")),
        (SITE, put(f"Scheduler::Schedule/Window{SECOND}Dropped", "Target.Input", '{"DbClusterIdentifier": "another"}')),
        (PIPELINE, remove(f"Scheduler::Schedule/Freeze{FIRST}Enabled")),
        (PIPELINE, remove(f"Scheduler::Schedule/Freeze{SECOND}Disabled")),
        (PIPELINE, put(f"Scheduler::Schedule/Freeze{FIRST}Disabled", "ScheduleExpression", "at(2099-02-01T17:00:00)")),
        (PIPELINE, put(f"Scheduler::Schedule/Freeze{FIRST}Enabled", "Target.Input", '{"StageName": "Dev"}')),
        (PIPELINE, put(f"Scheduler::Schedule/Freeze{FIRST}Disabled", "Target.Input", json.dumps(REFUSED))),
        (PIPELINE, remove("CloudWatch::Alarm/FreezeSchedules")),
        (PIPELINE, put("CloudWatch::Alarm/FreezeSchedules", "AlarmActions", [])),
        (PIPELINE, put_variable("CodeBuild::Project/PipelineWindowFreeze", "FREEZE_WINDOWS", "[]")),
        (PIPELINE, put_variable("CodeBuild::Project/PipelineWindowFreeze", "FREEZE_OVERRIDE", "/another")),
        (PIPELINE, put_variable("CodeBuild::Project/PipelineWindowFreeze", "FREEZE_TOPIC", "arn:aws:sns:another")),
    ],
    ids=str,
)
def test_fault_is_noticed(changed: World, stack: str, fault: Fault) -> None:
    template = copied(changed.templates[stack])
    fault.change(template)
    with pytest.raises((AssertionError, KeyError)):
        check_all(replace(changed, templates={**changed.templates, stack: template}))


def test_a_window_changes_nothing_else(changed: World, reference: World) -> None:
    """Compare with the same settings without windows: schedules and their roles alone are more."""

    def kinds(world: World, stack: str) -> dict[str, str]:
        return {name: each["Type"] for name, each in world.templates[stack]["Resources"].items()}

    more = set(kinds(changed, SITE).items()) - set(kinds(reference, SITE).items())
    assert {kind for _, kind in more} == {"AWS::Scheduler::Schedule", "AWS::IAM::Role", "AWS::IAM::Policy"}
    assert set(kinds(reference, SITE)) <= set(kinds(changed, SITE))


def test_capacity_that_can_no_longer_be_reserved_is_no_schedule() -> None:
    """A schedule for a moment that is past would be refused, and with it the whole stack."""
    from stages.windows import window_changes

    settings = variant(WINDOWS)

    def names(now: datetime) -> list[str]:
        return [change.name for change in window_changes(settings.current(now).prod)]

    moment = settings.prod.windows[0].reserved
    whole = names(moment - timedelta(seconds=1))
    assert f"{FIRST}Reserved" in whole
    assert names(moment) == [name for name in whole if name != f"{FIRST}Reserved"]
