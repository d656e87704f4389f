"""Registering: the form, its mistakes, the ticket, and what stands instead of the form when there is no seat."""

from __future__ import annotations

import contextlib
import io
import re

import numpy as np
import pytest
import requests
import zxingcpp
from PIL import Image
from playwright.sync_api import Error, Route, expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import SOLD_OUT, Visitor
from tests.site.inside import php, rows
from tests.site.task import Task, eventually
from tests.site.visitor import Editor, Form, ledger, make_storm, marker

# The colours in which something is written on the page.
INKS = """() => [...document.querySelectorAll('main *')]
    .filter((element) => element.checkVisibility() && !element.closest('svg') && element.innerText?.trim())
    .map((element) => getComputedStyle(element).color.match(/\\d+/g).slice(0, 3).map(Number))"""
LET_THE_SERVER_JUDGE = "document.getElementById('floodgate-claim').noValidate = true"


def test_a_seat_and_the_same_seat_again(task: Task, somebody: Visitor) -> None:
    path = offer(task, seats=40, taken=3)
    somebody.go(path)
    somebody.sees("open")
    page = somebody.page
    expect(page.locator(".seats")).to_contain_text("37 of 40 seats left")
    somebody.assert_accessible()

    def register() -> str:
        somebody.type(name="Ada Lovelace", email="ada@example.org", answer_phone="+44 20 7946 0000")
        page.select_option("#answer-group", "Late")
        page.check("#answer-rules")
        somebody.send()
        somebody.sees("confirmed")
        return page.inner_text(".code")

    code = register()
    assert re.fullmatch(r"(?:[2-9A-Z]{4}-?){3}", code)
    assert (somebody.marker("code"), somebody.marker("again")) == (code, None)
    expect(page.locator("dl")).to_contain_text("Ada Lovelace")
    somebody.assert_accessible()

    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    # On paper, from a screen that is dark: browsers leave grounds out, so ink has to be dark by itself.
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button")).to_be_hidden()
    expect(page.locator(".code")).to_be_visible()
    assert [colour for colour in page.evaluate(INKS) if max(colour) > 0x55] == []
    page.emulate_media(media="screen", color_scheme="light")

    somebody.go(path)
    expect(page.locator("#name")).to_have_value("")
    assert register() == code
    assert somebody.marker("again") == "yes"
    expect(page.get_by_role("heading", level=2)).to_have_text("You already have this seat")


def test_a_camera_reads_the_tickets_code_and_is_led_to_the_door(
    task: Task, new_visitor: NewVisitor, editor: Editor
) -> None:
    path = offer(task, fields=[])
    for scheme in ("light", "dark"):
        window = new_visitor(color_scheme=scheme)
        window.go(path)
        window.type(name="Ada Lovelace", email=f"{scheme}@example.org")
        window.send()
        window.sees("confirmed")
        window.page.get_by_role("img", name="for a camera").wait_for()
        [read] = zxingcpp.read_barcodes(np.asarray(Image.open(io.BytesIO(window.page.screenshot(full_page=True)))))
        assert read.text.startswith(f"{task.url}/wp-admin/")
        assert read.text.endswith((window.marker("code") or "-").replace("-", ""))
    door = editor.get(read.text, timeout=60)
    assert "At the door: Swimming for adults" in door.text
    assert door.text.count("data-claim=") == 1
    unknown = editor.get(f"{task.url}/wp-admin/admin.php?page=floodgate&view=door&code=AAAABBBBCCCC", timeout=60)
    assert (unknown.status_code, "Nobody has a seat with this code" in unknown.text) == (404, True)
    assert requests.get(read.text, allow_redirects=False, timeout=60).status_code == 302, "a stranger sees the door"


