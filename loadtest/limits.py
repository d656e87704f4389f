"""The limits file: read and checked as a whole before anything starts, so that a slip in it costs no storm."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

from loadtest import grammar
from loadtest.exits import BadInput
from loadtest.figures import OPERATORS, SCOPES, Figure
from loadtest.grammar import Misfit, names
from loadtest.metrics import Kind
from loadtest.record import Record


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
        measured = self.figure.measure(record, self.scope, high_is_worse=self.high_is_worse)
        holds = None if measured is None else OPERATORS[self.operator](measured, self.bound)
        return Finding(self, measured, holds)


@dataclass(frozen=True)
class Finding:
    """A limit with what was measured, in the base unit; `holds` is None when nothing was."""

    limit: Limit
    measured: float | None
    holds: bool | None

    @property
    def margin(self) -> float | None:
        """How far the figure stays on the right side, as a share of the bound; negative when the limit is broken."""
        if self.measured is None or not self.limit.bound or math.isinf(self.measured):
            return None
        side = 1 if self.limit.high_is_worse else -1
        return side * (self.limit.bound - self.measured) / self.limit.bound

    @property
    def sentence(self) -> str:
        """For example `opening: wait p95 is 4.1 s, the limit is < 3 s`."""
        figure = self.limit.figure
        demand = f"{self.limit.operator} {show(self.limit.bound, figure.kind)}"
        found = "was not measured" if self.measured is None else f"is {show(self.measured, figure.kind)}"
        return f"{self.limit.scope}: {figure.name} {found}, the limit is {demand}"


@dataclass(frozen=True)
class Limits:
    """All demands: on the site, on the soundness of the measurement, and on its size."""

    site: tuple[Limit, ...]
    sound: tuple[Limit, ...]
    enough: tuple[Limit, ...]


def show(value: float, kind: Kind) -> str:
    """A figure in its base unit, as people read it."""
    match kind:
        case Kind.DURATION if math.isinf(value):
            return "never"
        case Kind.DURATION if value < 1:
            return f"{value * 1000:.3g} ms" if value < 0.1 else f"{value * 1000:.0f} ms"
        case Kind.DURATION:
            return f"{value:.3g} s" if value < 100 else f"{value:.0f} s"
        case Kind.SHARE:
            return f"{value * 100:.3g} %" if value < 1 else f"{value * 100:.0f} %"
        case _:
            return f"{value:.0f}"


def load(path: Path) -> Limits:
    """Read and check a limits file. Raises BadInput with one message that points at the first place that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"the limits file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"the limits file {path} is not UTF-8: {error.reason} at byte {error.start}") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Limits:
    """The limits of a text; `name` is what messages call it. Raises BadInput."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{name} is not TOML: {error}") from error
    sections = ("limits", "sound", "enough")
    for section in document:
        if section not in sections:
            raise BadInput(f"{name}: unknown section [{section}]; the sections are {names(sections)}")
    parsed = {section: _section(section, document.get(section), text, name) for section in sections}
    return Limits(parsed["limits"], parsed["sound"], parsed["enough"])


def _section(section: str, table: object, text: str, name: str) -> tuple[Limit, ...]:
    if not isinstance(table, dict) or not table:
        raise BadInput(f"{name}: the section [{section}] is missing or empty; a gate without limits judges nothing")
    limits = []
    for scope, expressions in table.items():
        if scope not in SCOPES:
            raise BadInput(f"{name}: [{section}] {scope}: unknown phase; the phases are {names(SCOPES)}")
        if not isinstance(expressions, list) or not all(isinstance(each, str) for each in expressions):
            raise BadInput(f'{name}: [{section}] {scope}: expected a list of limits such as ["wait p95 < 3 s"]')
        for expression in expressions:
            try:
                comparison = grammar.limit(expression, scope)
            except Misfit as misfit:
                raise BadInput(pointed_at(misfit, expression, text, f"{name}", f"[{section}] {scope}")) from misfit
            limits.append(Limit(expression, scope, comparison.figure, comparison.operator, comparison.bound))
    return tuple(limits)


def pointed_at(misfit: Misfit, expression: str, text: str, name: str, place: str) -> str:
    """The message of a misfit: file and line, what is wrong, the expression, and marks below its wrong part."""
    marks = " " * misfit.start + "^" * max(1, misfit.end - misfit.start)
    return f"{name}:{_line(text, expression)}: {place}: {misfit.message}\n    {expression}\n    {marks}"


def _line(text: str, expression: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if f'"{expression}"' in line or f"'{expression}'" in line:
            return number
    return 1
