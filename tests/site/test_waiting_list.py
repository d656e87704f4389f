"""A seat that is given back goes to who waits, in their order; nobody gets it past them, and everybody is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import requests

from tests.site.inside import php, query, rows
from tests.site.organiser import Organiser
from tests.site.task import Task
from tests.site.visitor import Editor, Form, Storm, make_storm, marker

CANCEL = """
$course = (new Floodgate\\Registration\\Courses($database))->find($argv[1]);
$row = $database->row("SELECT id FROM wp_floodgate_claims WHERE course_id = ? AND email = ?", [$course->id, $argv[2]]);
(new Floodgate\\Registration\\Cancellations($database))->cancel($course, (int) $row['id'], 1, false);
"""


@dataclass
class Course:
    """A course with a waiting list."""

    task: Task
    storm: Storm
    form: Form

    def claim(self, who: str, **fields: str) -> requests.Response:
        """Send the form of somebody who wants a seat."""
        return self.form.send(f"{who}@example.org", who, **fields)

    def join(self, who: str) -> requests.Response:
        """Send the form of somebody who wants to wait."""
        return self.claim(who, queue="1")

    def find(self, who: str) -> requests.Response:
        return self.claim(who, find="1")

    def place(self, who: str) -> str | None:
        """Return what the page says of somebody's place, or of their seat."""
        page = self.find(who).text
        return marker(page, "place") or marker(page, "state")

    def cancel(self, who: str) -> None:
        """Let an organiser cancel somebody's seat."""
        php(self.task, CANCEL, self.storm.slug, f"{who}@example.org")

    def link(self, who: str) -> str:
        """Return the path by which somebody takes an offer or gives a place up, as their page has it."""
        page = self.find(who).text
        found = re.search(r'action="([^"]*/floodgate/seat/[^"]*)"', page)
        assert found, page
        return urlsplit(found[1]).path

    def press(self, path: str, button: str) -> str | None:
        """Press a button of that page; return the state of what it shows then."""
        answer = requests.post(self.task.url + path, data={"do": button}, allow_redirects=False, timeout=60)
        assert answer.status_code == 200, answer.text
        return marker(answer.text, "place") or marker(answer.text, "state")

    def counted(self) -> tuple[int, int, int]:
        """Return the seats that are taken, the seats that are held, and how many people wait."""
        columns = "taken, held, queued"
        [row] = rows(self.task.host, f"SELECT {columns} FROM wp_floodgate_courses WHERE slug = '{self.storm.slug}'")
        return int(row[0]), int(row[1]), int(row[2])

    def set(self, what: str) -> None:
        """Change the course in the database."""
        query(self.task, f"UPDATE wp_floodgate_courses SET {what} WHERE slug = '{self.storm.slug}'")

    def expire(self, who: str) -> None:
        """Let the time of somebody's offer pass."""
        query(self.task, f"UPDATE wp_floodgate_queue SET offered_until = 1 WHERE email = '{who}@example.org'")


def minute(task: Task) -> str:
    """Run the minute's task once; return what it said."""
    return task.exec("wordpress", "floodgate-cron")


@pytest.fixture
def course(task: Task) -> Iterator[Course]:
    """One seat, which Ada has."""
    storm = make_storm(task, 1)
    made = Course(task, storm, Form.on(task, storm.path))
    made.set("waiting_list = 1")
    assert marker(made.claim("ada").text, "state") == "confirmed"
    yield made
    query(task, "DELETE FROM wp_floodgate_queue")
    made.set("held = 0, queued = 0")


def test_people_wait_in_the_order_in_which_they_came(course: Course) -> None:
    answers = [course.join(who) for who in ("bob", "cem", "dora", "bob")]
    assert [marker(answer.text, "state") for answer in answers] == ["queued"] * 4
    assert [marker(answer.text, "place") for answer in answers] == ["1", "2", "3", "1"]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert course.place("cem") == "2"
    assert course.counted() == (1, 0, 3)


def test_a_program_is_told_the_place(course: Course) -> None:
    answer = course.form.send("bob@example.org", "bob", accept="application/json", queue="1").json()
    assert answer == {"course": course.storm.slug, "state": "queued", "place": 1}