def test_a_seat_is_given_back_by_the_mails_link(task: Task, somebody: Visitor) -> None:
    path = offer(task, seats=1, fields=[], starts_in=86400, place="Riverside Baths, Mill Lane 4")
    somebody.go(path)
    somebody.type(name="Ada Lovelace", email="ada@example.org")
    somebody.send()
    somebody.sees("confirmed")
    page = somebody.page
    expect(page.locator(".facts")).to_contain_text("Riverside Baths")
    expect(page.get_by_role("link", name="calendar")).to_have_attribute("href", f"{task.url}{path}course.ics")
    somebody.assert_accessible()

    [[number, moment]] = rows(
        task.host,
        "SELECT c.id, claimed_at FROM wp_floodgate_claims c JOIN wp_floodgate_courses k ON k.id = course_id "
        f"WHERE slug = '{path.split('/')[2]}'",
    )
    link = "$links = new Floodgate\\Registration\\SeatLink(getenv('WP_SALT'));"
    link += "echo $links->path($argv[1], (int) $argv[2], (int) $argv[3]);"
    somebody.go(php(task, link, path.split("/")[2], number, moment))
    somebody.sees("confirmed")
    somebody.assert_accessible()
    page.get_by_role("button", name="Give the seat back").click()
    somebody.sees("give-back")
    somebody.assert_accessible()
    page.get_by_role("link", name="Keep my seat").click()
    somebody.sees("confirmed")
    page.get_by_role("button", name="Give the seat back").click()
    somebody.sees("give-back")
    page.get_by_role("button", name="Give the seat back").click()
    somebody.sees("cancelled")
    somebody.assert_accessible()
    page.get_by_role("link", name="To the page of the course").click()
    somebody.sees("open")


def test_a_double_click_is_one_seat(task: Task, somebody: Visitor) -> None:
    course = make_storm(task, 5)
    somebody.go(course.path)
    somebody.sees("open")
    sent = []
    somebody.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    somebody.type(name="Ada Lovelace", email="ada@example.org")
    somebody.page.dblclick("button[type=submit]")
    somebody.sees("confirmed")
    assert len(sent) == 1
    assert ledger(task, course.slug)["taken"] == 1


def test_the_browser_itself_asks_for_what_is_missing(task: Task, somebody: Visitor) -> None:
    somebody.go(offer(task))
    somebody.send()
    assert somebody.page.evaluate("document.activeElement.id") == "name"
    assert somebody.page.evaluate("document.activeElement.validity.valueMissing")
    somebody.sees("open")


def test_mistakes_are_named_where_they_are(task: Task, somebody: Visitor) -> None:
    path = offer(task)
    somebody.go(path)
    page = somebody.page
    page.evaluate(LET_THE_SERVER_JUDGE)
    somebody.type(name="Ada", email="ada at home", answer_phone="a", answer_age="old", answer_wishes="None\nat all")
    somebody.send()
    somebody.sees("invalid")
    summary = page.get_by_role("group", name="Almost there")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Please check the form"))
    wrong = ["email", "answer-phone", "answer-group", "answer-age", "answer-rules"]
    assert [link.get_attribute("href") for link in summary.get_by_role("link").all()] == [f"#{name}" for name in wrong]
    for name in wrong:
        expect(page.locator(f"#{name}")).to_have_accessible_description(re.compile(r"\w+"))
    expect(page.locator("[aria-invalid]")).to_have_count(len(wrong))
    somebody.assert_accessible()

    summary.get_by_role("link").first.click()
    expect(page.locator("#email")).to_be_focused()
    somebody.type(email="ada@example.org", answer_phone="0123 456", answer_age="36")
    page.select_option("#answer-group", "Early")
    page.check("#answer-rules")
    expect(page.locator("#answer-wishes")).to_have_value("None\nat all")
    somebody.send()
    somebody.sees("confirmed")


def test_sold_out_and_ended(task: Task, somebody: Visitor) -> None:
    page = somebody.page
    for state, path, words in (
        ("sold-out", offer(task, seats=16, taken=16), "All 16 seats of this course have been given away."),
        ("ended", offer(task, opens_in=-7200, closes_in=-3600), "Registration has ended"),
    ):
        somebody.go(path)
        somebody.sees(state)
        expect(page.locator(".card")).to_contain_text(words)
        expect(page.locator("#floodgate-claim")).to_have_count(0)
        expect(page.get_by_role("button", name="Already registered? Get your code again")).to_be_visible()
        expect(page.locator("[data-resend]")).to_be_hidden()
        expect(page.locator(".about")).to_be_visible()
        somebody.assert_accessible()


