"""Where the workers of a storm run when this machine is too small: Fargate tasks, as an option names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Fleet:
    """Where workers are started: a cluster (ARN), a task definition, subnets, a security group, and their port."""

    cluster: str
    task: str
    subnets: tuple[str, ...]
    group: str
    port: int


_WORDS: Final = {
    "cluster": r"arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:cluster/\S+",
    "task": r"\S+",
    "subnets": r"subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*",
    "group": r"sg-[0-9a-f]+",
    "port": r"[1-9]\d{0,4}",
}


def read_fleet(text: str) -> Fleet:
    """Read a fleet from the words ``cluster=… task=… subnets=…,… group=… port=…``. Raise ValueError."""
    found = dict(word.partition("=")[::2] for word in text.split())
    if set(found) != set(_WORDS) or not all(re.fullmatch(_WORDS[name], value) for name, value in found.items()):
        raise ValueError("expected cluster=ARN task=NAME subnets=subnet-…,subnet-… group=sg-… port=NUMBER")
    subnets = tuple(found["subnets"].split(","))
    return Fleet(found["cluster"], found["task"], subnets, found["group"], int(found["port"]))
