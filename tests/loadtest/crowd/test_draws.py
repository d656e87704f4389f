"""The random numbers of people: the same for a name, apart for neighbours, and of the distribution that they are of."""

from __future__ import annotations

import statistics
import sys
from itertools import pairwise

import pytest

from loadtest.crowd.draws import Draws

MANY = 50_000


def test_the_same_name_gives_the_same_numbers_and_another_name_others() -> None:
    first, again, other = (Draws(name) for name in ("1:7", "1:7", "1:8"))
    numbers = [first.random() for _ in range(9)]
    assert numbers == [again.random() for _ in range(9)]
    assert not set(numbers) & {other.random() for _ in range(9)}


def test_no_later_version_draws_other_people() -> None:
    """What these were when a history began, they are for as long as it goes on."""
    draws = Draws("1:7")
    numbers = (draws.random(), draws.uniform(0.5, 1.5), draws.normalvariate(2, 3))
    assert [f"{number:.12f}" for number in numbers] == ["0.837778223593", "0.862976193671", "0.658432354946"]


@pytest.mark.parametrize(
    "among_people", [pytest.param(True, id="first of many"), pytest.param(False, id="many of one")]
)
def test_numbers_are_even(among_people: bool) -> None:
    one = Draws("1:7")
    numbers = [(Draws(f"1:{number}") if among_people else one).random() for number in range(MANY)]
    assert min(numbers) >= 0 and max(numbers) < 1
    # Kolmogorov and Smirnov: beyond 1.95 / √n once in a thousand; the numbers are the same each time.
    assert max(abs(number - place / MANY) for place, number in enumerate(sorted(numbers))) < 1.95 / MANY**0.5
    assert abs(statistics.correlation(*zip(*pairwise(numbers), strict=True))) < 0.015


def test_normal_numbers_are_normal() -> None:
    draws, normal = Draws("1:7"), statistics.NormalDist(2, 3)
    numbers = sorted(draws.normalvariate(2, 3) for _ in range(MANY))
    assert max(abs(normal.cdf(number) - place / MANY) for place, number in enumerate(numbers)) < 1.95 / MANY**0.5


def test_a_generator_is_small() -> None:
    draws = Draws("1:7")
    assert sys.getsizeof(draws) + sys.getsizeof(draws._state) < 128
