"""Whether the way into a stage is closed: by the schedules of the pipeline's stack that close and open it."""

from __future__ import annotations

import json

from rehearsal.fargate.desired.errors import PlanError
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
    calls = []
    for schedule in stack.of_type(SCHEDULE):
        properties = schedule.properties
        target = properties["Target"]
        if target["Arn"] not in _CALLS or not enabled(Found(stack, schedule)):
            continue
        request = json.loads(target["Input"])
        if (request["PipelineName"], request["StageName"]) != (pipeline, stage):
            continue
        if request["TransitionType"] != "Inbound":
            raise ActionFailed(f"{schedule.logical_id}: a transition out of {stage} is not rehearsed; known is Inbound")
        try:
            table = own_timetable(Found(stack, schedule))
        except PlanError as error:
            raise ActionFailed(error.message) from None
        # A rate would begin when the schedule was made, which a rehearsal does not keep.
        if table.rate:
            raise ActionFailed(
                f"{schedule.logical_id}: a rate closes and opens no transition here; known are at and cron"
            )
        if (fired := table.last_until(now, 0.0)) is not None:
            calls.append((fired, _CALLS[target["Arn"]], str(request.get("Reason", ""))))
    if not calls:
        return None
    _, closes, reason = max(calls)
    return reason if closes else None
