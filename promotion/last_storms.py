"""What the last nightly storms have shown of a crowd: how often it asks, and how many people were borne on what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loadtest.gate.verdict import Answer
from loadtest.history.summaries import Summary
from loadtest.record.counters import REQUESTS, SUBMITS
from loadtest.record.phases import NAMES, OPEN, OPENING

# So many of the newest storms that passed are looked at.
NEWEST = 10
# What a storm was let loose on, as its environment has it.
_SIZE = ("task", "tasks", "database")


@dataclass(frozen=True)
class Storm:
    """One storm that passed: when, how many people on what, and what one in twenty waited, in seconds."""

    day: str
    people: int
    size: str
    wait: float | None
    claim: float | None


@dataclass(frozen=True)
class Measured:
    """Of the newest storms that passed: requests and claims a second of each person at the worst, and the largest."""

    storms: int
    requests: float
    claims: float
    largest: Storm


def measured(history: Iterable[Summary]) -> Measured | None:
    """Return what the history shows; None where no storm that passed counted what people asked for."""
    passed = (run for run in history if run.verdict is Answer.PASS)
    runs = [run for run in passed if _rates(run, REQUESTS) and _rates(run, SUBMITS)][-NEWEST:]
    if not runs:
        return None
    return Measured(
        storms=len(runs),
        requests=max(rate for run in runs for rate in _rates(run, REQUESTS)),
        claims=max(rate for run in runs for rate in _rates(run, SUBMITS)),
        largest=_storm(max(runs, key=lambda run: int(run.fingerprint["people"]))),
    )


def _rates(run: Summary, counted: str) -> list[float]:
    """Return how often a second each person did that, by busy phase; nothing where it was not counted."""
    durations = dict(zip(NAMES, map(float, run.fingerprint["phases"].split()), strict=True))
    people = int(run.fingerprint["people"])
    figures = {phase: run.figures.get(f"{phase} {counted}") for phase in (OPENING, OPEN)}
    return [figure / people / durations[phase] for phase, figure in figures.items() if figure is not None]


def _storm(run: Summary) -> Storm:
    size = " ".join(f"{name}={run.fingerprint[name]}" for name in _SIZE if name in run.fingerprint)
    return Storm(
        day=run.started_at[:10],
        people=int(run.fingerprint["people"]),
        size=size or "not said",
        wait=run.figures.get("opening wait p95"),
        claim=run.figures.get("storm claim p95"),
    )
