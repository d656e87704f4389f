"""The limits file: read and checked as a whole before anything starts, so that a slip in it costs no storm."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from loadtest.gate import grammar
from loadtest.gate.figures import OPERATORS, Figure
from loadtest.gate.grammar import Misfit, names
from loadtest.gate.rules import LONGEST_LOOK, Rules
from loadtest.record import toml_file
from loadtest.record.exit_codes import BadInput
from loadtest.record.phases import SCOPES, Scope
from loadtest.record.record import Record
from loadtest.record.toml_file import Says, Table
from loadtest.record.units import show


@dataclass(frozen=True)
class Limit:
    """One demand, as it was written: a figure of a phase or of the storm against a bound in the base unit."""

    text: str
    scope: str
    figure: Figure
    operator: str
    bound: float

    @property
    def high_is_worse(self) -> bool:
        """Whether the limit is broken by too much, and not by too little."""
        return self.operator.startswith("<")

    def check(self, record: Record) -> Finding:
        """Measure and compare; a figure that was not measured is neither kept nor broken."""
        if self.figure.of_browsers and not record.browsers.planned:
            return Finding(self, None, None, absent=record.browsers.absent)
        measured = self.figure.measure(record, self.scope, high_is_worse=self.high_is_worse)
        holds = None if measured is None else OPERATORS[self.operator](measured, self.bound)
        return Finding(self, measured, holds)


@dataclass(frozen=True)
class Finding:
    """A limit with what was measured, in the base unit; ``holds`` is None when nothing was.

    ``absent`` says why nobody was there who could have measured it, which is no fault of the site or of the generator;
    None where somebody was.
    """

    limit: Limit
    measured: float | None
    holds: bool | None
    absent: str | None = None

    @property
    def margin(self) -> float | None:
        """How far the figure stays on the right side, as a share of the bound; negative when the limit is broken."""
        if self.measured is None or not self.limit.bound or math.isinf(self.measured):
            return None
        side = 1 if self.limit.high_is_worse else -1
        return side * (self.limit.bound - self.measured) / self.limit.bound

    @property
    def sentence(self) -> str:
        """For example ``opening: wait p95 is 4.1 s, the limit is < 3 s``."""
        figure = self.limit.figure
        demand = f"{self.limit.operator} {show(self.limit.bound, figure.kind)}"
        found = "was not measured" if self.measured is None else f"is {show(self.measured, figure.kind)}"
        if self.absent is not None:
            found = f"was not measured, for no browser took part ({self.absent})"
        return f"{self.limit.scope}: {figure.name} {found}, the limit is {demand}"


@dataclass(frozen=True)
class Limits:
    """All demands on a storm.

    They are on the site, on the soundness of the measurement, on its size, and on its being no slower than before.
    """

    site: tuple[Limit, ...]
    sound: tuple[Limit, ...]
    enough: tuple[Limit, ...]
    regression: Rules | None = None


def _some(demands: _Demands) -> _Demands:
    if not any(demands.values()):
        raise PydanticCustomError("refused", "missing or empty; a gate without limits judges nothing")
    return demands


def _share(value: object) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?%", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("no percentage")
    return float(found[1]) / 100


def _moment(value: object) -> str:
    moment = datetime.fromisoformat(str(value)) if value else None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat() if moment else ""


_Phase = Annotated[Scope, Says(f"unknown phase; the phases are {names(SCOPES)}")]
_Expressions = Annotated[list[str], Says('expected a list of limits such as ["wait p95 < 3 s"]')]
_Demands = dict[_Phase, _Expressions]
_Section = Annotated[_Demands, AfterValidator(_some), Field(default_factory=dict, validate_default=True)]
_Figures = Annotated[
    list[str],
    Field(min_length=1),
    Says('expected a list of phases with a figure, such as ["opening wait p95"]'),
]
_AFewAlarms = Annotated[
    float, Field(gt=0, le=0.5), BeforeValidator(_share), Says('expected a percentage up to 50 % such as "1 %"')
]
_SlowDown = Annotated[
    float, Field(gt=0, le=10), BeforeValidator(_share), Says('expected a percentage up to 1000 % such as "1 %"')
]
_Runs = Annotated[int, Field(ge=3, le=LONGEST_LOOK), Says(f"expected a whole number of runs from 3 to {LONGEST_LOOK}")]
_Since = Annotated[str, BeforeValidator(_moment), Says("expected a date such as 2026-11-23")]


class _Regression(Table):
    """What may not become slower; without a key, as ``Rules`` has it."""

    figures: _Figures
    false_alarms: _AFewAlarms = Field(Rules.false_alarms, alias="false-alarms")
    smallest: _SlowDown = Rules.smallest
    newest: _Runs = Rules.newest
    since: _Since = Rules.since


class _File(Table):
    limits: _Section
    sound: _Section
    enough: _Section
    regression: _Regression | None = None


def load(path: Path) -> Limits:
    """Read and check a limits file. Raise BadInput with one message that points at the first place that is wrong."""
    return parse(toml_file.text(path, "the limits file"), str(path))


def parse(text: str, name: str) -> Limits:
    """Parse the limits of a text; ``name`` is what messages call it. Raise BadInput."""
    file = toml_file.checked(_File, toml_file.document(text, name), text, name)
    site, sound, enough = (
        _demands(section, getattr(file, section), text, name) for section in ("limits", "sound", "enough")
    )
    return Limits(site, sound, enough, _rules(file.regression, text, name) if file.regression else None)


def _rules(table: _Regression, text: str, name: str) -> Rules:
    figures = tuple(_compared(each, text, name) for each in table.figures)
    return Rules(**{**table.model_dump(), "figures": figures})


def _compared(expression: str, text: str, name: str) -> str:
    """Return a phase and a duration of it, as it is kept in the history."""
    scope, _, rest = expression.partition(" ")
    if scope not in SCOPES:
        unknown = Misfit(f"unknown phase; the phases are {names(SCOPES)}", 0, len(scope))
        raise BadInput(pointed_at(unknown, expression, text, name, "[regression] figures"))
    try:
        figure = grammar.duration(rest, scope)
    except Misfit as misfit:
        at = Misfit(misfit.message, misfit.start + len(scope) + 1, misfit.end + len(scope) + 1)
        raise BadInput(pointed_at(at, expression, text, name, "[regression] figures")) from misfit
    return f"{scope} {figure.name}"


def _demands(section: str, table: _Demands, text: str, name: str) -> tuple[Limit, ...]:
    limits = []
    for scope, expression in ((scope, each) for scope, expressions in table.items() for each in expressions):
        try:
            comparison = grammar.limit(expression, scope)
        except Misfit as misfit:
            raise BadInput(pointed_at(misfit, expression, text, name, f"[{section}] {scope}")) from misfit
        limits.append(Limit(expression, scope, comparison.figure, comparison.operator, comparison.bound))
    return tuple(limits)


def pointed_at(misfit: Misfit, expression: str, text: str, name: str, place: str) -> str:
    """Return the message of a misfit: file and line, what is wrong, the expression, and marks below its wrong part."""
    marks = " " * misfit.start + "^" * max(1, misfit.end - misfit.start)
    return f"{name}:{_line(text, expression)}: {place}: {misfit.message}\n    {expression}\n    {marks}"


def _line(text: str, expression: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if f'"{expression}"' in line or f"'{expression}'" in line:
            return number
    return 1
