"""A file that people write in TOML: its text, and what it says, or one message that names the file and the place."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from loadtest.record.exit_codes import BadInput

T = TypeVar("T", bound=BaseModel)


class Table(BaseModel):
    """One table of a file: no unknown keys, no conversions."""

    model_config = ConfigDict(frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, table: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in table if isinstance(table, dict) else ():
            if key not in known:
                context = {"key": key, "known": ", ".join(known)}
                raise PydanticCustomError("unknown", "unknown; known are {known}", context)
        return table


@dataclass(frozen=True)
class Says:
    """What is said of a value that is not allowed, whatever is wrong with it; what was found follows."""

    message: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the type's own check, with this message where it fails."""
        return core_schema.custom_error_schema(handler(source), "refused", custom_error_message=self.message)


def text(path: Path, what: str) -> str:
    """Read the text of a file; ``what`` is what messages call it. Raise BadInput."""
    try:
        return path.read_text(encoding="utf-8-sig")  # which passes over a byte-order mark
    except OSError as error:
        raise BadInput(f"{what} {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{what} {path} is not UTF-8: {error.reason} at byte {error.start}") from error


def document(source: str, name: str) -> dict[str, Any]:
    """Parse what a text says; ``name`` is what messages call it. Raise BadInput."""
    try:
        return tomllib.loads(source)
    except ValueError as error:  # also of a number of thousands of digits, which is no TOMLDecodeError
        raise BadInput(f"{name} is not TOML: {error}") from error
    except RecursionError as error:
        raise BadInput(f"{name} is not TOML: nested too deeply") from error


def checked(kind: type[T], found: object, source: str, name: str, *tables: str) -> T:
    """Return what a text says below ``tables``, as a type.

    Raise BadInput with the first place that is wrong, and its line.
    """
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        raise BadInput(_sentence(error.errors(include_url=False)[0], source, name, tables)) from None


def _sentence(details: ErrorDetails, source: str, name: str, above: tuple[str, ...]) -> str:
    context = details.get("ctx", {})
    path = [
        *above,
        *(part for part in details["loc"] if part != "[key]"),
        *([context["key"]] if "key" in context else []),
    ]
    first = next((at for at, part in enumerate(path) if isinstance(part, int)), len(path))
    *tables, key = [str(part) for part in path[:first]]
    inner = [f"part {part + 1}" if isinstance(part, int) else part for part in path[first:]]
    table, key = (".".join(tables), ", ".join([key, *inner])) if tables else (key, "")
    match details["type"]:
        case "missing":
            message = "missing"
        case "model_type":
            message = "expected a table"
        case _:
            message = details["msg"]
    if message.startswith("expected"):
        message += f", found {details['input']!r}"
    return f"{name}:{line(source, table, key)}: [{table}]{f' {key}' if key else ''}: {message}"


def line(source: str, table: str, key: str) -> int:
    """Find the line of a key in a table, or of the table, or of the table above it; 1 where none is written so."""
    lines = source.splitlines()
    while table:
        headers = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\s*{re.escape(table)}\s*\]", line)]
        if headers:
            end = next((n for n in range(headers[0] + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
            word = re.escape(key.split(",", maxsplit=1)[0])
            keys = [n for n in range(headers[0] + 1, end) if word and re.match(rf"\s*{word}\s*=", lines[n])]
            return (keys or headers)[0] + 1
        table, _, key = table.rpartition(".")
    return 1
