"""The page of a storm that runs, in a real browser, and that of the rehearsal whose build storms: both grow."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.loadtest.conftest import TOKEN
from tests.loadtest.storming import limits_for_a_busy_machine
from tests.rehearsal.page.conftest import page_of
from tests.rehearsal.page.recorded import LOAD_TEST, Recorded
from tests.site.browser.site import chromium
from tests.site.browser.visitor import visitor

STORM = ["--people", "20", "--seats", "5", "--form-median", "0.5", "--warm-up", "2", "--before", "4"]
STORM += ["--opening", "2", "--open", "2", "--recovery", "2", "--live", "0"]


def test_the_timeline_grows_until_the_verdict_is_there(
    serving: Callable[[dict[str, Any]], Any], command: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    recorded = Recorded(tmp_path / "checkout")
    recorded.runs()
    limits = limits_for_a_busy_machine(tmp_path / "limits.toml")
    out = recorded.folder / "build" / "load-test" / "src" / "storm"
    arguments = [*STORM, "--limits", str(limits), "--out", str(out)]
    with (
        serving({}) as site,
        chromium() as browser,
        page_of(recorded.checkout) as rehearsal,
        command("run", "--host", site, "--token", TOKEN, *arguments) as storm,
    ):
        assert storm.stdout is not None
        address = storm.stdout.readline().removeprefix("live: ").strip()
        with visitor(browser, address) as somebody, visitor(browser, rehearsal) as beside:
            page = somebody.page
            page.goto(address)
            beside.page.goto(rehearsal)
            expect(page.locator("#site")).to_have_text(site)
            with recorded.log(LOAD_TEST).open("a") as log:
                log.writelines(_until(storm, "timeline: "))
            expect(beside.page.locator("#timeline-title")).to_have_text(f"Storm on {site}")
            expect(page.locator("#line")).to_contain_text("opening")
            expect(page.locator("figure")).to_have_count(4)
            points = page.locator("polyline").first
            before = len((points.get_attribute("points") or "").split())
            expect(page.locator("#end")).to_contain_text("PASS: 20 people, 5 of 5 sold")
            assert len((points.get_attribute("points") or "").split()) > before
            assert "token" not in page.url
            somebody.assert_accessible()
            people = beside.page.locator("#timeline figure svg[role=img]").first
            expect(people).to_have_attribute("aria-label", re.compile(r"^People\. people: \d+ data points, 0 at \+"))
        assert storm.wait(timeout=60) == 0, storm.stdout.read()


def _until(storm: subprocess.Popen[str], words: str) -> Iterator[str]:
    """Yield the lines that a storm says, up to the one that begins with some words."""
    assert storm.stdout is not None
    for line in storm.stdout:
        yield line
        if line.startswith(words):
            return
