"""The page as a person sees it: at every moment of a rehearsal, on a phone and a desk, by the keyboard alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Route, expect

from rehearsal import git_remote
from rehearsal.values.replaced_file import write
from rehearsal.values.state import Store
from tests.loadtest.conftest import good_record
from tests.rehearsal.codepipeline.test_execution import Rehearsal, pipeline
from tests.rehearsal.page.conftest import Serve
from tests.rehearsal.page.recorded import LOAD_TEST, Recorded
from tests.site.browser.visitor import PHONE, ZOOMED, Visitor, visitor

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

# What a report's script would do, said by Chromium as it refuses it.
REFUSED = "Blocked script execution"
Open = Callable[..., Visitor]


@pytest.fixture
def open_page(browser: Browser, serve: Serve) -> Iterator[Open]:
    """Open the page of a checkout; what is wrong in it fails the test, but for a report's script that was refused."""
    with ExitStack() as windows:
        opened: list[Visitor] = []

        def open_one(checkout: Path, **context: Any) -> Visitor:
            somebody = windows.enter_context(visitor(browser, "", **context))
            opened.append(somebody)
            somebody.go(serve(checkout))
            expect(somebody.page.locator("#now")).not_to_have_text("Connecting")
            return somebody

        yield open_one
        for each in opened:
            each.problems = [problem for problem in each.problems if REFUSED not in problem]


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    made = Recorded(tmp_path)
    made.stands()
    return made


def nothing(recorded: Recorded) -> None:
    recorded.store.state.history.clear()
    recorded.store.state.standing.clear()
    recorded.store.save()


@pytest.mark.parametrize(
    ("moment", "now", "title"),
    [
        pytest.param(nothing, "Nothing runs", "No execution yet", id="before anything"),
        pytest.param(Recorded.runs, "Running", "A calmer front page", id="while it runs"),
        pytest.param(Recorded.waits, "Waits for approval", "A calmer front page", id="while it waits"),
        pytest.param(Recorded.failed, "Failed at Dev / LoadTest", "A calmer front page", id="after a failure"),
    ],
)
def test_nothing_stands_in_anybodys_way(
    recorded: Recorded, open_page: Open, moment: Callable[[Recorded], object], now: str, title: str
) -> None:
    moment(recorded)
    somebody = open_page(recorded.checkout)
    expect(somebody.page.locator("#now")).to_have_text(now)
    expect(somebody.page.locator("h1:visible")).to_have_text(title)
    # A report is a page of its own, with tests of its own (tests/site/browser/test_report.py).
    somebody.page.evaluate("document.querySelectorAll('iframe').forEach((frame) => frame.remove())")
    somebody.assert_accessible()
    for size in (PHONE, ZOOMED):
        somebody.page.set_viewport_size(size)
        assert somebody.page.evaluate("document.documentElement.scrollWidth") == size["width"]


def watching(recorded: Recorded) -> None:
    recorded.watched(waiting="ALARM")


def messages(recorded: Recorded) -> None:
    recorded.tells("Your seat", "ABCD", after=2, stack="floodgate-dev-wordpress")
    recorded.tells("All is well", "OK")
    recorded.tells("It rings", "See https://example.org/runbook?a=1.", after=5)


