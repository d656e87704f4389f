"""WordPress's privacy tools: what is known of a person is handed out and erased, and no seat changes hands by it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.site.organiser import Course, Organiser, query, wordpress
from tests.site.task import Task
from tests.site.visitor import Editor, Form, marker

ANSWERS = {"answer[any_allergies]": "nuts", "answer[vegetarian]": "1"}


@pytest.fixture(scope="module")
def course(task: Task, editor: Editor) -> Course:
    """Ada and Bob have a seat and mails; another one of Ada's was cancelled, and she waits for a third."""
    organiser = Organiser(editor)
    questions = [{"label": "Any allergies?", "type": "text"}, {"label": "Vegetarian", "type": "checkbox"}]
    made = organiser.course("Private", questions, seats="3", one_per_email=None)
    form = Form.on(task, made.path)
    for name, email in (
        ("Ada", "Private.Ada@example.org"),
        ("Ada the second", "private.ada@example.org"),
        ("Bob", "private.bob@example.org"),
    ):
        answers = {"answer[any_allergies]": f"nuts of {name}", "answer[vegetarian]": "1"}
        assert form.send(email, name, **answers).status_code == 200
    query(task, f"UPDATE wp_floodgate_courses SET waiting_list = 1, seats = 3 WHERE id = {made.id}")
    assert form.send("private.ada@example.org", "Ada the third", queue="1", **ANSWERS).status_code == 200
    query(
        task,
        "INSERT INTO wp_floodgate_outbox (course_id, code, kind, state, queued_at, due_at, done_at, message_id, note)"
        f" SELECT course_id, code, 'confirmation', 'refused', 0, 0, 1000, 'm-1', 'no private.ada@example.org here'"
        f" FROM wp_floodgate_claims WHERE course_id = {made.id}",
    )
    ledger = organiser.open(view="registrations", course=made.id, s="second")
    ask = organiser.follow(next(link for link in ledger.links if "view=cancel" in link))
    organiser.submit(next(form for form in ask.forms if "view=cancel" in form.action))
    return made


def run_tool(task: Task, editor: Editor, verb: str, email: str, index: str) -> dict[str, Any]:
    """Do what the button of Tools > Export (or Erase) Personal Data does for the plugin, once a person confirmed."""
    kind = {"export": "exporters", "erase": "erasers"}[verb]
    wordpress(task, f"return wp_create_user_request('{email}', '{index}', [], 'confirmed');")
    screen = editor.get(f"{task.url}/wp-admin/{verb}-personal-data.php", timeout=60).text
    rows = re.findall(rf'data-{kind}-count="(\d+)"\s+data-request-id="(\d+)"\s+data-nonce="(\w+)"', screen)
    count, request, nonce = max(rows, key=lambda row: int(row[1]))
    number = wordpress(
        task, f"return array_search('floodgate', array_keys(apply_filters('wp_privacy_personal_data_{kind}', [])));"
    )
    assert number < int(count)
    singular = kind.removesuffix("s")
    answer = editor.post(
        f"{task.url}/wp-admin/admin-ajax.php",
        data={
            "action": f"wp-privacy-{verb}-personal-data",
            **{singular: number + 1, "id": request, "page": 1, "sendAsEmail": "false", "security": nonce},
        },
        timeout=60,
    ).json()
    assert answer["success"], answer
    data: dict[str, Any] = answer["data"]
    return data


def test_a_person_gets_everything_that_is_kept(task: Task, editor: Editor, course: Course) -> None:
    exported = run_tool(task, editor, "export", "private.ada@example.org", "export_personal_data")
    items = [{line["name"]: line["value"] for line in item["data"]} for item in exported["data"]]
    assert [item["Name"] for item in items] == ["Ada", "Ada the second", "Ada the third"]
    assert [item["Any allergies?"] for item in items] == ["nuts of Ada", "nuts of Ada the second", "nuts"]
    assert {item["Vegetarian"] for item in items} == {"Yes"}
    assert {item["E-mail address"] for item in items} == {"private.ada@example.org"}
    assert {item["Course"] for item in items} == {"Private"}
    assert ["Cancelled" in item for item in items] == [False, True, False]
    assert ["On the waiting list since" in item for item in items] == [False, False, True]
    mail = "Refused by the mail server, 1970-01-01 00:00:01 UTC"
    assert [item.get("E-mail: the seat is confirmed") for item in items] == [mail, mail, None]
    assert exported["done"]


