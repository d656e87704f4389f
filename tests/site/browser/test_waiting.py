"""The pages that nginx has itself: the waiting page brings people back; the others say what is wrong."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import Visitor
from tests.site.task import Task


def test_the_waiting_page_brings_people_back_to_what_they_typed(task: Task, new_visitor: NewVisitor) -> None:
    path = offer(task)
    sender, reader, plain = new_visitor(), new_visitor(reduced_motion="reduce"), new_visitor(java_script_enabled=False)
    sender.go(path)
    sender.sees("open")
    sender.type(name="Ada", email="ada@example.org", answer_phone="0123 456", answer_wishes="A warm pool")
    sender.page.select_option("#answer-group", "Late")
    sender.page.check("#answer-rules")
    task.engine("stop", "wordpress")
    try:
        sender.send()
        sender.sees("waiting")
        expect(sender.page.locator("main")).to_contain_text("please send it again")
        for window in (reader, plain):
            window.go(f"/?crowd={uuid.uuid4().hex}")
            window.sees("waiting")
            expect(window.page.locator("main")).to_contain_text("nobody loses a place by waiting")
        expect(reader.page.locator(".bar")).to_be_hidden()
        reader.assert_accessible()
    finally:
        task.engine("start", "wordpress")
        task.wait_until_ready()

    sender.sees("open", 25)
    expect(sender.page.locator("[data-resend]")).to_be_visible()
    assert sender.page.url == sender.site + path
    sender.send()
    sender.sees("confirmed")
    for window in (reader, plain):
        expect(window.page.get_by_role("heading", name="Welcome")).to_be_visible(timeout=25_000)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/mu-plugins/nothing-here.css", "There is nothing here"), ("/xmlrpc.php", "There is nothing here")],
)
def test_nothing_here(somebody: Visitor, path: str, words: str) -> None:
    somebody.go(path)
    expect(somebody.page.get_by_role("heading")).to_have_text(words)
    somebody.assert_accessible()
    somebody.problems.clear()  # the browser's word on an address that looks like a file


def test_more_than_a_form_can_hold(task: Task, somebody: Visitor) -> None:
    somebody.go(offer(task, fields=[]))
    somebody.page.evaluate("document.getElementById('name').removeAttribute('maxlength')")
    somebody.type(name="A" * 300_000, email="ada@example.org")
    somebody.send()
    expect(somebody.page.get_by_role("heading")).to_have_text("This is too large")
    somebody.assert_accessible()
