"""What stands in a field of an option comes to the engine as it is."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from containers.option_fields import fields, readable_mount

SOURCES = [
    pytest.param("/home/ada/site", id="plain"),
    pytest.param("/home/ada/site, new", id="comma"),
    pytest.param('/home/ada/the "site"', id="quote"),
    pytest.param("/home/ada/site: new", id="colon"),
    pytest.param(" site=new ", id="blanks"),
]


@pytest.mark.parametrize("source", SOURCES)
def test_a_field_is_read_as_it_was_written(source: str) -> None:
    """As the client reads it: a line of CSV, in which quotes stand around a whole field."""
    assert next(csv.reader([fields("type=bind", f"src={source}")], strict=True)) == ["type=bind", f"src={source}"]


def test_what_is_plain_is_written_as_people_write_it() -> None:
    assert readable_mount(Path("/srv/site"), "/x") == "--mount=type=bind,src=/srv/site,dst=/x,readonly"
