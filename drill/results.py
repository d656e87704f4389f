"""What drills found, stored as JSON, and the bounds that each fault must keep: pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

RESULTS = Path(__file__).with_name("results.json")
BOUNDS = Path(__file__).with_name("bounds.toml")


class Unreadable(Exception):
    """A file of the drill that is none; the message says which, and where in it."""


@dataclass(config=ConfigDict(extra="forbid"))
class Result:
    """One fault: counts of what people saw from the blow on, and the seconds after which each thing was normal again.

    ``back`` has None for what was never normal again; ``not_injected`` says why there are no figures.
    """

    name: str
    what: str
    not_injected: str = ""
    people: int = 0
    answers: int = 0
    served: int = 0
    waiting: int = 0
    aborts: int = 0
    errors: int = 0
    confirmed: int = 0
    seats: int = 0
    stored: int | None = None
    back: dict[str, float | None] = Field(default_factory=dict)
    broken: list[str] = Field(default_factory=list)

    def share(self, count: int) -> float:
        """Return a count as a share of the answers, in per cent."""
        return 100 * count / self.answers if self.answers else 0.0

    @property
    def longest(self) -> float | None:
        """Seconds until all was normal again; None if it never was."""
        known = [seconds for seconds in self.back.values() if seconds is not None]
        return max(known) if known and len(known) == len(self.back) else None


class Stored(BaseModel):
    """All faults of the last whole drill, and the machine that it was made on."""

    model_config = ConfigDict(extra="forbid")

    machine: dict[str, str]
    results: list[Result]


class Bound(BaseModel):
    """What a fault may do: errors among what people see in per cent, and seconds until all is normal again."""

    model_config = ConfigDict(extra="forbid")

    errors: Annotated[float, Field(ge=0, le=100)]
    back: Annotated[float, Field(ge=0)]


def load_bounds(file: Path) -> dict[str, Bound]:
    """Read the bounds by the fault's name. Raise Unreadable."""
    try:
        return TypeAdapter(dict[str, Bound]).validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Unreadable(f"{file}: {_short(error)}") from error


def load_results(file: Path) -> Stored:
    """Read the results of the last whole drill. Raise Unreadable."""
    try:
        return Stored.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise Unreadable(f"{file}: {_short(error)}") from error


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return getattr(error, "strerror", None) or str(error)


def misses(result: Result, bound: Bound) -> Iterator[str]:
    """Yield a sentence for each bound or promise that a fault broke; nothing is said of one that was not injected."""
    if result.not_injected:
        return
    yield from result.broken
    if not result.answers:
        yield "nobody saw anything after the blow: nothing was measured"
    if result.share(result.errors) > bound.errors:
        yield f"{result.share(result.errors):.1f} % errors; at most {bound.errors:g} % are allowed"
    for thing, seconds in result.back.items():
        if seconds is None:
            yield f"the {thing} was never normal again"
        elif seconds > bound.back:
            yield f"the {thing} was normal again after {seconds:.1f} s; at most {bound.back:g} s are allowed"


def table(stored: Stored, bounds: dict[str, Bound]) -> list[str]:
    """Return the table for the docs."""
    machine = stored.machine
    return [
        f"*{machine.get('date', '')}, {machine.get('cpu', '')}, {machine.get('engine', '')}*",
        "",
        "| `ONLY=` | what breaks | served | waiting page | broke off | errors (bound) | normal again after (bound) |"
        " confirmed, stored, of seats | promises |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(result, bounds[result.name]) for result in stored.results),
    ]


def _row(result: Result, bound: Bound) -> str:
    head = f"| `{result.name}` | {result.what} |"
    if result.not_injected:
        return f"{head} *not injected: {result.not_injected}* | | | | | | |"
    shares = [f"{result.share(count):.1f} %" for count in (result.served, result.waiting, result.aborts)]
    longest = "never" if result.longest is None else f"{result.longest:.1f} s"
    cells: Sequence[str] = (
        *shares,
        f"{result.share(result.errors):.1f} % ({bound.errors:g} %)",
        f"{longest} ({bound.back:g} s)",
        f"{result.confirmed}, {result.stored}, of {result.seats}",
        "; ".join(result.broken) or "kept",
    )
    return f"{head} {' | '.join(cells)} |"
