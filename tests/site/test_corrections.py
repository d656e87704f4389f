"""An organiser corrects a name, an address, an answer: seat, code and place stay, and one person has one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.site.inside import query
from tests.site.organiser import Course, Organiser, Screen
from tests.site.task import Task
from tests.site.visitor import Editor, Form, marker

QUESTIONS = [
    {"label": "Size", "type": "select", "required": "1", "options": "S\nL"},
    {"label": "Remarks", "type": "textarea"},
]


@pytest.fixture
def organiser(editor: Editor) -> Organiser:
    return Organiser(editor)


@dataclass(frozen=True)
class Registered(Course):
    """A course in which somebody is registered."""

    form: Form

    def register(self, email: str, **more: str) -> str | None:
        """Send the form; return the code, or the place."""
        page = self.form.send(email, "Bob", **{"answer[size]": "S", **more}).text
        return marker(page, "code") or marker(page, "place")


@pytest.fixture
def course(task: Task, organiser: Organiser) -> Iterator[Registered]:
    """Ada has a seat of two."""
    added = organiser.course("Corrected", QUESTIONS, seats="2", waiting_list="1")
    made = Registered(added.id, added.slug, Form.on(task, added.path))
    first = made.form.send("ada@exmaple.org", "Ad", **{"answer[size]": "L", "answer[remarks]": "a\nb"})
    assert marker(first.text, "state") == "confirmed"
    yield made
    for table in ("claims", "queue"):
        query(task, f"DELETE FROM wp_floodgate_{table} WHERE course_id = {made.id}")
    query(task, f"UPDATE wp_floodgate_courses SET taken = 0, held = 0, queued = 0 WHERE id = {made.id}")


def correction(organiser: Organiser, course: Registered, who: str, part: str = "claims") -> Screen:
    """Open the form that corrects somebody."""
    listed = organiser.open(view="registrations", course=course.id, part=part, s=who)
    return organiser.follow(next(link for link in listed.links if "view=correct" in link))


def save(organiser: Organiser, screen: Screen, **changes: str) -> Screen:
    return organiser.submit(screen.form("email"), changes=changes)


def lines(task: Task, course: Registered, what: str, table: str = "claims") -> list[str]:
    return query(task, f"SELECT {what} FROM wp_floodgate_{table} WHERE course_id = {course.id} ORDER BY id")


def answers(task: Task, course: Registered) -> object:
    """Return what Ada answered; as hexadecimal digits no line end in it is rewritten on the way."""
    [kept] = lines(task, course, "HEX(answers)")
    return json.loads(bytes.fromhex(kept))


def test_a_slip_is_corrected_and_the_seat_and_its_code_stay(
    task: Task, organiser: Organiser, course: Registered
) -> None:
    [code] = lines(task, course, "code")
    form = correction(organiser, course, "exmaple")
    wrong = save(organiser, form, name="", email="ada at home")
    assert {"floodgate-name", "floodgate-email"} <= set(wrong.ids)
    assert "enter your name" in wrong.html
    done = save(organiser, form, name="Ada", email=" Ada@Example.org ", **{"answer[remarks]": "vegan"})
    assert "The correction was saved" in done.html
    assert lines(task, course, "CONCAT_WS(' ', code, name, email)") == [f"{code} Ada ada@example.org"]
    assert answers(task, course) == {"size": "L", "remarks": "vegan"}
    # She is known by the new address from now on, and nobody by the old one.
    assert (course.register("ada@example.org") or "").replace("-", "") == code
    assert course.register("ada@exmaple.org") not in (code, None)


def test_what_is_asked_since_need_not_be_answered_to_correct_a_name(
    task: Task, organiser: Organiser, course: Registered
) -> None:
    edit = organiser.open("floodgate-course", course=course.id).form("title")
    rows = {"fields[2][label]": "Age", "fields[2][type]": "number", "fields[2][required]": "1"}
    organiser.submit(edit, "save", {**rows, "fields[0][options]": "S\nXL"})
    done = save(organiser, correction(organiser, course, "exmaple"), name="Ada")
    assert "The correction was saved" in done.html
    assert answers(task, course) == {"size": "L", "remarks": "a\nb"}


def test_nobody_gets_a_second_seat_by_a_correction(task: Task, organiser: Organiser, course: Registered) -> None:
    assert course.register("bob@example.org")
    refused = save(organiser, correction(organiser, course, "exmaple"), email="BOB@example.org")
    assert "has a seat already" in refused.html
    assert lines(task, course, "email") == ["ada@exmaple.org", "bob@example.org"]


def test_two_organisers_each_keep_what_they_corrected(task: Task, organiser: Organiser, course: Registered) -> None:
    one, other = (correction(organiser, course, "exmaple") for _ in range(2))
    save(organiser, one, name="Ada")
    save(organiser, other, email="ada@example.org")
    assert lines(task, course, "CONCAT_WS(' ', name, email)") == ["Ada ada@example.org"]


def test_who_is_gone_is_not_corrected(task: Task, organiser: Organiser, course: Registered) -> None:
    form = correction(organiser, course, "exmaple")
    query(task, f"UPDATE wp_floodgate_claims SET name = '', email = '' WHERE course_id = {course.id}")
    erased = organiser.open(view="registrations", course=course.id)
    assert not [link for link in erased.links if "view=correct" in link]
    assert "cancelled or erased already" in save(organiser, form, name="Ada").html
    assert lines(task, course, "name") == [""]


def test_a_place_is_corrected_and_stays_where_it_is(task: Task, organiser: Organiser, course: Registered) -> None:
    course.register("bob@example.org")
    places = [course.register(f"{who}@example.org", queue="1") for who in ("cem", "dora")]
    assert places == ["1", "2"]
    refused = save(organiser, correction(organiser, course, "cem@", "queue"), email="bob@example.org")
    assert "has a seat already" in refused.html
    refused = save(organiser, correction(organiser, course, "cem@", "queue"), email="dora@example.org")
    assert "has a seat already" in refused.html
    done = save(organiser, correction(organiser, course, "cem@", "queue"), email="cem@example.net")
    assert "The correction was saved" in done.html
    assert course.register("cem@example.net", find="1") == "1"
    assert course.register("dora@example.org", find="1") == "2"


@pytest.mark.parametrize("by_hand", [False, True], ids=["from the list", "by hand"])
def test_a_seat_that_is_held_is_taken_for_who_calls(
    task: Task, organiser: Organiser, course: Registered, *, by_hand: bool
) -> None:
    course.register("bob@example.org")
    for who in ("cem", "dora"):
        course.register(f"{who}@example.org", queue="1")
    add = organiser.open(view="add", course=course.id).form("email")
    stranger = organiser.submit(add, changes={"name": "Eva", "email": "eva@example.org", "answer[size]": "S"})
    assert "each free seat is offered to them in turn" in stranger.html
    query(task, f"DELETE FROM wp_floodgate_claims WHERE course_id = {course.id} AND email = 'bob@example.org'")
    query(task, f"UPDATE wp_floodgate_courses SET taken = taken - 1 WHERE id = {course.id}")
    task.exec("wordpress", "floodgate-cron")
    waiting = organiser.open(view="registrations", course=course.id, part="queue")
    [take] = [link for link in waiting.links if "view=take-offer" in link]
    if by_hand:
        done = organiser.submit(add, changes={"name": "Bob", "email": "cem@example.org", "answer[size]": "S"})
    else:
        done = organiser.follow(take)
    assert "The person was registered" in done.html
    assert lines(task, course, "email") == ["ada@exmaple.org", "cem@example.org"]
    counted = query(
        task, f"SELECT CONCAT_WS(' ', taken, held, queued) FROM wp_floodgate_courses WHERE id = {course.id}"
    )
    assert counted == ["2 0 1"]
    assert "No seat is held for this person any more" in organiser.follow(take).html
