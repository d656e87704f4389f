"""Real Chromium before a small site that has, or has not, what only somebody with a browser notices."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.async_api import async_playwright

from loadtest.chromium.__main__ import NICE
from loadtest.chromium.browser_person import SCREENS, BrowserPerson
from loadtest.chromium.messages import News, Order, line, read
from loadtest.chromium.program import find
from loadtest.history import series
from loadtest.record.error_example import first_of_each
from loadtest.record.measurements import Recorder
from loadtest.record.phases import Phases
from loadtest.record.real_browsers import Browsers
from loadtest.record.record import Claim
from tests.loadtest.conftest import ROOT, TOKEN, _serving
from tests.loadtest.storming import limits_for_a_busy_machine

# Long before the opening and after it: browsers stand back behind whoever else wants the processor, so that on a busy
# machine a first page comes late, and an answer that was lost is found again late.
PHASES = {"warm-up": 12.0, "before": 8.0, "opening": 2.0, "open": 12.0, "recovery": 8.0}
# What is wrong with each site, and how many browsers come.
SITES: Mapping[str, tuple[dict[str, Any], int]] = {
    "good": ({}, 2),
    "forgetful": ({"forgets": True, "throws": True, "jumps": True}, 1),
    "without a countdown": ({"no_countdown": True, "form_goes": True}, 1),
    "dying": ({"die_at": -1.0}, 1),
}
Serving = Callable[[dict[str, Any]], Any]


@contextmanager
def browsers(environment: dict[str, str], number: int = 1) -> Iterator[subprocess.Popen[str]]:
    """Start the process of the browsers."""
    with subprocess.Popen(
        [sys.executable, "-m", "loadtest.chromium", "120", str(number)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def stormed(site: str, environment: dict[str, str], number: int) -> tuple[Browsers, list[Claim]]:
    """Let browsers live through a course of a site without a crowd; return what they tell."""
    with browsers(environment, number) as process:
        assert process.stdin is not None and process.stdout is not None
        report = Browsers(planned=number, program=read(News, process.stdout.readline()).program)
        lead = 1.5 + PHASES["warm-up"] + PHASES["before"]
        course = json.dumps({"seats": 10, "opens_in": lead}).encode()
        request = urllib.request.Request(
            f"{site}/wp-json/floodgate/v1/storms", course, {"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(request) as answer:
            path = json.load(answer)["path"]
        opening = time.monotonic() + lead
        passes = [{"X-Floodgate-Person": str(40 + place)} for place in range(number)]
        order = Order(site + path, opening, PHASES, 40, "person-{number}@storm.example.org", passes)
        process.stdin.write(line(order))
        process.stdin.flush()
        claims: dict[int, Claim] = {}
        while not report.finished:
            news = read(News, process.stdout.readline())
            report.finished = news.final
            report.measurements.merge(news.measurements)
            report.examples = first_of_each([*report.examples, *news.examples])
            report.pictures += news.pictures
            claims |= {claim.person: claim for claim in news.claims}
        assert process.wait(timeout=30) == 0
    return report, [claims[person] for person in sorted(claims)]


@pytest.fixture(scope="module")
def profiles() -> Iterator[Path]:
    """A folder with a short name: in a longer one Chromium does not start."""
    with tempfile.TemporaryDirectory(prefix="floodgate-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def environment(profiles: Path) -> dict[str, str]:
    """What the process of the browsers is started with. A copy: pytest writes into this process's own all the time."""
    program = find()
    node = {"PLAYWRIGHT_NODEJS_PATH": program.node} if program.node else {}
    return {**os.environ, "TMPDIR": str(profiles), "CHROMIUM": program.chromium, **node}


@pytest.fixture(scope="module")
def visits(profiles: Path, environment: dict[str, str]) -> Iterator[Callable[[str], tuple[Browsers, list[Claim]]]]:
    """What browsers tell of each site by its name; they mostly wait, and come to all of them side by side."""

    def visit(name: str) -> tuple[Browsers, list[Claim]]:
        faults, number = SITES[name]
        with _serving(faults) as site:
            return stormed(site, environment, number)

    with ThreadPoolExecutor(2) as pool:
        futures = {name: pool.submit(visit, name) for name in SITES}
        yield lambda name: futures[name].result()
    assert not list(profiles.iterdir()), "a profile was left behind"


Visits = Callable[[str], tuple[Browsers, list[Claim]]]


def test_a_good_page_is_seen_and_a_lost_answer_costs_no_seat(visits: Visits) -> None:
    report, claims = visits("good")
    whole = report.measurements.whole()
    assert report.examples == []
    assert [(claim.person, claim.sends, claim.answers, len(claim.codes)) for claim in claims] == [
        (40, 2, ["confirmed"], 1),
        (41, 2, ["confirmed"], 1),
    ]
    for name in ("came", "served", "closed-views", "countdowns", "lost-answers"):
        assert whole.counts[name] == 2, name
    assert not whole.counts["resend-missing"] and not whole.counts["failures"] and not whole.counts["script-errors"]
    assert whole.durations["form-ready"].count == whole.durations["claim"].count == 2
    assert whole.durations["layout-shift"].count == whole.counts["views"]
    phases = {name for name, tally in report.measurements.phases.items() if tally.counts["views"]}
    assert phases <= set(PHASES) and "recovery" in phases
    for pair in ({"warm-up", "before"}, {"opening", "open"}):
        assert phases & pair, "on a busy machine a page may come when the first of two is over"
    assert {picture.window for picture in report.pictures} == {"phone", "desk"}
    assert all(picture.jpeg.startswith("/9j/") and picture.state == "open" for picture in report.pictures)


