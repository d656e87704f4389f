"""When and where a course is: the organiser says it once; page, list, ticket and calendars show it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from tests.site.organiser import Course, Organiser
from tests.site.task import Task, eventually
from tests.site.visitor import Editor, Form, marker

TITLE = "Glaze, fire; cool \\ " + "größer " * 20
PLACE = "Old Mill, Court 2; ring twice"
WHEN = "June 5, 2099, 6:30 pm to 9:00 pm CEST"


@pytest.fixture(scope="module")
def organiser(editor: Editor) -> Organiser:
    return Organiser(editor)


@pytest.fixture(scope="module")
def course(organiser: Organiser) -> Course:
    return organiser.course(
        TITLE.strip(),
        slug="glaze",
        zone="Europe/Berlin",
        place=PLACE,
        starts="2099-06-05T18:30",
        ends="2099-06-05T21:00",
    )


def words(page: str) -> str:
    """Return a page's text without its tags."""
    return re.sub(r"<[^>]*>", "", page)


def test_page_list_and_ticket_say_when_and_where(task: Task, course: Course) -> None:
    def shown() -> str | None:
        page = task.get(course.path).text
        return page if WHEN in words(page) else None

    page = eventually(shown)
    assert PLACE in page
    assert re.findall(r'<time datetime="([^"]*)"', page) == ["2099-06-05T18:30:00+02:00", "2099-06-05T21:00:00+02:00"]
    eventually(lambda: WHEN in words(task.get("/").text))
    ticket = Form.on(task, course.path).send("ada@example.org").text
    assert marker(ticket, "state") == "confirmed"
    assert WHEN in words(ticket)
    assert f"{course.path}course.ics" in ticket


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        pytest.param("2027-01-12T20:30", "January 12, 2027, 7:00 pm to 8:30 pm CET", id="one day"),
        pytest.param(
            "2027-01-13T00:30", "January 12, 2027, 7:00 pm CET to January 13, 2027, 12:30 am CET", id="past midnight"
        ),
    ],
)
def test_a_day_is_said_once(task: Task, organiser: Organiser, ends: str, says: str) -> None:
    course = organiser.course(
        "Reading", slug=f"reading-{ends[8:10]}", zone="Europe/Berlin", starts="2027-01-12T19:00", ends=ends
    )
    assert says in words(task.get(course.path).text)


def test_the_day_is_said_twice_where_the_clocks_are_put_back_between(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Night", zone="Europe/Berlin", starts="2027-10-31T01:30", ends="2027-10-31T04:00")
    says = "October 31, 2027, 1:30 am CEST to October 31, 2027, 4:00 am CET"
    assert says in words(task.get(course.path).text)


def test_a_calendar_reads_the_date(task: Task, course: Course) -> None:
    answer = task.get(f"{course.path}course.ics")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=UTF-8")
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    calendar = Calendar.from_ical(answer.content)
    [event] = calendar.walk("VEVENT")
    assert "METHOD" not in calendar, "a message of an organiser's, who has no address here"
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (TITLE.strip(), PLACE)
    assert event.decoded("DTSTART") == datetime(2099, 6, 5, 16, 30, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2099, 6, 5, 19, 0, tzinfo=UTC)
    assert str(event["URL"]) == f"{task.site}{course.path}"


def test_a_course_without_a_date_says_none(task: Task, organiser: Organiser) -> None:
    plain = organiser.course("No date")
    ticket = Form.on(task, plain.path).send("ada@example.org").text
    assert "course.ics" not in ticket
    assert task.get(f"{plain.path}course.ics").status_code == 404
    assert 'class="facts"' not in ticket


@pytest.mark.parametrize(
    ("changes", "at", "says"),
    [
        pytest.param({"ends": "2099-06-05T21:00"}, "ends", "must end after it begins", id="an end alone"),
        pytest.param(
            {"starts": "2099-06-05T21:00", "ends": "2099-06-05T21:00"}, "ends", "must end after", id="no time between"
        ),
        pytest.param({"starts": "tomorrow"}, "starts", "enter a date and a time", id="a word"),
        pytest.param({"place": "x" * 201}, "place", "shorten the place", id="a place too long"),
    ],
)
def test_a_date_that_cannot_be_is_named(organiser: Organiser, changes: dict[str, str], at: str, says: str) -> None:
    screen = organiser.add_course(title="Odd", **changes)
    assert says in screen.html
    assert f"floodgate-{at}-mistake" in screen.ids
