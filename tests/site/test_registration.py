"""Seats: never one too many, never two for one person, and the same answer however often one asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.site.inside import rows
from tests.site.task import COURSE, Task, eventually
from tests.site.visitor import Editor, Form, Storm, ledger, make_storm, make_storm_seen_closed, marker


def test_an_oversubscribed_course_sells_exactly_its_seats(task: Task) -> None:
    seats, people = 25, 70
    storm = make_storm(task, seats)
    form = Form.on(task, storm.path)
    # Everybody sends twice: the second is the impatient click.
    with ThreadPoolExecutor(28) as pool:
        emails = [f"person-{n}@example.org" for n in range(people) for _ in range(2)]
        answers = list(zip(emails, pool.map(form.send_until_answered, emails), strict=True))

    book = ledger(task, storm.slug)
    claims = {claim["email"]: claim["code"] for claim in book["claims"]}  # type: ignore[attr-defined]  # JSON
    confirmed = {email: code for email, (state, code) in answers if state == "confirmed"}
    assert (book["seats"], book["sold"], book["taken"]) == (seats, seats, seats)
    assert len(set(claims.values())) == seats
    assert confirmed == claims
    assert {state for _, (state, _) in answers} == {"confirmed", "sold-out"}
    assert all(code == confirmed[email] for email, (state, code) in answers if state == "confirmed")


def test_one_person_has_one_seat_however_the_address_is_written(task: Task) -> None:
    storm = make_storm(task, 5)
    form = Form.on(task, storm.path)
    answers = [form.send(email) for email in ("ada@example.org", " Ada@Example.ORG ", "ada@example.org")]
    assert [answer.status_code for answer in answers] == [200] * 3
    codes = {marker(answer.text, "code") for answer in answers}
    assert len(codes) == 1
    assert ledger(task, storm.slug)["sold"] == 1


def test_who_has_a_seat_keeps_it_when_all_are_gone(task: Task) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    first = form.send("first@example.org")
    late = form.send("late@example.org")
    again = form.send("first@example.org")
    assert (late.status_code, marker(late.text, "state")) == (409, "sold-out")
    assert (again.status_code, marker(again.text, "code")) == (200, marker(first.text, "code"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"name": " "}, "enter your name", id="no name"),
        pytest.param({"name": "x" * 201}, "200 characters", id="long name"),
        pytest.param({"name": "Win at https://spam.example"}, "without a web address", id="advertisement for a name"),
        pytest.param({"name": "WWW.spam.example"}, "without a web address", id="bare advertisement for a name"),
        pytest.param({"email": ""}, "enter your e-mail", id="no address"),
        pytest.param({"email": "nobody"}, "does not look like", id="no e-mail address"),
        pytest.param(
            {"email": "a@example.org\r\nBcc: b@example.org"}, "does not look like", id="address with a header"
        ),
        pytest.param({"email": "x" * 250 + "@example.org"}, "does not look like", id="long address"),
        pytest.param({"token": ""}, "no longer valid", id="no token"),
        pytest.param({"token": "1.00000000000000000000000000000000"}, "no longer valid", id="wrong token"),
        pytest.param({"nothing": "http://spam.example"}, "should stay empty", id="filled trap"),
    ],
)
def test_what_is_wrong_is_said_and_claims_nothing(task: Task, fields: dict[str, str], says: str) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    answer = form.send(**{"name": "Ada <b>", "email": "ada@example.org", **fields})
    assert (answer.status_code, marker(answer.text, "state")) == (422, "invalid")
    assert says in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert "<b>" not in answer.text.replace("<b data-unit", "")
    assert ledger(task, storm.slug)["sold"] == 0


def test_the_form_that_comes_back_from_a_filled_trap_has_none(task: Task) -> None:
    """A browser that fills in what people do not see fills it in again."""
    storm = make_storm(task, 2)
    form = Form.on(task, storm.path)
    refused = form.send("ada@example.org", nothing="filled", name="")
    assert marker(refused.text, "state") == "invalid"
    second = Form.within(refused.text)
    assert 'name="nothing"' not in refused.text
    assert marker(second.send("ada@example.org", nothing="filled", name="").text, "state") == "invalid", "no name"
    assert marker(second.send("ada@example.org", nothing="filled").text, "state") == "confirmed"
    assert (
        marker(form.send("bob@example.org", nothing="filled", second=form.hidden["token"]).text, "state") == "invalid"
    )


@pytest.mark.parametrize(
    ("state", "change"),
    [
        pytest.param("sold-out", "seats = taken", id="sold out"),
        pytest.param("ended", "closes_at = 2000000000", id="ended"),
        pytest.param("closed", "opens_at = 4000000000000", id="opening moved"),
    ],
)
def test_a_code_that_did_not_arrive_is_asked_for_where_there_is_no_form(task: Task, state: str, change: str) -> None:
    storm = make_storm(task, 3)
    form = Form.on(task, storm.path)
    code = marker(form.send("ada@example.org").text, "code")
    taken = ledger(task, storm.slug)["taken"]
    rows(
        task.host, f"UPDATE wp_floodgate_courses SET {change} WHERE slug = '{storm.slug}'", task.environment["DB_NAME"]
    )

    def find() -> Form | None:
        page = task.get(storm.path).text
        return Form.within(page, "floodgate-find") if marker(page, "state") == state else None

    way_back = eventually(find)
    again = way_back.send("ADA@example.org", name="ada lovelace")
    assert (again.status_code, marker(again.text, "code"), marker(again.text, "again")) == (200, code, "yes")
    stranger = way_back.send("bob@example.org")
    assert (stranger.status_code, marker(stranger.text, "state")) == (409, state)
    assert "Nobody is registered" in stranger.text
    empty = Form.within(way_back.send("", name="").text)
    assert marker(empty.send("ada@example.org").text, "code") == code
    assert ledger(task, storm.slug)["taken"] == taken


def test_who_asks_for_a_code_in_vain_finds_the_form_where_a_seat_is_left(task: Task) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    page = form.send("ada@example.org", find="1")
    assert (page.status_code, marker(page.text, "state")) == (422, "invalid")
    assert ledger(task, storm.slug)["sold"] == 0
    assert marker(Form.within(page.text).send("ada@example.org").text, "state") == "confirmed"


def test_the_form_of_one_course_does_not_open_another(task: Task) -> None:
    one, other = make_storm(task, 1), make_storm(task, 1)
    token = Form.on(task, one.path).hidden
    foreign = Form(Form.on(task, other.path).action, token)
    assert foreign.send("ada@example.org").status_code == 422


def test_nobody_claims_before_the_opening(task: Task) -> None:
    early = make_storm(task, 1, opens_in=3600)
    page = task.get(early.path)
    assert marker(page.text, "state") == "closed"
    assert float(marker(page.text, "opens") or 0) == pytest.approx(early.opens_at)
    assert "floodgate-claim" not in page.text
    # A token made for this course, as another task with the same salt would make it.
    token = task.exec(
        "wordpress",
        *("php", "-r"),
        "require '/var/www/wordpress/mu-plugins/floodgate/autoload.php';"
        f"echo (new Floodgate\\Registration\\FormToken(getenv('WP_SALT')))->issue('{early.slug}', time());",
    )
    answer = Form(f"{task.url}/floodgate/claim/{early.slug}/", {"token": token}).send("ada@example.org")
    assert (answer.status_code, marker(answer.text, "state")) == (409, "closed")
    assert ledger(task, early.slug)["sold"] == 0


def test_the_page_opens_by_the_clock_and_closes_with_the_last_seat(task: Task) -> None:
    states: list[tuple[float, str | None]] = []

    def look(storm: Storm) -> str | None:
        page = task.get(storm.path).text
        states.append((float(marker(page, "now") or 0), marker(page, "state")))
        return states[-1][1]

    def seen_closed(storm: Storm) -> bool:
        states.clear()
        return look(storm) == "closed"

    storm = make_storm_seen_closed(task, 1, seen_closed)

    def watch(until: str) -> None:
        eventually(lambda: look(storm) == until, storm.opens_at - storm.now + 60)

    watch("open")
    assert all((at >= storm.opens_at) == (state == "open") for at, state in states), "by the server's clock"
    assert Form.on(task, storm.path).send("ada@example.org").status_code == 200
    watch("sold-out")


def test_the_course_of_the_settings_is_linked_from_the_front_page(task: Task) -> None:
    front = task.get("/")
    assert f'href="{task.url}{COURSE}"' in front.text
    assert len(front.text) > 20_000, "a theme is missing when the page is almost empty"
    course = task.get(COURSE)
    assert marker(course.text, "state") in {"open", "sold-out"}
    assert "Swimming for beginners" in course.text


def test_an_address_without_its_slash_leads_to_the_page(task: Task) -> None:
    assert task.get(COURSE.rstrip("/")).headers["Location"] == task.url + COURSE
    assert task.get(COURSE.replace("/register/", "/floodgate/claim/")).headers["Location"] == COURSE
    assert task.get("/register/no-such-course/").status_code == 404


@pytest.mark.parametrize("path", ["/register/", "/Register/", "/REGISTER", "/register/?utm_source=poster"])
def test_whoever_leaves_out_the_course_is_led_to_all_of_them(task: Task, path: str) -> None:
    assert task.get("/register").headers["Location"] == "/register/"
    answer = task.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{task.url}/")


def test_a_page_that_an_editor_calls_register_is_shown(task: Task, editor: Editor) -> None:
    page = editor.write(title="How to register", slug="register", status="publish", kind="pages")
    try:
        assert "How to register" in task.get(f"/register/?new={page['id']}").text
    finally:
        editor.write(f"/{page['id']}", status="draft", kind="pages")
    eventually(lambda: task.get("/register/").status_code == 302)
