"""What a fault may do, as a table; and the table of the docs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drill.__main__ import main
from drill.results import BOUNDS, Bound, Result, Stored, Unreadable, load_bounds, misses, table
from rehearsal.values.exits import BAD_INPUT, INTERRUPTED
from rehearsal.values.state import Key, Store

BOUND = Bound(errors=2, back=5)
GOOD = Result(
    "packets",
    "packets dropped",
    people=300,
    answers=1000,
    served=970,
    waiting=10,
    errors=20,
    confirmed=99,
    stored=99,
    seats=200,
    back={"page": 0.0, "claim": 5.0},
)


@pytest.mark.parametrize(
    ("result", "missed"),
    [
        pytest.param(GOOD, [], id="at its bounds"),
        pytest.param(replace(GOOD, errors=21), ["2.1 % errors; at most 2 % are allowed"], id="too many errors"),
        pytest.param(
            replace(GOOD, back={"page": 0.0, "claim": 5.1}),
            ["the claim was normal again after 5.1 s; at most 5 s are allowed"],
            id="too late",
        ),
        pytest.param(replace(GOOD, back={"page": None}), ["the page was never normal again"], id="never back"),
        pytest.param(replace(GOOD, broken=["never oversold: 201 seats"]), ["never oversold: 201 seats"], id="oversold"),
        pytest.param(
            replace(GOOD, answers=0, errors=0),
            ["nobody saw anything after the blow: nothing was measured"],
            id="nobody",
        ),
        pytest.param(Result("late", "late", not_injected="no nsenter"), [], id="not injected"),
    ],
)
def test_what_breaks_a_bound_is_named(result: Result, missed: list[str]) -> None:
    assert list(misses(result, BOUND)) == missed


def test_the_table_says_what_was_not_injected_and_never_that_it_passed() -> None:
    late = Result("late", "each answer late", not_injected="nsenter is missing")
    lines = table(Stored(machine={"date": "2026-11-29"}, results=[GOOD, late]), {"packets": BOUND, "late": BOUND})
    assert "| 2.0 % (2 %) | 5.0 s (5 s) | 99, 99, of 200 | kept |" in lines[-2]
    assert "*not injected: nsenter is missing*" in lines[-1]
    assert "kept" not in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--only", "flood"], "no fault is called flood; there are php, task", id="unknown fault"),
        pytest.param(["--bounds", "nowhere.toml"], "nowhere.toml: No such file", id="no bounds"),
        pytest.param(["--only", "nginx"], "to deploy dev ended with exit code 2", id="nothing can stand"),
    ],
)
@pytest.mark.engine
def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (tmp_path / "settings.toml").write_bytes((BOUNDS.parents[1] / "settings.toml").read_bytes())
    assert main(["--checkout", str(tmp_path), *arguments]) == BAD_INPUT
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stands", "line"),
    [
        pytest.param(False, "drill: interrupted", id="nothing stands"),
        pytest.param(True, "drill: interrupted; `make heal` brings back what is down", id="something stands"),
    ],
)
def test_an_interrupted_drill_advises_to_heal_what_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stands: bool, line: str
) -> None:
    (tmp_path / "settings.toml").write_bytes((BOUNDS.parents[1] / "settings.toml").read_bytes())
    if stands:
        store = Store(tmp_path / ".rehearsal")
        store.state.standing.append(Key(account="1", region="eu", name="dev"))
        store.save()

    def ends(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("drill.__main__._stands", ends)
    assert main(["--checkout", str(tmp_path)]) == INTERRUPTED
    assert capsys.readouterr().err.splitlines() == [line]


def test_a_bound_that_is_none_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "bounds.toml").write_text("[php]\nerrors = 101\nback = 1\n")
    with pytest.raises(Unreadable, match=r"bounds.toml: php.errors: Input should be less than or equal to 100"):
        load_bounds(tmp_path / "bounds.toml")
