"""What the page of a running storm is told, and who is told it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from urllib.parse import urlsplit

import pytest

from loadtest.live.timeline import UNSETTLED, seconds
from loadtest.record.record import Record
from tests.loadtest.conftest import ROOT

# The page is answered by gevent, which is for processes of its own.
SERVE = """
import sys
from gevent import monkey
monkey.patch_all()
import gevent
from gevent.fileobject import FileObject
from loadtest.live.live_page import LivePage
from tests.loadtest.conftest import good_record
page = LivePage(0)
print(page.address, flush=True)
words = FileObject(sys.stdin.buffer)
record = good_record()
words.readline()
page.look(record, 3.5)
print("shown", flush=True)
words.readline()
page.finish("PASS: all is well")
"""


@contextmanager
def serving() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def page() -> Iterator[subprocess.Popen[str]]:
    with serving() as process:
        yield process


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address, without its token, of a page that strangers alone ask."""
    with serving() as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().partition("?")[0]


def step(page: subprocess.Popen[str]) -> None:
    assert page.stdin is not None
    page.stdin.write("go\n")
    page.stdin.flush()


def test_a_person_with_the_address_follows_a_storm_to_its_verdict(page: subprocess.Popen[str]) -> None:
    assert page.stdout is not None
    address = page.stdout.readline().strip()
    root = address.partition("?")[0]
    person = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with person.open(address) as door:
        assert "token" not in door.headers["Refresh"]
    with person.open(root) as front:
        assert b"page.js" in front.read()
        assert "default-src 'none'" in front.headers["Content-Security-Policy"]

    def state(query: str = "") -> dict[str, object]:
        with person.open(f"{root}state{query}") as answer:
            found: dict[str, object] = json.load(answer)
            return found

    assert state()["storm"] == 0
    step(page)
    assert page.stdout.readline() == "shown\n"
    first = state()
    assert "+3.5 s  opening" in str(first["line"])
    assert (first["storm"], first["site"], first["end"]) == (1, "http://localhost:8080", "")
    assert isinstance(first["seconds"], list) and first["seconds"][0]["at"] == -20
    step(page)
    last = state("?storm=1&moment=28.4")
    while not last["end"]:
        last = state("?storm=1&moment=28.4")
    assert last["end"] == "PASS: all is well"
    assert isinstance(last["seconds"], list) and [each["at"] for each in last["seconds"]] == [24, 25, 26, 27, 28, 29]
    assert page.wait(timeout=30) == 0, "it ends when the page has seen the end"


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("", {}, 403, id="no token"),
        pytest.param("?token=guessed", {}, 403, id="another token"),
        pytest.param("state", {}, 403, id="no cookie"),
        pytest.param("", {"Host": "storm.example.org"}, 421, id="another name"),
        pytest.param("../", {}, 404, id="another folder"),
    ],
)
def test_a_stranger_is_told_nothing(address: str, path: str, headers: dict[str, str], status: int) -> None:
    url = f"http://{urlsplit(address).netloc}/" if path == "../" else address + path
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, headers=headers))
    assert refused.value.code == status
    assert b"floodgate-state" not in refused.value.read()


def test_a_page_is_told_what_is_new_and_what_may_have_changed(record: Record) -> None:
    record.measurements.second(0).counts.update({"arrived": 7, "saw-closed": 2, "errors": 1})
    record.measurements.second(2).counts["left"] = 3
    everything = {each["at"]: each for each in seconds(record, None)}
    people, waits, answers, _ = everything[0]["values"]
    assert (people, everything[1]["values"][0], everything[2]["values"][0]) == ([7], [7], [4])
    assert answers == [2, 14, 0, 0, 0, 0, 1]
    assert waits == pytest.approx([0.1, 0.1, 0.1], rel=0.01)
    last = max(everything)
    news = seconds(record, last - 9.5)
    assert [each["at"] for each in news] == list(range(last - 9 - UNSETTLED, last + 1)), "also seconds that are to come"
    assert news == [everything[each["at"]] for each in news]
    assert seconds(Record("h", "c", record.started_at, record.parameters), None) == []
