"""A record into the documentation: the table between two marks, and the picture."""

from __future__ import annotations

from pathlib import Path

from bench.common.lab import CHECKOUT
from bench.site.results import Record

DOCUMENT = CHECKOUT / "docs/benchmark.md"
IMAGE = CHECKOUT / "docs/images/bench.png"
BEGIN, END = "<!-- the table of `make bench` -->", "<!-- the end of the table -->"


def picture(record: Record, file: Path) -> bool:
    """Draw; False when the record lacks what the picture shows."""
    from bench.site.picture import draw  # noqa: PLC0415 - matplotlib takes longer to import than the rest takes to run

    return draw(record, file)


def insert(page: Path, text: str) -> None:
    """Put the text between the marks of a page, in the place of all that was said of another run. Raises ValueError
    when it has not exactly one pair of them, and OSError."""
    document = page.read_text()
    if document.count(BEGIN) != 1 or document.count(END) != 1 or document.index(BEGIN) > document.index(END):
        raise ValueError(f"{page} must have {BEGIN!r} and {END!r} once each, in this order")
    head, rest = document.split(BEGIN)
    page.write_text(f"{head}{BEGIN}\n\n{text.strip()}\n\n{END}{rest.split(END)[1]}")


def publish(record: Record, text: str) -> None:
    """Table and picture of a whole run. Raises ValueError for a record that has no picture: it is not a whole run."""
    if not picture(record, IMAGE):
        raise ValueError("only a run with the parts pages and collapse can be published")
    insert(DOCUMENT, text)
    print(f"published: {DOCUMENT}, {IMAGE}")
