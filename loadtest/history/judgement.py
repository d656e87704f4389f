"""The judgement of storms together: each by its limits and its ledger, and all of them against the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.gate.limits import Finding, Limits
from loadtest.gate.rules import Rules
from loadtest.gate.verdict import Answer, Verdict, judge
from loadtest.history import summaries, trend
from loadtest.history.regression import Comparison
from loadtest.history.series import Series
from loadtest.history.summaries import Earlier


@dataclass(frozen=True)
class Judgement:
    """The answer and its reasons, and what they follow from.

    The verdict of each storm, which of them tells most (``shown``, its index), the comparison with earlier runs (None
    if no storm passed, or there is no history to speak of), the trend's changes, and those of them that these storms
    were the first to show (``fresh``).
    """

    answer: Answer
    reasons: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    shown: int
    comparison: Comparison | None
    changes: tuple[trend.Change, ...]
    fresh: tuple[trend.Change, ...] = ()

    @property
    def suspicious(self) -> bool:
        """Whether the storms are slower than earlier ones, so that a few more should tell whether that was luck."""
        return self.comparison is not None and bool(self.comparison.reasons)


def judge_all(series: Series, limits: Limits) -> Judgement:
    """Judge storms of one commit.

    One that did not pass decides for all. If all passed, a figure that has become slower is a FAIL; so is, of a nightly
    storm, a change for the worse that is still news.
    """
    verdicts = tuple(judge(record, limits) for record in series.runs)
    shown = _telling(verdicts)
    comparison: Comparison | None = None
    changes: tuple[trend.Change, ...] = ()
    fresh: tuple[trend.Change, ...] = ()
    news: tuple[trend.Change, ...] = ()
    if limits.regression and series.history is not None and verdicts[shown].answer is not Answer.VOID:
        figures = [summaries.figures(record, limits.regression) for record in series.runs]
        earlier = Earlier(series.earlier, series.left_out)
        comparison = summaries.against(earlier, figures, limits.regression, series.candidates)
        changes, fresh, news = _changes(series, limits, limits.regression, verdicts)
    answer, reasons = verdicts[shown].answer, list(verdicts[shown].reasons)
    if len(verdicts) > 1:
        reasons = [f"storm {shown + 1}: {reason}" for reason in reasons]
    if answer is Answer.PASS and len(verdicts) < series.planned:
        answer, reasons = Answer.VOID, [f"only {len(verdicts)} of {series.planned} storms took place"]
    slower = [*(comparison.reasons if comparison else ()), *(change.sentence for change in news)]
    if slower and answer is Answer.PASS:
        answer, reasons = Answer.FAIL, slower
    elif answer is Answer.FAIL:
        reasons += slower
    return Judgement(answer, tuple(reasons), verdicts, shown, comparison, changes, fresh)


def _telling(verdicts: Sequence[Verdict]) -> int:
    """Find the storm to look at: the first that did not pass, or the one that came closest to its limits."""
    for place, verdict in enumerate(verdicts):
        if verdict.answer is not Answer.PASS:
            return place
    return min(range(len(verdicts)), key=lambda place: min(map(_closeness, verdicts[place].site), default=1.0))


def _closeness(finding: Finding) -> float:
    return finding.margin if finding.margin is not None and finding.limit.high_is_worse else 1.0


def _changes(
    series: Series, limits: Limits, rules: Rules, verdicts: Sequence[Verdict]
) -> tuple[tuple[trend.Change, ...], tuple[trend.Change, ...], tuple[trend.Change, ...]]:
    """Return all changes, those that the history alone does not show yet, and the slow-downs that are still news."""
    before = summaries.since(series.earlier, rules)
    if not series.nightly:
        return tuple(trend.changes(before, rules)), (), ()
    ours = [
        summaries.summarise(record, verdict.answer, "", limits)
        for record, verdict in zip(series.runs, verdicts, strict=True)
        if verdict.answer is not Answer.VOID
    ]
    nights = [*before, *summaries.since(ours, rules)]
    changes = trend.changes(nights, rules)
    fresh = trend.fresh(changes, trend.changes(before, rules), len(ours)) if ours else []
    news = trend.news(changes, trend.changes(nights[: -trend.NEWS], rules))
    return tuple(changes), tuple(fresh), tuple(news)
