"""What people type is what is kept: names, answers, numbers and addresses, as they are written anywhere."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.site.inside import query
from tests.site.organiser import Course, Organiser, value, wordpress
from tests.site.task import Task, eventually
from tests.site.visitor import Editor, Form, Storm, ledger, make_storm, marker

PUNYCODE: Final = "user@xn--mller-example-wob.de"
UNICODE: Final = "user@müller-example.de"

# How something is typed, what is kept of it, and what is meant.
TEXTS: Final = [
    ("Ada\tLovelace ", "Ada Lovelace", "blanks at the end, a tab"),
    ("Ada\u00a0\u00a0Lovelace", "Ada Lovelace", "no-break spaces"),
    ("Zoe\u0308", "Zo\u00eb", "an accent of its own"),
    ("Nguye\u0302\u0303n Thi\u0323 Mai", "Nguyễn Thị Mai", "Vietnamese"),
    ("M\u00adü\u200bl\u2060l\ufeffe\u200dr\x00", "Müller", "invisible characters that carry nothing"),
    ("محمد\u200cرضا", "محمد\u200cرضا", "Persian, parted"),
    ("ه\u200d", "ه\u200d", "Persian, joined to nothing"),
    ("کتاب\u200c ها", "کتاب ها", "parted from a blank"),
    ("ශ්\u200dරී", "ශ්\u200dරී", "Sinhala"),
    ("क्\u200dष", "क्\u200dष", "Hindi"),
    ("เอ\u200bดา", "เอ\u200bดา", "Thai, with places for line breaks"),
    ("ᠠ\u202fᠤ\u180eᠠ", "ᠠ\u202fᠤ\u180eᠠ", "Mongolian"),
    ("山田\u3000太郎", "山田\u3000太郎", "Japanese, with its own blank"),
    ("葛\U000e0100城 \ufa19", "葛\U000e0100城 \ufa19", "Japanese, with the shape that a name has"),
    ("שלום\u200f!", "שלום\u200f!", "Hebrew, with a mark of direction"),
    ("\u202b\u200fداود\u202c", "داود", "what turns others round"),
    ("O’Brien–Śmith", "O’Brien–Śmith", "apostrophe and dash"),
    ("👩🏽\u200d🚀 1\ufe0f\u20e3 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", None, "emoji of several"),
    ("Ada\U000e0041\U000e0042\ufe0f", "Ada", "text that nobody sees"),
    ("\U0001f600\U0001fae9", None, "an emoji that is newer"),
]  # fmt: skip
INVISIBLE: Final = ["\u3164", "\u200b\u00a0", "\u2800", "\u200f", "\u0301"]
PHONE_NUMBERS: Final = [
    *("(212) 555-0100", "212.555.0100 x12", "٠١٥١ ٢٣٤٥٦٧٨", "0151\u20112345678", "+49 (0)30 / 12 34-56", "＋81（３）1234"),
    *("0151–234 5678", "030 1234 ext. 5", "030 1234, Durchwahl 12", "1-800-FLOWERS", "*31#030 1234", "Tel. 030·1234", "112"),
    *("tel:+1-212-555-0100;ext=5", "☎ 030 1234", "044’668’18’00", "030_1234", "０３／１２３４－５６７８", "030 1234 & 5678", "<030> 1234"),
]  # fmt: skip
NO_PHONE_NUMBERS: Final = [
    "call me",
    "12",
    "ada@example.org",
    "ada1234@example.org",
    "123＠example",
    "030 1234 but please only on weekdays",
    "---",
]
NUMBERS: Final = [
    "12",
    "-3",
    "\u22123",
    "12,5",
    "1 000",
    "1.000,50",
    "1,00,000",
    "1’000",
    "١٢٫٥",
    "१२",
    "－１，０００．５",
]
NO_NUMBERS: Final = ["1e5", "twelve", "1,2,3", "12.", "1 2", "--1"]
# Addresses that WordPress takes and a mailbox has, and some that neither does.
ADDRESSES: Final = [
    *("a..b@docomo.example", "a.@example.org", ".a@example.org", "a+b@example.org", "o'hara@sub.example.org"),
    *("{ada}@example.org", PUNYCODE, "ada", "ada@", "@example.org", "a b@example.org", "a@b@example.org"),
    *("a@example", "a@-example.org", "a@exa_mple.org", "a@example..org", "ada;@example.org"),
]  # fmt: skip


@pytest.fixture(scope="module")
def course(task: Task, editor: Editor) -> Course:
    """A course that asks things."""
    questions = [
        {"label": "Notes", "type": "textarea"},
        {"label": "Phone", "type": "tel"},
        {"label": "Word", "type": "text"},
    ]
    return Organiser(editor).course("Typing", questions, seats="500")


@pytest.fixture(scope="module")
def form(task: Task, course: Course) -> Form:
    """Its form."""
    return Form.on(task, course.path)


def kept(task: Task, email: str) -> tuple[str, dict[str, str]]:
    """Return what the ledger has of a person: name and answers."""
    sql = "SELECT JSON_OBJECT('name', name, 'answers', answers) FROM wp_floodgate_claims WHERE email = "
    [row] = query(task, f"{sql}'{email}'")
    line = json.loads(row.replace("\\\\", "\\"))
    return line["name"], json.loads(line["answers"] or "{}")


@pytest.mark.parametrize(("typed", "is_kept"), [pytest.param(t, k or t, id=name) for t, k, name in TEXTS])
def test_names_and_answers_are_kept_in_every_script(task: Task, form: Form, typed: str, is_kept: str) -> None:
    email = f"{typed.encode().hex()[:40]}@example.org"
    answers = {"answer[notes]": f"1\r\n{typed}", "answer[word]": typed}
    page = form.send(email, typed, **answers)
    assert marker(page.text, "state") == "confirmed", page.text
    assert f">{is_kept}</dd>" in page.text
    assert kept(task, email) == (is_kept, {"notes": f"1\n{is_kept}", "phone": "", "word": is_kept})


@pytest.mark.parametrize("name", INVISIBLE, ids=[f"U+{ord(name[0]):04X}" for name in INVISIBLE])
def test_a_name_of_which_nothing_is_seen_is_none(form: Form, name: str) -> None:
    page = form.send("nobody@example.org", name)
    assert (page.status_code, "Please enter your name" in page.text) == (422, True)


def test_who_is_one_person_does_not_hang_on_what_is_not_seen(task: Task, editor: Editor) -> None:
    course = Organiser(editor).course("Typing as a family", one_per_email=None)
    form = Form.on(task, course.path)
    spellings = [["محمد\u200cرضا", "محمدرضا"], ["山田\u3000太郎", "山田 太郎"], ["Zoe\u0308", "ZO\u00cb\u200b"]]
    codes = [[marker(form.send("us@example.org", name).text, "code") for name in person] for person in spellings]
    assert [len(set(person)) for person in codes] == [1, 1, 1]
    assert len({code for person in codes for code in person}) == len(spellings)


def mistakes(task: Task, kind: str, typed: list[str]) -> list[str | None]:
    """Return what a field says to each of these."""
    answers = json.dumps(typed).replace("'", "\\u0027")
    field = "Floodgate\\Registration\\Field('x', 'X', Floodgate\\Registration\\FieldType::from"
    found: list[str | None] = value(
        task, f"array_map(fn ($typed) => (new {field}('{kind}')))->validate($typed), json_decode('{answers}'))"
    )
    return found


def test_phone_numbers_are_taken_as_people_write_them(task: Task, form: Form) -> None:
    assert dict(zip(PHONE_NUMBERS, mistakes(task, "tel", PHONE_NUMBERS), strict=True)) == dict.fromkeys(PHONE_NUMBERS)
    assert mistakes(task, "tel", NO_PHONE_NUMBERS) == ["malformed"] * len(NO_PHONE_NUMBERS)
    # Copied from a chat: marks of a direction around it.
    typed = {"answer[phone]": "\u202a+49\u00a0151\u200e\u20112345\u202c"}
    assert marker(form.send("phone@example.org", **typed).text, "state") == "confirmed"
    assert kept(task, "phone@example.org")[1]["phone"] == "+49 151\u20112345"


def test_numbers_are_taken_as_people_write_them(task: Task) -> None:
    assert dict(zip(NUMBERS, mistakes(task, "number", NUMBERS), strict=True)) == dict.fromkeys(NUMBERS)
    assert mistakes(task, "number", NO_NUMBERS) == ["malformed"] * len(NO_NUMBERS)


def test_a_choice_of_an_older_version_can_still_be_made(task: Task) -> None:
    """Options were kept with accents of their own once, and browsers send blanks as they like."""
    field = "new Floodgate\\Registration\\Field('x', 'X', Floodgate\\Registration\\FieldType::Select, true, "
    field += "[\"Zoe\\u{308}\", 'A B'])"
    chosen = "['Zoë', \"Zoe\\u{308}\", ' A  B', 'C']"
    found = value(task, f"array_map(fn ($typed) => [({field})->tidy($typed), ({field})->validate($typed)], {chosen})")
    assert found == [["Zoe\u0308", None], ["Zoe\u0308", None], ["A B", None], ["C", "not-offered"]]


@pytest.mark.parametrize("order", [(UNICODE, PUNYCODE), (PUNYCODE, UNICODE)], ids=["Firefox first", "Chromium first"])
def test_both_forms_of_an_address_are_one_seat_and_one_ticket(task: Task, order: tuple[str, str]) -> None:
    storm = make_storm(task, 5)
    form = Form.on(task, storm.path)
    pages = [form.send(email).text for email in (*order, UNICODE.upper())]
    assert len({marker(page, "code") for page in pages}) == 1
    assert all(f">{UNICODE}<" in page for page in pages)
    assert [claim["email"] for claim in ledger(task, storm.slug)["claims"]] == [PUNYCODE]  # type: ignore[attr-defined]  # JSON


def test_an_address_is_read_as_keyboards_and_links_write_it(task: Task) -> None:
    typed = [
        "ada＠example.org",
        "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ",
        "ada@example。org",
        "mailto:ada@example.org",
        "MAILTO:Ada@Example.org",
    ]
    listed = ", ".join(f"'{each}'" for each in typed)
    read = value(task, f"array_map(Floodgate\\Registration\\EmailAddress::from(...), [{listed}])")
    assert dict(zip(typed, read, strict=True)) == dict.fromkeys(typed, "ada@example.org")


def test_a_letter_that_has_a_look_alike_in_ascii_stays_itself(form: Form, task: Task) -> None:
    """Domains with ß are their own since 2010: a browser goes to them, and so does the mail."""
    assert ">ada@straße.example<" in form.send("ada@straße.example").text
    assert kept(task, "ada@xn--strae-oqa.example")[0] == "Ada Lovelace"


def test_an_address_is_taken_where_wordpress_takes_it(task: Task) -> None:
    listed = json.dumps(ADDRESSES).replace("'", "\\u0027")
    theirs = wordpress(task, f"return array_map(fn ($a) => (bool) is_email($a), json_decode('{listed}'));")
    ours = value(
        task,
        f"array_map(fn ($a) => is_string(Floodgate\\Registration\\EmailAddress::from($a)), json_decode('{listed}'))",
    )
    assert dict(zip(ADDRESSES, ours, strict=True)) == dict(zip(ADDRESSES, theirs, strict=True))
    assert theirs.count(True) == 7


def test_organisers_find_people_as_they_write_them(task: Task, editor: Editor, course: Course, form: Form) -> None:
    form.send(UNICODE, "علی\u200cاکبر", **{"answer[word]": "found"})
    organiser = Organiser(editor)
    for typed in ("علی\u200cاکبر", "علیاکبر", UNICODE, PUNYCODE, "user@xn--m"):
        page = organiser.open(view="registrations", course=course.id, s=typed).html
        assert (page.count("<td class='code"), UNICODE in page) == (1, True), typed
    door = organiser.open(view="door", course=course.id, s=UNICODE).html
    assert f"علیاکبر {PUNYCODE} {UNICODE}" in door


@pytest.mark.parametrize(
    ("locale", "opening"),
    [
        pytest.param("", "<div>", id="English"),
        pytest.param("de_DE", "<div>", id="German"),
        pytest.param("ar", '<div lang="en">', id="Arabic"),
    ],
)
def test_a_screen_says_that_its_words_are_english(task: Task, editor: Editor, locale: str, opening: str) -> None:
    wordpress(task, f"return update_user_meta(1, 'locale', '{locale}');")
    try:
        page = Organiser(editor).courses()
    finally:
        wordpress(task, "return delete_user_meta(1, 'locale');")
    assert page.partition('<div class="wrap floodgate">')[0].rstrip().endswith(opening)


def old(task: Task, storm: Storm) -> Form:
    """Return the form of a page that has been open for more than a day."""
    form = Form.on(task, storm.path)
    issue = "(new Floodgate\\Registration\\FormToken(getenv('WP_SALT')))->issue"
    return Form(form.action, {**form.hidden, "token": value(task, f"{issue}('{storm.slug}', time() - 90000)")})


def test_a_form_of_yesterday_is_answered_in_one_round_where_no_seat_is_left(task: Task) -> None:
    storm = make_storm(task, 1)
    form = old(task, storm)
    renewed = form.send("ada@example.org")
    assert (marker(renewed.text, "state"), "no longer valid" in renewed.text) == ("invalid", True)
    code = marker(Form.within(renewed.text).send("ada@example.org").text, "code")
    late = form.send("late@example.org")
    assert (late.status_code, marker(late.text, "state")) == (409, "sold-out")
    again = form.send("ada@example.org")
    assert (again.status_code, marker(again.text, "code"), marker(again.text, "again")) == (200, code, "yes")
    assert form.send("late@example.org", accept="application/json").json() == {
        "course": storm.slug,
        "state": "sold-out",
    }
    # The button that asks for the code has been on the screen as long.
    found = form.send("ada@example.org", find="1")
    assert marker(found.text, "code") == code
    assert ledger(task, storm.slug)["taken"] == 1


def test_nothing_need_be_mended_where_no_seat_is_left(task: Task) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    code = marker(form.send("ada@example.org").text, "code")
    for wrong in (
        {"email": "late"},
        {"email": "late@example.org", "token": "1.0"},
        {"email": "ada@example.org", "nothing": "x"},
    ):
        page = form.send(**wrong)
        assert (page.status_code, marker(page.text, "state"), marker(page.text, "code")) == (409, "sold-out", None)
        way_back = Form.within(page.text, "floodgate-find")
        assert way_back.hidden["email"] == wrong["email"]
    assert marker(way_back.send("ada@example.org").text, "code") == code
    # A seat that is free again is seen by the next form, whatever is wrong with it.
    query(task, f"UPDATE wp_floodgate_courses SET seats = 2 WHERE slug = '{storm.slug}'")
    eventually(lambda: marker(form.send("late").text, "state") == "invalid")


def test_a_place_on_a_list_that_is_new_is_mended_and_not_refused(task: Task) -> None:
    """What this container remembers of the course has no waiting list yet."""
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    for who in ("ada", "late"):
        form.send(f"{who}@example.org")
    query(task, f"UPDATE wp_floodgate_courses SET waiting_list = 1 WHERE slug = '{storm.slug}'")
    page = form.send("queue@example.org", queue="1", token="1.0")
    assert (marker(page.text, "state"), "no longer valid" in page.text) == ("invalid", True)
    mended = Form.within(page.text, "floodgate-queue")
    assert marker(mended.send("queue@example.org").text, "state") == "queued"
