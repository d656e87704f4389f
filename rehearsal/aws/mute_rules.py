"""CloudWatch's PutAlarmMuteRule, which moto has not: one that begins now and ends by itself, as a storm asks for it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from rehearsal.fargate.stand.alarm_mutes import mute
from rehearsal.values.rehearsed_time import now

_ONCE = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)")
_MINUTES = re.compile(r"PT(\d+)M")


def install(folder: Path) -> None:
    """Let the emulated CloudWatch take such rules; ``folder`` is the rehearsal's own."""

    def put_alarm_mute_rule(response: Any) -> ActionResult:
        schedule = response._get_param("Rule")["Schedule"]
        once = _ONCE.fullmatch(str(schedule["Expression"]))
        minutes = _MINUTES.fullmatch(str(schedule["Duration"]))
        if once is None or minutes is None or schedule.get("Timezone", "UTC") != "UTC":
            raise InvalidParameterValue(
                "of mute rules a rehearsal has those of at(...) in UTC, with a duration of minutes"
            )
        end = datetime.fromisoformat(once[1]).replace(tzinfo=UTC) + timedelta(minutes=int(minutes[1]))
        # The caller's clock is the machine's, and the alarms are judged by the rehearsal's.
        until = now(folder) + end.timestamp() - time.time()
        place = f"{response.current_account}/{response.region}"
        mute(folder, place, map(str, (response._get_param("MuteTargets") or {}).get("AlarmNames", ())), until)
        return EmptyResult()

    setattr(CloudWatchResponse, "put_alarm_mute_rule", put_alarm_mute_rule)  # noqa: B010 - moto finds it by its name
