"""Whether a commit may enter prod now: not inside a registration window, unless somebody has said why it must.

The time is AWS's, as Systems Manager's answer has it: a build's own clock decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from promotion.errors import Refused, Unusable

LEAST_REASON = 10
_COMMIT = re.compile(r"[0-9a-f]{40}")

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Override:
    """What the parameter says: the commit that may enter, and why."""

    commit: str
    reason: str

    @classmethod
    def read(cls, text: str | None) -> Override | None:
        """Read ``COMMIT why it must``; None where nothing is written, or it is no commit and no reason."""
        commit, _, reason = (text or "").strip().partition(" ")
        reason = " ".join(reason.split())
        return cls(commit, reason) if _COMMIT.fullmatch(commit) and len(reason) >= LEAST_REASON else None


def windows_of(text: str) -> list[Window]:
    """Read a JSON list of pairs of moments. Raise ``Unusable``."""
    try:
        pairs = [(datetime.fromisoformat(begins), datetime.fromisoformat(ends)) for begins, ends in json.loads(text)]
    except (ValueError, TypeError) as error:
        raise Unusable(f"FREEZE_WINDOWS: no list of pairs of moments: {error}") from None
    if any(begins.tzinfo is None or ends.tzinfo is None or ends <= begins for begins, ends in pairs):
        raise Unusable("FREEZE_WINDOWS: a moment without its offset, or a window that ends before it begins")
    return pairs


def decide(now: datetime, windows: Sequence[Window], *, commit: str, override: Override | None, parameter: str) -> str:
    """Return one sentence on why the commit may enter prod; raise ``Refused`` where it may not."""
    open_now = [(begins, ends) for begins, ends in windows if begins <= now < ends]
    if not open_now:
        return f"No registration window at {now:%Y-%m-%d %H:%M} UTC: {commit[:8]} may enter prod."
    ends = max(end for _, end in open_now)
    if override and override.commit == commit:
        return f"OVERRIDE at {now:%Y-%m-%d %H:%M} UTC, inside a registration window: {commit[:8]}, {override.reason}"
    other = f" It names {override.commit[:8]} now, which is another commit." if override else ""
    raise Refused(
        f"People register until {ends:%Y-%m-%d %H:%M} UTC: {commit[:8]} does not enter prod before that. Retry the "
        f"stage then. If it must be now, write the commit and a reason (at least {LEAST_REASON} characters) into the "
        f"parameter {parameter}, and retry: aws ssm put-parameter --overwrite --type String --name {parameter} "
        f"--value '{commit} why it must be now'.{other}"
    )


def check(environment: Mapping[str, str], session: Any) -> str:
    """Decide by the environment of the build and by what AWS says; return why the commit may enter.

    Raise ``Refused`` where it may not, and ``Unusable``.
    """
    from botocore.config import Config  # noqa: PLC0415 - a second of start-up that only this path needs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    patience = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5})
    try:
        windows, commit = windows_of(environment["FREEZE_WINDOWS"]), environment["FREEZE_COMMIT"]
        parameter, topic = environment["FREEZE_OVERRIDE"], environment["FREEZE_TOPIC"]
    except KeyError as error:
        raise Unusable(f"{error.args[0]} is not set: this runs as a step of the pipeline") from None
    text = None
    try:
        answer = session.client("ssm", config=patience).get_parameter(Name=parameter)
        text = answer["Parameter"]["Value"]
    except ClientError as error:
        answer = error.response
        if answer["Error"]["Code"] != "ParameterNotFound":
            raise Unusable(f"the parameter {parameter} cannot be read: {error}") from None
    except BotoCoreError as error:
        raise Unusable(f"the parameter {parameter} cannot be read: {error}") from None
    try:
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)
    except (KeyError, ValueError) as error:
        raise Unusable(f"AWS's answer does not say what time it is: {error}") from None
    sentence = decide(now, windows, commit=commit, override=Override.read(text), parameter=parameter)
    if sentence.startswith("OVERRIDE"):
        try:
            session.client("sns", config=patience, region_name=topic.split(":")[3]).publish(
                TopicArn=topic, Subject="A deployment inside a registration window", Message=sentence
            )
        except (BotoCoreError, ClientError) as error:
            raise Unusable(f"nobody could be told of the override through {topic}: {error}") from None
    return sentence
