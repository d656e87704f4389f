"""What people with known habits did, as access logs tell it."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from loadtest.crowd import profiles
from loadtest.crowd.habits import Component, Distribution
from loadtest.record.measurements import Recorder
from loadtest.record.phases import Phases
from tests.loadtest.timeline import Sent, live

OPENING = "2026-11-23T18:00:00+01:00"
# The site opens within the second that people name.
OPENED = datetime.fromisoformat(OPENING).timestamp() + 0.25
PEOPLE = 1200
PHASES = Phases(10, 90, 10, 600, 60)


def slow(rng: random.Random) -> float:
    """Draw the seconds of an answer: one in twenty-five takes more than 8 s."""
    return rng.lognormvariate(math.log(0.5), 1.6)


def lognormal(median: float, sigma: float, floor: float = 0.0) -> Distribution:
    return Distribution((Component(1.0, median, sigma),), floor)


HABITS = replace(
    profiles.load(),
    reload_gap=Distribution((Component(0.5, 0.8, 0.5), Component(0.3, 5.0, 0.5), Component(0.2, 25.0, 0.5))),
    patience=lognormal(3.0, 0.5),
    claim_patience=lognormal(8.0, 0.5),
    retry_gap=lognormal(0.7, 0.3),
    form=lognormal(40.0, 0.4, 8.0),
    late=0.2,
    give_up=0.05,
    submit_twice=0.3,
    submit_again=0.15,
    double_submit_after=2.0,
)


@cache
def acts() -> tuple[Sent, ...]:
    """Return what all people sent, in order of their answers."""
    sent = live(range(PEOPLE), Recorder(), habits=HABITS, seed=3, phases=PHASES, latency=slow, failing=0.03)[1]
    return tuple(sorted(sent, key=lambda act: act.end))


def who(act: Sent) -> tuple[str, str]:
    """Return address and user agent.

    Of every two people one is behind the other's address. The last forty are a school: one address, and all machines
    alike.
    """
    if act.person >= PEOPLE - 40:
        return "198.51.100.7", "Mozilla/5.0 (school)"
    pair, second = divmod(act.person, 2)
    return f"10.0.{pair // 250}.{pair % 250}", f"Mozilla/5.0 (person {second})"


def stamp(moment: float) -> datetime:
    return datetime.fromtimestamp(OPENED + moment, UTC)


def combined(act: Sent) -> str:
    client, agent = who(act)
    time = stamp(act.end).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{time}] "{act.method} {act.path}?x=1 HTTP/1.1" {act.status} 512 "-" "{agent}"'


LOG_CONF = Path(__file__).resolve().parents[2] / "src/nginx/conf/log.conf"


@cache
def our_format() -> str:
    """Return the line that our nginx writes, with its variables."""
    found = re.search(r"log_format json escape=json\s+(.*?);", LOG_CONF.read_text(), re.DOTALL)
    assert found
    return "".join(re.findall(r"'([^']*)'", found[1]))


def ours(act: Sent, cache: str = "HIT") -> str:
    client, agent = who(act)
    variables = {
        "time_iso8601": stamp(act.end).isoformat(timespec="seconds"),
        "client_address": client,
        "request_method": act.method,
        "logged_uri": act.path,
        "php_asked": "0" if cache == "HIT" and act.method == "GET" else "1",
        "status": str(act.status),
        "body_bytes_sent": "512",
        "request_time": f"{act.end - act.start:.3f}",
        "upstream_cache_status": cache if act.method == "GET" else "BYPASS",
        "http_user_agent": agent,
    }
    return re.sub(r"\$(\w+)", lambda match: variables.get(match[1], "-"), our_format())


def balancer(act: Sent) -> str:
    client, agent = who(act)
    end, start = (stamp(moment).isoformat(timespec="microseconds")[:-6] + "Z" for moment in (act.end, act.start))
    status, took = 460 if act.status == 499 else act.status, act.end - act.start
    fields = [
        f"https {end} app/site/50dc6c495c0c9188 {client}:2817 10.0.0.1:80 0.000 {took:.3f} 0.000",
        f"{status} {status} 34 366",
        f'"{act.method} https://example.org:443{act.path} HTTP/1.1" "{agent}" ECDHE TLSv1.3',
        'arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/site/1 "Root=1-58337281-1d84f3d7" "example.org" "-" 0',
        f'{start} "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"',
    ]
    return " ".join(fields)
