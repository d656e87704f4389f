"""How people behave: named distributions, read from people.toml, where their sources stand."""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Component:
    """A lognormal: median in seconds, sigma of the logarithm, and its weight in the mixture."""

    weight: float
    median: float
    sigma: float


@dataclass(frozen=True)
class Distribution:
    """A mixture of lognormals with a floor, all in seconds."""

    mixture: tuple[Component, ...]
    floor: float = 0.0

    def draw(self, rng: random.Random) -> float:
        """One value in seconds."""
        (component,) = rng.choices(self.mixture, weights=[part.weight for part in self.mixture])
        return max(self.floor, rng.lognormvariate(math.log(component.median), component.sigma))

    def scaled(self, factor: float) -> Distribution:
        """The same shape with every time multiplied by `factor`."""
        parts = tuple(Component(part.weight, part.median * factor, part.sigma) for part in self.mixture)
        return Distribution(parts, self.floor * factor)

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Distribution:
        """The distribution of a table in people.toml."""
        parts = tuple(Component(float(p["weight"]), float(p["median"]), float(p["sigma"])) for p in table["mixture"])
        return cls(parts, float(table.get("floor", 0.0)))


@dataclass(frozen=True)
class Behaviour:
    """The habits of the crowd; times in seconds, shares between 0 and 1."""

    reload_gap: Distribution
    eager_gap: Distribution
    reaction: Distribution
    patience: Distribution
    claim_patience: Distribution
    retry_gap: Distribution
    form: Distribution
    regular_gap: Distribution
    late: float
    watch_clock: float
    give_up: float
    submit_twice: float
    submit_again: float
    regular: float
    double_submit_after: float

    def with_form_median(self, seconds: float) -> Behaviour:
        """The same habits with the form's time scaled so that its median is `seconds`."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values["form"] = self.form.scaled(seconds / self.form.mixture[0].median)
        return Behaviour(**values)


def regulars(people: int, behaviour: Behaviour) -> int:
    """How many of the people are the steady load of warm-up and recovery: at least 5, at most all."""
    return min(people, max(5, round(people * behaviour.regular)))


@cache
def load() -> Behaviour:
    """The behaviour that people.toml describes."""
    document = tomllib.loads(Path(__file__).with_name("people.toml").read_text(encoding="utf-8"))
    values: dict[str, Any] = {**document.pop("shares"), **document.pop("times")}
    values.update({name: Distribution.parse(table) for name, table in document.items()})
    return Behaviour(**values)
