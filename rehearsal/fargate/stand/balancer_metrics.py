"""What a load balancer that stands has counted, read through HAProxy's run-time socket."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from containers.client import Client
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.watched_metric import BalancerMetric
from rehearsal.fargate.stand.haproxy import ADMIN_SOCKET, HOP, SPARE, backend_name
from rehearsal.fargate.stand.haproxy_firewall import RATE
from rehearsal.fargate.task.names import resource_name

# The metrics that tell how often something happened.
COUNTS = frozenset({"RequestCount", "RequestCountPerTarget", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"})
# What HAProxy counts beside listeners and target groups: the ways between them, and the rates of a firewall.
_OWN = (HOP, RATE)
TELL = f"socat -t10 - {ADMIN_SOCKET}"
# The statistics, and then the table of each backend, in one call of the engine.
_ASK = (
    f'stat=$(echo show stat | {TELL}) && echo "$stat" && echo && '
    f"for name in $(echo \"$stat\" | sed -n '/^{RATE}/d; s/,BACKEND,.*//p'); "
    f"do echo show table $name | {TELL} || exit 1; done"
)
_TABLE = re.compile(r"^# table: ([^,]+),.*\n(?:0x\w+:.*\bgpc0=(\d+))?", re.MULTILINE)


@dataclass(frozen=True)
class Counts:
    """What was counted since HAProxy started; ``requests``, ``target_errors``, ``up`` and ``down`` by target group.

    ``errors`` are all 5xx answers, whoever gave them.
    """

    requests: Mapping[str, int]
    target_errors: Mapping[str, int]
    errors: int
    up: Mapping[str, int]
    down: Mapping[str, int]


def read_counts(client: Client, balancer: Key) -> Counts | None:
    """Ask a load balancer; None where it does not run."""
    done = client.run("exec", resource_name(client.ctx, balancer), "sh", "-c", _ASK)
    return None if done.returncode else parse_counts(done.stdout)


def parse_counts(text: str) -> Counts | None:
    """Read HAProxy's answers to ``show stat`` and ``show table``; None where they hold no statistics."""
    rows = statistics(text.split("\n\n", maxsplit=1)[0])
    if not rows or "svname" not in rows[0]:
        return None
    requests: dict[str, int] = {}
    up: dict[str, int] = {}
    down: dict[str, int] = {}
    errors = 0
    for row in rows:
        name = row["pxname"]
        if name.startswith(_OWN):
            continue
        if row["svname"] == "FRONTEND":
            errors += int(row["hrsp_5xx"] or 0)
        elif row["svname"] == "BACKEND":
            requests[name] = int(row["req_tot"] or 0)
            up.setdefault(name, 0)
            down.setdefault(name, 0)
        elif is_target(row):
            up[name] = up.get(name, 0) + row["status"].startswith("UP")
            down[name] = down.get(name, 0) + row["status"].startswith("DOWN")
    target_errors = {table[1]: int(table[2] or 0) for table in _TABLE.finditer(text)}
    return Counts(requests, target_errors, errors, up, down)


def statistics(text: str) -> list[dict[str, str]]:
    """Read HAProxy's answer to ``show stat``: a row for each proxy, and for each of its servers."""
    return list(csv.DictReader(line for line in text.lstrip("# ").splitlines() if line))


def is_target(row: Mapping[str, str]) -> bool:
    """Return whether a row is of a target of a group; its stand-in without a check is none."""
    is_proxy = row["svname"] in {"FRONTEND", "BACKEND"}
    return not (is_proxy or row["pxname"].startswith(_OWN) or row["svname"].endswith(SPARE))


class BalancerSampler:
    """Turns what one load balancer has counted into samples of its metrics."""

    def __init__(self, client: Client, balancer: Key, metrics: Collection[BalancerMetric]) -> None:
        self._client, self._balancer, self._metrics = client, balancer, metrics
        self._before: Counts | None = None
        self._pending = 0

    def sample(self) -> Iterator[tuple[BalancerMetric, float]]:
        """Yield what happened since the last time, and how the targets are.

        As on AWS, counts are told where they are not 0 ("CloudWatch metrics for your Application Load Balancer": its
        reporting criteria); those that fell are of a HAProxy that began anew.
        """
        now = read_counts(self._client, self._balancer)
        before, self._before = self._before, now
        if now is None:
            return
        names = list(now.requests)
        if before is not None and _began_anew(before, now):
            before = Counts({}, {}, 0, {}, {})
        requests = {name: _since(now.requests, before, "requests", name) for name in names}
        target_errors = {name: _since(now.target_errors, before, "target_errors", name) for name in names}
        # An answer of a target is counted by its head, and among all answers at its end.
        own = self._pending + (now.errors - before.errors if before else 0) - sum(target_errors.values())
        self._pending = min(0, own)
        for metric in self._metrics:
            chosen = names if metric.group is None else [backend_name(metric.group)]
            match metric.name:
                case "RequestCount" if count := sum(requests.get(name, 0) for name in chosen):
                    yield metric, count
                case "RequestCountPerTarget" if count := sum(requests.get(name, 0) for name in chosen):
                    if serving := sum(now.up.get(name, 0) for name in chosen):
                        yield metric, count / serving
                case "HTTPCode_Target_5XX_Count" if count := sum(target_errors.get(name, 0) for name in chosen):
                    yield metric, count
                case "HTTPCode_ELB_5XX_Count" if own > 0:
                    yield metric, own
                case "HealthyHostCount" | "UnHealthyHostCount":
                    state = now.up if metric.name == "HealthyHostCount" else now.down
                    if sum(now.up.get(n, 0) + now.down.get(n, 0) for n in chosen):
                        yield metric, sum(state.get(name, 0) for name in chosen)


def _since(now: Mapping[str, int], before: Counts | None, what: str, name: str) -> int:
    return now.get(name, 0) - getattr(before, what).get(name, 0) if before else 0


def _began_anew(before: Counts, now: Counts) -> bool:
    pairs = [(before.errors, now.errors)]
    for old, new in ((before.requests, now.requests), (before.target_errors, now.target_errors)):
        pairs += [(count, new.get(name, 0)) for name, count in old.items()]
    return any(new < old for old, new in pairs)
