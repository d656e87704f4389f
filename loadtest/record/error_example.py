"""The first error of a kind, as whoever met it saw it: what somebody needs to look for its cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# Characters of an address or a sentence that are kept: a site may say anything.
LONGEST: Final = 300


@dataclass
class ErrorExample:
    """An error: ``at`` in seconds from the opening, the address that was asked for, and ``what`` was wrong.

    ``status`` is None where no whole answer came.
    """

    kind: str
    at: float
    url: str
    status: int | None
    what: str

    def __post_init__(self) -> None:
        self.url, self.what = self.url[:LONGEST], " ".join(self.what.split())[:LONGEST]

    @property
    def sentence(self) -> str:
        """For example ``first at +0.3 s, http://localhost/register/spring/ (503): Service Unavailable``."""
        answer = "no answer" if self.status is None else f"{self.status}"
        return f"first at {self.at:+.1f} s, {self.url} ({answer}): {self.what}"


def first_of_each(examples: Iterable[ErrorExample]) -> list[ErrorExample]:
    """Return the earliest example of each kind, the earliest first."""
    first: dict[str, ErrorExample] = {}
    for example in sorted(examples, key=lambda each: each.at):
        first.setdefault(example.kind, example)
    return list(first.values())
