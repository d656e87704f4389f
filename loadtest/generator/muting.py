"""Alarms that a storm makes ring on purpose are muted while it is on, by the storm itself.

CloudWatch goes on evaluating them, and deployments go on heeding them; only nobody is called. The rule ends by itself,
also where the storm's build dies.
"""

from __future__ import annotations

import logging
import math
from datetime import UTC, datetime, timedelta
from typing import Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from loadtest.request.options import Options
from loadtest.request.target import open_session, region_of

# Seconds after a storm in which an alarm that looks ten minutes back may still ring because of it.
AFTERWARDS: Final = 15 * 60
_MINUTE: Final = 60

log = logging.getLogger(__name__)


def mute(options: Options, now: datetime) -> str:
    """Mute the alarms that the options name for as long as one storm lasts; return a sentence that says so.

    An alarm that rings too much makes no storm void: where they cannot be muted, the sentence says why.
    """
    rule, *alarms = (options.mute or "").split()
    phases = options.phases
    seconds = phases.end - phases.start + AFTERWARDS
    # A rule begins with a minute; what rings in the one that has begun needs more than that.
    begin = now.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(seconds=_MINUTE)
    minutes = math.ceil(seconds / _MINUTE)
    patience = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
    try:
        session = open_session(region_of(options), options.token_role)
        session.client("cloudwatch", config=patience).put_alarm_mute_rule(
            Name=rule,
            Description="A storm is on",
            Rule={
                "Schedule": {
                    "Expression": f"at({begin:%Y-%m-%dT%H:%M})",
                    "Duration": f"PT{minutes}M",
                    "Timezone": "UTC",
                }
            },
            MuteTargets={"AlarmNames": alarms},
        )
    except (BotoCoreError, ClientError) as error:
        log.warning("the alarms are not muted: %s", error)
        return f"its alarms are not muted, and may ring for this storm: {error}"
    return f"its alarms {', '.join(alarms)} are muted until {begin + timedelta(minutes=minutes):%H:%M} UTC"
