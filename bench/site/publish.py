"""A record into the documentation: the table between two marks, and the picture."""

from __future__ import annotations

from pathlib import Path

from bench.common.lab import CHECKOUT
from bench.common.markdown import insert
from bench.site.results import Record

DOCUMENT = CHECKOUT / "docs/benchmark.md"
IMAGE = CHECKOUT / "docs/images/bench.png"


def picture(record: Record, file: Path) -> bool:
    """Draw; False when the record lacks what the picture shows."""
    from bench.site.picture import draw  # noqa: PLC0415 - matplotlib takes longer to import than the rest takes to run

    return draw(record, file)


def publish(record: Record, text: str) -> None:
    """Write table and picture of a whole run.

    Raise ValueError for a record that has no picture: it is not a whole run.
    """
    if not picture(record, IMAGE):
        raise ValueError("only a run with the parts pages and collapse can be published")
    insert(DOCUMENT, text)
    print(f"published: {DOCUMENT}, {IMAGE}")
