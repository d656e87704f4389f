"""How people behave: habits as named distributions of seconds and shares. Their figures and sources: people.toml."""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from statistics import NormalDist

from loadtest.crowd.draws import Numbers


@dataclass(frozen=True)
class Component:
    """A lognormal: median in seconds, sigma of the logarithm, and its weight in the mixture."""

    weight: float
    median: float
    sigma: float

    def share_below(self, seconds: float) -> float:
        """Return the share of its values that do not exceed a time."""
        if self.sigma == 0:
            return float(seconds >= self.median)
        return NormalDist(math.log(self.median), self.sigma).cdf(math.log(seconds))


@dataclass(frozen=True)
class Distribution:
    """A mixture of lognormals with a floor, all in seconds."""

    mixture: tuple[Component, ...]
    floor: float = 0.0

    def draw(self, rng: Numbers) -> float:
        """Draw one value in seconds: as ``rng.choices`` and ``rng.lognormvariate`` would, by fewer steps."""
        weights, normals = self._prepared
        mean, sigma = normals[bisect(weights, rng.random() * weights[-1], 0, len(weights) - 1)]
        return max(self.floor, math.exp(rng.normalvariate(mean, sigma)))

    @cached_property
    def _prepared(self) -> tuple[list[float], list[tuple[float, float]]]:
        """The running sums of the weights, and mean and deviation of each component's logarithm."""
        sums = list(accumulate(part.weight for part in self.mixture))
        return sums, [(math.log(part.median), part.sigma) for part in self.mixture]

    def scaled(self, factor: float) -> Distribution:
        """Return the same shape with every time multiplied by ``factor``."""
        parts = tuple(Component(part.weight, part.median * factor, part.sigma) for part in self.mixture)
        return Distribution(parts, self.floor * factor)

    @property
    def median(self) -> float:
        """The time in seconds that half of the values do not exceed, without regard to the floor."""
        low, high = min(p.median for p in self.mixture), max(p.median for p in self.mixture)
        whole = sum(p.weight for p in self.mixture)
        while high - low > 1e-9 * high:
            middle = (low + high) / 2
            below = sum(p.weight * p.share_below(middle) for p in self.mixture)
            low, high = (middle, high) if below < whole / 2 else (low, middle)
        return high


@dataclass(frozen=True)
class Behaviour:
    """The habits of the crowd; times in seconds, shares between 0 and 1.

    ``paced`` people press reload by their own beat: their pause counts from the last press. The others read first:
    their pause counts from seeing the page. ``tracked`` of them come with tracking parameters of their own.
    """

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
    paced: bool = False
    tracked: float = 0.0

    def with_form_median(self, seconds: float) -> Behaviour:
        """Return the same habits with the form's time scaled so that its median is ``seconds``."""
        return dataclasses.replace(self, form=self.form.scaled(seconds / self.form.median))


def regulars(people: int, behaviour: Behaviour) -> int:
    """Return how many of the people are the steady load of warm-up and recovery: at least 5, at most all."""
    return min(people, max(5, round(people * behaviour.regular)))
