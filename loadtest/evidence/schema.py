"""The JSON schema (draft 2020-12) of record.json and of a summary in the history, from the types that write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from loadtest.history import series, summaries
from loadtest.history.stored_verdict import StoredVerdict
from loadtest.record import codec

DIALECT: Final = GenerateJsonSchema.schema_dialect


@dataclass(kw_only=True)
class _Document(series.Series):
    verdict: StoredVerdict


def record() -> dict[str, Any]:
    """Return the schema of record.json: the storms, what they are compared with, and the verdict that was given."""
    document = _of(_Document, "The record of a storm", series.Series.__doc__, series.SCHEMA)
    document["properties"]["runs"]["minItems"] = 1
    return document


def summary() -> dict[str, Any]:
    """Return the schema of a file in the history."""
    return _of(summaries.Summary, "The summary of a storm in the history", summaries.Summary.__doc__, summaries.SCHEMA)


def text(schema: dict[str, Any]) -> str:
    """Return the schema as it is published."""
    return json.dumps(schema, indent=1) + "\n"


def _of(kind: type, title: str, about: str | None, version: int) -> dict[str, Any]:
    schema = _brief(codec.adapter(kind).json_schema(mode="serialization"))
    schema["properties"]["schema"] = {"const": version}
    return {"$schema": DIALECT, "title": title, **schema, "description": _in_one_line(about or "")}


def _brief(schema: Any) -> Any:
    """Leave out titles and defaults that say what stands there already; write a docstring in one line."""
    match schema:
        case {"properties": dict(properties), **others}:
            return {**_brief(others), "properties": {name: _brief(each) for name, each in properties.items()}}
        case {"description": str(text), **others}:
            return {"description": _in_one_line(text), **_brief(others)}
        case {"patternProperties": dict(), **others} if "additionalProperties" not in others:
            return _brief({**schema, "additionalProperties": False})
        case dict():
            return {name: _brief(each) for name, each in schema.items() if name not in ("title", "default")}
        case _:
            return schema


def _in_one_line(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")
