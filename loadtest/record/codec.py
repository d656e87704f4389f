"""The JSON form of a record and of what travels between master and workers, by pydantic from the types themselves."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final, TypeVar

from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError, with_config
from pydantic_core import CoreSchema, ErrorDetails, to_json

T = TypeVar("T")

# No unknown field, no conversion, no number that JSON has not; whoever writes, writes every field.
CLOSED: Final = ConfigDict(
    extra="forbid", strict=True, allow_inf_nan=False, json_schema_serialization_defaults_required=True
)


class RecordError(ValueError):
    """What was read is not a record; the message names the place."""


def read_json(text: str) -> Any:
    """Return what a JSON text says. Raise ValueError for what is none, also where Python's reader is content.

    That takes NaN and Infinity for numbers, and ends with RecursionError where brackets are nested by the thousand.
    """
    try:
        return _JSON.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


_JSON: Final = json.JSONDecoder(parse_constant=_no_number)


def whole(kind: type[T]) -> type[T]:
    """Return a dataclass whose JSON form has every field.

    Its defaults are for whoever makes a new one, not for a reader.
    """

    def schema(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        made = handler(source)
        arguments: Any = handler.resolve_ref_schema(made)
        for field in arguments["schema"]["fields"]:
            if field["schema"]["type"] == "default":
                field["schema"] = field["schema"]["schema"]
        return made

    described: Any = kind
    described.__get_pydantic_core_schema__ = schema
    return kind


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what reads, writes and describes a dataclass, and the dataclasses in its fields, as ``CLOSED`` says."""
    return TypeAdapter(with_config(CLOSED)(kind))


def encode(value: Any) -> Any:
    """Return the JSON form of a record or a part of one."""
    kind: Any = type(value)
    return adapter(kind).dump_python(value, mode="json")


def decode(kind: type[T], data: object, place: str = "record") -> T:
    """Return the value of type ``kind`` that a JSON form stands for.

    Raise RecordError naming the place that does not fit.
    """
    described: Any = kind
    try:
        # As text: where pydantic reads JSON, a key that is a number is written as one, and a list may be a tuple.
        value: T = adapter(described).validate_json(to_json(data))
    except ValidationError as error:
        raise RecordError(_sentence(place, error.errors(include_url=False)[0])) from error
    except ValueError as error:  # pydantic's own for what has no JSON form, such as bytes that are no text
        raise RecordError(f"{place}: {error}") from error
    return value


def _sentence(place: str, details: ErrorDetails) -> str:
    for part in details["loc"]:
        if part != "[key]":  # what pydantic calls a key of a dictionary that is wrong itself
            place += f"[{part}]" if isinstance(part, int) else f".{part}"
    match details["type"]:
        case "missing":
            return f"{place}: missing"
        case "unexpected_keyword_argument":
            return f"{place}: unknown field"
        case "value_error":
            return f"{place}: {details['ctx']['error']}"
    expected = details["msg"].replace("Input should be", "expected")
    return f"{place}: {expected}, found {type(details['input']).__name__}"
