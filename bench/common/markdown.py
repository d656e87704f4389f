"""Markdown: tables of figures, and the document that holds them with the targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.common.outcome import Outcome

NONE = "-"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a Markdown table whose first column is text and whose others are figures."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return ["| " + " | ".join(row) + " |" for row in (head, rule, *rows)]


def document(machine: Mapping[str, str], blocks: Iterable[list[str]], verdicts: Sequence[Outcome]) -> str:
    """Join blocks of lines under a line that says when and on what they were measured, and the targets below them."""
    rows = [[each.name, each.wanted, each.measured, "met" if each.met else "**not met**"] for each in verdicts]
    targets = ["### Targets", "", *table(["target", "wanted", "measured", ""], rows)] if rows else []
    origins = [machine.get(each, "") for each in ("date", "cpu", "database")]
    head = [f"*{', '.join(each for each in origins if each)}, commit {machine.get('commit', '')}*"]
    return "\n\n".join("\n".join(block) for block in (head, *blocks, targets) if block) + "\n"


def number(value: float) -> str:
    """Write three digits, or all of a large figure."""
    if math.isinf(value):
        return NONE
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


BEGIN, END = "<!-- the table of `make bench` -->", "<!-- the end of the table -->"


def insert(page: Path, text: str) -> None:
    """Put the text between the marks of a page, in the place of all that was origins of another run.

    Raise ValueError when it has not exactly one pair of them, and OSError.
    """
    document = page.read_text()
    if document.count(BEGIN) != 1 or document.count(END) != 1 or document.index(BEGIN) > document.index(END):
        raise ValueError(f"{page} must have {BEGIN!r} and {END!r} once each, in this order")
    head, rest = document.split(BEGIN)
    page.write_text(f"{head}{BEGIN}\n\n{text.strip()}\n\n{END}{rest.split(END)[1]}")
