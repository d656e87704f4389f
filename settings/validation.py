"""A TOML file checked against its tables: one message for each wrong value, naming key, value and what is allowed."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

T = TypeVar("T", bound="Table")


class SettingsError(Exception):
    """The file cannot be used; the text has one line for each wrong value."""


class Table(BaseModel):
    """One table of the file: no unknown keys, no conversions, no changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True)
class Rule:
    """What one value may be: ``allowed`` is shown to whoever wrote something else, whatever was wrong with it."""

    allowed: str
    holds: Callable[[Any], bool] = lambda _: True

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Wrap the type's own check, so that a wrong type and a wrong value give the same message."""
        return core_schema.no_info_wrap_validator_function(self.check, handler(source))

    def check(self, value: Any, inner: Callable[[Any], Any]) -> Any:
        """Return the value as its type; raise PydanticCustomError where it is not what the rule allows."""
        try:
            parsed = inner(value)
        except ValidationError:
            raise self._refusal() from None
        if not self.holds(parsed):
            raise self._refusal()
        return parsed

    def _refusal(self) -> PydanticCustomError:
        return PydanticCustomError("refused", "not that; allowed: {allowed}", {"allowed": self.allowed})


@dataclass(frozen=True)
class MomentRule(Rule):
    """A date and time with its offset: TOML's own, or the same as a string."""

    holds: Callable[[Any], bool] = lambda moment: moment.tzinfo is not None

    def check(self, value: Any, inner: Callable[[Any], Any]) -> Any:
        """Check as ``Rule.check`` does; a string is read as ISO 8601 first."""
        if isinstance(value, str):
            try:
                value = datetime.datetime.fromisoformat(value)
            except ValueError:
                raise self._refusal() from None
        return super().check(value, inner)


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a check that holds for a text that the pattern matches as a whole."""
    return lambda value: re.fullmatch(pattern, value) is not None


def refuse(key: str, value: object, reason: str) -> PydanticCustomError:
    """Return the refusal of a value that is wrong only beside others.

    ``key`` is relative to the table being checked.
    """
    return PydanticCustomError("refused", "{reason}", {"key": key, "value": value, "reason": reason})


def read(table: type[T], path: Path) -> T:
    """Read the file as ``table``; raise SettingsError with one line for each value that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path.name}: cannot be read from {path.parent}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    try:
        return table.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name}: not TOML: {error}") from None
    except ValidationError as error:
        lines = [_line(table, details) for details in error.errors(include_url=False)]
        raise SettingsError("\n".join(f"{path.name}: {line}" for line in lines)) from None


def _line(table: type[Table], details: ErrorDetails) -> str:
    where = tuple(str(part) for part in details["loc"])
    context = details.get("ctx", {})
    if details["type"] == "extra_forbidden":
        known = ", ".join(_table_at(table, where[:-1]).model_fields)
        return f"{'.'.join(where)} = {_shown(details['input'])}: unknown key; allowed: {known}"
    if details["type"] == "missing":
        return f"{'.'.join(where)}: missing; allowed: {_allowed_at(table, where)}"
    if "key" in context:
        return f"{'.'.join((*where, context['key']))} = {_shown(context['value'])}: {context['reason']}"
    if details["type"] == "refused":
        return f"{'.'.join(where)} = {_shown(details['input'])}: {details['msg']}"
    return f"{'.'.join(where)} = {_shown(details['input'])}: not that; allowed: {_allowed_at(table, where)}"


def _table_at(table: type[Table], where: Sequence[str]) -> type[Table]:
    for key in (each for each in where if not each.isdecimal()):
        field = table.model_fields[key].annotation
        table = next(kind for kind in (field, *get_args(field)) if isinstance(kind, type) and issubclass(kind, Table))
    return table


def _allowed_at(table: type[Table], where: Sequence[str]) -> str:
    field = _table_at(table, where[:-1]).model_fields[where[-1]]
    rules = [rule.allowed for rule in field.metadata if isinstance(rule, Rule)]
    return rules[0] if rules else f"a table [{'.'.join(where)}] with {', '.join(_table_at(table, where).model_fields)}"


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
