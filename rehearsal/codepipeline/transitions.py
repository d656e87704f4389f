"""Whether the way into a stage is closed: by the schedules of the pipeline's stack that close and open it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.timetable import Timetable
from rehearsal.fargate.plan.lookup import Found
from rehearsal.fargate.plan.schedule import SCHEDULE, enabled, own_timetable
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Stack

_CALLS = {
    f"arn:aws:scheduler:::aws-sdk:codepipeline:{name}StageTransition": name == "disable"
    for name in ("disable", "enable")
}


def closed(stack: Stack, pipeline: str, stage: str, now: float) -> str | None:
    """Return why nothing enters a stage at a moment, by what fired last before it; None where the way is open.

    Raise ``ActionFailed`` for a schedule that the service would refuse.
    """
    fired = [
        (moment, closes, str(request.get("Reason", "")))
        for request, closes, table in _calls(stack)
        if (request["PipelineName"], request["StageName"]) == (pipeline, stage)
        and (moment := table.last_until(now, 0.0)) is not None
    ]
    if not fired:
        return None
    _, closes, reason = max(fired)
    return reason if closes else None


def timetables(stack: Stack) -> Iterator[tuple[str, Timetable]]:
    """Yield what becomes of the ways into stages, in words, and when.

    Raise ``ActionFailed`` for a schedule that the service would refuse.
    """
    for request, closes, table in _calls(stack):
        yield f"{stack.name}: the way into {request['StageName']} {'closes' if closes else 'opens'}", table


def _calls(stack: Stack) -> Iterator[tuple[dict[str, str], bool, Timetable]]:
    """Yield each call's request, whether it closes the way, and when it is made."""
    for schedule in stack.of_type(SCHEDULE):
        target = schedule.properties["Target"]
        if target["Arn"] not in _CALLS or not enabled(Found(stack, schedule)):
            continue
        request = json.loads(target["Input"])
        if request["TransitionType"] != "Inbound":
            raise ActionFailed(
                f"{schedule.logical_id}: a transition out of {request['StageName']} is not rehearsed; known is Inbound"
            )
        try:
            table = own_timetable(Found(stack, schedule))
        except PlanError as error:
            raise ActionFailed(error.message) from None
        # A rate would begin when the schedule was made, which a rehearsal does not keep.
        if table.rate:
            raise ActionFailed(
                f"{schedule.logical_id}: a rate closes and opens no transition here; known are at and cron"
            )
        yield request, _CALLS[target["Arn"]], table
