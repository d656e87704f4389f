"""A claim without WordPress and a claim inside WordPress: the same answers, the same pages, the same rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.site.inside import rows
from tests.site.task import Task
from tests.site.test_claim_path import change, with_fields
from tests.site.visitor import Form, make_storm

INSIDE_WORDPRESS = """
$_SERVER += ['HTTP_HOST' => 'localhost', 'REQUEST_METHOD' => 'POST', 'REQUEST_URI' => '/'];
require '/var/www/wordpress/core/wp-load.php';
while (ob_get_level() > 0) {
    ob_end_clean();
}
$database = Floodgate\\Registration\\Database::ofWordPress();
$tokens = new Floodgate\\Registration\\FormToken((string) getenv('WP_SALT'));
$answers = [];
foreach (json_decode($argv[2], true) as [$accept, $form]) {
    $course = (new Floodgate\\Registration\\Courses($database))->find($argv[1]);
    $claims = new Floodgate\\Registration\\Claims($database);
    $handler = new Floodgate\\Http\\ClaimHandler($claims, new Floodgate\\Registration\\WaitingList($database), $tokens);
    ob_start();
    @$handler->handle($course, $form)->send($accept);
    $answers[] = [http_response_code(), ob_get_clean()];
}
fwrite(STDOUT, json_encode($answers));
"""

ADA: dict[str, object] = {
    "name": "Ada  Lovelace ",
    "email": " Ada@Example.org",
    "nothing": "",
    "answer": {"level": "A", "notes": "x"},
}
FORMS: list[dict[str, object]] = [
    ADA,
    ADA,
    {**ADA, "email": "ADA@example.org", "name": "ADA LOVELACE"},
    {**ADA, "email": "ada@example.org", "name": "Somebody else"},
    {**ADA, "email": "o'hara@example.org", "name": 'Zoë \\ O\'Hara "Z" \U0001f600', "answer": {"level": "B & C"}},
    {**ADA, "email": "late@example.org"},
    {**ADA, "email": "nobody"},
    {**ADA, "name": "<b>" * 100, "answer": {"level": "C", "notes": "y" * 30}},
    {**ADA, "nothing": "spam"},
    {"name": "Ada Lovelace", "email": "ada@example.org", "find": "1"},
    {"name": "Nobody", "email": "nobody@example.org", "find": "1"},
    {"find": "1"},
    {"name": ["x"], "email": "", "answer": "x"},
]


@pytest.fixture(params=[("", "F j, Y"), ("de_DE", "l, j. F Y")], ids=["English", "German"])
def language(task: Task, request: pytest.FixtureRequest) -> Iterator[str]:
    """A site with a difficult name, in a language."""
    names = ("blogname", "WPLANG", "date_format", "timezone_string")
    locale, dates = request.param
    listed = ", ".join(f"'{name}'" for name in names)
    before = rows(task.host, f"SELECT option_name, option_value FROM wp_options WHERE option_name IN ({listed})")
    write(task, dict(zip(names, ("R &amp; &lt;D&gt;", locale, dates, "Europe/Berlin"), strict=True)))
    yield locale
    write(task, {name: (value or [""])[0] for name, *value in before})


def write(task: Task, options: dict[str, str]) -> None:
    """Write WordPress's options."""
    values = ", ".join(f"('{name}', '{value}', 'yes')" for name, value in options.items())
    rows(
        task.host,
        f"INSERT INTO wp_options (option_name, option_value, autoload) VALUES {values}"
        " ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)",
    )


def flat(form: dict[str, object]) -> dict[str, str]:
    """Return fields as a browser names them."""
    fields: dict[str, str] = {}
    for name, value in form.items():
        match value:
            case dict():
                fields |= {f"{name}[{key}]": text for key, text in value.items()}
            case list():
                fields |= {f"{name}[]": str(text) for text in value}
            case _:
                fields[name] = str(value)
    return fields


