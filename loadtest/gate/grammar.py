"""The language of limits, by recursive descent: a text becomes a typed expression, or an error with its place.

The grammar stands in docs/limits.md; the names of the functions below are those of its rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from loadtest.gate.figures import OPERATORS, Figure, Until, Whole, Worst
from loadtest.gate.metrics import BROWSER, METRICS, STATISTICS
from loadtest.record.phases import STORM
from loadtest.record.units import Kind

LONGEST_WINDOW = 3600
_TOKEN = re.compile(
    r"\s*(?:(?P<word>[a-z][a-z0-9-]*)|(?P<operator>[<>]=?)|(?P<number>\d+(?:\.\d+)?)|(?P<unit>%)|(?P<bracket>[()]))"
)


class Misfit(Exception):
    """A text that is no expression of the language: what is wrong, from its ``start`` up to its ``end``."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


@dataclass(frozen=True)
class Comparison:
    """``figure operator bound``; the bound in the figure's base unit."""

    figure: Figure
    operator: str
    bound: float


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def limit(text: str, scope: str) -> Comparison:
    """Read a limit for a phase, or for the whole ``storm``. Raise Misfit."""
    reader = _Reader(text, scope)
    figure = reader.figure()
    operator, bound = reader.comparison(figure)
    reader.end("the limit")
    return Comparison(figure, operator, bound)


def figure(text: str, scope: str) -> Figure:
    """Read a figure alone, without a bound. Raise Misfit."""
    reader = _Reader(text, scope)
    found = reader.figure()
    reader.end("the figure")
    return found


def duration(text: str, scope: str) -> Figure:
    """Read a figure alone that is a wait or another duration, and so can become slower. Raise Misfit."""
    found = figure(text, scope)
    if found.kind is not Kind.DURATION or isinstance(found, Until):
        raise Misfit("only waits and other durations can become slower", 0, len(text))
    return found


class _Reader:
    def __init__(self, text: str, scope: str) -> None:
        self._text, self._scope = text, scope
        self._tokens = _tokens(text)

    def figure(self) -> Figure:
        start = self._tokens[0] if self._tokens else None
        match start.text if start else None:
            case "worst":
                return self._worst()
            case "time":
                return self._until()
            case _:
                return self._whole()

    def comparison(self, figure: Figure) -> tuple[str, float]:
        operator = self._take("operator", f"one of {' '.join(OPERATORS)}").text
        return operator, self._bound(figure)

    def end(self, what: str) -> None:
        if self._tokens:
            raise Misfit(f"nothing may follow {what}", self._tokens[0].start, self._tokens[-1].end)

    def _worst(self) -> Worst:
        self._tokens.pop(0)
        number = self._take("number", "a number of seconds")
        if not number.text.isdigit() or not 1 <= int(number.text) <= LONGEST_WINDOW:
            raise Misfit(f"a window lasts from 1 to {LONGEST_WINDOW} whole seconds", number.start, number.end)
        self._keyword("s")
        self._keyword("of")
        return Worst(int(number.text), self._whole(by_seconds=True))

    def _until(self) -> Until:
        self._tokens.pop(0)
        self._keyword("until")
        opening = self._take("bracket", "an opening bracket")
        whole = self._whole(by_seconds=True)
        operator, bound = self.comparison(whole)
        closing = self._take("bracket", "a closing bracket")
        if (opening.text, closing.text) != ("(", ")"):
            wrong = closing if opening.text == "(" else opening
            raise Misfit("expected a condition in brackets: (wait p95 < 1 s)", wrong.start, wrong.end)
        return Until(whole, operator, bound, self._text[opening.end : closing.start].strip())

    def _whole(self, *, by_seconds: bool = False) -> Whole:
        name = self._metric_name()
        metric = METRICS.get(name.text)
        if metric is None:
            raise Misfit(f"unknown metric; the metrics are {names(METRICS)}", name.start, name.end)
        if metric.of_record is not None and by_seconds:
            raise Misfit("this metric exists for the whole storm only, and not by the second", name.start, name.end)
        if metric.of_record is not None and self._scope != STORM:
            raise Misfit("this metric exists for the whole storm only", name.start, name.end)
        if metric.per_person and by_seconds:
            raise Misfit("people are counted once per phase, and not by the second", name.start, name.end)
        if metric.of_histogram is None:
            return Whole(metric)
        statistic = self._take("word", "a statistic")
        if statistic.text not in STATISTICS:
            raise Misfit(f"unknown statistic; they are {names(STATISTICS)}", statistic.start, statistic.end)
        return Whole(metric, statistic.text)

    def _metric_name(self) -> _Token:
        """Take a metric's name: one word, or two where it speaks of browsers."""
        name = self._take("word", "a metric")
        if name.text != BROWSER:
            return name
        other = self._take("word", "a metric of browsers")
        return _Token("word", f"{name.text} {other.text}", name.start, other.end)

    def _bound(self, figure: Figure) -> float:
        number = self._take("number", "a number")
        units = figure.kind.units
        token = self._tokens[0] if self._tokens and self._tokens[0].kind in ("word", "unit") else None
        if token and token.text not in units:
            allowed = names(unit for unit in units if unit) or "none"
            raise Misfit(f"unknown unit for {figure.name}; allowed: {allowed}", token.start, token.end)
        if token is None and "" not in units:
            raise Misfit(f"the unit is missing: {names(units)}", number.end, number.end + 1)
        if token:
            self._tokens.pop(0)
        if figure.kind is Kind.COUNT and not number.text.isdigit():
            raise Misfit("a count is a whole number", number.start, number.end)
        return float(number.text) * units[token.text if token else ""]

    def _keyword(self, word: str) -> None:
        token = self._take("word", f"`{word}`")
        if token.text != word:
            raise Misfit(f"expected `{word}`", token.start, token.end)

    def _take(self, kind: str, what: str) -> _Token:
        if not self._tokens:
            raise Misfit(f"{what} is missing here", len(self._text), len(self._text) + 1)
        token = self._tokens.pop(0)
        if token.kind != kind:
            raise Misfit(f"expected {what}", token.start, token.end)
        return token


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if not match or match.lastgroup is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise Misfit("this is neither a name, an operator, a number nor a unit", start, start + 1)
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup), match.end()))
        position = match.end()
    return tokens


def names(all_of_them: Iterable[str]) -> str:
    """Write names as a message lists them."""
    return ", ".join(all_of_them)
