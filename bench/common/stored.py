"""What the records of both benchmarks share: the machine, the parts, the page; stored as JSON and read back."""

from __future__ import annotations

import dataclasses
import json
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass
class Stored:
    """A whole run, in fields that are plain values or lists of rows (dataclasses). ``page`` is its size in bytes."""

    machine: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    page: dict[str, int] = field(default_factory=dict)

    def save(self, file: Path) -> None:
        """Write as JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what ``save`` wrote. Raise OSError, or ValueError for another file."""
        try:
            stored: dict[str, Any] = json.loads(file.read_text())
            hints = typing.get_type_hints(cls)
            return cls(**{name: _read(hints[name], stored[name]) for name in {*hints, *stored}})
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{file} is no record of this benchmark: {error}") from error


def _read(kind: Any, value: Any) -> Any:
    """Read a field's value; where it holds rows, those."""
    row = next(iter(typing.get_args(kind)), None)
    if not isinstance(row, type) or not dataclasses.is_dataclass(row):
        return value
    return [row(**each) for each in value]