def test_what_only_a_browser_notices_is_noticed(visits: Visits) -> None:
    report, claims = visits("forgetful")
    whole = report.measurements.whole()
    assert whole.counts["lost-answers"] == whole.counts["resend-missing"] == 1
    assert whole.counts["script-errors"] >= 3
    assert whole.durations["layout-shift"].largest > 0.1
    assert {example.kind for example in report.examples} == {"script", "resend"}
    assert claims[0].answers == ["confirmed"], "and the person has the seat all the same"


def test_who_sees_no_countdown_presses_reload_in_the_end(visits: Visits) -> None:
    report, _ = visits("without a countdown")
    whole = report.measurements.whole()
    assert whole.counts["closed-views"] == 1 and not whole.counts["countdowns"]
    assert report.measurements.phases["opening"].durations["form-ready"].largest >= 5.0
    assert {example.kind: example.what for example in report.examples}["countdown"] == "no countdown"


def test_a_form_that_goes_is_told_and_ends_nothing(visits: Visits) -> None:
    report, claims = visits("without a countdown")
    whole = report.measurements.whole()
    assert report.finished and claims == [] and not whole.counts["served"]
    [what] = [example.what for example in report.examples if example.kind == "claim"]
    assert what.startswith("the form could not be sent, or nothing came back: ")


def test_a_site_that_dies_is_told_and_ends_nothing(visits: Visits) -> None:
    report, claims = visits("dying")
    whole = report.measurements.whole()
    assert report.finished and claims == []
    assert whole.counts["failures"] >= 1 and not whole.counts["served"]
    assert report.measurements.phases["opening"].durations["form-ready"].largest >= PHASES["opening"] + PHASES["open"]
    assert any("ERR_" in example.what for example in report.examples)


def test_the_site_knows_them_by_their_pass_and_nobody_else_gets_it(
    environment: dict[str, str], serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def visit(url: str) -> None:
        program = str(ROOT / "loadtest/chromium/steady_chromium.py")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, env={**environment})
            page = await (await browser.new_context()).new_page()
            phases = Phases.of(PHASES)
            person = BrowserPerson(
                SCREENS[0], Claim(7, ""), url=url, phases=phases, now=time.monotonic, recorder=Recorder()
            )
            await person.sit_down(page, {"X-Floodgate-Storm": TOKEN, "X-Floodgate-Person": "7"})
            await page.goto(url, wait_until="load")
            await browser.close()

    if node := environment.get("PLAYWRIGHT_NODEJS_PATH"):
        monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", node)
    with serving({"calls_itself": "http://127.0.0.1:PORT"}) as site:
        asyncio.run(visit(site.replace("127.0.0.1", "localhost") + "/register/next/"))
        with urllib.request.urlopen(f"{site}/passes") as answer:
            passes = json.load(answer)
    port = site.rpartition(":")[2]
    assert passes[f"localhost:{port}"] == {"/register/next/": "7"}
    assert set(passes[f"127.0.0.1:{port}"]) >= {"/wp-content/style.css", "/wp-content/site.js"}
    assert set(passes[f"127.0.0.1:{port}"].values()) == {None}


def test_chromium_stands_back_and_goes_with_the_storm(environment: dict[str, str]) -> None:
    with browsers(environment) as process:
        assert process.stdout is not None
        assert read(News, process.stdout.readline()).program.startswith("Chromium ")
        started = psutil.Process(process.pid).children(recursive=True)
        priorities = [each.nice() for each in started if "chrom" in each.name()]
        assert priorities and min(priorities) >= NICE, "it goes before the crowd"
        process.kill()
        gone, alive = psutil.wait_procs(started, timeout=30)
    assert gone and not alive


def test_a_storm_has_browsers_in_its_record_its_verdict_and_its_report(
    serving: Serving, command: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    limits = limits_for_a_busy_machine(tmp_path / "limits.toml")
    phases = [
        word
        for name, seconds in {**PHASES, "open": 5.0, "recovery": 3.0}.items()
        for word in (f"--{name}", f"{seconds:g}")
    ]
    # More seats than people who fill in the form in time: where a busy browser presses late, one is left.
    crowd = ["--people", "30", "--seats", "29", "--form-median", "4"]
    with serving({"throws": True}) as site:
        storm = command(
            *("run", "--host", site, "--token", TOKEN, "--limits", str(limits), *phases, *crowd),
            *("--browsers", "1", "--cut-after", "never", "--out", str(tmp_path / "out")),
        )
        with storm:
            output = "\n".join(storm.communicate(timeout=120))
    assert storm.returncode == 1, output
    assert "storm: browser script-errors is" in output
    record = series.load(tmp_path / "out/record.json").runs[0]
    assert record.browsers.finished and record.browsers.program.startswith("Chromium ")
    assert record.ledger is not None and 1 < len(record.ledger.claims) < 29
    [claim] = [claim for claim in record.claims if claim.person >= 30]
    assert claim.sends == 2 and claim.outcome == "confirmed"
    assert claim.codes[0] in {row.code for row in record.ledger.claims}
    assert "data:image/jpeg" in (tmp_path / "out/report.html").read_text()
