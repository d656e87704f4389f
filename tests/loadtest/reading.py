"""A report as somebody reads it: its figures from its HTML alone."""

from __future__ import annotations

import html.parser
import re
from dataclasses import dataclass, field

UNITS = {"ms": 0.001, "s": 1.0, "%": 0.01}


@dataclass
class Reading(html.parser.HTMLParser):
    """The pairs of its lists, and the rows of its tables by their first cell."""

    pairs: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[str]] = field(default_factory=dict)
    _cells: list[str] = field(default_factory=list)
    _inside: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("tr", "dl"):
            self._cells = []
        if tag in ("td", "th", "dt", "dd"):
            self._cells.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "dt", "dd"):
            self._inside = False
        if tag == "tr" and self._cells:
            self.rows.setdefault(self._cells[0], self._cells[1:])
        if tag == "dl":
            for name, value in zip(self._cells[::2], self._cells[1::2], strict=True):
                self.pairs.setdefault(name, value)

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._cells[-1] += data


def read(text: str) -> Reading:
    """Read the figures of a report."""
    reading = Reading()
    reading.feed(text)
    return reading


def number(text: str) -> float | None:
    """Read a figure in its base unit; None where there is a dash."""
    if text == "-":
        return None
    found = re.fullmatch(r"([\d.]+)\s?(ms|s|%)?", text)
    assert found, text
    return float(found[1]) * UNITS.get(found[2], 1)
