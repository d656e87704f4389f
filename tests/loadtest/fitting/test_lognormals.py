"""Known mixtures are found again behind times that are exact, in whole seconds, or cut short."""

from __future__ import annotations

import math
import random

import pytest

from loadtest.crowd.habits import Component, Distribution
from loadtest.fitting.lognormals import Times, fit

SIZE = 4000
MIXTURES = {
    "the default": Distribution((Component(0.4, 1.0, 0.6), Component(0.5, 4.0, 0.6), Component(0.1, 15.0, 0.6))),
    "wide apart": Distribution((Component(0.5, 0.8, 0.5), Component(0.3, 5.0, 0.5), Component(0.2, 25.0, 0.5))),
    "two": Distribution((Component(0.3, 0.5, 0.2), Component(0.7, 2.0, 0.2))),
}


def drawn(distribution: Distribution, seed: int) -> list[float]:
    rng = random.Random(seed)
    return [distribution.draw(rng) for _ in range(SIZE)]


def near(found: tuple[Component, ...], true: Distribution, within: float) -> bool:
    """Return whether the shares that lie below any time agree."""
    moments = [math.exp(number / 10) for number in range(-20, 50)]
    below = [[sum(p.weight * p.share_below(at) for p in parts) for at in moments] for parts in (found, true.mixture)]
    return all(abs(one - other) <= within for one, other in zip(*below, strict=True))


@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_mixture_is_found_behind_exact_times(name: str, seed: int) -> None:
    true = MIXTURES[name]
    found = fit(Times(exact=drawn(true, seed)), 3)
    assert near(found, true, 0.02)
    assert len(found) == len(true.mixture)
    for one, other in zip(found, true.mixture, strict=True):
        assert one.median == pytest.approx(other.median, rel=0.1)
        assert one.weight == pytest.approx(other.weight, abs=0.05)


@pytest.mark.parametrize("name", MIXTURES)
def test_whole_seconds_do_not_shift_it(name: str) -> None:
    rng = random.Random(3)
    times = [float(math.floor(rng.random() + seconds)) for seconds in drawn(MIXTURES[name], 2)]
    assert near(fit(Times(blurred=times), 3), MIXTURES[name], 0.03)


@pytest.mark.parametrize("name", MIXTURES)
def test_times_that_were_cut_short_do_not_shift_it(name: str) -> None:
    """Two thirds are not seen to their end; a fit to those that are would be far too quick."""
    rng = random.Random(4)
    times, known = Times(), []
    for seconds in drawn(MIXTURES[name], 2):
        cut = rng.lognormvariate(math.log(1.5), 1.5)
        (times.exact if seconds <= cut else times.at_least).append(min(seconds, cut))
        known += [seconds] if seconds <= cut else []
    assert times.count < SIZE * 0.6
    assert near(fit(times, 3), MIXTURES[name], 0.06)
    assert not near(fit(Times(exact=known), 3), MIXTURES[name], 0.06)


def test_one_lognormal_stays_one_in_effect() -> None:
    true = Distribution((Component(1.0, 5.0, 0.7),))
    assert near(fit(Times(exact=drawn(true, 1)), 3), true, 0.02)


def test_the_same_time_again_and_again_is_no_trouble() -> None:
    (found,) = fit(Times(exact=[3.0] * 50))
    assert found.median == pytest.approx(3.0, rel=0.02)


def test_nothing_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no times to fit to"):
        fit(Times(at_least=[3.0]))
