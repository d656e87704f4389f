"""The record of a good storm with something wrong with it, and as one of several storms after a history."""

from __future__ import annotations

import copy
import dataclasses
import random

from loadtest.gate import limits
from loadtest.gate.verdict import Answer
from loadtest.history import summaries
from loadtest.history.series import Series
from loadtest.record.real_browsers import Browsers, Picture
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS


def good_browsers() -> Browsers:
    """Return two browsers that saw a good page, and the form after 0.4 s."""
    browsers = Browsers(planned=2, program="Chromium 1.2.3", finished=True)
    before, opening = browsers.measurements.phase("before"), browsers.measurements.phase("opening")
    before.counts.update({"came": 2, "views": 2, "closed-views": 2, "countdowns": 2})
    opening.counts.update({"served": 2, "views": 4, "lost-answers": 2})
    for _ in range(2):
        before.duration("lag").add(0.01)
        opening.duration("form-ready").add(0.4)
        opening.duration("layout-shift").add(0.02)
        browsers.measurements.second(0).duration("form-ready").add(0.4)
    browsers.pictures = [Picture("phone", 0.4, "open", "/9j/")]
    return browsers


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
