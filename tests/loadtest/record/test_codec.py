"""JSON from elsewhere: what is none is one error, never another exception of Python's."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtest.history import series
from loadtest.record import toml_file
from loadtest.record.codec import RecordError, read_json
from loadtest.record.exit_codes import BadInput


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100_000, id="nested without end"),
        pytest.param('{"a": NaN}', id="no number"),
        pytest.param("9" * 5000, id="a number of five thousand digits"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_json_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100_000, id="nested without end"),
        pytest.param('{"schema": []}', id="a list for a schema"),
        pytest.param('{"schema": 3, "runs": 5}', id="a number for the storms"),
        pytest.param('{"schema": 2, "runs": {}}', id="a table for the storms"),
        pytest.param('{"schema": true, "runs": []}', id="a truth for a schema"),
    ],
)
def test_what_is_no_record_is_said_so(text: str, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(RecordError):
        series.load(tmp_path / "record.json")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = " + "[" * 100_000, id="nested without end"),
        pytest.param(f"x = {'9' * 5000}", id="a number of five thousand digits"),
        pytest.param("x = 1\nx = 2", id="a key that comes twice"),
    ],
)
def test_what_is_no_toml_is_said_so(text: str) -> None:
    with pytest.raises(BadInput, match=r"^limits\.toml is not TOML: "):
        toml_file.document(text, "limits.toml")
