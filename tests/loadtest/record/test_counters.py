"""Names of counters stand in one module, each with its meaning; elsewhere nobody writes one out."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from loadtest.gate.metrics import METRICS
from loadtest.record import counters
from loadtest.record.page_states import STATES

ROOM: Final = Path(__file__).parents[3] / "loadtest"
CONSTANTS: Final = {name: value for name, value in vars(counters).items() if name.isupper() and isinstance(value, str)}
KINDS: Final = {counters.FOREIGN, counters.LOST_FILE, counters.SHORTAGE}
OF_BROWSERS: Final = {*counters.BROWSER_COUNTS, *counters.BROWSER_DURATIONS, *counters.BROWSER_SCORES}
COUNTED: Final = {*counters.COUNTS, *counters.DURATIONS, *map(counters.saw, STATES)} | OF_BROWSERS

# Where the same word is a heading, an option, an attribute or the end of a claim, and no counter.
WORDS: Final = {
    "crowd/browser/page.py": {"claim"},
    "crowd/person.py": {"claim"},
    "crowd/profiles.py": {"people"},
    "evidence/in_browsers.py": {"failures"},
    "evidence/junit.py": {"errors", "failures"},
    "evidence/plots.py": {"people", "aborts", "errors"},
    "evidence/report.py": {"people", "wants", "requests", "aborts", "errors"},
    "evidence/worst.py": {"requests", "aborts", "errors"},
    "generator/fleet_workers.py": {"failures"},
    "history/summaries.py": {"people"},
    "live/timeline.py": {"people", "aborts", "errors"},
    "record/page_states.py": {"gave-up", "unanswered"},
    "request/options.py": {"people"},
}


def bare(source: str, words: frozenset[str] = frozenset()) -> dict[str, list[int]]:
    """Find the counters that a module writes out, with their lines: any but ``words``, and no matter which as a key."""
    found = defaultdict(list)
    keys = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="counts" | "durations") | ast.Name(id="counts" | "durations")):
                keys.add(id(node.slice))
            case ast.Call(func=ast.Attribute(attr="count" | "duration" | "person"), args=[name, *_]):
                keys.add(id(name))
            case ast.Constant(value=str(text)) if text in COUNTED and (text not in words or id(node) in keys):
                found[text].append(node.lineno)
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]) if text in ("saw-", "error-"):
                found[text].append(node.lineno)
    return dict(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('recorder.count("attempts", phase, now)', {"attempts": [1]}),
        ('recorder.duration(\n    "claim-request", phase, now)', {"claim-request": [2]}),
        ('tally.counts["people"] + counts["people"]', {"people": [1, 1]}),
        ('counts[f"saw-{state}"] + counts[f"error-{kind}"]', {"saw-": [1], "error-": [1]}),
        ('counts["saw-open"]', {"saw-open": [1]}),
        ('recorder.person("people", phase, 7)', {"people": [1]}),
        ('values["people"], "people", counts[PEOPLE]', {}),
        ('"lunch"', {}),
    ],
    ids=["count", "duration", "word-as-a-key", "made-up", "state", "word-as-an-argument", "words-alone", "no-counter"],
)
def test_a_planted_name_is_found(source: str, found: dict[str, list[int]]) -> None:
    assert bare(source, frozenset({"people"})) == found


FILES: Final = [str(file.relative_to(ROOM)) for file in sorted(ROOM.rglob("*.py")) if file.name != "counters.py"]


@pytest.mark.parametrize("file", FILES)
def test_a_counter_is_named_by_its_constant(file: str) -> None:
    source = (ROOM / file).read_text(encoding="utf-8")
    assert bare(source, frozenset(WORDS.get(file, ()))) == {}
    assert set(WORDS.get(file, ())) <= set(bare(source)), "a word that this module no longer says"


def test_each_has_one_meaning() -> None:
    assert {*counters.COUNTS, *counters.DURATIONS, *OF_BROWSERS, *KINDS} == set(CONSTANTS.values()) - {counters._ERROR}
    assert not set(counters.COUNTS) & set(counters.DURATIONS)
    assert {name: METRICS[name].meaning for name in counters.DURATIONS} == dict(counters.DURATIONS)


def test_names_that_are_made_are_read_back() -> None:
    assert counters.kind_of_error(counters.error("http-503")) == "http-503"
    assert counters.kind_of_error(counters.ERRORS) is None
    assert counters.in_all(counters.PEOPLE) == counters.PEOPLE_IN_ALL
    assert counters.in_all(counters.PEOPLE_WITH_ERRORS) == counters.PEOPLE_WITH_ERRORS_IN_ALL