def test_a_seat_that_is_given_back_is_offered_to_the_first_and_to_nobody_else(course: Course) -> None:
    course.join("bob")
    course.join("cem")
    course.cancel("ada")
    # The minute has not come: the seat is free, and nobody gets it past those who wait.
    assert marker(course.claim("eve").text, "state") == "sold-out"
    assert "places offered: 1" in minute(course.task)
    assert course.counted() == (0, 1, 1)
    assert [course.place(who) for who in ("bob", "cem")] == ["offered", "1"]
    assert marker(course.claim("eve").text, "state") == "sold-out"
    assert "places" not in minute(course.task), "a minute without news moved somebody"
    assert course.press(course.link("bob"), "take") == "confirmed"
    assert course.counted() == (1, 0, 1)
    assert course.place("bob") == "confirmed"


def test_an_offer_that_nobody_takes_goes_on_to_the_next(course: Course) -> None:
    for who in ("bob", "cem", "dora"):
        course.join(who)
    course.cancel("ada")
    minute(course.task)
    link = course.link("bob")
    course.expire("bob")
    assert course.press(link, "take") == "offered", "an offer was taken after its time"
    assert "places expired: 1" in minute(course.task)
    assert [course.place(who) for who in ("bob", "cem", "dora")] == ["sold-out", "offered", "1"]
    assert marker(course.task.get(link).text, "place") == "expired"
    # Whoever still wants to come stands at the end.
    assert marker(course.join("bob").text, "place") == "2"
    assert course.press(course.link("cem"), "leave") == "left"
    assert course.counted() == (0, 0, 2)
    minute(course.task)
    assert [course.place(who) for who in ("dora", "bob")] == ["offered", "1"]


def test_a_place_is_given_up_by_its_link_and_counted_once(course: Course) -> None:
    course.join("bob")
    course.join("cem")
    link = course.link("bob")
    assert [course.press(link, "leave") for _ in range(2)] == ["left", "left"]
    assert course.counted() == (1, 0, 1)
    assert course.place("cem") == "1"


def test_a_place_is_given_up_by_no_single_touch_and_found_again_by_its_link(course: Course) -> None:
    course.join("bob")
    link = course.link("bob")
    page = course.find("bob").text
    assert f'href="{course.task.site}{link}"' in page, "no address that could be kept"
    question = requests.post(course.task.url + link, data={"ask": "1"}, timeout=60)
    assert marker(question.text, "state") == "give-back"
    assert "Leave the waiting list?" in question.text
    assert course.place("bob") == "1"
    course.cancel("ada")
    minute(course.task)
    assert (
        "Leave the seat to somebody else?" in requests.post(course.task.url + link, data={"ask": "1"}, timeout=60).text
    )
    assert course.place("bob") == "offered"
    assert course.press(link, "leave") == "left"
    # What is over is not asked for.
    assert marker(requests.post(course.task.url + link, data={"ask": "1"}, timeout=60).text, "place") == "left"


def test_to_look_at_a_link_changes_nothing_and_an_unsigned_one_shows_nothing(course: Course) -> None:
    course.join("bob")
    link = course.link("bob")
    assert marker(course.task.get(link).text, "place") == "1"
    assert course.counted() == (1, 0, 1)
    # The place's key is none to the seat of that number, nor to another place.
    for forged in (link.replace("/w", "/"), re.sub(r"/w(\d+)", lambda m: f"/w{int(m[1]) + 1}", link)):
        assert course.task.get(forged).status_code == 404


def test_who_wants_to_wait_and_finds_a_seat_gets_it(course: Course) -> None:
    course.set("seats = 2")
    assert marker(course.join("bob").text, "state") == "confirmed"
    assert course.counted() == (2, 0, 0)


def test_who_has_a_seat_does_not_wait_for_another(course: Course) -> None:
    assert marker(course.join("ada").text, "state") == "confirmed"
    assert course.counted() == (1, 0, 0)


def test_a_course_without_a_list_lets_nobody_wait(course: Course) -> None:
    course.set("waiting_list = 0")
    assert marker(course.join("bob").text, "state") == "sold-out"
    assert course.counted() == (1, 0, 0)


def test_what_is_missing_is_asked_for_where_one_waits(course: Course) -> None:
    page = course.form.send("bob@", "bob", queue="1").text
    assert marker(page, "state") == "invalid"
    assert 'id="floodgate-queue"' in page
    assert 'value="bob@"' in page
    assert 'id="floodgate-claim"' not in page


