"""The organiser's screens, without JavaScript: a course from its form to its page, its ledger, and its end."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid

import pytest
import requests

from tests.site.organiser import Course, Organiser, Screen, query, value, wordpress
from tests.site.task import COURSE, Task, eventually
from tests.site.visitor import Editor, Form, marker


@pytest.fixture(scope="session")
def organiser(editor: Editor) -> Organiser:
    return Organiser(editor)


def claim(task: Task, course: Course, email: str, name: str = "Ada Lovelace", **answers: str) -> requests.Response:
    """Claim as a visitor, by the form of the page."""
    return Form.on(task, course.path).send(email, name, **{f"answer[{key}]": text for key, text in answers.items()})


def taken(task: Task, course: Course) -> int:
    return int(query(task, f"SELECT taken FROM wp_floodgate_courses WHERE id = {course.id}")[0])


def test_a_course_is_added_and_everybody_sees_it(task: Task, organiser: Organiser) -> None:
    screen = organiser.add_course(
        title="Pottery & glaze",
        text="Bring an <strong>apron</strong>.\n\nWe meet in the yard.",
        zone="Europe/Berlin",
        closes="2099-12-31T23:59",
    )
    assert "The course was added" in screen.html
    assert "As saved: 2020-01-01 09:00:00 UTC" in screen.html
    page = task.get("/register/pottery-glaze/").text
    assert marker(page, "state") == "open"
    assert "<h1>Pottery &amp; glaze</h1>" in page
    assert "<p>Bring an <strong>apron</strong>.</p>\n<p>We meet in the yard.</p>" in page
    eventually(lambda: "Pottery &amp; glaze" in task.get("/").text)
    assert "Pottery &amp; glaze" in organiser.courses()


def test_a_change_is_on_the_page(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Weaving")
    assert marker(task.get(course.path).text, "state") == "open"
    form = organiser.open("floodgate-course", course=course.id).form("title")
    assert "The course was saved" in organiser.submit(form, "save", {"opens": "2099-01-01T10:00"}).html
    eventually(lambda: marker(task.get(course.path).text, "state") == "closed")


def test_a_form_that_is_saved_as_it_is_changes_nothing(task: Task, organiser: Organiser) -> None:
    course = organiser.course(
        "Round trip",
        [{"label": "Size <of> shoe", "type": "select", "required": "1", "options": "small\nlarge & wide"}],
        text="One\nline.\n\n<ul><li>a list</li></ul>\n\nLast: 1 &lt; 2 &amp;lt;.",
        zone="America/New_York",
        closes="2098-07-01T12:00",
        starts="2098-08-01T12:00",
        ends="2098-08-01T13:00",
        place="The yard",
    )
    # An hour that comes twice that night; the second is meant, and half a second.
    query(task, f"UPDATE wp_floodgate_courses SET opens_at = 1572762600500 WHERE id = {course.id}")
    columns = "title, slug, text, opens_at, closes_at, time_zone, fields, one_per_email, starts_at, ends_at, place"
    rows = f"SELECT CONCAT_WS('|', {columns}) FROM wp_floodgate_courses WHERE id = {course.id}"
    before = query(task, rows)
    form = organiser.open("floodgate-course", course=course.id).form("title")
    assert "notice=saved" in organiser.submit(form, "save").url
    assert query(task, rows) == before
    assert "1572762600500" in before[0]


def test_who_moves_a_course_is_told_that_people_know_another_date(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Moved", starts="2099-01-01T10:00")

    def saved(**changes: str) -> str:
        form = organiser.open("floodgate-course", course=course.id).form("title")
        return organiser.submit(form, "save", changes).html

    assert "still know the old date" not in saved(place="The yard"), "nobody has a seat"
    assert marker(Form.on(task, course.path).send("ada@example.org").text, "state") == "confirmed"
    assert "still know the old date" not in saved(seats="6")
    assert "People who have a seat still know the old date or place: please tell them." in saved(
        starts="2099-01-02T10:00"
    )
    assert "still know the old date" in saved(place="")


def test_a_course_that_comes_again_has_the_next_address(organiser: Organiser) -> None:
    """Nobody who leaves the address to the site is told that it is taken."""
    title = f"Rowing {uuid.uuid4().hex[:6]}"
    slug = title.lower().replace(" ", "-")
    assert [organiser.course(title).slug for _ in range(3)] == [slug, f"{slug}-2", f"{slug}-3"]
    refused = organiser.add_course(title=title, slug=slug)
    assert "Another course has this address" in refused.html, "who types one means it"
    long = uuid.uuid4().hex * 2
    assert [organiser.course(long).slug for _ in range(2)] == [long, f"{long[:62]}-2"]


def test_a_title_in_any_script_makes_an_address(task: Task, organiser: Organiser) -> None:
    addresses = {
        "Плавание для начинающих": "plavanie-dla-nacinausih",
        "Śpiew & <taniec>": "spiew-taniec",
        "水泳教室": "shui-yong-jiao-shi",
        "O'Neill’s rope": "oneills-rope",
        "!?": "",
        "🧶": "",
    }
    titles = ", ".join(json.dumps(title, ensure_ascii=False) for title in addresses)
    made = wordpress(task, f"return array_map(Floodgate\\Admin\\CourseForm::slugOf(...), [{titles}]);")
    assert dict(zip(addresses, made, strict=True)) == addresses
    assert organiser.course("🧶").slug.startswith("course")


@pytest.mark.parametrize(
    ("changes", "at", "says"),
    [
        pytest.param({"title": " "}, "title", "enter a title", id="no title"),
        pytest.param({"title": "x" * 201}, "title", "200 characters", id="long title"),
        pytest.param({"slug": "Über uns"}, "slug", "small letters", id="address with capitals"),
        pytest.param({"slug": "swimming-for-beginners"}, "slug", "Another course", id="address of another course"),
        pytest.param({"seats": "0"}, "seats", "1 to 1,000,000", id="no seats"),
        pytest.param({"seats": "many"}, "seats", "1 to 1,000,000", id="seats that are no number"),
        pytest.param({"opens": ""}, "opens", "date and a time", id="no opening"),
        pytest.param({"opens": "2027-02-30T10:00"}, "opens", "date and a time", id="opening on no day"),
        pytest.param(
            {"opens": "2027-03-28T02:30", "zone": "Europe/Berlin"},
            "opens",
            "does not exist in Europe/Berlin",
            id="opening in the hour that is left out",
        ),
        pytest.param({"closes": "2019-12-31T10:00"}, "closes", "close after it opens", id="closing before the opening"),
        pytest.param(
            {"opens": "2027-01-08T10:00", "starts": "2026-02-01T10:00"},
            "starts",
            "over before registration opens",
            id="course that is over before the opening",
        ),
        pytest.param({"zone": "Mars/Phobos"}, "zone", "time zone from the list", id="unknown time zone"),
        pytest.param(
            {"fields[0][label]": "", "fields[0][options]": "a"},
            "field-0-label",
            "asks for",
            id="field without question",
        ),
        pytest.param(
            {"fields[0][label]": "Size", "fields[0][type]": "select"},
            "field-0-options",
            "choose from",
            id="choice without answers",
        ),
        pytest.param(
            {"fields[0][label]": "Size", "fields[0][type]": "colour"},
            "field-0-type",
            "kind of field",
            id="unknown kind of field",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is_and_nothing_is_saved(
    task: Task, organiser: Organiser, changes: dict[str, str | None], at: str, says: str
) -> None:
    screen = organiser.add_course(**{"title": "Never saved", **changes})
    summary = screen.html.split('role="alert"')[1].split("</ul>")[0]
    assert says in summary
    assert f'href="#floodgate-{at}"' in summary
    assert f"floodgate-{at}" in screen.ids
    assert f'aria-describedby="floodgate-{at}-mistake' in screen.html
    assert "<title>Mistake: " in screen.html
    assert screen.focus == "alert"
    kept = screen.form("title").fields
    assert all(
        kept.get(name, "") == value for name, value in changes.items() if name not in {"zone", "fields[0][type]"}
    )
    assert query(task, "SELECT COUNT(*) FROM wp_floodgate_courses WHERE title = 'Never saved'") == ["0"]


def test_mistakes_are_listed_in_the_order_of_the_form(organiser: Organiser) -> None:
    typed = {"title": "", "slug": "A b", "seats": "none", "opens": "", "place": "", "summary": "a\nb" * 200}
    typed |= {"starts": "2021-01-01T10:00", "ends": "2020-01-01T10:00", "offer": "0", "waiting_list": "1"}
    fields = {"fields[0][label]": "", "fields[0][type]": "select", "fields[0][options]": ""}
    screen = organiser.open("floodgate-course")
    form = organiser.submit(screen.form("title"), "add").form("title")
    shown = organiser.submit(form, "save", typed | fields).html
    listed = re.findall(r'<li><a href="#([a-z0-9-]+)">', shown)
    assert len(listed) >= 7
    assert sorted(listed, key=lambda place: shown.index(f'id="{place}"')) == listed


def test_fields_are_added_moved_and_removed_by_buttons_alone(task: Task, organiser: Organiser) -> None:
    screen = organiser.add_course("add-field", title="Kayak")
    for label in ("Height", "Allergies", "Boat"):
        i = len([name for name in screen.form("title").fields if name.endswith("[label]")]) - 1
        assert screen.focus == f"floodgate-field-{i}-label"
        screen = organiser.submit(screen.form("title"), "add-field", {f"fields[{i}][label]": label})
    screen = organiser.submit(screen.form("title"), "remove-3")
    boat = {"fields[2][type]": "select", "fields[2][options]": "red\n\nblue", "fields[2][required]": "1"}
    screen = organiser.submit(screen.form("title"), "up-2", boat)
    assert screen.focus == "floodgate-up-1"
    screen = organiser.submit(screen.form("title"), "up-1")
    assert screen.focus == "floodgate-field-0-label"
    screen = organiser.submit(screen.form("title"), "down-1")
    assert screen.form("title").fields["title"] == "Kayak"
    assert query(task, "SELECT COUNT(*) FROM wp_floodgate_courses WHERE title = 'Kayak'") == ["0"]

    saved = organiser.submit(screen.form("title"), "save")
    assert "notice=added" in saved.url
    labels = [value for name, value in saved.form("title").fields.items() if name.endswith("[label]")]
    assert labels == ["Boat", "Allergies", "Height"]
    page = task.get("/register/kayak/").text
    assert page.index("answer[boat]") < page.index("answer[allergies]") < page.index("answer[height]")
    assert "<option>red</option><option>blue</option>" in page


def test_a_field_keeps_its_answers_when_its_words_change(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Chess", [{"label": "Level", "type": "text"}])
    assert claim(task, course, "ada@example.org", level="beginner").status_code == 200
    form = organiser.open("floodgate-course", course=course.id).form("title")
    form = organiser.submit(form, "add-field", {"fields[0][label]": "How well do you play?"}).form("title")
    form = organiser.submit(form, "up-1", {"fields[1][label]": "Level"}).form("title")
    assert "notice=saved" in organiser.submit(form, "save").url
    stored = query(task, f"SELECT JSON_EXTRACT(fields, '$[*].key') FROM wp_floodgate_courses WHERE id = {course.id}")
    assert stored == ['["level_2", "level"]']
    assert "beginner" in organiser.open(view="registrations", course=course.id).html


def test_a_course_that_ended_takes_nobody_and_remembers_everybody(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Ended")
    form = Form.on(task, course.path)
    code = marker(form.send("ada@example.org").text, "code")
    edit = organiser.open("floodgate-course", course=course.id).form("title")
    organiser.submit(edit, "save", {"closes": "2020-01-02T10:00"})
    eventually(lambda: marker(task.get(course.path).text, "state") == "ended")
    late = form.send("late@example.org")
    assert (late.status_code, marker(late.text, "state")) == (409, "ended")
    assert marker(form.send("ada@example.org").text, "code") == code
    assert "Ended" in organiser.courses()


def test_whoever_has_a_seat_loses_it_by_no_edit(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Kept")
    for n in range(3):
        claim(task, course, f"person-{n}@example.org")
    form = organiser.open("floodgate-course", course=course.id).form("title")
    assert "3 seats are taken already" in organiser.submit(form, "save", {"seats": "2"}).html
    assert "could get a second seat" in organiser.submit(form, "save", {"one_per_email": None}).html
    assert "notice=saved" in organiser.submit(form, "save", {"seats": "3"}).url
    eventually(lambda: marker(task.get(course.path).text, "state") == "sold-out")


def test_a_family_registers_with_one_address_where_that_is_allowed(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Family", one_per_email=None)
    codes = [marker(claim(task, course, "us@example.org", name).text, "code") for name in ("Ada", "Bob", "ADA")]
    assert codes[0] == codes[2] != codes[1]
    assert taken(task, course) == 2


@pytest.fixture(scope="module")
def ledger(task: Task, organiser: Organiser) -> Course:
    """Three people with all kinds of answers."""
    fields = [
        {"label": "Phone", "type": "tel"},
        {"label": "Vegetarian", "type": "checkbox"},
        {"label": "Remarks", "type": "textarea"},
    ]
    course = organiser.course("Ledger", fields, zone="Asia/Tokyo")
    for name, remark in (
        ("Zoë", '=HYPERLINK("http://evil.example","x")'),
        ("Bob 100%", 'two\nlines; "q"'),
        ("Ada", ""),
    ):
        done = claim(task, course, f"{name[0]}@example.org", name, phone="+49 30 1234", vegetarian="1", remarks=remark)
        assert done.status_code == 200, done.text
    return course


def names(screen: Screen) -> list[str]:
    """Return the names in the rows of a table, in order."""
    return [name for name in ("Zoë", "Bob 100%", "Ada") if f"<strong>{name}</strong>" in screen.html]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("", ["Zoë", "Bob 100%", "Ada"], id="nothing typed"),
        pytest.param("zo", ["Zoë"], id="part of a name"),
        pytest.param("b@example", ["Bob 100%"], id="part of an address"),
        pytest.param("0%", ["Bob 100%"], id="percent sign in a name"),
        pytest.param("%", ["Bob 100%"], id="percent sign alone"),
        pytest.param("_", [], id="underscore"),
        pytest.param("nobody' OR 1=1", [], id="quote"),
    ],
)
def test_the_ledger_is_searched(organiser: Organiser, ledger: Course, typed: str, found: list[str]) -> None:
    assert names(organiser.open(view="registrations", course=ledger.id, s=typed)) == found


def test_a_code_is_found_however_it_is_typed(task: Task, organiser: Organiser, ledger: Course) -> None:
    code = query(task, f"SELECT code FROM wp_floodgate_claims WHERE course_id = {ledger.id} AND name = 'Ada'")[0]
    for typed in (code, code.lower(), f"{code[:4]}-{code[4:8]}-{code[8:]}"):
        assert names(organiser.open(view="registrations", course=ledger.id, s=typed)) == ["Ada"]


def test_the_ledger_is_sorted_and_has_pages(organiser: Organiser, ledger: Course) -> None:
    def order(**query: str) -> list[str]:
        html = organiser.open(view="registrations", course=ledger.id, **query).html
        return sorted(("Zoë", "Bob 100%", "Ada"), key=lambda name: html.index(f"<strong>{name}</strong>"))

    assert order() == ["Ada", "Bob 100%", "Zoë"]
    assert order(orderby="claimed_at", order="asc") == ["Zoë", "Bob 100%", "Ada"]
    assert order(orderby="name", order="asc") == ["Ada", "Bob 100%", "Zoë"]
    assert order(orderby="email; DROP TABLE x", order="asc") == ["Zoë", "Bob 100%", "Ada"]
    options = {"wp_screen_options[option]": "floodgate_registrations_per_page", "wp_screen_options[value]": "2"}
    screen = organiser.open(view="registrations", course=ledger.id)
    screen = organiser.submit(screen.form("wp_screen_options[value]"), changes={**options})
    assert names(screen) == ["Bob 100%", "Ada"]
    for page in (2, 2**63 - 1):
        assert names(organiser.open(view="registrations", course=ledger.id, paged=page)) == ["Zoë"]
    assert organiser.open(paged=2**63 - 1).status == 200


def test_the_ledger_is_exported_and_runs_nothing(organiser: Organiser, ledger: Course) -> None:
    screen = organiser.open(view="registrations", course=ledger.id)
    link = next(link for link in screen.links if "view=export" in link)
    file = organiser.editor.get(link, timeout=60)
    assert file.headers["Content-Type"] == "text/csv; charset=UTF-8"
    assert 'filename="ledger-' in file.headers["Content-Disposition"]
    assert "no-store" in file.headers["Cache-Control"]
    assert file.content.startswith(b"\xef\xbb\xbf")
    titles, *rows = csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline=""))
    assert titles[1:] == [
        *("Name", "E-mail address", "Registered (Asia/Tokyo)", "Phone", "Vegetarian", "Remarks"),
        "Answers to fields that were removed",
    ]
    assert [row[1] for row in rows] == ["Zoë", "Bob 100%", "Ada"]
    assert rows[0][4:7] == ["\t+49 30 1234", "Yes", '\'=HYPERLINK("http://evil.example","x")']
    assert rows[1][6] == 'two\nlines; "q"'
    assert organiser.editor.get(link.split("&_wpnonce")[0], timeout=60).status_code == 403


def test_a_workbook_has_what_was_typed_as_text(task: Task, organiser: Organiser) -> None:
    fields = [
        {"label": "Phone", "type": "tel"},
        {"label": "Word <i>", "type": "text"},
        {"label": "Age", "type": "number"},
    ]
    course = organiser.course("Workbook", fields)
    words = ['=HYPERLINK("x")', "_x0041_ & <b>", "two  blanks"]
    for name, word in zip(("Zoë", "م\u200cر", "Bob"), words, strict=True):
        done = claim(
            task, course, f"{word.encode().hex()}@müller.example", name, phone="01512345678", word_i=word, age="036"
        )
        assert done.status_code == 200, done.text
    screen = organiser.open(view="registrations", course=course.id)
    file = organiser.editor.get(next(link for link in screen.links if "format=xlsx" in link), timeout=60)
    assert file.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert re.search(r'filename="workbook-[\d-]+\.xlsx"', file.headers["Content-Disposition"])
    titles, *rows = sheet(file.content)
    assert titles[4:7] == ["Phone", "Word <i>", "Age"]
    assert [row[1] for row in rows] == ["Zoë", "م\u200cر", "Bob"]
    assert [row[4:7] for row in rows] == [["01512345678", word, "036"] for word in (*words[:2], "two blanks")]
    assert {row[2].split("@")[1] for row in rows} == {"müller.example"}
    assert not task.exec("wordpress", "find", "/tmp", "-name", "book*").strip()


def sheet(file: bytes) -> list[list[str]]:
    """Return the cells of a workbook's sheet, each of which must be text, and formatted as text."""
    from openpyxl import load_workbook

    cells = [list(row) for row in load_workbook(io.BytesIO(file)).worksheets[0].iter_rows()]
    assert {cell.number_format for row in cells for cell in row} == {"@"}
    assert {cell.data_type for row in cells for cell in row if cell.value} == {"s"}
    # Spreadsheets read this escape of an underscore; openpyxl leaves it.
    return [[str(cell.value or "").replace("_x005F_", "_") for cell in row] for row in cells]