def test_the_last_seat_goes_to_one_of_two(task: Task, new_visitor: NewVisitor) -> None:
    path = offer(task, seats=1, fields=[])
    first, second = new_visitor(), new_visitor()
    for window, name in ((first, "ada"), (second, "bob")):
        window.go(path)
        window.type(name=name, email=f"{name}@example.org")
    first.send()
    first.sees("confirmed")
    second.send()
    second.sees("sold-out")
    second.assert_accessible()


def test_everything_works_without_a_script(task: Task, new_visitor: NewVisitor) -> None:
    somebody = new_visitor(java_script_enabled=False)
    somebody.go(offer(task, fields=[]))
    page = somebody.page
    expect(page.locator("[data-resend]")).to_be_hidden()
    somebody.type(name="Ada", email="ada@localhost")
    somebody.send()
    somebody.sees("invalid")
    expect(page.get_by_role("group", name="Almost there")).to_be_focused()
    somebody.type(email="ada@example.org")
    somebody.send()
    somebody.sees("confirmed")
    expect(page.locator(".code")).to_be_visible()
    expect(page.get_by_role("button")).to_be_hidden()


def test_with_the_keyboard_alone(task: Task, somebody: Visitor) -> None:
    """The order is the page's, each stop is seen and lies under nothing, and the last one leads out again."""
    somebody.go(offer(task))
    somebody.sees("open")
    stops = []
    while stop := somebody.press("Tab"):
        stops.append(stop)
        somebody.page.wait_for_function(SEEN)
        assert len(stops) < 30, stops
    form = ["name", "email", "answer-phone", "answer-group", "answer-age", "answer-wishes", "answer-rules", "Register"]
    assert stops == ["Riverside Courses", *form, "How to get there", "Back to Riverside Courses"]

    typed = ["Ada Lovelace", "ada@example.org", "0123 456", "Late", "36", "", " "]
    somebody.page.locator("header a").focus()
    for name, text in zip(form, typed, strict=False):
        assert somebody.press("Tab") == name
        somebody.page.keyboard.type(text)
    somebody.press("Tab")
    somebody.page.keyboard.press("Enter")
    somebody.sees("confirmed")


SEEN = """() => {
    const focused = document.activeElement;
    const style = getComputedStyle(focused);
    const box = focused.getBoundingClientRect();
    // The middle of what the window shows of it.
    const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
    const [x, y] = [middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight)];
    const top = document.elementFromPoint(x, y);
    return style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2 && focused.contains(top);
}"""


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_a_code_is_found_again_where_there_is_no_form(task: Task, new_visitor: NewVisitor, script: bool) -> None:
    path = offer(task, seats=1, fields=[])
    Form.on(task, path).send("ada@example.org")
    somebody = new_visitor(java_script_enabled=script)
    somebody.finds(path, SOLD_OUT)
    somebody.page.get_by_role("button", name="Already registered?").click()
    expect(somebody.page.locator("#now")).to_have_text("Get your code again")
    somebody.assert_accessible() if script else None
    somebody.type(name="Somebody else", email="nobody@example.org")
    somebody.send()
    somebody.sees("sold-out")
    expect(somebody.page.locator(".card")).to_contain_text("Nobody is registered with this name")
    somebody.page.get_by_role("button", name="Already registered?").click()
    somebody.type(name="Ada", email="ada@example.org")
    somebody.send()
    # It is not the window that took the seat: the code goes to the address.
    somebody.sees("sent")
    somebody.assert_accessible() if script else None


