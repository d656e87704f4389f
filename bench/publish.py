"""A record into the documentation: the table between two marks, and the picture."""

from __future__ import annotations

from pathlib import Path

from bench.lab import CHECKOUT
from bench.record import Record

DOCUMENT = CHECKOUT / "docs/benchmark.md"
IMAGE = CHECKOUT / "docs/images/bench.png"
BEGIN, END = "<!-- the table of `make bench` -->", "<!-- the end of the table -->"


def picture(record: Record, file: Path) -> bool:
    """Draw; False when the record lacks what the picture shows."""
    from bench.picture import draw  # noqa: PLC0415 - matplotlib takes longer to import than the rest takes to run

    return draw(record, file)


def inserted(document: str, text: str) -> str:
    """The document with the text between its marks. Raises ValueError when it has not exactly one pair of them."""
    if document.count(BEGIN) != 1 or document.count(END) != 1 or document.index(BEGIN) > document.index(END):
        raise ValueError(f"{DOCUMENT} must have {BEGIN!r} and {END!r} once each, in this order")
    head, rest = document.split(BEGIN)
    return f"{head}{BEGIN}\n\n{text.strip()}\n\n{END}{rest.split(END)[1]}"


def publish(record: Record, text: str) -> None:
    """Table and picture of a whole run. Raises ValueError for a record that has no picture: it is not a whole run."""
    if not picture(record, IMAGE):
        raise ValueError("only a run with the parts pages and collapse can be published")
    DOCUMENT.write_text(inserted(DOCUMENT.read_text(), text))
    print(f"published: {DOCUMENT}, {IMAGE}")
