"""The history of storms: a small JSON summary for each run, in a folder or under an S3 prefix (docs/history.md)."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from loadtest.gate import grammar
from loadtest.gate.figures import Figure
from loadtest.gate.limits import Limits
from loadtest.gate.rules import LONGEST_LOOK, Rules
from loadtest.gate.verdict import Answer
from loadtest.history.regression import REACH_CONFIRMED, Comparison, compare
from loadtest.record import whole_file
from loadtest.record.aws_attempts import patience
from loadtest.record.codec import decode, encode, read_json
from loadtest.record.counters import CLAIM, REQUESTS, SUBMITS, WAIT
from loadtest.record.phases import NAMES, OPEN, OPENING, STORM
from loadtest.record.record import Record
from loadtest.record.units import utc_moment

# Of a summary. It is part of the fingerprint too: figures whose meaning has changed are not compared.
SCHEMA: Final = 1
# How many summaries are read at most, the newest by name.
NEWEST: Final = 200
# The figures that a summary keeps, besides those that the limits file compares.
KEPT: Final = tuple(
    [(scope, f"{WAIT} {statistic}") for scope in NAMES for statistic in ("p50", "p95", "p99")]
    + [(STORM, f"{CLAIM} {statistic}") for statistic in ("p50", "p95", "p99")]
    + [(STORM, "opened-after")]
    # How much people asked for, by which a crowd is sized (`make capacity`).
    + [(scope, count) for scope in (OPENING, OPEN) for count in (REQUESTS, SUBMITS)]
)


# What to do about AWS's own words, by its code.
HINTS: Final = {
    "NoCredentials": "sign in to the pipeline's account, or set AWS_PROFILE",
    "NoSuchBucket": "the name is that of the evidence bucket, in the pipeline stack's resources",
    "AccessDenied": "reading needs s3:ListBucket on the bucket and s3:GetObject on its folder, writing s3:PutObject",
    "ExpiredToken": "sign in to the pipeline's account anew",
}


# Whence runs come, for who looks in a place that has none.
WHERE: Final = "a storm leaves one there with --remember yes, the nightly one in the evidence bucket's folder history/"


class Unreadable(Exception):
    """The history cannot be read or written; the message says what and why."""


@dataclass
class Summary:
    """One run of a storm, in short.

    When it started (ISO 8601), the commit, its verdict, what it can be compared by, its figures in base units by
    ``scope figure``, and where its report is.
    """

    started_at: str
    commit: str
    verdict: Answer
    fingerprint: dict[str, str]
    figures: dict[str, float]
    report: str
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        """Raise ValueError for a start that is no moment."""
        if self.schema == SCHEMA:
            utc_moment(self.started_at)

    @property
    def name(self) -> str:
        """Its file's name: by time, so that names in order are runs in order.

        Two storms of a commit may begin in the same second: what is in it makes the name its own.
        """
        time = utc_moment(self.started_at).strftime("%Y%m%dT%H%M%SZ")
        own = hashlib.sha256(self.text.encode()).hexdigest()[:8]
        return f"{time}-{re.sub(r'[^0-9A-Za-z._-]', '-', self.commit)[:40]}-{own}.json"

    @property
    def text(self) -> str:
        """As it is kept."""
        return json.dumps(encode(self), indent=1, sort_keys=True, allow_nan=False) + "\n"


def fingerprint(record: Record) -> dict[str, str]:
    """Return what must be the same for two runs to be compared.

    The storm's parameters (not its seed: another crowd of the same people), what it was let loose on, and the figures'
    schema. A storm that stops a task is a kind of its own, whoever started it; others do not speak of it.
    """
    parameters = record.parameters
    habits = json.dumps(parameters.behaviour, sort_keys=True).encode()
    return {
        "schema": str(SCHEMA),
        "people": str(parameters.people),
        "seats": str(parameters.seats),
        "phases": " ".join(f"{parameters.phases[name]:g}" for name in NAMES),
        "form": f"{parameters.form_median:g}",
        "workers": str(parameters.workers),
        "behaviour": hashlib.sha256(habits).hexdigest()[:12],
        **dict(sorted(record.environment.items())),
        **({"killed": "1"} if parameters.kills_task else {}),
    }


def figures(record: Record, rules: Rules | None) -> dict[str, float]:
    """Return the figures of a run that were measured, by name."""
    wanted = {f"{scope} {text}": (scope, text) for scope, text in KEPT}
    wanted |= {name: _split(name) for name in (rules.figures if rules else ())}
    found = {}
    for name, (scope, text) in wanted.items():
        figure: Figure = grammar.figure(text, scope)
        value = figure.measure(record, scope, high_is_worse=True)
        if value is not None:
            found[name] = value
    return found


def _split(name: str) -> tuple[str, str]:
    scope, _, text = name.partition(" ")
    return scope, text


def summarise(record: Record, answer: Answer, report: str, limits: Limits) -> Summary:
    """Summarise a run."""
    return Summary(
        record.started_at, record.commit, answer, fingerprint(record), figures(record, limits.regression), report
    )


@dataclass
class Earlier:
    """Earlier runs that are comparable by their fingerprint and not void, oldest first; and why others are not here."""

    runs: list[Summary]
    left_out: dict[str, int]


def comparable(history: Iterable[Summary], ours: dict[str, str], *, before: str | None = None) -> Earlier:
    """Tell apart what can be compared with a fingerprint, of a storm that starts at a moment.

    A run that starts later is of a clock that went wrong: it would be the newest for as long as that has not come.
    """
    start = utc_moment(before) if before else None
    left_out: Counter[str] = Counter()
    runs = []
    for run in history:
        differing = [
            name for name in dict.fromkeys([*ours, *run.fingerprint]) if ours.get(name) != run.fingerprint.get(name)
        ]
        if run.schema != SCHEMA:
            left_out["other schema"] += 1
        elif start and utc_moment(run.started_at) > start:
            left_out["later than this storm"] += 1
        elif differing:
            left_out[f"other {', '.join(differing)}"] += 1
        elif run.verdict is Answer.VOID:
            left_out["void"] += 1
        else:
            runs.append(run)
    return Earlier(runs[-LONGEST_LOOK:], dict(left_out))


def baseline(earlier: Earlier, rules: Rules) -> Earlier:
    """Return the comparable runs that a candidate is compared with: passed, not too old, with all figures."""
    left_out = Counter(earlier.left_out)
    recent = since(earlier.runs, rules)
    if len(recent) < len(earlier.runs):
        left_out[f"before {rules.since[:10]}"] += len(earlier.runs) - len(recent)
    runs = []
    for run in recent:
        if run.verdict is not Answer.PASS:
            left_out["not passed"] += 1
        elif any(name not in run.figures for name in rules.figures):
            left_out["without all figures"] += 1
        else:
            runs.append(run)
    too_old = len(runs) - rules.newest
    if too_old > 0:
        left_out[f"older than the newest {rules.newest}"] += too_old
    return Earlier(runs[-rules.newest :], dict(left_out))


def since(runs: Sequence[Summary], rules: Rules) -> list[Summary]:
    """Return those that are not older than the rules allow."""
    if not rules.since:
        return list(runs)
    start = datetime.fromisoformat(rules.since)
    return [run for run in runs if datetime.fromisoformat(run.started_at) >= start]


def against(earlier: Earlier, runs: Sequence[dict[str, float]], rules: Rules, candidates: int) -> Comparison:
    """Compare runs, by their figures, with the comparable ones.

    The first so many ``candidates`` are compared, and if these look slower and there are more, all of them. A run that
    lacks a figure is no candidate.
    """
    used = baseline(earlier, rules)
    nights = [run.figures for run in used.runs]
    whole = [run for run in runs if all(name in run for name in rules.figures)]
    first = compare(whole[:candidates], nights, rules, used.left_out)
    if not first.reasons or len(whole) <= candidates:
        return first
    return compare(whole, nights, rules, used.left_out, reach=REACH_CONFIRMED)


# Where it is kept


def read(place: str) -> list[Summary]:
    """Read the newest summaries of a folder or an s3://bucket/prefix, oldest first; none if there is no history yet.

    Raise Unreadable.
    """
    return [
        _parse(text, name) for name, text in (_from_s3(place) if place.startswith("s3://") else _from_folder(place))
    ]


def add(place: str, summary: Summary) -> None:
    """Keep a summary in a folder or under an s3://bucket/prefix. Raise Unreadable."""
    if place.startswith("s3://"):
        bucket, prefix = _bucket(place)
        _s3(
            place,
            lambda client: client.put_object(
                Bucket=bucket, Key=f"{prefix}{summary.name}", Body=summary.text.encode(), ContentType="application/json"
            ),
        )
        return
    try:
        Path(place).mkdir(parents=True, exist_ok=True)
        whole_file.write(Path(place) / summary.name, summary.text)
    except OSError as error:
        raise Unreadable(f"the history {place} cannot be written: {error.strerror}") from error


