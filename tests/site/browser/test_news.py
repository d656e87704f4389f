"""What an organiser saves reaches everybody who waits: within a minute, by itself, and without many requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Request, expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import Visitor
from tests.site.inside import rows
from tests.site.task import Task

IN_AN_HOUR = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED) + 3600000"
A_MINUTE_AGO = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED) - 60000"
MINUTE = 60.0  # seconds
REQUESTS_MAX = 3  # in a minute, by one person

# What is saved while people wait, by how they wait; then what they see.
CHANGES = {
    "the opening is now": ({"opens_in": 7200}, f"opens_at = {A_MINUTE_AGO}", "open"),
    "the opening is later": ({"opens_in": 7200}, f"opens_at = {IN_AN_HOUR} + 86400000", "closed"),
    "the title is mended": ({"opens_in": 7200}, "title = 'Mended'", "closed"),
    "more seats": ({"seats": 5, "taken": 5}, "seats = 6", "open"),
    "other seats before the opening": ({"opens_in": 7200}, "seats = 7", "closed"),
    "closed before it opens": ({"opens_in": 7200}, f"opens_at = 1000, closes_at = {A_MINUTE_AGO}", "ended"),
    "opened again": ({"opens_in": -7200, "closes_in": -3600}, "closes_at = NULL", "open"),
    "deleted": ({"opens_in": 7200}, None, None),
}


def test_what_is_saved_reaches_everybody_who_waits(task: Task, new_visitor: NewVisitor) -> None:
    """All changes at once: what takes a minute takes it once."""
    page_requests: list[str] = []
    waiting: list[tuple[str, Visitor, str]] = []
    paths = {name: offer(task, fields=[], **course) for name, (course, _, _) in CHANGES.items()}  # type: ignore[arg-type]
    for script in (True, False):
        for name, path in paths.items():
            window = new_visitor(java_script_enabled=script)
            window.go(path)
            how = f"{name}, {'with' if script else 'without'} a script"
            waiting.append((how, window, path))
            window.page.on("request", _count(page_requests, how, path))
    for name, path in paths.items():
        slug = path.split("/")[2]
        change = CHANGES[name][1]
        what = f"UPDATE wp_floodgate_courses SET {change}" if change else "DELETE FROM wp_floodgate_courses"
        rows(task.host, f"{what} WHERE slug = '{slug}'", task.environment["DB_NAME"])
    started = time.monotonic()
    for how, window, path in waiting:
        left = max(1.0, started + MINUTE - time.monotonic())
        name = how.split(",")[0]
        state = CHANGES[name][2]
        if state is None:
            expect(window.page.locator("#floodgate"), how).to_have_count(0, timeout=left * 1000)
            window.problems.clear()  # the browser's word on a page that is not there
            continue
        window.sees(state, left)
        page = window.page
        match name:
            case "the opening is later":
                expect(page.locator(".when time"), how).to_have_attribute(
                    "datetime", _opens(task, path), timeout=left * 1000
                )
            case "the title is mended":
                expect(page.get_by_role("heading", level=1), how).to_have_text("Mended", timeout=left * 1000)
            case "other seats before the opening":
                expect(page.locator(".facts dd").first, how).to_have_text("7", timeout=left * 1000)
    waited = time.monotonic() - started
    for how, _, _ in waiting:
        # The page that a change brings is one more.
        assert page_requests.count(how) <= REQUESTS_MAX * (waited / MINUTE + 1) + 1, how


def _count(page_requests: list[str], how: str, path: str) -> Callable[[Request], None]:
    def note(request: Request) -> None:
        if request.url.endswith(path):
            page_requests.append(how)

    return note


def _opens(task: Task, path: str) -> str:
    [[moment]] = rows(
        task.host,
        f"SELECT opens_at DIV 1000 FROM wp_floodgate_courses WHERE slug = '{path.split('/')[2]}'",
        task.environment["DB_NAME"],
    )
    return datetime.fromtimestamp(int(moment), ZoneInfo("Europe/Berlin")).isoformat()
