"""Before the opening, and at it."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Error, expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import Visitor
from tests.site.task import Task
from tests.site.visitor import Storm, make_storm_seen_closed


def clock(seconds: float) -> str:
    """Return a script by which a device's clock is wrong."""
    return f"{{ const now = Date.now.bind(Date); Date.now = () => now() + {seconds * 1000}; }}"


def test_the_form_appears_by_itself_at_the_servers_minute(task: Task, new_visitor: NewVisitor) -> None:
    """Whatever the visitor's clock says, and without a script."""
    windows = {
        "right": new_visitor(),
        "an hour ahead": new_visitor(script=clock(3600)),
        "an hour behind": new_visitor(script=clock(-3600)),
        "two seconds ahead": new_visitor(script=clock(2)),
        "no script": new_visitor(java_script_enabled=False),
    }
    shown: dict[str, str | None] = {}

    def seen_closed(storm: Storm) -> bool:
        try:
            for window in windows.values():
                window.go(storm.path)
            shown.update({name: window.page.evaluate(HOURS) for name, window in windows.items()})
        except Error:  # a window loads the form already, of this course or of the one before
            return False
        counts = all(shown[name] for name in windows if name != "no script")  # in the last moments none does any more
        return counts and {window.marker("state") for window in windows.values()} == {"closed"}

    course = make_storm_seen_closed(task, 3, seen_closed)
    assert shown.pop("no script") is None
    assert set(shown.values()) == {"00"}, shown
    late = {}
    for name, window in windows.items():
        window.sees("open", course.opens_at - course.now + 60)
        late[name] = float(window.marker("now") or 0) - course.opens_at
    # As late as a busy machine may be, and no hour.
    assert all(0 <= seconds < 60 for seconds in late.values()), late


def test_a_page_that_the_browser_has_kept_counts_by_the_servers_clock(task: Task, new_visitor: NewVisitor) -> None:
    """The server says that it is the same still, and it names a moment long past; another tab knows no other."""
    hour = 3600
    path = offer(task, fields=[], opens_in=3 * hour + hour / 2)
    windows = {ahead: new_visitor(script=clock(ahead)) for ahead in (hour, -hour, 0)}
    for window in windows.values():
        window.page.context.unroute_all()  # while anything is routed, the browser keeps nothing
        window.go(path)
    time.sleep(12)
    for ahead, window in windows.items():
        for page in (window.page, window.page.context.new_page()):
            page.goto(task.url + path)
            if page.evaluate(SENT_ANEW):  # a form's token is another one every ten minutes (FormToken.php)
                page.goto(task.url + path)
            assert page.evaluate(SENT_ANEW) is False
            page.evaluate("window.stays = true")
            expect(page.locator("[data-countdown]")).to_be_visible()
            before = time.time()
            shown, opens = page.evaluate(COUNTED)
            assert opens - time.time() - 4 <= shown <= opens - before + 4, f"by a clock that is {ahead} s ahead"
            page.wait_for_timeout(1500)
            assert page.evaluate("window.stays"), "a page that comes again and again"


def test_a_page_of_long_before_the_opening_is_asked_for_again_at_once(task: Task, new_visitor: NewVisitor) -> None:
    """Shown while PHP fails; it says the time of when it was made, and a clock that is right seems to be wrong."""
    path = offer(task, fields=[], opens_in=10)
    opens = time.monotonic() + 10
    early, late = new_visitor(), new_visitor()
    early.go(path)
    early.sees("closed")
    task.engine("stop", "wordpress")
    try:
        time.sleep(max(0.0, opens + 1 - time.monotonic()))
        late.go(path)
        late.sees("closed")
        assert float(late.marker("now") or 0) < float(late.marker("opens") or 0)
        with late.page.expect_request(lambda request: request.is_navigation_request(), timeout=5000):
            pass
    finally:
        task.engine("start", "wordpress")
        task.wait_until_ready()
    for window in (early, late):
        window.sees("open")


