"""At the door: who has come is ticked by several people at once, with a script and without, and told late at need."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
import requests

from tests.site.inside import query
from tests.site.organiser import Organiser
from tests.site.task import Task
from tests.site.visitor import Editor, Form


@pytest.fixture(scope="module")
def organiser(editor: Editor) -> Organiser:
    return Organiser(editor)


@pytest.fixture
def door(organiser: Organiser) -> Door:
    """A course with three people."""
    course = organiser.course(f"Bread {uuid.uuid4().hex[:6]}")
    form = Form.on(organiser.task, course.path)
    for name in ("Ada", "Bob", "Cy"):
        form.send(f"{name.lower()}@example.org", name)
    return Door(organiser, course.id)


class Door:
    """The list of one course, and what the site knows of who has come."""

    def __init__(self, organiser: Organiser, course: int) -> None:
        self.organiser = organiser
        self.task: Task = organiser.task
        self.course = course
        rows = query(self.task, f"SELECT id FROM wp_floodgate_claims WHERE course_id = {course} ORDER BY id")
        self.claims = [int(row) for row in rows]

    def here(self) -> list[bool]:
        rows = f"SELECT arrived_at IS NOT NULL FROM wp_floodgate_claims WHERE course_id = {self.course} ORDER BY id"
        return [row == "1" for row in query(self.task, rows)]

    def ask(self, nonce: bool = True, **ticks: Any) -> requests.Response:
        editor = self.organiser.editor
        headers = (
            {"X-WP-Nonce": editor.nonce("/wp-admin/post-new.php", r'createNonceMiddleware\(\s*"(\w+)"')}
            if nonce
            else {}
        )
        address = f"{self.task.url}/wp-json/floodgate/v1/door/{self.course}"
        return editor.request("POST" if ticks else "GET", address, json=ticks or None, headers=headers, timeout=60)


def test_a_tick_needs_no_script(door: Door) -> None:
    screen = door.organiser.open(view="door", course=door.course)
    assert "of 3 are here." in screen.html
    rows = [form for form in screen.forms if "claim" in form.fields]
    assert [int(form.fields["claim"]) for form in rows] == door.claims
    screen = door.organiser.submit(rows[1])
    assert door.here() == [False, True, False]
    [pressed] = [form for form in screen.forms if form.fields.get("here") == "0"]
    door.organiser.submit(pressed)
    assert door.here() == [False, False, False]


def test_people_are_found_by_name_or_code(door: Door) -> None:
    [code] = query(door.task, f"SELECT code FROM wp_floodgate_claims WHERE id = {door.claims[2]}")
    for typed, found in (("bob", [door.claims[1]]), (code.lower(), [door.claims[2]]), ("nobody", [])):
        screen = door.organiser.open(view="door", course=door.course, s=typed)
        assert [int(form.fields["claim"]) for form in screen.forms if "claim" in form.fields] == found


def test_ticks_that_are_told_late_keep_their_moment_and_two_doors_agree(door: Door) -> None:
    ada, bob, _ = door.claims
    early = int(time.time() * 1000) - 600_000
    answer = door.ask(ticks=[{"claim": ada, "here": True, "at": early}, {"claim": bob, "here": True, "at": early + 5}])
    assert answer.status_code == 200
    assert (answer.json()["here"], answer.json()["unknown"]) == ([ada, bob], [])
    assert "no-store" in answer.headers["Cache-Control"]
    again = door.ask(
        ticks=[{"claim": ada, "here": True, "at": early + 99_999}, {"claim": bob, "here": False, "at": early}]
    )
    assert again.json()["here"] == [ada]
    assert query(door.task, f"SELECT arrived_at FROM wp_floodgate_claims WHERE id = {ada}") == [str(early)]
    assert door.ask().json()["here"] == [ada]


def test_a_clock_that_is_ahead_is_not_believed(door: Door) -> None:
    door.ask(ticks=[{"claim": door.claims[0], "here": True, "at": 99_999_999_999_999}])
    late = f"SELECT arrived_at <= UNIX_TIMESTAMP(NOW(3)) * 1000 FROM wp_floodgate_claims WHERE id = {door.claims[0]}"
    assert query(door.task, late) == ["1"]


def test_a_registration_that_is_gone_or_of_another_course_is_named(door: Door, organiser: Organiser) -> None:
    other = organiser.course(f"Wine {uuid.uuid4().hex[:6]}")
    Form.on(door.task, other.path).send("eve@example.org")
    [stranger] = query(door.task, f"SELECT id FROM wp_floodgate_claims WHERE course_id = {other.id}")
    answer = door.ask(ticks=[{"claim": int(stranger), "here": True, "at": 0}, {"claim": 0, "here": True, "at": 0}])
    assert (answer.json()["here"], answer.json()["unknown"]) == ([], [int(stranger), 0])


def test_a_list_that_is_not_whole_any_more_can_tell(door: Door) -> None:
    screen = door.organiser.open(view="door", course=door.course)
    opened = door.ask().json()["version"]
    assert f'data-version="{opened}"' in screen.html
    door.ask(ticks=[{"claim": door.claims[0], "here": True, "at": 0}])
    versions = [door.ask().json()["version"]]
    for sql in (
        f"DELETE FROM wp_floodgate_claims WHERE id = {door.claims[1]}",
        "INSERT INTO wp_floodgate_claims (course_id, code, name, email, claim_key, claimed_at) SELECT course_id,"
        " 'AAAABBBBCCCC', name, email, UNHEX(SHA2('another', 256)), 0 FROM wp_floodgate_claims"
        f" WHERE id = {door.claims[0]}",
    ):
        query(door.task, sql)
        versions.append(door.ask().json()["version"])
    assert versions[0] == opened
    assert len(set(versions)) == 3


@pytest.mark.parametrize(
    "ticks", [[{"claim": "x"}], [{"claim": 1, "here": True}], "all"], ids=["words", "no moment", "a text"]
)
def test_what_is_no_tick_is_refused(door: Door, ticks: object) -> None:
    assert door.ask(ticks=ticks).status_code == 400


def test_strangers_neither_see_nor_tick(door: Door) -> None:
    address = f"{door.task.url}/wp-json/floodgate/v1/door/{door.course}"
    assert requests.get(address, timeout=30).status_code == 401
    tick = {"ticks": [{"claim": door.claims[0], "here": True, "at": 0}]}
    assert requests.post(address, json=tick, timeout=30).status_code == 401
    # Another site's page has the cookie, and not the nonce.
    assert door.ask(nonce=False, **tick).status_code == 401
    assert door.here() == [False, False, False]
