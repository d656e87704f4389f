"""The record of a good storm with something wrong with it, and as one of several storms after a history."""

from __future__ import annotations

import copy
import dataclasses
import random

from loadtest.gate import limits
from loadtest.gate.verdict import Answer
from loadtest.history import summaries
from loadtest.history.series import Series
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS


def slow(record: Record) -> None:
    """Let half of the waits at the opening be four seconds."""
    for _ in range(60):
        record.measurements.phases["opening"].durations["wait"].add(4.0)
    record.workers[0].totals["wait"] += 60


def saturated(record: Record) -> None:
    """Leave the generator no processor."""
    record.workers[0].cpu = [0.97] * 30


def in_a_history(record: Record, factor: float = 1.0) -> Series:
    """Judge three storms as the record, against 30 nights that took ``factor`` of its times, give or take 5 %."""
    ours = summaries.summarise(record, Answer.PASS, "", limits.load(DEFAULT_LIMITS))
    rng = random.Random(1)
    nights = [
        dataclasses.replace(
            ours,
            started_at=f"2026-10-{day + 1:02}T02:00:00+00:00",
            figures={name: value * factor * rng.gauss(1, 0.05) for name, value in ours.figures.items()},
        )
        for day in range(30)
    ]
    runs = [record, copy.deepcopy(record), copy.deepcopy(record)]
    return Series(runs, 3, 3, "s3://evidence/history", nights, {"other people": 2})