def test_erasing_a_person_keeps_the_seat_and_its_code(task: Task, editor: Editor, course: Course) -> None:
    code = f"SELECT code FROM wp_floodgate_claims WHERE course_id = {course.id} ORDER BY id LIMIT 1"
    before = query(task, code)
    erased = run_tool(task, editor, "erase", "PRIVATE.ada@example.org", "remove_personal_data")
    assert erased["items_removed"]
    assert erased["done"]
    assert "The seats stay taken" in erased["messages"][0]

    assert query(task, f"SELECT taken FROM wp_floodgate_courses WHERE id = {course.id}") == ["2"]
    assert query(task, code) == before
    everything = "CONCAT_WS('|', name, email, answers, HEX(claim_key))"
    kept = query(task, f"SELECT {everything} FROM wp_floodgate_claims WHERE course_id = {course.id}") + query(
        task, f"SELECT {everything} FROM wp_floodgate_cancellations WHERE course_id = {course.id}"
    )
    assert "private.bob@example.org" in "".join(kept)
    keys = [f"SHA2('private.ada@example.org\\n{name}', 256)" for name in ("ada", "ada the second")]
    for trace in ("Ada", "private.ada@", *query(task, f"SELECT UPPER({keys[0]}) UNION SELECT UPPER({keys[1]})")):
        assert trace not in "".join(kept)
    assert "Erased at the person" in Organiser(editor).open(view="registrations", course=course.id).html
    left = "SELECT COUNT(*) FROM wp_floodgate_outbox WHERE note LIKE '%private.ada%' OR message_id = 'm-1'"
    others = f"SELECT COUNT(*) FROM wp_floodgate_claims WHERE course_id = {course.id} AND email <> ''"
    assert query(task, left) == query(task, others), "what a mail server said names the person still"
    assert run_tool(task, editor, "export", "private.ada@example.org", "export_personal_data")["data"] == []
    # Nobody is known by that address any more: who registers again is new.
    # Nobody waits any more who could take a seat, so it is everybody's again.
    assert "places left: 1" in task.exec("wordpress", "floodgate-cron")
    assert marker(Form.on(task, course.path).send("private.ada@example.org", "Ada").text, "code") not in {
        None,
        before[0],
    }


def test_the_policy_has_words_for_it(task: Task, editor: Editor) -> None:
    guide = editor.get(f"{task.url}/wp-admin/options-privacy.php?tab=policyguide", timeout=60).text
    assert "When you register for a course, we keep your name" in guide


def test_a_person_with_a_domain_of_other_letters_is_known_by_both_forms(
    task: Task, editor: Editor, course: Course
) -> None:
    made = Organiser(editor).course("Private letters", seats="3")
    form = Form.on(task, made.path)
    form.send("private@müller-example.de", "Ada")
    form.send("private@muller-example.de", "Another one")
    found = wordpress(
        task,
        "$tool = apply_filters('wp_privacy_personal_data_exporters', [])['floodgate']['callback'];"
        "return array_map(fn ($form) => array_column($tool($form)['data'][0]['data'], 'value', 'name'),"
        "['Private@MÜLLER-example.de', 'private@xn--mller-example-wob.de']);",
    )
    assert [(person["Name"], person["E-mail address"]) for person in found] == [
        ("Ada", "private@müller-example.de")
    ] * 2
    erased = run_tool(task, editor, "erase", "private@xn--mller-example-wob.de", "remove_personal_data")
    assert erased["items_removed"]
    assert query(task, f"SELECT name FROM wp_floodgate_claims WHERE course_id = {made.id} ORDER BY id") == [
        "",
        "Another one",
    ]