@pytest.mark.parametrize(
    ("view", "moment", "words"),
    [
        pytest.param("dashboards", nothing, "Nothing is watched yet", id="no dashboards"),
        pytest.param("dashboards", watching, "floodgate-dev-waiting", id="dashboards"),
        pytest.param("mailbox", nothing, "No message yet", id="an empty mailbox"),
        pytest.param("mailbox", messages, "It rings", id="a mailbox"),
    ],
)
def test_every_view_is_for_everybody(
    recorded: Recorded, open_page: Open, view: str, moment: Callable[[Recorded], object], words: str
) -> None:
    moment(recorded)
    somebody = open_page(recorded.checkout)
    page = somebody.page
    page.click(f"#to-{view}")
    expect(page.locator(f"#to-{view}")).to_have_attribute("aria-current", "page")
    expect(page.locator(f"#view-{view}")).to_contain_text(words)
    if moment is messages:
        page.locator(".letters a").first.click()
        expect(page.locator("#letter-title")).to_be_focused()
    somebody.assert_accessible()
    for size in (PHONE, ZOOMED):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_charts_go_on_as_data_points_come(recorded: Recorded, open_page: Open) -> None:
    recorded.watched()
    page = open_page(recorded.checkout).page
    page.click("#to-dashboards")
    board = page.locator("#boards section").first
    people = board.locator("figure", has_text="People")
    expect(people.locator("svg[role=img]")).to_have_attribute("aria-label", re.compile(r"^People\. Requests: 12 data"))
    people.locator("summary").click()
    values = people.get_by_role("region", name="Values of People")
    expect(values.get_by_role("columnheader")).to_have_text(["Time", "Requests", "Waiting, %"])
    expect(people.locator("tbody tr")).to_have_count(15)
    expect(people.locator("tbody tr").first).to_contain_text("12")
    expect(board).to_contain_text("Not drawn: widgets of type log are not drawn here")
    expect(board.get_by_role("link")).to_have_attribute("href", "https://example.org/plan")
    file = recorded.folder / "charts" / "dev.points.json"
    points = json.loads(file.read_text())
    requests = points["lines"]["b/0"]["points"]
    requests.append([requests[-1][0] + 60, 777])
    points["until"] += 60
    write(file, json.dumps(points))
    expect(people.locator("tbody tr").first).to_contain_text("777")
    expect(board.locator(".figures")).to_contain_text("777")
    # An hour ago nothing was: of the last quarter the storm is left out, and the table says so.
    page.get_by_label("3 h").check()
    expect(people.locator("tbody tr")).to_have_count(16)
    recorded.watched(waiting="ALARM")
    expect(page.locator("#ringing")).to_have_text("1 alarm rings")
    expect(page.locator("figure[data-state=ALARM] .pill")).to_have_text("Rings")
    expect(people.locator("details")).to_have_attribute("open", "")


def test_the_timeline_of_a_storm_grows_beside_its_log(recorded: Recorded, open_page: Open) -> None:
    recorded.runs()
    somebody = open_page(recorded.checkout)
    page = somebody.page
    expect(page.locator("#log-text")).to_contain_text("298 people")
    expect(page.locator("#timeline")).to_be_hidden()
    record = good_record()
    recorded.storms(record, 3.5)
    expect(page.locator("#timeline-title")).to_have_text("Storm on http://localhost:8080")
    charts = page.locator("#timeline figure")
    expect(charts.locator("h3")).to_have_text(["People", "Waits", "What people saw", "Trouble"])
    trouble = charts.nth(3)
    trouble.locator("summary").click()
    values = trouble.get_by_role("region", name="Values of Trouble")
    expect(values.get_by_role("columnheader")).to_have_text(["Second", "aborts", "errors", "gave up"])
    record.measurements.second(4).counts["aborts"] = 17
    recorded.storms(record, 5.5)
    expect(values.get_by_role("row", name="+4 s")).to_contain_text("17")
    label = re.compile(r"^Trouble\. aborts: 50 data points, 0 at \+29 s, at most 17 at \+4 s")
    expect(trouble.locator("svg[role=img]")).to_have_attribute("aria-label", label)
    expect(charts.nth(1).locator("svg[role=img]")).to_have_attribute("aria-label", re.compile("p95: 50 data points, 1"))
    page.click("#action-0")
    expect(page.locator("#timeline")).to_be_hidden()
    page.click(f"#action-{LOAD_TEST}")
    expect(values.get_by_role("row", name="+4 s")).to_contain_text("17")
    # Of rows that their own box cuts off, and of single digits, axe says only that it cannot judge their contrast.
    trouble.locator("summary").click()
    somebody.assert_accessible()


