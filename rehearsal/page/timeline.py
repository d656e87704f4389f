"""The timeline of an action as it grows, from the file that its build writes and names in its log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rehearsal.page.log_reader import LogReader

# What a build's log says of its timeline.
_NAMED: Final = re.compile(r"^timeline: (/\S.*)$", re.MULTILINE)
# Plots, and lines of each: what a page has room for.
_MOST: Final = 12


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Plot(_Line):
    """What a plot is called, and its lines; seconds are the unit of their values, or none."""

    title: str
    lines: Annotated[list[str], Field(min_length=1, max_length=_MOST)]
    unit: Literal["", "s"]


class Head(_Line):
    """A timeline's title, a sentence about it, and its axis in seconds, with the start of each phase."""

    timeline: str
    about: str
    begin: Annotated[float, Field(alias="from")]
    end: Annotated[float, Field(alias="to")]
    phases: list[tuple[str, float]]
    plots: Annotated[list[Plot], Field(min_length=1, max_length=_MOST)]


class Second(_Line):
    """A second's values: of each line of each plot, none where nothing was measured."""

    at: float
    values: list[list[float | None]]


class Grown(_Line):
    """The seconds that are new, or other than they were told before."""

    seconds: list[Second]


_LINE: Final[TypeAdapter[Head | Grown]] = TypeAdapter(Head | Grown)


def named(text: str) -> str | None:
    """Return the path that a piece of a log says a timeline is written to; None where it says nothing of it."""
    found = _NAMED.findall(text)
    return found[-1].strip() if found else None


class TimelineReader:
    """Reads what is new in a file of lines of JSON: a head, seconds, and another head where another timeline begins."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._reader = LogReader(file, whole=True)
        self._plots: list[int] = []
        self._fault = ""

    def read(self) -> dict[str, Any] | None:
        """Return what is new; None for nothing.

        ``head`` begins anew, ``seconds`` go on; ``fault`` says why a file is read no further.
        """
        head: Head | None = None
        seconds: list[Second] = []
        while not self._fault and (text := self._reader.read()):
            for line in text.splitlines():
                try:
                    read = _LINE.validate_json(line)
                except ValidationError as error:
                    return self._refuse(f"{error.errors()[0]['msg']}: {line[:80]!r}")
                if isinstance(read, Head):
                    head, seconds = read, []
                    self._plots = [len(plot.lines) for plot in read.plots]
                elif any([len(values) for values in second.values] != self._plots for second in read.seconds):
                    return self._refuse(f"other values than its plots have lines: {line[:80]!r}")
                else:
                    seconds += read.seconds
        if head is None and not seconds:
            return None
        shown = head.model_dump(by_alias=True) if head else None
        return {"head": shown, "seconds": [second.model_dump() for second in seconds], "fault": ""}

    def _refuse(self, why: str) -> dict[str, Any]:
        self._fault = f"{self._file.name} is no timeline: {why}"
        return {"head": None, "seconds": [], "fault": self._fault}