def test_the_countdown_says_when_and_what_to_have_ready(task: Task, somebody: Visitor) -> None:
    somebody.go(offer(task, opens_in=3 * 86400 + 7200))
    somebody.sees("closed")
    page = somebody.page
    expect(page.locator("[data-countdown]")).to_have_text(
        re.compile(r"3\s*days\s*0[12]\s*hours\s*\d\d\s*minutes\s*\d\d")
    )
    expect(page.locator(".ready li")).to_have_text(["Name", "E-mail address", "Telephone", "Which group?"])
    expect(page.locator(".yours")).to_have_count(0)
    assert "floodgate-claim" not in page.content()
    somebody.assert_accessible()


def test_somebody_far_away_sees_their_own_time_as_well(task: Task, new_visitor: NewVisitor) -> None:
    far = new_visitor(timezone_id="America/New_York")
    far.go(offer(task, opens_in=7200))
    expect(far.page.locator(".yours")).to_contain_text("In your time zone:")
    hours = [int(hour) % 12 for hour in re.findall(r"(\d+):\d\d", far.page.inner_text(".when"))]
    assert (hours[0] - hours[1]) % 12 == 6, hours


def test_the_last_minute_is_announced_once_and_not_every_second(task: Task, new_visitor: NewVisitor) -> None:
    somebody = new_visitor(script=SKIP)
    somebody.go(offer(task, opens_in=240))
    announcer = somebody.page.get_by_role("status")
    somebody.page.evaluate(LISTEN)
    left = float(somebody.marker("opens") or 0) - float(somebody.marker("now") or 0)
    somebody.page.evaluate(f"window.skipped = {left - 59}")
    expect(announcer).to_have_text("Registration opens: in 1 minute")
    expect(somebody.page).to_have_title(re.compile(r"^00:(?:5[0-6]|[0-4]\d) . Swimming for adults"))
    assert somebody.page.evaluate("said") == ["Registration opens: in 1 minute"]
    expect(somebody.page.locator("[data-countdown]")).to_have_attribute("aria-hidden", "true")


def test_a_device_that_wakes_without_a_network_waits_for_it(task: Task, new_visitor: NewVisitor) -> None:
    """The browser's own page of errors would stand there for good, and the seats go to others."""
    somebody = new_visitor(script=SKIP)
    somebody.go(offer(task, opens_in=240))
    somebody.sees("closed")
    page = somebody.page
    expect(page.locator("[data-countdown]")).to_be_visible()
    page.evaluate("window.stays = true")
    left = float(somebody.marker("opens") or 0) - float(somebody.marker("now") or 0)
    with page.expect_event("requestfailed"), page.expect_event("requestfailed"):
        page.context.set_offline(True)
        page.evaluate(f"window.skipped = {left + 1}")
    assert page.evaluate("window.stays"), "the page is gone"
    somebody.problems.clear()  # Chromium's own words for a network that is not there
    with page.expect_request(lambda request: request.is_navigation_request()):
        page.context.set_offline(False)
    somebody.sees("closed")
    somebody.problems.clear()


# The hours of a countdown that is seen.
HOURS = """() => {
    const countdown = document.querySelector('[data-countdown]');
    return countdown?.checkVisibility() ? countdown.querySelector("[data-unit='3600']").textContent : null;
}"""
# Seconds that a countdown shows, and the moment to which it counts.
COUNTED = """() => [
    [...document.querySelectorAll('[data-unit]')]
        .reduce((seconds, field) => seconds + field.dataset.unit * Number(field.textContent), 0),
    Number(document.getElementById('floodgate').dataset.floodgateOpens),
]"""
# Whether the body of the page came with this visit.
SENT_ANEW = """() => {
    const [visit] = performance.getEntriesByType('navigation');
    return visit.transferSize >= visit.encodedBodySize;
}"""
# A clock that can be put forward.
SKIP = "window.skipped = 0; { const now = Date.now.bind(Date); Date.now = () => now() + window.skipped * 1000; }"
LISTEN = """() => {
    window.said = [];
    const hear = (changes) => changes.forEach((change) => window.said.push(change.target.textContent));
    new MutationObserver(hear).observe(document.querySelector('[role=status]'), {childList: true});
}"""