def test_an_answer_that_was_cut_off_is_found_by_one_press(task: Task, new_visitor: NewVisitor) -> None:
    """The claim is taken, its answer is lost, somebody else gets the last seat."""
    path = offer(task, seats=2, fields=[])
    ada = new_visitor()
    ada.go(path)
    ada.type(name="Ada", email="ada@example.org")
    taken = {}

    def lose(route: Route) -> None:
        taken["code"] = marker(route.fetch().text(), "code")
        route.abort("connectionreset")

    ada.page.route("**/floodgate/claim/**", lose)
    with contextlib.suppress(Error):
        ada.send()
    eventually(lambda: taken.get("code"))
    ada.page.unroute("**/floodgate/claim/**")
    ada.problems.clear()  # the browser's word on the line that broke
    Form.on(task, path).send("bob@example.org")
    ada.finds(path, SOLD_OUT)
    expect(ada.page.locator("[data-resend]")).to_contain_text("its answer did not arrive")
    ada.assert_accessible()
    ada.page.get_by_role("button", name="Already registered?").click()
    ada.sees("confirmed")
    assert ada.marker("code") == taken["code"]


def test_a_browser_that_fills_in_what_nobody_sees_is_no_robot(task: Task, somebody: Visitor) -> None:
    somebody.go(offer(task, fields=[]))
    fill = "document.getElementById('nothing')?.setAttribute('value', 'https://ada.example.org')"
    for _ in range(2):
        somebody.type(name="Ada", email="ada@example.org")
        somebody.page.evaluate(fill)
        somebody.send()
        if somebody.page.get_by_text("should stay empty").is_visible():
            somebody.assert_accessible()
    somebody.sees("confirmed")


@pytest.mark.parametrize(
    "name", ["محمد\u200cرضا", "山田\u3000太郎", "ශ්\u200dරී ලංකා"], ids=["Persian", "Japanese", "Sinhala"]
)
def test_what_is_typed_is_on_the_ticket(task: Task, somebody: Visitor, name: str) -> None:
    """The domain as it was typed, and in ASCII: one ticket, one seat, and nobody else's domain."""
    path = offer(task)
    page = somebody.page

    def register(telephone: str) -> None:
        somebody.go(path)
        somebody.type(name=name, email="ada@müller-straße.de", answer_phone=telephone)
        page.select_option("#answer-group", "Early")
        page.check("#answer-rules")
        somebody.send()
        somebody.sees("confirmed")

    register("(212) 555-0100 x12")
    code = somebody.marker("code")
    assert page.locator("dd").all_inner_texts() == [name, "ada@müller-straße.de"]
    somebody.assert_accessible()
    register("٠١٥١\u2011٢٣٤٥٦٧٨")
    assert (somebody.marker("code"), somebody.marker("again")) == (code, "yes")
    answers = {"answer[phone]": "112", "answer[group]": "Early", "answer[rules]": "1"}
    # The same person in another window: the seat is found, and the code goes to the address.
    in_ascii = Form.on(task, path).send("ada@xn--mller-strae-46a18a.de", name, **answers)
    assert marker(in_ascii.text, "state") == "sent"


def test_the_browser_itself_sees_that_this_is_no_address(task: Task, somebody: Visitor) -> None:
    somebody.go(offer(task, fields=[]))
    somebody.type(name="Ada", email="ada at home")
    somebody.send()
    assert somebody.page.evaluate("document.activeElement.id") == "email"
    assert somebody.page.evaluate("document.activeElement.validity.patternMismatch")
    somebody.sees("open")


def test_a_page_of_yesterday_is_answered_at_once_when_all_is_sold(task: Task, new_visitor: NewVisitor) -> None:
    path = offer(task, seats=1, fields=[])
    issue = "echo (new Floodgate\\Registration\\FormToken(getenv('WP_SALT')))->issue($argv[1], time() - 90000);"
    token = php(task, issue, path.split("/")[2])
    late, owner = new_visitor(), new_visitor()
    for window in (late, owner):
        window.go(path)
        window.page.evaluate(
            "(token) => document.querySelectorAll('[name=token]').forEach((f) => { f.value = token; })", token
        )
    own = owner.page.locator("[name=browser]").input_value()
    code = marker(Form.on(task, path).send("ada@example.org", "Ada", browser=own).text, "code")
    for window, who in ((late, "late"), (owner, "ada")):
        window.type(name=who, email=f"{who}@example.org")
        window.send()
    late.sees("sold-out")
    late.assert_accessible()
    owner.sees("confirmed")
    assert owner.marker("code") == code
