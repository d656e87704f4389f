"""The page of a storm that runs, in a real browser: it grows, and ends with the verdict."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.loadtest.conftest import TOKEN
from tests.loadtest.storming import limits_for_a_busy_machine
from tests.site.browser.site import chromium
from tests.site.browser.visitor import visitor

STORM = ["--people", "20", "--seats", "5", "--form-median", "0.5", "--warm-up", "2", "--before", "4"]
STORM += ["--opening", "2", "--open", "2", "--recovery", "2", "--live", "0"]


def test_the_timeline_grows_until_the_verdict_is_there(
    serving: Callable[[dict[str, Any]], Any], command: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    limits = limits_for_a_busy_machine(tmp_path / "limits.toml")
    arguments = [*STORM, "--limits", str(limits), "--out", str(tmp_path / "out")]
    with (
        serving({}) as site,
        chromium() as browser,
        command("run", "--host", site, "--token", TOKEN, *arguments) as storm,
    ):
        assert storm.stdout is not None
        address = storm.stdout.readline().removeprefix("live: ").strip()
        with visitor(browser, address) as somebody:
            page = somebody.page
            page.goto(address)
            expect(page.locator("#site")).to_have_text(site)
            expect(page.locator("#line")).to_contain_text("opening")
            expect(page.locator("figure")).to_have_count(4)
            points = page.locator("polyline").first
            before = len((points.get_attribute("points") or "").split())
            expect(page.locator("#end")).to_contain_text("PASS: 20 people, 5 of 5 sold")
            assert len((points.get_attribute("points") or "").split()) > before
            assert "token" not in page.url
            somebody.assert_accessible()
        assert storm.wait(timeout=60) == 0, storm.stdout.read()