def test_a_message_is_read_once_and_in_every_tab(recorded: Recorded, open_page: Open) -> None:
    recorded.tells("All is well", "OK")
    page = open_page(recorded.checkout, viewport=PHONE).page
    expect(page.locator("#unread")).to_have_text("1 unread message")
    page.click("#to-mailbox")
    other = page.context.new_page()
    other.goto(page.url)
    other.click("#to-mailbox")
    words = "It rings: see https://example.org/runbook?a=1, <b>soon</b>."
    recorded.tells('ALARM: "waiting"', words, html="<h1>It rings</h1>", attached=b"BEGIN:VCALENDAR", after=5)
    listed = page.locator(".letters a")
    expect(listed).to_have_count(2)
    expect(listed.first).to_have_text(re.compile(r'^Unread: ALARM: "waiting"operator@example.org'))
    listed.first.click()
    expect(page.locator("#letter-title")).to_be_focused()
    expect(page.locator(".letter")).to_have_text(words)
    link = page.locator(".letter a")
    assert [link.get_attribute(name) for name in ("href", "target", "rel")] == [
        "https://example.org/runbook?a=1", "_blank", "noopener noreferrer",
    ]  # fmt: skip
    expect(page.frame_locator("#letter iframe").locator("h1")).to_have_text("It rings")
    with page.expect_download() as download:
        page.click("text=course.ics")
    assert download.value.path().read_bytes().strip() == b"BEGIN:VCALENDAR"
    expect(page.locator("#messages")).to_be_hidden()
    page.click("text=Back to the list")
    for each in (page, other):
        expect(each.locator("#unread")).to_have_text("1 unread message")
        expect(each.locator(".letters [data-unread] .subject")).to_have_text("Unread: All is well")
    other.click("#all-read")
    expect(page.locator("#unread")).to_be_hidden()
    recorded.tells("Your seat", "ABCD-1234-EFGH", after=2, stack="floodgate-dev-wordpress")
    subjects = ['ALARM: "waiting"', "Unread: Your seat", "All is well"]
    expect(page.locator(".letters .subject")).to_have_text(subjects)
    page.get_by_label("floodgate-dev-wordpress").check()
    expect(listed).to_have_count(1)
    page.get_by_label("Topics").check()
    expect(listed).to_have_count(2)


def test_eight_tabs_are_live_over_one_connection(recorded: Recorded, open_page: Open) -> None:
    """A browser keeps six connections to a server: seven tabs with one each, and nothing more would be answered."""
    recorded.runs()
    first = open_page(recorded.checkout).page
    tabs = [first, *(first.context.new_page() for _ in range(7))]
    for tab in tabs[1:]:
        tab.goto(first.url)
    tabs[3].click("#action-0")
    expect(tabs[3].locator("#log-title")).to_have_text("Log of Source / GitHub")
    tabs[0].close()
    with recorded.log(LOAD_TEST).open("a") as log:
        log.write("   +9.0 s  open         299 people\n")
    for tab in tabs[1:]:
        expect(tab.locator(f"#action-{LOAD_TEST}")).to_contain_text("299 people")
        shown = expect(tab.locator("#log-text"))
        if tab is tabs[3]:
            shown.to_be_empty()
        else:
            shown.to_contain_text("299 people")


def test_the_page_follows_what_happens(recorded: Recorded, open_page: Open) -> None:
    record = recorded.runs()
    page = open_page(recorded.checkout).page
    expect(page.locator("#log-title")).to_have_text("Log of Dev / LoadTest")
    expect(page.locator("#log-text")).to_contain_text("298 people")
    with recorded.log(LOAD_TEST).open("a") as log:
        log.write("   +9.0 s  open         299 people\n")
    expect(page.locator("#log-text")).to_contain_text("299 people")
    expect(page.locator(f"#action-{LOAD_TEST}")).to_contain_text("299 people")
    page.click("#action-0")
    expect(page.locator("#log-title")).to_have_text("Log of Source / GitHub")
    expect(page.locator("#log-text")).to_be_empty()
    (recorded.folder / "lock").write_text("4194305")
    expect(page.locator("#now")).to_have_text("Broken off")
    expect(page.locator(f"#action-{LOAD_TEST}")).to_contain_text("broken off: its process has ended")
    recorded.store.past(record.execution, record.commit, "broken off at Dev / LoadTest")
    expect(page.locator("#history")).to_contain_text("Broken off at Dev / LoadTest")


def test_a_link_on_another_site_leads_in(recorded: Recorded, open_page: Open, serve: Serve) -> None:
    """A terminal in a browser, or a mail, makes a link of the address: another site's, whose cookies are strict."""
    page = open_page(recorded.checkout).page
    page.context.clear_cookies()
    link = f'<!doctype html><link rel="icon" href="data:,"><a href="{serve(recorded.checkout)}">the page</a>'
    page.route("https://terminal.example/", lambda route: route.fulfill(body=link, content_type="text/html"))
    page.goto("https://terminal.example/")
    page.click("a")
    expect(page.locator("#now")).not_to_have_text("Connecting")
    assert "token" not in page.url
    page.go_back()
    assert page.url == "https://terminal.example/", "the address with the token is not in the history"


