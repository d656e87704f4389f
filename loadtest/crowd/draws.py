"""The random numbers of one person: the same for the same name, and small.

``random.Random`` keeps 2.5 KiB for each; thousands of people rest beside each other.
"""

from __future__ import annotations

from hashlib import blake2b
from statistics import NormalDist
from typing import Final, Protocol

# A linear congruential generator of 128 bits (Knuth's increment, L'Ecuyer's multiplier), of which the upper half is
# taken: what such a generator repeats early is in its lower bits.
_MULTIPLIER: Final = 0x2360ED051FC65DA44385DF649FCCF645
_INCREMENT: Final = 0x5851F42D4C957F2D14057B7EF767814F
_BITS: Final = (1 << 128) - 1
_STANDARD: Final = NormalDist().inv_cdf


class Numbers(Protocol):
    """What a distribution needs of a generator; ``random.Random`` is one too."""

    def random(self) -> float:
        """Return a number from 0 (inclusive) to 1 (exclusive)."""

    def normalvariate(self, mu: float, sigma: float) -> float:
        """Return a number of the normal distribution."""


class Draws:
    """A generator whose whole state is one number."""

    __slots__ = ("_state",)

    def __init__(self, name: str) -> None:
        self._state = int.from_bytes(blake2b(name.encode(), digest_size=16).digest())

    def random(self) -> float:
        """Return a number from 0 (inclusive) to 1 (exclusive), in steps of 2⁻⁵³."""
        self._state = state = (self._state * _MULTIPLIER + _INCREMENT) & _BITS
        return (state >> 75) * 2.0**-53

    def uniform(self, low: float, high: float) -> float:
        """Return a number between two."""
        return low + (high - low) * self.random()

    def normalvariate(self, mu: float, sigma: float) -> float:
        """Return a number of the normal distribution, from one step: by the inverse of its cumulation."""
        self._state = state = (self._state * _MULTIPLIER + _INCREMENT) & _BITS
        return mu + sigma * _STANDARD(((state >> 76) + 0.5) * 2.0**-52)
