"""A long log is read by the block and by two processes: what they read is what one line after the other says."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from loadtest.fitting import access_log, sessions
from loadtest.fitting.access_log import Log
from loadtest.fitting.columns import Done
from loadtest.record.exit_codes import BadInput
from tests.loadtest.logs import OPENED, acts, balancer

PAGE = "/register/spring/"
# Each is written otherwise than its neighbours, or by nobody.
ODD: Sequence[Callable[[str], str]] = [
    lambda line: line.replace('"Mozilla', '"\\"Mozilla', 1),
    lambda line: line.replace("https ", "wss ", 1),
    lambda line: line.replace("https ", "quic ", 1),
    lambda line: line.replace("Z ", "+00:00 ", 1),
    lambda line: line.replace("GET ", "G T ", 1),
    lambda line: line.replace(" HTTP/2.0", "?a=b HTTP/2.0", 1),
    lambda line: line.replace("Mozilla", "Mozillä", 1),
    lambda line: line.replace(" 200 ", " - ", 1),
    lambda line: f" {line}\r",
    lambda line: "# a comment",
    lambda line: "",
    lambda line: "the disk is full",
    lambda line: line[:100],
    lambda line: line.replace(":", " ", 4),
    lambda line: line.replace('"GET', '"G?T', 1),
    lambda line: line.replace(":17", ":77", 1),
]


@cache
def lines() -> Sequence[str]:
    """Return a load balancer's lines, of which every twentieth is odd."""
    rng = random.Random(1)
    plain = [balancer(act) for act in acts()[:4000]]
    return [rng.choice(ODD)(line) if number % 20 == 7 else line for number, line in enumerate(plain)]


def told(log: Log) -> list[tuple[str, str, list[Done]]]:
    return [
        (client, agent, list(acts))
        for client, agent, acts in log.requests.by_visitor(log.requests.acts(), by_end=False)
    ]


def by_line(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> Log:
    """Read logs line by line, in one process."""
    with monkeypatch.context() as patch:
        patch.setattr(access_log, "BalancerLines", lambda _: None)
        patch.setattr(access_log, "is_room", lambda: False)
        return access_log.read([str(path) for path in paths])


def assert_same(one: Log, other: Log) -> None:
    assert (len(one.requests), one.strange, one.strangers) == (len(other.requests), other.strange, other.strangers)
    assert (one.span, one.hides_cached, one.requests.acts()) == (other.span, other.hides_cached, other.requests.acts())
    assert told(one) == told(other)


def test_a_block_says_what_its_lines_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "access.log"
    log.write_text("\n".join(lines()))
    slow = by_line(monkeypatch, log)
    assert slow.strange > 10 and len(slow.requests) > 3800
    assert_same(access_log.read([str(log)]), slow)


@pytest.mark.parametrize("piece", [pytest.param(1 << 18, id="large pieces"), pytest.param(777, id="small pieces")])
@pytest.mark.parametrize(
    "cut",
    [
        pytest.param((4000,), id="one file"),
        pytest.param((100, 4000), id="the middle in the second of two"),
        pytest.param((3900, 4000), id="the middle in the first of two"),
    ],
)
@pytest.mark.parametrize("packed", [pytest.param(False, id="plain"), pytest.param(True, id="packed")])
def test_two_processes_read_what_one_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: tuple[int, ...], packed: bool, piece: int
) -> None:
    logs, begin, everything = [], 0, lines()
    for end in cut:
        text = "".join(f"{line}\n" for line in everything[begin:end]).encode()
        logs.append(tmp_path / f"{end}.log")
        logs[-1].write_bytes(gzip.compress(text, 1) if packed else text)
        begin = end
    slow = by_line(monkeypatch, *logs)
    monkeypatch.setattr(access_log, "WORTH", 1)
    monkeypatch.setattr(access_log, "PIECE", piece)
    monkeypatch.setattr(access_log, "is_room", lambda: True)
    _, theirs = access_log._halves([str(log) for log in logs])
    assert bool(theirs) is (not packed or len(cut) > 1), "a packed file is not read from its middle on"
    assert_same(access_log.read([str(log) for log in logs]), slow)


def test_what_the_second_process_cannot_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "WORTH", 1)
    monkeypatch.setattr(access_log, "is_room", lambda: True)
    (tmp_path / "a.log").write_text("\n".join(lines()))
    (tmp_path / "b.gz").write_bytes(gzip.compress("\n".join(lines()).encode(), 1)[:-90])
    with pytest.raises(BadInput, match=r"b\.gz is broken gzip"):
        access_log.read([str(tmp_path / "a.log"), str(tmp_path / "b.gz")])


def test_the_same_lines_in_two_files_are_noticed_by_two_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "WORTH", 1)
    monkeypatch.setattr(access_log, "is_room", lambda: True)
    text = "\n".join(lines()).encode()
    (tmp_path / "a.log").write_bytes(text)
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(text, 1))
    with pytest.raises(BadInput, match="have the same lines"):
        access_log.read([str(tmp_path / "a.log"), str(tmp_path / "a.log.gz")])


def test_two_processes_observe_what_one_observes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "access.log"
    log.write_text("\n".join(lines()))
    found = []
    for worth in (1, 1 << 30):
        monkeypatch.setattr(sessions, "WORTH", worth)
        monkeypatch.setattr(sessions, "is_room", lambda: True)
        monkeypatch.setattr(sessions, "AT_A_TIME", 50 if worth == 1 else 1 << 30)
        observed = sessions.observe(access_log.read([str(log)]), PAGE, PAGE, OPENED)
        observed.lay_by()
        found.append(str(observed))
    assert found[0] == found[1]
    assert "people=0" not in found[0]
