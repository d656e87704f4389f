"""Fits mixtures of lognormals to times that are known exactly, to the second only, or only from below.

The method is expectation maximisation (Dempster, Laird, Rubin 1977) over a grid of true times: each observation is
spread over the true times that may be behind it. So whole seconds in a log, and waits that were cut short by their
answer, bias nothing. No library at hand fits mixtures to such data.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loadtest.crowd.habits import Component

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
# The grid of true times, in seconds: each cell is 2 % wide, a tenth of the finest sigma that matters here.
SHORTEST, LONGEST, CELLS = 0.005, 7200.0, 700
# The least sigma: nobody is more regular than that, and a narrower one would fit a single value.
NARROWEST: Final = 0.03
# A sigma at which one part covers the whole grid.
WIDEST: Final = 10.0
ROUNDS: Final = 1000
# A gain of the likelihood's logarithm that ends the search.
ENOUGH: Final = 1e-5
_EDGES = np.geomspace(SHORTEST, LONGEST, CELLS + 1)
_LOGS = np.log(_EDGES)
_MIDDLES = (_LOGS[1:] + _LOGS[:-1]) / 2


@dataclass
class Times:
    """Observations in seconds.

    ``exact`` ones, ``blurred`` ones (between two moments that were cut to whole seconds, so wrong by up to one second
    either way), and lengths that a time is known to have reached, ``at_least``.
    """

    exact: MutableSequence[float] = field(default_factory=lambda: array("d"))
    blurred: MutableSequence[float] = field(default_factory=lambda: array("d"))
    at_least: MutableSequence[float] = field(default_factory=lambda: array("d"))
    # Of those that were laid by: how many are in each cell, and the least of the exact ones.
    cells: Counts = field(default_factory=lambda: np.zeros(CELLS, np.int64))
    cells_at_least: Counts = field(default_factory=lambda: np.zeros(CELLS, np.int64))
    least: float = np.inf

    @property
    def count(self) -> int:
        """How many times are known, exactly or not."""
        return len(self.exact) + len(self.blurred) + int(self.cells.sum())

    @property
    def cut_short(self) -> int:
        """How many are known from below alone."""
        return len(self.at_least) + int(self.cells_at_least.sum())

    @property
    def quickest(self) -> float:
        """The least time that is known, exactly or not."""
        return min(chain(self.exact, self.blurred, [self.least]))

    def lay_by(self) -> None:
        """Keep of the times so far what a fit asks for alone: the cells that they are in."""
        self.least = min(chain(self.exact, [self.least]))
        self.cells += _counts(self.exact)
        self.cells_at_least += _counts(self.at_least)
        del self.exact[:], self.at_least[:]

    def extend(self, later: Times) -> None:
        """Add observations that come after these."""
        self.exact.extend(later.exact)
        self.blurred.extend(later.blurred)
        self.at_least.extend(later.at_least)
        self.cells += later.cells
        self.cells_at_least += later.cells_at_least
        self.least = min(self.least, later.least)


def fit(times: Times, most: int = 1) -> tuple[Component, ...]:
    """Fit the mixture of up to ``most`` lognormals of one sigma by which the times are likeliest, the quickest first.

    It has as many of them as Akaike's criterion (1974) asks for. With a sigma for each, a few thousand times would not
    tell the parts apart. Raise ValueError if no time is known.
    """
    if not times.count:
        raise ValueError("no times to fit to")
    data = _Data(times)
    fits = [_maximise(data, data.start(1))]
    for number in range(2, most + 1):
        # The method climbs to a top near its start, not always to the highest one.
        tops = [_maximise(data, start) for start in (data.start(number), *fits[-1].split())]
        fits.append(max(tops, key=lambda each: each.likelihood))
    scores = [2 * len(each.weights) - each.likelihood for each in fits]
    best = fits[int(np.argmin(scores))]
    order = np.argsort(best.means)
    return tuple(Component(float(best.weights[n]), float(np.exp(best.means[n])), best.sigma) for n in order)


class _Data:
    """The observations as the grid sees them."""

    def __init__(self, times: Times) -> None:
        self.exact = (_counts(times.exact) + times.cells).astype(float)
        self.at_least = (_counts(times.at_least) + times.cells_at_least).astype(float)
        steps, self.counts = np.unique(np.round(np.array(times.blurred, dtype=float) / 0.05), return_counts=True)
        apart = np.abs(steps[:, None] * 0.05 - np.exp(_MIDDLES)[None, :])
        # The chance of what was seen, given the true time: the difference of two uniform errors.
        self.kernel = np.maximum(0.0, 1.0 - apart)

    def spread(self, chances: Array) -> tuple[Array, float]:
        """Spread the observations over the cells, where these have such chances.

        With it, the logarithm of how likely the observations are.
        """
        chances = np.maximum(chances, 1e-300)
        beyond = np.cumsum(chances[::-1])[::-1]
        expected = self.exact + chances * np.cumsum(self.at_least / beyond)
        likelihood = float(self.exact @ np.log(chances) + self.at_least @ np.log(beyond))
        if len(self.counts):
            each = np.maximum(self.kernel @ chances, 1e-300)
            expected += chances * (self.kernel.T @ (self.counts / each))
            likelihood += float(self.counts @ np.log(each))
        return expected, likelihood

    def start(self, number: int) -> _Mixture:
        """Return a mixture to start from: as many equal parts of what was observed, all true times being alike."""
        known, _ = self.spread(np.full(CELLS, 1.0 / CELLS))
        known /= known.sum()
        means = np.interp((np.arange(number) + 0.5) / number, np.cumsum(known), _MIDDLES)
        sigma = float(np.sqrt(known @ (_MIDDLES - known @ _MIDDLES) ** 2)) / number
        return _Mixture(np.full(number, 1 / number), means, max(sigma, NARROWEST))


@dataclass
class _Mixture:
    weights: Array
    means: Array
    sigma: float
    likelihood: float = -np.inf

    def chances(self) -> Array:
        """Return the chance of each cell, by component."""
        from scipy.special import ndtr  # noqa: PLC0415 - 20 MB, which reading the log has room for

        below = ndtr((_LOGS[None, :] - self.means[:, None]) / self.sigma)
        inside: Array = self.weights[:, None] * np.diff(below, axis=1)
        return inside

    def split(self) -> Iterator[_Mixture]:
        """Yield mixtures of one part more: each part in turn in two, a sigma to either side."""
        for place, mean in enumerate(self.means):
            weights = np.append(self.weights, self.weights[place] / 2)
            weights[place] /= 2
            means = np.append(self.means, mean + self.sigma)
            means[place] -= self.sigma
            yield _Mixture(weights, means, self.sigma / 2)


def _maximise(data: _Data, mixture: _Mixture) -> _Mixture:
    """Find the likeliest mixture that is reached from a start.

    Alone, the method takes hundreds of ever smaller steps. Two of them tell where they lead, and a leap goes there
    (SQUAREM: Varadhan and Roland 2008), unless the times are less likely there than after the two steps.
    """
    reached = -np.inf
    for _ in range(ROUNDS):
        first = _climb(data, mixture)
        if first.likelihood - reached < ENOUGH:
            return first
        second = _climb(data, first)
        if second.likelihood - first.likelihood < ENOUGH:
            return second
        leap = _climb(data, _ahead(mixture, first, second))
        mixture = leap if leap.likelihood > second.likelihood else second
        reached = mixture.likelihood
    return mixture


def _climb(data: _Data, mixture: _Mixture) -> _Mixture:
    """Make one step of expectation and maximisation; the likelihood is that of where it came from."""
    parts = mixture.chances()
    whole = parts.sum(axis=0)
    expected, likelihood = data.spread(whole)
    shares = parts / np.maximum(whole, 1e-300) * expected
    amounts = np.maximum(shares.sum(axis=1), 1e-12)
    means = shares @ _MIDDLES / amounts
    spread = (shares * (_MIDDLES[None, :] - means[:, None]) ** 2).sum() / amounts.sum()
    return _Mixture(amounts / amounts.sum(), means, max(NARROWEST, float(np.sqrt(spread))), likelihood)


def _ahead(start: _Mixture, first: _Mixture, second: _Mixture) -> _Mixture:
    """Return where two steps lead if those after them go on as they did."""
    places = [
        np.concatenate([np.log(each.weights), each.means, [np.log(each.sigma)]]) for each in (start, first, second)
    ]
    step = places[1] - places[0]
    bend = places[2] - places[1] - step
    length = max(1.0, float(np.linalg.norm(step)) / max(float(np.linalg.norm(bend)), 1e-12))
    place = places[0] + 2 * length * step + length**2 * bend
    number = len(start.weights)
    weights = np.exp(place[:number] - place[:number].max())
    sigma = float(np.exp(np.clip(place[-1], np.log(NARROWEST), np.log(WIDEST))))
    return _Mixture(weights / weights.sum(), np.clip(place[number:-1], _LOGS[0], _LOGS[-1]), sigma)


def _counts(values: Sequence[float]) -> Counts:
    """Return how many values are in each cell."""
    inside = np.clip(np.array(values, dtype=float), SHORTEST, LONGEST * 0.999)
    cells = np.clip(np.searchsorted(_LOGS, np.log(inside), side="right") - 1, 0, CELLS - 1)
    return np.bincount(cells, minlength=CELLS)
