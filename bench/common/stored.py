"""What the records of both benchmarks share: the machine, the parts, the page; stored as JSON and read back."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Stored(BaseModel):
    """A whole run, in fields that are plain values or lists of rows (dataclasses). ``page`` is its size in bytes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    machine: dict[str, str] = Field(default_factory=dict)
    parts: list[str] = Field(default_factory=list)
    page: dict[str, int] = Field(default_factory=dict)

    def save(self, file: Path) -> None:
        """Write as JSON."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.model_dump_json(indent=1) + "\n")

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what ``save`` wrote, which is every field. Raise OSError, or ValueError for another file."""
        try:
            stored = cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            reason = f"{place}: {first['msg']}" if place else first["msg"]
            raise ValueError(f"{file} is no record of this benchmark: {reason}") from error
        missing = sorted(set(cls.model_fields) - stored.model_fields_set)
        if missing:
            raise ValueError(f"{file} is no record of this benchmark: {missing[0]} is missing")
        return stored
