"""The pages that nginx has itself: the waiting page brings people back; the others say what is wrong."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import SOLD_OUT, Visitor
from tests.site.organiser import wordpress
from tests.site.task import Task
from tests.site.visitor import Form, marker


def publish(task: Task, title: str, password: str) -> str:
    """Publish a post and return its path."""
    words = f"'post_title' => '{title}', 'post_password' => '{password}', 'post_content' => 'Room 12'"
    made = f"['post_status' => 'publish', 'comment_status' => 'open', {words}]"
    return str(wordpress(task, f"return wp_make_link_relative(get_permalink(wp_insert_post({made})));"))


def test_the_waiting_page_brings_people_back_to_what_they_typed(task: Task, new_visitor: NewVisitor) -> None:
    path = offer(task)
    sender, reader, plain = new_visitor(), new_visitor(reduced_motion="reduce"), new_visitor(java_script_enabled=False)
    sender.go(path)
    sender.sees("open")
    sender.type(name="Ada", email="ada@example.org", answer_phone="0123 456", answer_wishes="A warm pool")
    sender.page.select_option("#answer-group", "Late")
    sender.page.check("#answer-rules")
    last = offer(task, seats=2, fields=[])
    ada, bare = new_visitor(), new_visitor(java_script_enabled=False)
    for window, name in ((ada, "ada"), (bare, "bare")):
        window.go(last)
        window.type(name=name, email=f"{name}@example.org")
    # Both claims are taken, and their answers do not arrive.
    form = Form.on(task, last)
    own = {"ada": str(ada.page.locator("[name=browser]").input_value()), "bare": ""}
    codes = {
        name: marker(form.send(f"{name}@example.org", name, browser=key).text, "code") for name, key in own.items()
    }
    reader.finds(last, SOLD_OUT)  # what the cache shows while PHP is away
    task.engine("stop", "wordpress")
    try:
        for window in (ada, bare):
            window.send()
            window.sees("waiting")
        sender.send()
        sender.sees("waiting")
        expect(sender.page.locator("main")).to_contain_text("please send it again")
        for window in (reader, plain):
            window.go(f"/?replytocom={uuid.uuid4().hex}")
            window.sees("waiting")
            expect(window.page.locator("main")).to_contain_text("nobody loses a place by waiting")
        expect(reader.page.locator(".bar")).to_be_hidden()
        reader.assert_accessible()
    finally:
        task.engine("start", "wordpress")
        task.wait_until_ready()

    for name, window in (("ada", ada), ("bare", bare)):
        window.sees("sold-out", 25)
        window.page.get_by_role("button", name="Already registered?").click()
        if window is bare:
            window.type(name=name, email=f"{name}@example.org")
            window.send()
            # Nobody knows this window again: the code goes to the address, which the other one is shown.
            window.sees("sent")
            continue
        window.sees("confirmed")
        assert window.marker("code") == codes[name]
    sender.sees("open", 25)
    expect(sender.page.locator("[data-resend]")).to_be_visible()
    assert sender.page.url == sender.site + path
    sender.send()
    sender.sees("confirmed")
    for window in (reader, plain):
        expect(window.page.get_by_role("heading", name="Courses", level=1)).to_be_visible(timeout=25_000)


def test_a_form_that_is_no_claim_is_gone_back_to(task: Task, new_visitor: NewVisitor) -> None:
    """A comment and a page's password are sent to addresses where nothing can be looked at."""
    post, protected = (publish(task, title, password) for title, password in (("Open talk", ""), ("Class", "chalk")))
    commenter, reader, organiser = new_visitor(), new_visitor(), new_visitor()
    commenter.go(post)
    commenter.type(comment="What I had to say", author="Ada", email="ada@example.org")
    reader.go(protected)
    reader.page.locator("input[name=post_password]").fill("chalk")
    task.engine("stop", "wordpress")
    try:
        commenter.page.get_by_role("button", name="Post Comment").click()
        reader.page.get_by_role("button", name="Enter").click()
        for window in (commenter, reader):
            window.sees("waiting")
            expect(window.page.locator("main")).to_contain_text("back where you typed it")
        commenter.assert_accessible()
        organiser.page.set_content(
            f"<form method=post action='{task.url}/wp-admin/admin.php?page=x'><button>Save</button></form>"
        )
        organiser.page.get_by_role("button", name="Save").click()
        organiser.sees("waiting")
        expect(organiser.page.get_by_role("button", name="Send it again")).to_be_visible()
    finally:
        task.engine("start", "wordpress")
        task.wait_until_ready()
    expect(commenter.page.locator("#comment")).to_have_value("What I had to say", timeout=25_000)
    expect(reader.page.locator("input[name=post_password]")).to_be_visible(timeout=25_000)
    reader.page.locator("input[name=post_password]").fill("chalk")
    reader.page.get_by_role("button", name="Enter").click()
    expect(reader.page.locator(".wp-block-post-content")).to_contain_text("Room 12")
    organiser.sees("waiting")


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