def without(form: Form, forms: list[tuple[str, dict[str, object]]]) -> list[tuple[int, str]]:
    """Return the answers of claim.php."""
    answers = []
    for accept, fields in forms:
        typed = flat(fields)
        answer = form.send(typed.pop("email", ""), typed.pop("name", ""), accept=accept, **typed)
        answers.append((answer.status_code, answer.text))
    return answers


def within(task: Task, form: Form, forms: list[tuple[str, dict[str, object]]]) -> list[tuple[int, str]]:
    """Return the answers of the same classes inside WordPress."""
    requests_made = json.dumps([(accept, {**form.hidden, **fields}) for accept, fields in forms])
    printed = task.exec("wordpress", "php", "-r", INSIDE_WORDPRESS, "--", slug(form), requests_made)
    return [(status, page) for status, page in json.loads(printed)]


def slug(form: Form) -> str:
    return form.action.rstrip("/").rpartition("/")[2]


def comparable(form: Form, answers: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Leave out what differs by course, by second, and by chance."""
    codes: list[str] = []
    known = []
    for status, text in answers:
        codes += [
            code for code in re.findall(r"\b[2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){2}\b", text) if code not in codes
        ]
        for n, code in enumerate(codes):
            for spelling in (code, code.replace("-", "")):  # the drawing for a camera has it without
                text = text.replace(spelling, f"code {n}")  # noqa: PLW2901  # one text, cleaned step by step
        text = re.sub(r"\d{10}\.[0-9a-f]{32}", "token", text.replace(slug(form), "slug"))  # noqa: PLW2901
        known.append((status, re.sub(r'data-floodgate-(now|opens|version)="[\w.]+"', "", text)))
    return known


def kept(task: Task, form: Form) -> list[list[str]]:
    """Return all that a course's claims have left, but for its codes and times."""
    course = f"(SELECT id FROM wp_floodgate_courses WHERE slug = '{slug(form)}')"
    return rows(
        task.host,
        f"SELECT taken, seats, '', '', '' FROM wp_floodgate_courses WHERE slug = '{slug(form)}' UNION ALL "
        "SELECT * FROM (SELECT HEX(claim_key), name, email, answers, LENGTH(code) FROM wp_floodgate_claims"
        f" WHERE course_id = {course} ORDER BY id) AS claims",
    )


@pytest.mark.parametrize("one_per_email", [1, 0])
def test_both_paths_give_the_same_answers_and_rows(task: Task, language: str, one_per_email: int) -> None:
    forms = [with_fields(task, seats=2 + 1 - one_per_email) for _ in range(2)]
    for form in forms:
        rows(
            task.host,
            f"UPDATE wp_floodgate_courses SET one_per_email = {one_per_email} WHERE slug = '{slug(form)}'",
        )
    claims = [(accept, fields) for fields in FORMS for accept in ("text/html", "application/json")]
    lean, full = without(forms[0], claims), within(task, forms[1], claims)
    assert comparable(forms[0], lean) == comparable(forms[1], full)
    assert kept(task, forms[0]) == kept(task, forms[1])
    assert {status for status, _ in lean} == {200, 409, 422}
    assert "R &amp; &lt;D&gt;" in lean[0][1]


@pytest.mark.parametrize("state", ["closed", "ended"])
def test_both_paths_refuse_with_the_same_page(task: Task, language: str, state: str) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    change(task, storm, **({"opens_at": 4_000_000_000_000} if state == "closed" else {"closes_at": 1_900_000_000}))
    claims = [(accept, dict(ADA)) for accept in ("text/html", "application/json")]
    lean, full = without(form, claims), within(task, form, claims)
    assert comparable(form, lean) == comparable(form, full)
    assert [status for status, _ in lean] == [409, 409]
    assert ("1970" if state == "ended" else "2096") in lean[0][1]
    if language == "de_DE":
        assert ("Januar" if state == "ended" else "Oktober") in lean[0][1]
