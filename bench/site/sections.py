"""The parts of a run, and how long each measures: the whole run, or the quick one."""

from __future__ import annotations

from dataclasses import dataclass

# In the order in which they run; docs/benchmark.md says what each is.
PARTS = ("pages", "matrix", "reloads", "claims", "collapse", "overload", "crowd", "start", "images")


@dataclass(frozen=True)
class Lengths:
    """Seconds and rounds. wrk knows whole seconds only; what PHP renders for each request needs more of them."""

    rounds: int = 4
    page: int = 2
    page_rendered: int = 5
    matrix: int = 2
    matrix_rendered: int = 2
    connections: tuple[int, ...] = (1, 32, 1000, 4000)
    claim_rounds: int = 3
    claim: int = 3
    collapse_before: int = 8
    collapse_during: int = 8
    collapse_after: int = 18
    overload_rounds: int = 4
    overload: int = 8
    crowd: int = 6
    storm_before: int = 30
    storm_after: int = 10


FULL = Lengths()
QUICK = Lengths(
    rounds=3,
    page=1,
    page_rendered=2,
    matrix=1,
    matrix_rendered=1,
    connections=(32, 1000),
    claim_rounds=1,
    claim=2,
    collapse_before=5,
    collapse_during=4,
    collapse_after=10,
    overload_rounds=2,
    overload=4,
    crowd=3,
    storm_before=6,
    storm_after=4,
)
# The connections of the comparison by rounds.
USUAL = 32
