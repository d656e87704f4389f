"""The published schemas are those of what is written, and refuse what is not."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadtest.evidence import schema
from loadtest.gate import limits
from loadtest.gate.verdict import Answer
from loadtest.history import series, summaries
from loadtest.history.judgement import judge_all
from loadtest.history.series import Series
from loadtest.history.stored_verdict import StoredVerdict
from loadtest.record.codec import encode
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS


# As a fixture: its import takes a second, in every process that collects tests.
@pytest.fixture(scope="module")
def jsonschema() -> Any:
    return importlib.import_module("jsonschema")


LIMITS = limits.load(DEFAULT_LIMITS)
PUBLISHED = Path(__file__).resolve().parents[3] / "docs/schema"


@pytest.mark.parametrize(("name", "made"), [("record", schema.record), ("summary", schema.summary)])
def test_the_published_schema_is_up_to_date(name: str, made: Callable[[], dict[str, Any]], jsonschema: Any) -> None:
    """If not: ``python -m loadtest schema record > docs/schema/record.json``."""
    assert (PUBLISHED / f"{name}.json").read_text() == schema.text(made())
    jsonschema.Draft202012Validator.check_schema(made())


def document(record: Record) -> Any:
    """Return a record of a storm that was compared with 30 nights, as record.json has it."""
    night = summaries.summarise(record, Answer.PASS, "", LIMITS)
    storms = Series([record], 1, 1, "nights", [night] * 30, {"other people": 1})
    return json.loads(series.dump(storms, encode(StoredVerdict.of(judge_all(storms, LIMITS)))))


def test_what_is_written_is_valid(record: Record, jsonschema: Any) -> None:
    validator = jsonschema.Draft202012Validator(schema.record())
    validator.validate(document(record))
    record.ledger = record.course = None
    record.measurements.seconds.clear()
    record.cut = "cut"
    validator.validate(document(record))
    summary = summaries.summarise(record, Answer.PASS, "", LIMITS)
    jsonschema.Draft202012Validator(schema.summary()).validate(encode(summary))


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda d: d.pop("verdict"), id="no verdict"),
        pytest.param(lambda d: d["verdict"].update(answer="MAYBE"), id="unknown answer"),
        pytest.param(lambda d: d["verdict"]["storms"][0]["limits"][0].pop("holds"), id="limit without its outcome"),
        pytest.param(lambda d: d["runs"].clear(), id="no storm"),
        pytest.param(lambda d: d["runs"][0].update(colour="red"), id="unknown field"),
        pytest.param(lambda d: d["runs"][0]["measurements"]["phases"].update(lunch={}), id="unknown phase"),
        pytest.param(lambda d: d["runs"][0]["parameters"].update(people="many"), id="people as text"),
        pytest.param(lambda d: d["earlier"][0].pop("figures"), id="earlier night without figures"),
    ],
)
def test_what_is_not_is_refused(record: Record, harm: Callable[[Any], Any], jsonschema: Any) -> None:
    harmed = document(record)
    harm(harmed)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema.record()).validate(harmed)
