"""The limits file: read and checked as a whole before anything starts, so that a slip in it costs no storm."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from loadtest.gate import grammar
from loadtest.gate.figures import OPERATORS, SCOPES, Figure
from loadtest.gate.grammar import Misfit, names
from loadtest.gate.rules import Rules
from loadtest.record import toml_file
from loadtest.record.exit_codes import BadInput
from loadtest.record.record import Record
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
    """All demands: on the site, on the soundness of the measurement, on its size, and on its being no slower than
    before."""

    site: tuple[Limit, ...]
    sound: tuple[Limit, ...]
    enough: tuple[Limit, ...]
    regression: Rules | None = None


def load(path: Path) -> Limits:
    """Read and check a limits file. Raises BadInput with one message that points at the first place that is wrong."""
    return parse(toml_file.text(path, "the limits file"), str(path))


def parse(text: str, name: str) -> Limits:
    """The limits of a text; `name` is what messages call it. Raises BadInput."""
    document = toml_file.document(text, name)
    sections = ("limits", "sound", "enough")
    for section in document:
        if section not in (*sections, "regression"):
            raise BadInput(f"{name}: unknown section [{section}]; the sections are {names((*sections, 'regression'))}")
    parsed = {section: _section(section, document.get(section), text, name) for section in sections}
    rules = _regression(document["regression"], text, name) if "regression" in document else None
    return Limits(parsed["limits"], parsed["sound"], parsed["enough"], rules)


def _regression(table: object, text: str, name: str) -> Rules:
    """The section on what may not become slower. Raises BadInput."""
    place = f"{name}: [regression]"
    known = ("figures", "false-alarms", "smallest", "newest", "since")
    if not isinstance(table, dict):
        raise BadInput(f"{place}: expected a table")
    for key in table:
        if key not in known:
            raise BadInput(f"{place} {key}: unknown; the keys are {names(known)}")
    figures = table.get("figures")
    if not isinstance(figures, list) or not figures or not all(isinstance(each, str) for each in figures):
        raise BadInput(f'{place} figures: expected a list of phases with a figure, such as ["opening wait p95"]')
    newest = table.get("newest", 30)
    if not isinstance(newest, int) or not 3 <= newest <= 1000:
        raise BadInput(f"{place} newest: expected a whole number of runs from 3 to 1000, found {newest!r}")
    since = table.get("since", "")
    try:
        moment = datetime.fromisoformat(str(since)) if since else None
    except ValueError as error:
        raise BadInput(f"{place} since: expected a date such as 2026-11-23, found {since!r}") from error
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Rules(
        figures=tuple(_compared(each, text, name) for each in figures),
        false_alarms=_percentage(table.get("false-alarms", "1 %"), f"{place} false-alarms", 50),
        smallest=_percentage(table.get("smallest", "10 %"), f"{place} smallest", 1000),
        newest=newest,
        since=moment.isoformat() if moment else "",
    )


def _compared(expression: str, text: str, name: str) -> str:
    """A phase and a duration of it, as it is kept in the history."""
    scope, _, rest = expression.partition(" ")
    if scope not in SCOPES:
        raise BadInput(f"{name}: [regression] figures: {expression!r}: unknown phase; they are {names(SCOPES)}")
    try:
        figure = grammar.duration(rest, scope)
    except Misfit as misfit:
        at = Misfit(misfit.message, misfit.start + len(scope) + 1, misfit.end + len(scope) + 1)
        raise BadInput(pointed_at(at, expression, text, name, "[regression] figures")) from misfit
    return f"{scope} {figure.name}"


def _percentage(value: object, place: str, most: float) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?%", value) if isinstance(value, str) else None
    if not found or not 0 < float(found[1]) <= most:
        raise BadInput(f'{place}: expected a percentage up to {most:g} % such as "1 %", found {value!r}')
    return float(found[1]) / 100


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
                raise BadInput(pointed_at(misfit, expression, text, name, f"[{section}] {scope}")) from misfit
            limits.append(Limit(expression, scope, comparison.figure, comparison.operator, comparison.bound))
    if not limits:
        raise BadInput(f"{name}: the section [{section}] has no limit in it; a gate without limits judges nothing")
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
