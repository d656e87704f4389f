"""wrk: what it is told, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.common.wrk import Answers, Load, Unreadable, parse

REPORT = (
    '{"answers":90,"seconds":2.000000,"bytes":900,"p50":1.0,"p95":2.0,"p99":3.5,'
    '"connect":1,"read":2,"write":3,"status":40,"timeout":5}'
)


def test_a_report_among_other_lines() -> None:
    answers = parse(f"Running 2s test @ http://127.0.0.1:80/\n  1 threads and 32 connections\n{REPORT}\n")
    assert answers == Answers(90, 2.0, 900, 1.0, 2.0, 3.5, 1, 2, 3, 40, 5)
    assert answers.good == 45
    assert answers.errors == 51


@pytest.mark.parametrize(
    ("answers", "status", "timeout", "good"),
    [
        pytest.param(90, 0, 0, 90, id="all in time"),
        pytest.param(90, 40, 0, 50, id="some with an error's status"),
        pytest.param(90, 0, 5, 85, id="some too late for a person"),
        pytest.param(5, 5, 5, 0, id="errors that are late count once"),
    ],
)
def test_good_answers_are_those_of_which_a_person_has_something(
    answers: int, status: int, timeout: int, good: int
) -> None:
    found = replace(parse(REPORT), answers=answers, status=status, timeout=timeout)
    assert found.good == good


@pytest.mark.parametrize(
    ("output", "message"), [("", "nothing"), ("unable to connect to 127.0.0.1:80 Connection refused\n", "refused")]
)
def test_no_report_is_an_error(output: str, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        parse(output)


@pytest.mark.parametrize(
    ("load", "there", "absent"),
    [
        pytest.param(
            Load(80, "/x", "site:8080", 32, 2),
            ["Host: site:8080", "http://127.0.0.1:80/x"],
            ["Connection: close", "--"],
            id="plain",
        ),
        pytest.param(
            Load(80, "/", "site", 1, 2, gzip=True), ["Accept-Encoding: gzip"], ["Connection: close"], id="compressed"
        ),
        pytest.param(
            Load(80, "/", "site", 1, 2, keep_alive=False),
            ["Connection: close"],
            ["Accept-Encoding: gzip"],
            id="new connections",
        ),
        pytest.param(
            Load(80, "/", "site", 1, 2, script="claim", arguments=("/claim", "r")),
            ["/bench/claim.lua", "--", "/claim"],
            [],
            id="script with arguments",
        ),
    ],
)
def test_the_command(load: Load, there: list[str], absent: list[str]) -> None:
    command = load.command()
    assert set(there) <= set(command)
    assert not set(absent) & set(command)
    assert command[command.index("--connections") + 1] == str(load.connections)
