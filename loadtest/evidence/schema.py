"""The JSON schema (draft 2020-12) of record.json and of a summary in the history, from the types that write them."""

from __future__ import annotations

import builtins
import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, Final

from loadtest.history import series, summaries
from loadtest.record.measurements import Measurements
from loadtest.record.phases import NAMES

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: Final[Mapping[Any, dict[str, Any]]] = {
    Any: {},
    Measurements: {"$ref": "#/$defs/Measurements"},
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
}
_COUNTS: Final = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
_FIGURE: Final = {"type": ["number", "null"]}
_SENTENCES: Final = {"type": "array", "items": {"type": "string"}}
_ANSWER: Final = {"enum": ["PASS", "FAIL", "VOID"]}


def record() -> dict[str, Any]:
    """Of record.json: the storms, what they are compared with, and the verdict that was given."""
    definitions: dict[str, Any] = {}
    document = _object(series.Series, definitions)
    document["properties"]["schema"] = {"const": series.SCHEMA}
    document["properties"]["runs"]["minItems"] = 1
    document["properties"]["verdict"] = _verdict()
    document["required"].append("verdict")
    return {"$schema": DIALECT, "title": "The record of a storm", **document, "$defs": {**definitions, **_measured()}}


def summary() -> dict[str, Any]:
    """Of a file in the history."""
    definitions: dict[str, Any] = {}
    document = _object(summaries.Summary, definitions)
    document["properties"]["schema"] = {"const": summaries.SCHEMA}
    document["properties"]["verdict"] = _ANSWER
    return {"$schema": DIALECT, "title": "The summary of a storm in the history", **document}


def text(schema: dict[str, Any]) -> str:
    """As it is published."""
    return json.dumps(schema, indent=1) + "\n"


def _object(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    names = [each.name for each in dataclasses.fields(kind)]
    return _closed({name: _of(hints[name], definitions) for name in names}, (kind.__doc__ or "").split("\n\n")[0])


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if dataclasses.is_dataclass(kind) and kind is not Measurements:
        return _reference(kind, definitions)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    match origin or kind:
        case types.UnionType:
            (inner,) = (argument for argument in arguments if argument is not type(None))
            return {"anyOf": [_of(inner, definitions), {"type": "null"}]}
        case builtins.list:
            return {"type": "array", "items": _of(arguments[0], definitions)}
        case builtins.dict:
            return {"type": "object", "additionalProperties": _of(arguments[1], definitions)}
        case plain:
            return _PLAIN[plain]


def _reference(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # so that a type may speak of itself
        definitions[kind.__name__] = _object(kind, definitions)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _closed(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    """An object with exactly these properties."""
    about = {"description": " ".join(description.split())} if description else {}
    return {
        **about,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _measured() -> dict[str, Any]:
    tally = {"$ref": "#/$defs/Tally"}
    phases = {"type": "object", "propertyNames": {"enum": list(NAMES)}, "additionalProperties": tally}
    seconds = {"type": "object", "patternProperties": {"^-?[0-9]+$": tally}, "additionalProperties": False}
    histogram = _closed(
        {
            "buckets": {"type": "object", "patternProperties": {"^-?[0-9]+$": {"type": "integer", "minimum": 1}}},
            "count": {"type": "integer", "minimum": 0},
            "total": {"type": "number", "minimum": 0},
            "smallest": _FIGURE,
            "largest": {"type": "number", "minimum": 0},
        },
        "Durations in seconds: bucket n holds values up to b^n s, b = 1.005 / 0.995.",
    )
    durations = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Histogram"}}
    return {
        "Measurements": _closed(
            {"phases": phases, "seconds": seconds}, "By phase, and by second from the opening (which may be negative)."
        ),
        "Tally": _closed({"counts": _COUNTS, "durations": durations}),
        "Histogram": histogram,
    }


def _verdict() -> dict[str, Any]:
    finding = _closed(
        {
            "phase": {"enum": [*NAMES, "storm"]},
            "limit": {"type": "string"},
            "unit": {"enum": ["duration", "share", "count"]},
            "bound": {"type": "number"},
            "measured": _FIGURE,
            "never": {"type": "boolean"},
            "holds": {"type": ["boolean", "null"]},
            "margin": _FIGURE,
        },
        "A limit; bound and measured in seconds, as a share of 1, or as a count; holds is null when not measured.",
    )
    check = _closed({"name": {"type": "string"}, "holds": {"type": "boolean"}, "found": {"type": "string"}})
    findings = {"type": "array", "items": finding}
    storm = _closed(
        {
            "answer": _ANSWER,
            "reasons": _SENTENCES,
            "limits": findings,
            "sound": findings,
            "enough": findings,
            "invariants": {"type": "array", "items": check},
        }
    )
    compared = _closed(
        {
            "figure": {"type": "string"},
            "candidates": {"type": "array", "items": {"type": "number"}},
            **{name: {"type": "number"} for name in ("usual", "spread", "ratio", "p", "adjusted", "floor")},
            "smallest": _FIGURE,
            "slower": {"type": "boolean"},
        }
    )
    comparison = _closed(
        {
            "candidates": {"type": "integer"},
            "used": {"type": "integer"},
            "left_out": _COUNTS,
            "found": {"type": "string"},
            "figures": {"type": "array", "items": compared},
        }
    )
    return _closed(
        {
            "answer": _ANSWER,
            "reasons": _SENTENCES,
            "storms": {"type": "array", "items": storm},
            "comparison": {"anyOf": [comparison, {"type": "null"}]},
            "changes": _SENTENCES,
        },
        "What was judged when it was written; judging again starts from the measurements.",
    )