def test_an_export_is_longer_than_one_batch(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Crowd", seats="3000")
    query(
        task,
        "INSERT INTO wp_floodgate_claims (course_id, claim_key, code, name, email, claimed_at)"
        " WITH RECURSIVE digits (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digits WHERE d < 49),"
        " numbers (n) AS (SELECT 50 * high.d + low.d + 1 FROM digits high, digits low)"
        f" SELECT {course.id}, UNHEX(SHA2(n, 256)), CONCAT('CROWD', n), n, CONCAT(n, '@example.org'), n"
        " FROM numbers ORDER BY n",
    )
    screen = organiser.open(view="registrations", course=course.id)
    file = organiser.editor.get(next(link for link in screen.links if "view=export" in link), timeout=60)
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert [row[1] for row in rows[1:]] == [str(n) for n in range(1, 2501)]
    file = organiser.editor.get(next(link for link in screen.links if "format=xlsx" in link), timeout=60)
    assert [row[1] for row in sheet(file.content)[1:]] == [str(n) for n in range(1, 2501)]


# What stands before a cell, so that a spreadsheet neither runs it nor takes it for a number, a date, or true.
CELLS = {
    "'": ["=1+1", "@SUM(A1)", "\t=1", " =1", "|x", "+a", "-x"],
    "\t": [
        *(
            "01512345678",
            "+49 30 1234",
            "+1",
            "1-2",
            "1/2",
            "3.4.",
            "1e5",
            "12345678901234",
            "10:30",
            "٠١٥",
            "(0151) 234",
        ),
        *(
            "1 May",
            "MAR 3",
            "3. März",
            "Dez 2026",
            "TRUE",
            "wahr",
            "50 %",
            "€ 5",
            "007",
            "1.50",
            "1,5",
            "−5",
            "1 1/2",
            "9 am",
        ),
    ],
    "": ["", "a=1", "Ünal", "36", "-5", "1.5", "0", "Gruppe 2", "12 rue de la Paix", "2026-11-29 12:00:00", "Mai"],
}


def test_a_cell_is_what_was_typed(task: Task) -> None:
    cells = [cell for group in CELLS.values() for cell in group]
    lines = value(
        task, f"array_map(fn ($c) => Floodgate\\Admin\\Csv::line([$c], ','), json_decode('{json.dumps(cells)}'))"
    )
    assert lines == [f'"{mark}{cell}"\r\n' for mark, group in CELLS.items() for cell in group]
    assert value(task, "Floodgate\\Admin\\Csv::line(['1,5', '1.5'], ';')") == '"1,5";"\t1.5"\r\n'


def test_a_cancelled_seat_is_free_for_anybody(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Cancel", seats="1")
    form = Form.on(task, course.path)
    first = marker(form.send("ada@example.org", "Ada").text, "code")
    assert marker(form.send("bob@example.org", "Bob").text, "state") == "sold-out"

    ledger = organiser.open(view="registrations", course=course.id)
    ask = organiser.follow(next(link for link in ledger.links if "view=cancel" in link))
    assert "Ada" in ask.html
    assert taken(task, course) == 1, "asking cancels nothing"
    assert "does not e-mail the person" in ask.html, "this site sends no mail"
    confirm = next(form for form in ask.forms if "view=cancel" in form.action)
    assert organiser.submit(confirm, changes={"_wpnonce": "0"}).status == 403
    assert "The seat is free now" in organiser.submit(confirm).html
    assert "has been cancelled or erased already" in organiser.submit(confirm).html
    assert taken(task, course) == 0

    second = marker(form.send("bob@example.org", "Bob").text, "code")
    assert second not in {None, first}
    assert marker(form.send("ada@example.org", "Ada").text, "state") == "sold-out"
    kept = organiser.open(view="registrations", course=course.id, part="cancellations").html
    assert "<strong>Ada</strong>" in kept
    assert f"by {organiser.task.environment['WP_ADMIN_USER']}" in kept


def test_where_the_database_fails_an_organiser_is_told_to_look_first(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Unsure")
    form = organiser.open(view="add", course=course.id).form("email")
    query(task, "RENAME TABLE wp_floodgate_claims TO wp_floodgate_gone")
    try:
        unsure = organiser.submit(form, changes={"name": "Ada", "email": "ada@example.org"})
    finally:
        query(task, "RENAME TABLE wp_floodgate_gone TO wp_floodgate_claims")
    assert unsure.status == 500
    assert "not known whether this was done" in unsure.html
    assert "page=floodgate" in unsure.links[-1]
    assert taken(task, course) == 0


def test_somebody_is_registered_by_hand_as_by_the_form(task: Task, organiser: Organiser) -> None:
    course = organiser.course(
        "By hand",
        [{"label": "Size", "type": "select", "required": "1", "options": "S\nL"}],
        seats="1",
        opens="2099-01-01T10:00",
    )
    form = organiser.open(view="add", course=course.id).form("email")
    wrong = organiser.submit(form, changes={"name": "", "email": "Ada@Example.org"})
    assert "“Size” needs an answer" in wrong.html
    assert {"floodgate-name", "answer-size"} <= set(wrong.ids)
    assert all(f'href="#{at}"' in wrong.html for at in ("floodgate-name", "answer-size"))

    ada = {"name": "Ada", "email": "Ada@Example.org", "answer[size]": "L"}
    done = organiser.submit(form, changes={**ada})
    assert "The person was registered" in done.html
    assert names(done) == ["Ada"]
    assert "keeps it; no second one" in organiser.submit(form, changes={**ada}).html
    assert "No seat is left" in organiser.submit(form, changes={**ada, "email": "bob@example.org"}).html

    edit = organiser.open("floodgate-course", course=course.id).form("title")
    organiser.submit(edit, "save", {"opens": "2020-01-01T10:00", "seats": "2"})
    eventually(lambda: marker(task.get(course.path).text, "state") == "open")
    code = marker(claim(task, course, "ada@example.org", "Ada", size="S").text, "code")
    assert code is not None
    assert code in done.html
    assert taken(task, course) == 1


def test_a_course_is_deleted_with_care(task: Task, organiser: Organiser) -> None:
    empty, full = organiser.course("Empty"), organiser.course("Full  house")
    claim(task, full, "ada@example.org")
    gone = organiser.submit(
        next(f for f in organiser.open(view="remove", course=empty.id).forms if "remove" in f.action)
    )
    assert "The course was deleted" in gone.html
    form = organiser.open(view="remove", course=full.id).form("title")
    assert "exactly as it is shown" in organiser.submit(form, changes={"title": "full house"}).html
    assert taken(task, full) == 1
    assert "The course was deleted" in organiser.submit(form, changes={"title": "Full house"}).html
    for course in (empty, full):
        eventually(lambda course=course: task.get(course.path).status_code == 404)  # type: ignore[misc]  # mypy knows no lambda's defaults
        assert organiser.open("floodgate-course", course=course.id).status == 404
    assert query(task, f"SELECT COUNT(*) FROM wp_floodgate_claims WHERE course_id = {full.id}") == ["0"]
    settings = next(link for link in organiser.open().links if "course=" in link and "view" not in link)
    assert organiser.open(view="remove", course=int(settings.split("course=")[1])).status == 403
    assert task.get(COURSE).status_code == 200


def test_only_organisers_get_in(task: Task, organiser: Organiser) -> None:
    anonymous = requests.get(f"{task.url}/wp-admin/admin.php?page=floodgate", timeout=60, allow_redirects=False)
    assert anonymous.headers["Location"].startswith(f"{task.url}/wp-login.php")
    wordpress(
        task,
        "return array_map(fn ($role) => wp_insert_user(['user_login' => \"an-$role\", 'user_pass' => 'pass word',"
        " 'user_email' => \"an-$role@example.org\", 'role' => $role]), ['editor', 'author']);",
    )
    for login, status in (("an-editor", 200), ("an-author", 403)):
        somebody = Editor.logged_in(task, login, "pass word")
        assert Organiser(somebody).open().status == status
        assert Organiser(somebody).open("floodgate-course").status == status
    forged = organiser.open("floodgate-course").form("title")
    shown = organiser.submit(forged, "save", {"title": "Forged", "_wpnonce": "0"})
    assert "Your session had ended" in shown.html, "shown, and not done"
    assert query(task, "SELECT COUNT(*) FROM wp_floodgate_courses WHERE title = 'Forged'") == ["0"]


@pytest.mark.parametrize(
    ("typed", "zone", "moment"),
    [
        ("2027-03-01T18:00", "Europe/Berlin", 1_803_920_400_000),
        ("2027-03-01 18:00:30", "UTC", 1_803_924_030_000),
        ("2027-03-28T01:59", "Europe/Berlin", 1_806_195_540_000),
        ("2027-03-28T02:00", "Europe/Berlin", "skipped"),
        ("2027-03-28T02:59:59", "Europe/Berlin", "skipped"),
        ("2027-03-28T03:00", "Europe/Berlin", 1_806_195_600_000),
        ("2027-10-31T02:30", "Europe/Berlin", 1_824_942_600_000),
        ("2011-12-30T12:00", "Pacific/Apia", "skipped"),
        ("2027-04-31T10:00", "UTC", "malformed"),
        ("2027-04-30T24:00", "UTC", "malformed"),
        ("1969-01-01T00:00", "UTC", "malformed"),
        ("tomorrow", "UTC", "malformed"),
    ],
)
def test_local_time_is_a_moment(task: Task, typed: str, zone: str, moment: int | str) -> None:
    assert (
        value(task, f"Floodgate\\Registration\\LocalTime::toMilliseconds('{typed}', new DateTimeZone('{zone}'))")
        == moment
    )


FIELD_CASES = [
    ("text", False, "", None),
    ("text", True, " \u00a0", "missing"),
    ("text", False, "x" * 201, "too-long"),
    ("text", True, "ä" * 200, None),
    ("textarea", False, "x" * 1001, "too-long"),
    ("textarea", True, "two\nlines", None),
    ("select", True, "", "missing"),
    ("select", False, "red", None),
    ("select", False, "Red", "not-offered"),
    ("checkbox", True, "", "missing"),
    ("checkbox", True, "1", None),
    ("number", False, "12,5", None),
    ("number", False, "1e5", "malformed"),
    ("tel", False, "+49 (30) 12-34", None),
    ("tel", False, "call me", "malformed"),
]


def test_a_field_says_what_is_wrong_with_an_answer(task: Task) -> None:
    registration = "Floodgate\\Registration\\"
    cases = ", ".join(f"['{kind}', {str(required).lower()}, {typed!r}]" for kind, required, typed, _ in FIELD_CASES)
    mistakes = value(
        task,
        f"array_map(fn ($c) => (new {registration}Field('x', 'X', {registration}FieldType::from($c[0]), $c[1],"
        "['red', 'blue']))->validate("
        f"strtr($c[2], ['\\n' => \"\\n\", '\\xa0' => \"\\u{{a0}}\"])), [{cases}, ['text', false, \"\\xff\"]])",
    )
    assert mistakes == [mistake for *_, mistake in FIELD_CASES] + ["malformed"]


def test_two_organisers_each_keep_what_they_changed(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Shared", [{"label": "Phone", "type": "tel"}], text="One\n\nTwo <b>three</b>", seats="5")
    one, other = (organiser.open("floodgate-course", course=course.id).form("title") for _ in range(2))
    assert "notice=saved" in organiser.submit(one, "save", {"title": "Shared by two", "seats": "7"}).url
    assert "notice=saved" in organiser.submit(other, "save", {"closes": "2030-01-01T10:00", "slug": "shared-now"}).url
    kept = organiser.open("floodgate-course", course=course.id).form("title").fields
    assert (kept["title"], kept["seats"], kept["slug"], kept["closes"]) == (
        *("Shared by two", "7", "shared-now"),
        "2030-01-01T10:00",
    )
    assert kept["text"].replace("\r", "") == "One\n\nTwo <b>three</b>"
    assert kept["fields[0][label]"] == "Phone"


def test_where_two_changed_one_thing_both_are_shown_and_the_next_press_decides(
    task: Task, organiser: Organiser
) -> None:
    course = organiser.course("Contested", [{"label": "Phone", "type": "tel"}], seats="5")
    one, other = (organiser.open("floodgate-course", course=course.id).form("title") for _ in range(2))
    organiser.submit(one, "save", {"seats": "7", "fields[0][label]": "Telephone", "title": "Contested now"})
    shown = organiser.submit(other, "save", {"seats": "9", "fields[0][label]": "Mobile", "opens": "2021-01-01T10:00"})
    for words in (
        "“7” in the meantime. You have “9”",
        "“Telephone” in the meantime. You have “Mobile”",
        "Nothing has been saved yet",
    ):
        assert words in shown.html
    assert query(task, f"SELECT seats FROM wp_floodgate_courses WHERE id = {course.id}") == ["7"]
    form = shown.form("title")
    assert (form.fields["title"], form.fields["seats"]) == ("Contested now", "9")
    assert "notice=saved" in organiser.submit(form, "save").url
    kept = organiser.open("floodgate-course", course=course.id).form("title").fields
    assert (kept["seats"], kept["fields[0][label]"], kept["title"]) == ("9", "Mobile", "Contested now")
    assert kept["opens"] == "2021-01-01T10:00"


def test_an_untouched_form_changes_nothing(task: Task, organiser: Organiser) -> None:
    """Not even what no form can show: milliseconds, an HTML of its own, questions as they were once kept."""
    course = organiser.course("Untouched", [{"label": "Phone", "type": "tel"}], text="A\n\nB")
    query(
        task,
        "UPDATE wp_floodgate_courses SET opens_at = opens_at + 123, text = '<p>A</p><div>B &amp; C</div>',"
        f" fields = REPLACE(fields, '40', '39') WHERE id = {course.id}",
    )
    columns = "CONCAT_WS('|', title, slug, text, fields, opens_at, closes_at, time_zone, seats, one_per_email)"
    before = query(task, f"SELECT {columns} FROM wp_floodgate_courses WHERE id = {course.id}")
    assert (
        "notice=saved"
        in organiser.submit(organiser.open("floodgate-course", course=course.id).form("title"), "save").url
    )
    assert query(task, f"SELECT {columns} FROM wp_floodgate_courses WHERE id = {course.id}") == before


def test_what_was_typed_outlives_the_session(task: Task, organiser: Organiser) -> None:
    form = organiser.open("floodgate-course").form("title")
    typed = {"title": "Typed for an hour", "opens": "2030-01-01T10:00", "fields[0][label]": "Shoe size"}
    typed = {**form.fields, **typed, "fields[0][type]": "number", "do": "save", "text": "A <b>\n'B'"}
    held = Screen(requests.post(form.action, data=typed, timeout=60))
    assert held.status == 403
    assert "Your session has ended" in held.html
    again = Organiser(Editor.logged_in(task))
    shown = again.submit(held.forms[-1], held.forms[-1].fields["do"])
    assert "Nothing has been saved yet" in shown.html
    kept = shown.form("title")
    assert kept.fields["title"] == "Typed for an hour"
    assert (kept.fields["fields[0][label]"], kept.fields["text"]) == ("Shoe size", "A <b>\n'B'")
    assert "notice=added" in again.submit(kept, "save").url


def test_a_registration_by_hand_outlives_a_form_of_yesterday(task: Task, organiser: Organiser) -> None:
    course = organiser.course("Added by hand")
    form = organiser.open(view="add", course=course.id).form("email")
    shown = organiser.submit(form, changes={"name": "Ada", "email": "ada@example.org", "_wpnonce": "old"})
    assert shown.form("email").fields["email"] == "ada@example.org"
    assert query(task, f"SELECT taken FROM wp_floodgate_courses WHERE id = {course.id}") == ["0"]
    assert "Ada" in organiser.submit(shown.form("email")).html


@pytest.mark.parametrize("zone", ["Europe/Kiev", "Nowhere/At_all"])
def test_a_time_zone_that_is_not_offered_stays_or_is_asked_for(task: Task, organiser: Organiser, zone: str) -> None:
    course = organiser.course(f"Far away {zone}", zone="Europe/Berlin", opens="2030-01-01T10:00")
    query(task, f"UPDATE wp_floodgate_courses SET time_zone = '{zone}' WHERE id = {course.id}")
    is_known = zone == "Europe/Kiev"
    lists = organiser.courses()
    assert (f"“{zone}” is not known" in lists) is not is_known
    for view in ("registrations", "add"):
        assert organiser.open(view=view, course=course.id).status == 200
    assert task.get(course.path).status_code == 200
    screen = organiser.open("floodgate-course", course=course.id)
    assert screen.form("title").fields["zone"] == zone
    assert (f"“{zone}” is not known" in screen.html) is not is_known
    saved = organiser.submit(screen.form("title"), "save", {"title": "Farther away"})
    assert ("notice=saved" in saved.url) is is_known
    if not is_known:
        assert "choose a time zone from the list" in saved.html
        assert "notice=saved" in organiser.submit(saved.form("title"), "save", {"zone": "Europe/Berlin"}).url


def test_what_a_deployment_has_overruled_is_shown_until_somebody_saves(task: Task, organiser: Organiser) -> None:
    of_settings = (
        "(new Floodgate\\Registration\\Courses(Floodgate\\Registration\\Database::ofWordPress()))->ofSettings()"
    )
    course = wordpress(
        task,
        f"$course = {of_settings}; $applied = ['title' => 'As deployed', 'seats' => 1, 'opens_at' => $course->opensAt];"
        "$wanted = ['title' => 'As deployed', 'seats' => $course->seats + 7, 'opens_at' => $course->opensAt];"
        "Floodgate\\Admin\\Overruled::note($course, $applied, $wanted); return $course->id;",
    )
    screen = organiser.open("floodgate-course", course=course)
    assert "Seats: an organiser had saved “" in screen.html
    assert "notice=saved" in organiser.submit(screen.form("title"), "save").url
    assert "an organiser had saved" not in organiser.open("floodgate-course", course=course).html
