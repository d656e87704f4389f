"""The JSON form of a record and of what travels between master and workers, and what is none."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

from loadtest.record.measurements import Measurements


class RecordError(ValueError):
    """What was read is not a record; the message names the place."""


def no_number(word: str) -> float:
    """For Python's JSON reader, which takes NaN and Infinity though JSON has neither. Raises ValueError."""
    raise ValueError(f"{word} is no number")


def encode(value: Any) -> Any:
    """The JSON form of a record or a part of one."""
    if isinstance(value, Measurements):
        return value.encode()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    return value


def decode(kind: Any, data: object, place: str = "record") -> Any:
    """The value of type `kind` that a JSON form stands for. Raises RecordError naming the place that does not fit."""
    if kind is Measurements:
        try:
            return Measurements.decode(data)
        except ValueError as error:
            raise RecordError(f"{place}: {error}") from error
    if dataclasses.is_dataclass(kind):
        return _decode_fields(kind, data, place)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return None if data is None else decode(inner, data, place)
    return _decode_plain(kind, origin, arguments, data, place)


def _decode_plain(kind: Any, origin: Any, arguments: tuple[Any, ...], data: object, place: str) -> Any:
    match data:
        case _ if kind is Any:
            return data
        case list() if origin in (list, tuple):
            return origin(decode(arguments[0], item, f"{place}[{number}]") for number, item in enumerate(data))
        case dict() if origin is dict:
            return {key: decode(arguments[1], item, f"{place}.{key}") for key, item in data.items()}
        case bool() if kind is not bool:
            pass
        case int() if kind is float:
            return float(data)
        case _ if isinstance(kind, type) and isinstance(data, kind):
            return data
    raise RecordError(f"{place}: expected {getattr(origin or kind, '__name__', kind)}, found {type(data).__name__}")


def _decode_fields(kind: Any, data: object, place: str) -> Any:
    if not isinstance(data, dict):
        raise RecordError(f"{place}: expected an object, found {type(data).__name__}")
    hints = typing.get_type_hints(kind)
    strange = sorted(set(data) - set(hints))
    if strange:
        raise RecordError(f"{place}.{strange[0]}: unknown field")
    values = {}
    for spec in dataclasses.fields(kind):
        if spec.name in data:
            values[spec.name] = decode(hints[spec.name], data[spec.name], f"{place}.{spec.name}")
        elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
            raise RecordError(f"{place}.{spec.name}: missing")
    try:
        return kind(**values)
    except ValueError as error:
        raise RecordError(f"{place}: {error}") from error
