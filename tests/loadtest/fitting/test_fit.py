"""From people with known habits to the log of what they did, and from the log back to their habits."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from loadtest import cli
from loadtest.crowd import profiles
from loadtest.crowd.habits import Behaviour, Distribution
from tests.loadtest.logs import HABITS, OPENING, acts, balancer, combined, ours
from tests.loadtest.timeline import Sent

NOISE = [
    '10.9.9.9 - - [23/Nov/2026:16:59:59 +0000] "GET /register/spring/ HTTP/1.1" 200 1 "-" "Googlebot/2.1"',
    '10.9.9.8 - - [23/Nov/2026:16:59:59 +0000] "\\x16\\x03" 400 1 "-" "-"',
    '10.9.9.8 - - [23/Nov/2026:16:59:59 +0000] "GET /wp-content/a.css HTTP/1.1" 200 1 "-" "Mozilla/5.0"',
    "nginx: [warn] something else that was written here",
]


def fitted(folder: Path, lines: Iterable[str], *more: str) -> dict[str, Behaviour]:
    (folder / "access.log").write_text("\n".join(lines) + "\n")
    code = cli.main(["fit", str(folder / "access.log"), "--out", str(folder / "ours.toml"), *more], {})
    assert code == 0
    return profiles.read(folder / "ours.toml")


def near(found: Distribution, true: Distribution, *, medians: float, sigmas: float, weights: float = 0.0) -> None:
    assert len(found.mixture) == len(true.mixture)
    for one, other in zip(found.mixture, true.mixture, strict=True):
        assert one.median == pytest.approx(other.median, rel=medians)
        assert one.sigma == pytest.approx(other.sigma, abs=sigmas)
        assert one.weight == pytest.approx(other.weight, abs=weights)


def test_the_habits_behind_a_load_balancers_log_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = fitted(tmp_path, map(balancer, acts()), "--opening", OPENING)["people"]
    near(people.reload_gap, HABITS.reload_gap, medians=0.1, sigmas=0.05, weights=0.05)
    for name in ("patience", "claim_patience", "retry_gap"):
        near(getattr(people, name), getattr(HABITS, name), medians=0.1, sigmas=0.1)
    near(people.form, HABITS.form, medians=0.05, sigmas=0.05)
    assert 8.0 <= people.form.floor < 15.0
    assert people.double_submit_after == pytest.approx(2.0, rel=0.02)
    for share, within in (("late", 0.03), ("give_up", 0.02), ("submit_twice", 0.1), ("submit_again", 0.04)):
        assert getattr(people, share) == pytest.approx(getattr(HABITS, share), abs=within), share
    for kept in ("eager_gap", "reaction", "regular_gap", "watch_clock", "regular"):
        assert getattr(people, kept) == getattr(profiles.load(), kept)
    output = capsys.readouterr().out
    assert "1160 people" in output
    assert "0 robots, 1 addresses with a crowd behind them, 0 lines that" in output
    assert "the default: a log does not tell who watched the clock" in output


def test_whole_seconds_bias_nothing(tmp_path: Path) -> None:
    people = fitted(tmp_path, map(ours, acts()), "--opening", OPENING)["people"]
    near(people.reload_gap, HABITS.reload_gap, medians=0.15, sigmas=0.1, weights=0.05)
    near(people.form, HABITS.form, medians=0.05, sigmas=0.05)
    near(people.patience, HABITS.patience, medians=0.1, sigmas=0.1)


def test_a_log_without_durations_tells_of_pauses_and_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quick = [replace(act, end=act.start + 0.01) for act in acts() if act.status == 200]
    ours = fitted(tmp_path, [*NOISE, *map(combined, quick)], "--opening", OPENING)
    near(ours["people"].form, HABITS.form, medians=0.1, sigmas=0.1)
    assert ours["people"].patience == profiles.load().patience
    output = capsys.readouterr().out
    assert "the default: the format (nginx or Apache) has no durations" in output
    assert "1 robots, 1 addresses with a crowd behind them, 1 lines that" in output
    usual = profiles.read(profiles.DEFAULT)
    assert (ours["stress"].reload_gap, ours["bots"].form) == (usual["stress"].reload_gap, usual["bots"].form)


def test_a_log_without_what_the_cache_answered_does_not_pass_for_one_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = [act for number, act in enumerate(acts()) if act.method == "POST" or act.status == 499 or number % 20 == 0]
    people = fitted(tmp_path, (ours(act, "MISS") for act in shown), "--opening", OPENING)["people"]
    assert people.reload_gap == profiles.load().reload_gap
    assert people.patience != profiles.load().patience
    assert "answers from the cache leave no line; use the load balancer's log" in capsys.readouterr().out


def test_compressed_logs_and_a_pipe_are_read(tmp_path: Path, command: Callable[..., subprocess.Popen[str]]) -> None:
    log = "\n".join(map(balancer, acts()))
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(log.encode(), 1))
    written: list[str] = []
    for name, text in ((f"{tmp_path}/a.log.gz", None), ("-", log)):
        process = command("fit", name, "--out", f"{tmp_path}/{len(written)}.toml")
        _, complaints = process.communicate(text, timeout=60)
        assert process.returncode == 0, complaints
        written.append((tmp_path / f"{len(written)}.toml").read_text().partition("\n")[2])
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("content", "more", "message"),
    [
        pytest.param(None, [], "access.log cannot be read: No such file or directory", id="no file"),
        pytest.param(b"\n\n", [], "access.log: the log is empty", id="empty log"),
        pytest.param(
            b"Dear all,\nplease find attached\n",
            [],
            "access.log:1: not an access log; 'Dear all,' is none of: Traefik, nginx",
            id="no access log",
        ),
        pytest.param(b"\x1f\x8b\x08\x00broken", [], "access.log is broken gzip", id="broken gzip"),
        pytest.param(gzip.compress(b"x" * 9999, mtime=0)[:-9], [], "access.log is broken gzip", id="truncated gzip"),
        pytest.param(
            "\n".join(NOISE).encode(),
            [],
            "1 of 4 lines are not in the format of the others (nginx or Apache), such as ",
            id="mixed formats",
        ),
        pytest.param(NOISE[0].encode(), [], "/register/spring/ was asked for by 0 of the at least", id="no people"),
        pytest.param(NOISE[1].encode(), [], "no page was asked for in", id="no page"),
        pytest.param(
            NOISE[0].encode(),
            ["--page", "/elsewhere/"],
            "/elsewhere/ was asked for by 0 of the at least",
            id="page that nobody asked for",
        ),
        pytest.param(
            NOISE[0].encode(),
            ["--opening", "tomorrow"],
            "--opening: 'tomorrow': expected a moment such as 2026",
            id="opening that is no moment",
        ),
        pytest.param(
            NOISE[0].encode(),
            ["--opening", "2026-11-23T18:00:00"],
            "say the time zone as well, such as 2026",
            id="opening without time zone",
        ),
        pytest.param(
            NOISE[0].encode(),
            ["--out", __file__],
            "test_fit.py exists; remove it, or name another file",
            id="people file that exists",
        ),
    ],
)
def test_what_cannot_be_fitted_is_one_message(
    tmp_path: Path, content: bytes | None, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "access.log").write_bytes(content)
    out = [] if "--out" in more else ["--out", str(tmp_path / "ours.toml")]
    assert cli.main(["fit", str(tmp_path / "access.log"), *out, *more], {}) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.err.count("\n") == 1
    assert not (tmp_path / "ours.toml").exists()


def test_a_log_that_tells_of_nothing_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first: dict[int, Sent] = {}
    for act in acts():
        first.setdefault(act.person, act)
    (tmp_path / "access.log").write_text("\n".join(combined(act) for act in first.values() if act.person < 100))
    assert cli.main(["fit", str(tmp_path / "access.log"), "--out", str(tmp_path / "ours.toml")], {}) == 2
    assert "the log tells of no habit, and nothing was written: reload_gap: 0 pauses, of 300" in capsys.readouterr().err
    assert not (tmp_path / "ours.toml").exists()
