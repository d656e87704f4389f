"""The limits file: read and checked as a whole before anything starts, so that a slip in it costs no storm."""

from __future__ import annotations

import operator
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from loadtest.exits import BadInput
from loadtest.metrics import METRICS, STATISTICS, Kind, Metric, measure
from loadtest.phases import NAMES
from loadtest.record import Record

SCOPES: Final = (*NAMES, "storm")
OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TOKEN = re.compile(r"\s*(?:(?P<word>[a-z][a-z0-9-]*)|(?P<operator>[<>]=?)|(?P<number>\d+(?:\.\d+)?)|(?P<unit>%))")


@dataclass(frozen=True)
class Limit:
    """One demand: `metric statistic operator bound`, for a phase or for the storm; the bound in the base unit."""

    text: str
    scope: str
    metric: Metric
    statistic: str | None
    operator: str
    bound: float

    def check(self, record: Record) -> Finding:
        """Measure and compare; a figure that was not measured is neither kept nor broken."""
        measured = measure(self.metric, self.statistic, self.scope, record)
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
        if self.measured is None or not self.limit.bound:
            return None
        side = 1 if self.limit.operator.startswith("<") else -1
        return side * (self.limit.bound - self.measured) / self.limit.bound

    @property
    def sentence(self) -> str:
        """For example `opening: wait p95 is 4.1 s, the limit is < 3 s`."""
        name = " ".join(filter(None, (self.limit.metric.name, self.limit.statistic)))
        demand = f"{self.limit.operator} {show(self.limit.bound, self.limit.metric.kind)}"
        if self.measured is None:
            return f"{self.limit.scope}: {name} was not measured, the limit is {demand}"
        return f"{self.limit.scope}: {name} is {show(self.measured, self.limit.metric.kind)}, the limit is {demand}"


@dataclass(frozen=True)
class Limits:
    """All demands: on the site, on the soundness of the measurement, and on its size."""

    site: tuple[Limit, ...]
    sound: tuple[Limit, ...]
    enough: tuple[Limit, ...]


def show(value: float, kind: Kind) -> str:
    """A figure in its base unit, as people read it."""
    match kind:
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
            raise BadInput(f"{name}: unknown section [{section}]; the sections are {_names(sections)}")
    parsed = {section: _section(section, document.get(section), text, name) for section in sections}
    return Limits(parsed["limits"], parsed["sound"], parsed["enough"])


def _section(section: str, table: object, text: str, name: str) -> tuple[Limit, ...]:
    if not isinstance(table, dict) or not table:
        raise BadInput(f"{name}: the section [{section}] is missing or empty; a gate without limits judges nothing")
    limits = []
    for scope, expressions in table.items():
        if scope not in SCOPES:
            raise BadInput(f"{name}: [{section}] {scope}: unknown phase; the phases are {_names(SCOPES)}")
        if not isinstance(expressions, list) or not all(isinstance(each, str) for each in expressions):
            raise BadInput(f'{name}: [{section}] {scope}: expected a list of limits such as ["wait p95 < 3 s"]')
        for expression in expressions:
            try:
                limits.append(_limit(expression, scope))
            except _Misfit as misfit:
                line = _line(text, expression)
                raise BadInput(
                    f"{name}:{line}: [{section}] {scope}: {misfit.message}\n"
                    f"    {expression}\n    {' ' * misfit.start}{'^' * max(1, misfit.end - misfit.start)}"
                ) from misfit
    return tuple(limits)


class _Misfit(Exception):
    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(expression: str) -> list[_Token]:
    tokens, position = [], 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if not match or match.lastgroup is None:
            start = position + len(expression[position:]) - len(expression[position:].lstrip())
            raise _Misfit("this is neither a name, an operator, a number nor a unit", start, start + 1)
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup), match.end()))
        position = match.end()
    return tokens


def _limit(expression: str, scope: str) -> Limit:
    """One expression of the grammar `metric [statistic] operator number [unit]`. Raises _Misfit."""
    tokens = _tokens(expression)

    def take(kind: str, what: str) -> _Token:
        if not tokens:
            raise _Misfit(f"{what} is missing here", len(expression), len(expression) + 1)
        token = tokens.pop(0)
        if token.kind != kind:
            raise _Misfit(f"expected {what}", token.start, token.end)
        return token

    name = take("word", "a metric")
    metric = METRICS.get(name.text)
    if metric is None:
        raise _Misfit(f"unknown metric; the metrics are {_names(METRICS)}", name.start, name.end)
    if metric.of_record is not None and scope != "storm":
        raise _Misfit("this metric exists for the whole storm only", name.start, name.end)
    statistic = None
    if metric.of_histogram is not None:
        token = take("word", "a statistic")
        if token.text not in STATISTICS:
            raise _Misfit(f"unknown statistic; they are {_names(STATISTICS)}", token.start, token.end)
        statistic = token.text
    comparison = take("operator", "one of < <= > >=").text
    number = take("number", "a number")
    units = metric.kind.value
    if tokens and not (tokens[0].kind in ("word", "unit") and tokens[0].text in units):
        allowed = _names(unit for unit in units if unit) or "none"
        raise _Misfit(f"unknown unit for {metric.name}; allowed: {allowed}", tokens[0].start, tokens[-1].end)
    if not tokens and "" not in units:
        raise _Misfit(f"the unit is missing: {_names(units)}", number.end, number.end + 1)
    unit = tokens.pop(0).text if tokens else ""
    if tokens:
        raise _Misfit("nothing may follow the unit", tokens[0].start, tokens[-1].end)
    return Limit(expression, scope, metric, statistic, comparison, float(number.text) * units[unit])


def _line(text: str, expression: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if f'"{expression}"' in line or f"'{expression}'" in line:
            return number
    return 1


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
