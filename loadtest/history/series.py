"""What record.json holds: one storm, or several of the same commit judged together, and what they are compared with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from loadtest.history.summaries import Summary
from loadtest.record.codec import RecordError, decode, encode, read_json
from loadtest.record.real_browsers import BEFORE_BROWSERS, Browsers
from loadtest.record.record import Record

# Raised whenever a field changes its name or meaning; a record of another schema is refused, not guessed at.
SCHEMA: Final = 4
# Those before it, and what a storm in them is read with: 3 had no browsers, 2 no examples of errors either.
_NO_BROWSERS: Final = {"browsers": encode(Browsers(absent=BEFORE_BROWSERS))}
EARLIER: Final[Mapping[int, Mapping[str, Any]]] = {3: _NO_BROWSERS, 2: {"examples": [], **_NO_BROWSERS}}


@dataclass
class Series:
    """Storms of one commit, in order; there are fewer than ``planned`` when one of them did not pass.

    The first ``candidates`` are compared with the history; further ones confirm what these made look likely.

    ``history`` is where earlier runs were read from (None: nowhere was said), ``earlier`` those that are comparable,
    oldest first, and ``left_out`` how many others there are, by reason. ``nightly`` says that these runs become history
    too.
    """

    runs: list[Record]
    planned: int = 1
    candidates: int = 1
    history: str | None = None
    earlier: list[Summary] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    nightly: bool = False
    schema: int = SCHEMA


def load(path: Path) -> Series:
    """Read the storms in a file.

    Raise RecordError (not JSON, another schema, a wrong field, no storm) and OSError.
    """
    try:
        document = read_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecordError(f"{path} is not JSON: {error}") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(schema, int) and schema in EARLIER:
        document["schema"] = SCHEMA
        if isinstance(runs := document.get("runs"), list):
            document["runs"] = [{**EARLIER[schema], **run} if isinstance(run, dict) else run for run in runs]
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        if schema is None:
            raise RecordError(f"{path} is no record of a storm, which the file record.json of its evidence is")
        raise RecordError(f"{path}: schema {schema!r}; this command reads schema {SCHEMA}")
    document.pop("verdict", None)  # what was judged then; judging again starts from the measurements
    series = decode(Series, document)
    if not series.runs:
        raise RecordError("record.runs: there is no storm in it")
    return series


def dump(series: Series, verdict: dict[str, Any]) -> str:
    """Write the text of record.json: the storms, and beside them the verdict that was given."""
    return json.dumps({**encode(series), "verdict": verdict}, indent=1, allow_nan=False) + "\n"
