"""The verdict as record.json has it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydantic import NonNegativeInt

from loadtest.gate.invariants import Check
from loadtest.gate.limits import Finding
from loadtest.gate.verdict import Answer, Verdict
from loadtest.history.judgement import Judgement
from loadtest.history.regression import Compared, Comparison
from loadtest.record.phases import Scope
from loadtest.record.units import Kind


@dataclass
class StoredFinding:
    """A limit; bound and measured in seconds, as a share of 1, as a count or a score; holds is null when not measured.

    absent says why nobody was there who could have measured it; null where somebody was.
    """

    phase: Scope
    limit: str
    unit: Kind
    bound: float
    measured: float | None
    never: bool
    holds: bool | None
    margin: float | None
    absent: str | None

    @classmethod
    def of(cls, finding: Finding) -> StoredFinding:
        """Return what was found of a limit; a moment that never came has no number in JSON."""
        limit, never = finding.limit, finding.measured == math.inf
        measured = None if never else finding.measured
        holds, margin, absent = finding.holds, finding.margin, finding.absent
        return cls(limit.scope, limit.text, limit.figure.kind, limit.bound, measured, never, holds, margin, absent)


@dataclass
class StoredCheck:
    """An invariant."""

    name: str
    holds: bool
    found: str

    @classmethod
    def of(cls, check: Check) -> StoredCheck:
        """Return what was found of an invariant."""
        return cls(check.name, check.holds, check.sentence)


@dataclass
class StoredStorm:
    """The verdict of one storm."""

    answer: Answer
    reasons: list[str]
    limits: list[StoredFinding]
    sound: list[StoredFinding]
    enough: list[StoredFinding]
    invariants: list[StoredCheck]

    @classmethod
    def of(cls, verdict: Verdict) -> StoredStorm:
        """Make it from the verdict of a storm by itself."""
        site, sound, enough = (
            [StoredFinding.of(each) for each in found] for found in (verdict.site, verdict.sound, verdict.enough)
        )
        invariants = [StoredCheck.of(each) for each in verdict.invariants]
        return cls(verdict.answer, list(verdict.reasons), site, sound, enough, invariants)


@dataclass
class StoredComparison:
    """The comparison with earlier runs."""

    candidates: int
    used: int
    left_out: dict[str, NonNegativeInt]
    found: str
    figures: list[Compared]

    @classmethod
    def of(cls, comparison: Comparison) -> StoredComparison:
        """Make it from the comparison with earlier runs, its outcome in a sentence."""
        found, figures = comparison.sentence, comparison.figures
        return cls(comparison.candidates, comparison.used, comparison.left_out, found, figures)


@dataclass
class StoredVerdict:
    """What was judged when it was written; judging again starts from the measurements."""

    answer: Answer
    reasons: list[str]
    storms: list[StoredStorm]
    comparison: StoredComparison | None
    changes: list[str]

    @classmethod
    def of(cls, judgement: Judgement) -> StoredVerdict:
        """Make it from the verdict of all storms together."""
        storms = [StoredStorm.of(verdict) for verdict in judgement.verdicts]
        comparison = StoredComparison.of(judgement.comparison) if judgement.comparison else None
        changes = [change.sentence for change in judgement.changes]
        return cls(judgement.answer, list(judgement.reasons), storms, comparison, changes)