def _parse(text: str, name: str) -> Summary:
    try:
        document = read_json(text)
        if isinstance(document, dict) and document.get("schema") != SCHEMA:
            other = str(document.get("schema"))
            return Summary(str(document.get("started_at")), "", Answer.VOID, {"schema": other}, {}, "", schema=-1)
        return decode(Summary, document, name)
    except ValueError as error:  # no JSON, or a RecordError
        raise Unreadable(f"{name} is no summary of a storm: {error}. Take it out of the history") from error


def _from_folder(place: str) -> list[tuple[str, str]]:
    try:
        files = sorted(Path(place).glob("*.json"))[-NEWEST:]
        return [(str(file), file.read_bytes().decode(errors="replace")) for file in files]
    except OSError as error:
        raise Unreadable(f"the history {place} cannot be read: {error.strerror}") from error


def _from_s3(place: str) -> list[tuple[str, str]]:
    bucket, prefix = _bucket(place)

    def everything(client: Any) -> list[tuple[str, str]]:
        # Of this folder alone: below it, or in a bucket's others, may lie whole records.
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        keys = sorted(
            item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"].endswith(".json")
        )
        with ThreadPoolExecutor(8) as pool:
            bodies = pool.map(lambda key: client.get_object(Bucket=bucket, Key=key)["Body"].read(), keys[-NEWEST:])
            return [
                (f"s3://{bucket}/{key}", body.decode(errors="replace"))
                for key, body in zip(keys[-NEWEST:], bodies, strict=True)
            ]

    found: list[tuple[str, str]] = _s3(place, everything)
    return found


def _bucket(place: str) -> tuple[str, str]:
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        raise Unreadable(
            f"the history {place} names no bucket: expected s3://bucket/prefix, such as s3://evidence/history"
        )
    return bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def _s3(place: str, act: Any) -> Any:
    import boto3  # noqa: PLC0415 - a second of start-up that only this path needs
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: PLC0415 - as above

    try:
        return act(boto3.client("s3", config=patience()))
    except NoCredentialsError as error:
        raise Unreadable(f"the history {place} cannot be reached: {error}; {HINTS['NoCredentials']}") from error
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        hint = HINTS.get("AccessDenied" if code in ("403", "Forbidden") else code)
        raise Unreadable(f"the history {place} cannot be reached: {error}{f'; {hint}' if hint else ''}") from error
    except BotoCoreError as error:
        raise Unreadable(f"the history {place} cannot be reached: {error}") from error