def test_a_reports_script_does_not_run(recorded: Recorded, open_page: Open) -> None:
    recorded.waits()
    somebody = open_page(recorded.checkout)
    page = somebody.page
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("PASS")
    assert page.title() == "Waits for approval - Rehearsal"
    with page.expect_popup() as popup:
        page.click("text=Open report.html")
    expect(popup.value.locator("h1")).to_have_text("PASS")
    assert popup.value.evaluate("document.domain") == ""


def test_a_decision_that_came_too_late_is_told(recorded: Recorded, open_page: Open) -> None:
    recorded.waits()
    page = open_page(recorded.checkout).page
    # Another execution waits by now, and the page has not heard of it.
    page.route("**/decisions", lambda route: _later(recorded, route))
    page.click("#decide-reject")
    expect(page.locator("#notices")).to_contain_text("execution 8 waits now, not 7")
    assert Store(recorded.folder).state.waiting is not None


def _later(recorded: Recorded, route: Route) -> None:
    waiting = recorded.store.state.waiting
    assert waiting is not None
    waiting.execution = 8
    recorded.store.save()
    route.continue_()


class Push:
    """``git push``, and the lines that the pusher has got so far."""

    def __init__(self, checkout: Path, engine: Path) -> None:
        env = {**os.environ, "FLOODGATE_ENGINE": str(engine)}
        command = ["git", "push", "rehearsal", "main"]
        self.process = subprocess.Popen(command, cwd=checkout, env=env, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(line.strip())
                self._changed.notify_all()

    def hears(self, words: str) -> None:
        with self._changed:
            found = self._changed.wait_for(lambda: any(words in line for line in self.lines), 60)
        assert found, self.lines

    def ends(self) -> int:
        self._thread.join(60)
        return self.process.wait(60)


@pytest.fixture
def pushed(tmp_path: Path, cloud: Cloud, account: str) -> Iterator[tuple[Rehearsal, Path]]:
    """A checkout whose small pipeline stands, with a gate that holds until a file is there: the file."""
    opens = tmp_path / "opens"
    made = Rehearsal(tmp_path, cloud, account, state=tmp_path / "checkout" / ".rehearsal")
    upload = "boto3.client('s3').put_object(Bucket='$BUCKET', Key='report.html', Body=b'<h1>PASS</h1>')"
    publish = f'{sys.executable} -c "import boto3; {upload}"'
    gate = f'echo "the people come" && until test -e {opens}; do sleep 0.1; done && {publish}'
    template = pipeline(account, gate=gate)
    approval = template["Resources"]["Pipeline"]["Properties"]["Stages"][-2]
    approval["Actions"][0]["Configuration"]["CustomData"] = "Promote #{Src.CommitId}? s3://#{dev.Bucket}/report.html"
    made.stands(template)
    git_remote.make(made.folder, made.store.folder, "rehearsal")
    yield made, opens
    opens.touch()


def test_a_pushed_commit_is_watched_from_push_to_promotion(
    pushed: tuple[Rehearsal, Path], open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal, opens = pushed
    engine = tmp_path / "engine"
    engine.write_text('#!/bin/sh\ntest "$1" != version || echo 20.10.0 20.10.0\n')
    engine.chmod(0o755)
    monkeypatch.setenv("FLOODGATE_ENGINE", str(engine))
    page = open_page(rehearsal.folder).page
    expect(page.locator("h1:visible")).to_have_text("No execution yet")
    push = Push(rehearsal.folder, engine)
    # While the gate holds: the pusher has heard of each action that has ended, the page shows the one that runs.
    push.hears("remote: ✔ Dev / dev.Deploy")
    expect(page.locator("#log-text")).to_contain_text("the people come")
    expect(page.locator("#action-4")).to_have_attribute("data-status", "running")
    assert push.process.poll() is None
    opens.touch()
    expect(page.locator("#now")).to_have_text("Waits for approval")
    assert push.ends() == 0
    lines = [line for line in push.lines if line.startswith("remote:")]
    assert "waits for its approval" in lines[-1]
    expect(page.locator("#approval")).to_contain_text("prod: a new stack")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("PASS")
    _press_until_focused(page, "decide-approve")
    page.keyboard.press("Enter")
    expect(page.locator("#now")).to_have_text("Promoted", timeout=60_000)
    expect(page.locator("#news")).to_contain_text("Prod, prod.Deploy: Succeeded")
    assert Store(rehearsal.store.folder).state.history[-1].outcome == "promoted"
    expect(page.locator("#history")).to_contain_text("Promoted")


def _press_until_focused(page: Any, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"{name} is out of the keyboard's reach")