def test_the_page_of_a_course_that_is_sold_out_asks_who_would_wait(course: Course) -> None:
    page = course.claim("bob").text
    assert marker(page, "state") == "sold-out"
    form = Form.within(page, "floodgate-queue")
    assert form.hidden["queue"] == "1"
    assert 'value="bob@example.org"' in page, "what was typed is asked for again"
    assert "http-equiv" not in page, "a form goes away while somebody fills it in"


def test_seats_that_are_added_are_offered_and_those_that_are_held_are_kept(course: Course) -> None:
    for who in ("bob", "cem", "dora"):
        course.join(who)
    course.set("seats = 3")
    assert "places offered: 2" in minute(course.task)
    assert course.counted() == (1, 2, 1)
    with pytest.raises(Exception, match="never_promised_twice"):
        course.set("seats = 2")


def test_an_offer_ends_when_the_course_begins_and_none_is_made_after(course: Course) -> None:
    course.join("bob")
    course.join("cem")
    soon = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) + 3600000"
    course.set(f"starts_at = {soon}")
    course.cancel("ada")
    minute(course.task)
    same = "(SELECT starts_at FROM wp_floodgate_courses WHERE slug = '" + course.storm.slug + "')"
    assert query(course.task, f"SELECT offered_until = {same} FROM wp_floodgate_queue WHERE state = 'offered'") == ["1"]
    course.set("starts_at = 1")
    course.expire("bob")
    minute(course.task)
    assert course.counted() == (0, 0, 1)


def test_a_seat_got_otherwise_ends_the_wait_and_frees_what_was_held(course: Course) -> None:
    course.join("bob")
    course.cancel("ada")
    minute(course.task)
    course.set("seats = 2")
    # Nobody else waits, so the second seat is anybody's, and Bob takes it with the form.
    assert marker(course.claim("bob").text, "state") == "confirmed"
    assert course.counted() == (1, 1, 0)
    assert "places left: 1" in minute(course.task)
    assert course.counted() == (1, 0, 0)


def test_an_organiser_sees_who_waits_and_takes_somebody_off_the_list(task: Task, editor: Editor) -> None:
    organiser = Organiser(editor)
    offered = organiser.course("Waiting", seats="1", waiting_list="1", offer="2")
    form = Form.on(task, offered.path)
    for who in ("ada", "bob", "cem"):
        form.send(f"{who}@example.org", who, queue="1")
    assert "1 of 1 · 2 waiting" in organiser.courses()
    screen = organiser.open(view="registrations", course=offered.id, part="queue", order="asc")
    assert "Held by offers: 0. Waiting: 2." in screen.html
    assert screen.html.index("bob@example.org") < screen.html.index("cem@example.org")
    ask = organiser.follow(next(link for link in screen.links if "view=leave-list" in link))
    assert "bob@example.org" in ask.html
    confirm = next(form for form in ask.forms if "view=leave-list" in form.action)
    assert organiser.submit(confirm, changes={"_wpnonce": "0"}).status == 403
    after = organiser.submit(confirm)
    assert "not on the waiting list any more" in after.html
    assert "Left the list" in after.html
    assert marker(form.send("cem@example.org", "cem", find="1").text, "place") == "1"
    query(task, f"DELETE FROM wp_floodgate_claims WHERE course_id = {offered.id}")
    query(task, f"UPDATE wp_floodgate_courses SET taken = 0 WHERE id = {offered.id}")
    minute(task)
    term = "(offered_until - CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)) DIV 60000"
    [left] = query(task, f"SELECT {term} FROM wp_floodgate_queue WHERE state = 'offered'")
    assert 115 <= int(left) <= 120, "the offer does not hold for the two hours that the organiser chose"
    assert "A seat is held until" in organiser.open(view="registrations", course=offered.id, part="queue").html
    change = organiser.submit(
        organiser.open("floodgate-course", course=offered.id).form("title"), "save", {"offer": "0"}
    )
    assert "a number of hours from 1 to 720" in change.html
    query(task, "DELETE FROM wp_floodgate_queue")
    query(task, f"UPDATE wp_floodgate_courses SET held = 0 WHERE id = {offered.id}")
