"""Series of nights of all kinds, the same for the same seed: what change points are looked for in."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.loadtest.replays import figures_of, rules

# The levels of so many nights, 1.0 where nothing is the matter.
Draw = Callable[[random.Random, int], list[float]]


def _flat(_: random.Random, count: int) -> list[float]:
    return [1.0] * count


def _steps(rng: random.Random, count: int) -> list[float]:
    levels = [1.0] * count
    for _ in range(1 + int(4 * rng.random())):
        start, factor = int(count * rng.random()), math.exp(1.4 * (rng.random() - 0.5))
        levels[start:] = [level * factor for level in levels[start:]]
    return levels


def _creep(rng: random.Random, count: int) -> list[float]:
    rate = 0.02 * (rng.random() - 0.5)
    return [math.exp(rate * night) for night in range(count)]


def _outliers(rng: random.Random, count: int) -> list[float]:
    levels = [1.0] * count
    for _ in range(1 + int(5 * rng.random())):
        start, length, factor = int(count * rng.random()), 1 + int(4 * rng.random()), 0.2 + 9 * rng.random()
        levels[start : start + length] = [factor] * len(levels[start : start + length])
    return levels


KINDS: Final[Mapping[str, Draw]] = {
    "none": _flat,
    "steps": _steps,
    "creep": _creep,
    "outliers": _outliers,
    "heavy tails": _flat,
    "rounded": _steps,
}


def simulated(kind: str, seed: int) -> list[float]:
    """Simulate 10 to 120 nights of one of ``KINDS``, in seconds.

    Their spread is 2 to 20 %; every fourth history is short.
    """
    rng = random.Random(f"{kind} {seed}")
    count = 10 + int((15 if seed % 4 == 0 else 110) * rng.random())
    spread = 0.02 + 0.18 * rng.random()
    waits = []
    for level in KINDS[kind](rng, count):
        luck = rng.gauss(0, 1)
        if kind == "heavy tails":  # Student's t of 3 degrees, scaled to a deviation of 1
            luck /= math.sqrt(rng.gammavariate(1.5, 2) / 3) * math.sqrt(3)
        waits.append(level * math.exp(spread * luck))
    return [round(wait, 2) for wait in waits] if kind == "rounded" else waits


def recorded() -> dict[str, Sequence[float]]:
    """Return the figures of the recorded nights.

    The usual ones, shorter and shorter, and with nights of slower sites.
    """
    series: dict[str, Sequence[float]] = {}
    for figure in rules().figures:
        usual, slow, slower = (
            [run[figure] for run in figures_of(kind)] for kind in ("usual", "slower-1.2", "slower-1.5")
        )
        for count in range(10, len(usual) + 1, 5):
            series[f"{figure}, {count} usual"] = usual[:count]
        for name, nights in (("1.2 times slower", slow), ("1.5 times slower", slower)):
            for count in range(1, len(nights) + 1):
                series[f"{figure}, usual and {count} {name}"] = usual + nights[:count]
            series[f"{figure}, {name} and back"] = usual[:20] + nights + usual[20:]
        series[f"{figure}, slower and slower"] = usual + slow + slower
        series[f"{figure}, usual twice over"] = usual * 2
    return series
