"""Waiting for a seat: the form on a sold-out page, the place, the offer behind the mail's link, and the ticket."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import Visitor
from tests.site.inside import php, rows
from tests.site.task import Task

LINK = """
$link = new Floodgate\\Registration\\SeatLink(getenv('WP_SALT'));
echo $link->placePath($argv[1], (int) $argv[2], (int) $argv[3]);
"""


def sold_out(task: Task) -> str:
    """Offer a course whose one seat is taken, and that lets people wait; return its path."""
    path = offer(task, seats=1, taken=1, fields=[])
    change(task, path, "waiting_list = 1")
    return path


def change(task: Task, path: str, what: str) -> None:
    slug = path.split("/")[2]
    rows(task.host, f"UPDATE wp_floodgate_courses SET {what} WHERE slug = '{slug}'", task.environment["DB_NAME"])


def link(task: Task, path: str) -> str:
    """Return the path of the place that the mail has."""
    this = f"(SELECT id FROM wp_floodgate_courses WHERE slug = '{path.split('/')[2]}')"
    [[number, moment]] = rows(
        task.host,
        f"SELECT id, claimed_at FROM wp_floodgate_queue WHERE course_id = {this}",
        task.environment["DB_NAME"],
    )
    return php(task, LINK, path.split("/")[2], number, moment)


def press(window: Visitor, name: str) -> None:
    window.page.get_by_role("button", name=name).click()


@pytest.mark.parametrize("java_script", [True, False], ids=["script", "no script"])
def test_somebody_waits_is_offered_a_seat_and_takes_it(
    task: Task, new_visitor: NewVisitor, *, java_script: bool
) -> None:
    path = sold_out(task)
    window = new_visitor(java_script_enabled=java_script)
    window.go(path)
    window.sees("sold-out")
    if java_script:
        window.assert_accessible()
    window.type(name="Ada Lovelace", email="ada@example.org")
    press(window, "Put me on the waiting list")
    window.sees("queued")
    expect(window.page.get_by_role("heading", level=2)).to_have_text("You are number 1 on the waiting list")
    if java_script:
        window.assert_accessible()
    change(task, path, "taken = 0")
    php(task, "(new Floodgate\\Registration\\WaitingList($database))->advance();")
    window.go(path)
    window.sees("sold-out")
    window.go(link(task, path))
    window.sees("queued")
    expect(window.page.get_by_role("heading", level=2)).to_have_text("A seat is held for you")
    expect(window.page.locator("section.card")).to_contain_text(re.compile(r"until .*20\d\d"))
    if java_script:
        window.assert_accessible()
    press(window, "Take the seat")
    window.sees("confirmed")
    assert window.marker("code")


def test_the_form_comes_filled_for_whom_the_last_seat_was_too_fast(task: Task, somebody: Visitor) -> None:
    path = offer(task, seats=1, fields=[])
    change(task, path, "waiting_list = 1")
    somebody.go(path)
    somebody.sees("open")
    somebody.type(name="Ada Lovelace", email="ada@example.org")
    change(task, path, "taken = 1")
    somebody.send()
    somebody.sees("sold-out")
    expect(somebody.page.locator("#email")).to_have_value("ada@example.org")
    somebody.page.locator("#email").focus()
    # The keyboard alone: from the address to the button, past the field that nobody sees.
    assert somebody.press("Tab") == "Put me on the waiting list"
    somebody.page.keyboard.press("Enter")
    somebody.sees("queued")


def test_a_place_is_given_up(task: Task, somebody: Visitor) -> None:
    path = sold_out(task)
    somebody.go(path)
    somebody.type(name="Ada Lovelace", email="ada@example.org")
    press(somebody, "Put me on the waiting list")
    somebody.sees("queued")
    expect(somebody.page.get_by_role("button", name="Give my place up")).to_have_count(0)
    somebody.go(link(task, path))
    press(somebody, "Give my place up")
    expect(somebody.page.get_by_role("heading", level=2)).to_have_text("Leave the waiting list?")
    somebody.assert_accessible()
    somebody.page.get_by_role("link", name="Keep my place").click()
    somebody.sees("queued")
    press(somebody, "Give my place up")
    somebody.sees("give-back")
    press(somebody, "Give my place up")
    expect(somebody.page.get_by_role("heading", level=2)).to_have_text("You are not on the waiting list any more")
    somebody.assert_accessible()
    somebody.go(path)
    somebody.sees("sold-out")
