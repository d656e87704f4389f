"""Every page of every state, in languages of both directions, fits a phone and a desk, and says its language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import SOLD_OUT, Visitor
from tests.site.inside import php, rows
from tests.site.task import Task

LONG: Final = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
ARABIC: Final = "دورة السباحة للكبار في المسبح الدافئ"
FIELDS: Final[list[dict[str, object]]] = [
    {"key": "phone", "label": f"Telephone {LONG}", "type": "tel", "required": True},
    {"key": "group", "label": ARABIC, "type": "select", "required": True, "options": [LONG, ARABIC]},
    {"key": "age", "label": "Age", "type": "number", "required": False},
    {"key": "wishes", "label": LONG, "type": "textarea", "required": False, "max_length": 1000},
    {"key": "rules", "label": f"{LONG} {ARABIC}", "type": "checkbox", "required": True},
]
TEXT: Final = (
    f"<h2>{LONG}</h2><p>{ARABIC}</p><p>https://example.org/{'path/' * 40}</p><pre>{'a b ' * 80}</pre>"
    f"<table><tr>{'<td>Wednesday</td>' * 12}</tr></table><ul><li>{LONG}</li></ul>"
)
# WordPress itself in a language of the other direction, as its language pack has it.
RIGHT_TO_LEFT_PACK: Final = '<?php return ["messages" => ["text direction\\x04ltr" => "rtl"]];'
# Into how many pieces the date cuts the words before it: 1 where it is isolated from them.
PIECES: Final = """(line) => {
    const words = document.createRange();
    words.selectNodeContents(line.firstChild);
    const dates = [...line.querySelector('bdi').getClientRects()];
    const within = (box) => dates.some((date) => date.top < box.bottom && box.top < date.bottom
        && date.left < box.right - 1 && box.left < date.right - 1);
    const boxes = [...words.getClientRects()];
    return boxes.some(within) ? 0 : boxes.length;
}"""
LET_THE_SERVER_JUDGE: Final = "document.getElementById('floodgate-claim').noValidate = true"


@pytest.fixture(params=["", "de_DE", "ar", "he_IL"], ids=["English", "German", "Arabic", "Hebrew"])
def locale(task: Task, request: pytest.FixtureRequest) -> Iterator[str]:
    """A site in a language."""

    def write(locale: str) -> None:
        sql = "REPLACE INTO wp_options (option_name, option_value, autoload) VALUES"
        rows(task.host, f"{sql} ('WPLANG', '{locale}', 'yes')", task.environment["DB_NAME"])

    task.exec("wordpress", "mkdir", "-p", "/var/www/content/languages")
    for language in ("ar", "he_IL"):
        task.write(f"languages/{language}.l10n.php", RIGHT_TO_LEFT_PACK)
    write(request.param)
    yield request.param
    write("")
    task.exec("wordpress", "rm", "-r", "/var/www/content/languages")


def test_every_page_fits_and_says_its_language(task: Task, somebody: Visitor, locale: str) -> None:
    language = locale.replace("_", "-") or "en-US"
    own = language if locale in {"", "de_DE"} else "en"
    for name in pages(task, somebody):
        fits(somebody, name)
        html = somebody.page.locator("html")
        expect(html).to_have_attribute("lang", language)
        assert html.get_attribute("dir") == ("rtl" if own != language else None), name
        assert languages(somebody, "#now") == {own}, name
        assert languages(somebody, "h1") == {language}, name
        assert languages(somebody, "main time") <= {language}, name
        # The only labels that are the plugin's own, and questions of the organiser's.
        assert languages(somebody, "label[for=name], label[for=email], .optional") <= {own}, name
        assert languages(somebody, "label[for^=answer], option + option, .about p") <= {language}, name
    for path in ("/", "/register/no-such-course/", "/mu-plugins/nothing-here"):
        somebody.go(path)
        fits(somebody, path)
        assert languages(somebody, ".floodgate-news, .floodgate-courses dt") <= {own}, path
        assert languages(somebody, ".floodgate-courses :is(a, dd, time)") <= {language}, path


def test_a_visitors_own_time_is_in_one_piece_in_both_directions(
    task: Task, new_visitor: NewVisitor, locale: str
) -> None:
    far = new_visitor(timezone_id="America/New_York")
    path = offer(task, starts_in=864_000)
    for address, own in ((path, ".facts .yours"), ("/", ".floodgate-courses .yours")):
        far.finds(address, f"html[lang='{locale.replace('_', '-') or 'en-US'}'] {own}")
        assert far.page.locator(own).first.evaluate(PIECES) == 1, address
        assert languages(far, own) == {"en" if locale in {"ar", "he_IL"} else locale.replace("_", "-") or "en-US"}
        assert languages(far, f"{own} bdi") == {locale.replace("_", "-") or "en-US"}


def pages(task: Task, somebody: Visitor) -> Iterator[str]:
    """Go to each page of a course, and tell which it is."""
    page = somebody.page
    course = {
        "title": f"{LONG} {ARABIC}",
        "place": f"{ARABIC} {LONG}",
        "text": TEXT,
        "fields": FIELDS,
        "starts_in": 9e5,
    }
    somebody.go(offer(task, opens_in=400_000, closes_in=800_000, **course))  # type: ignore[arg-type]  # as offer() has them
    yield "closed"
    somebody.go(offer(task, opens_in=-7200, closes_in=-3600, **course))  # type: ignore[arg-type]
    yield "ended"
    path = offer(task, seats=2, closes_in=800_000, **course)  # type: ignore[arg-type]
    somebody.go(path)
    yield "open"
    page.evaluate(LET_THE_SERVER_JUDGE)
    somebody.type(name=LONG, email="nobody")
    somebody.send()
    somebody.sees("invalid")
    yield "invalid"
    somebody.type(name=f"{ARABIC} {LONG}", email=f"{'x' * 60}@{'müller' * 8}.example", answer_phone="030 1234 567")
    page.select_option("#answer-group", index=1)
    page.check("#answer-rules")
    for state in ("confirmed", "confirmed again"):
        somebody.send()
        somebody.sees("confirmed")
        yield state
        page.go_back() if state == "confirmed" else None
    slug = path.split("/")[2]
    [[number, moment]] = rows(
        task.host,
        "SELECT c.id, claimed_at FROM wp_floodgate_claims c JOIN wp_floodgate_courses k ON k.id = course_id "
        f"WHERE slug = '{slug}'",
    )
    link = "$links = new Floodgate\\Registration\\SeatLink(getenv('WP_SALT'));"
    somebody.go(php(task, f"{link} echo $links->path($argv[1], (int) $argv[2], (int) $argv[3]);", slug, number, moment))
    yield "seat"
    page.locator("main form button").click()
    somebody.sees("give-back")
    yield "give-back"
    page.locator("main form button").click()
    somebody.sees("cancelled")
    yield "cancelled"
    rows(task.host, f"UPDATE wp_floodgate_courses SET taken = seats WHERE slug = '{slug}'")
    somebody.finds(path, SOLD_OUT)
    yield "sold out"
    button = page.locator("#floodgate-find button")
    page.evaluate("sessionStorage.clear()")
    page.reload()
    button.click()
    page.locator("#email").wait_for()
    yield "find"
    somebody.type(name="Somebody else", email="nobody@example.org")
    somebody.send()
    somebody.sees("sold-out")
    yield "sought"
    yield from pages_of_a_waiting_list(task, somebody, path)


def pages_of_a_waiting_list(task: Task, somebody: Visitor, path: str) -> Iterator[str]:
    """Go to each page of a waiting list at a course that is sold out, and tell which it is."""
    page = somebody.page
    sql = f"UPDATE wp_floodgate_courses SET waiting_list = 1 WHERE slug = '{path.split('/')[2]}'"
    rows(task.host, sql)
    somebody.finds(path, "#floodgate-queue")
    yield "sold out, with a waiting list"
    page.evaluate("document.getElementById('floodgate-queue').noValidate = true")
    page.locator("#floodgate-queue button").click()
    somebody.sees("invalid")
    yield "a place, invalid"
    somebody.type(name=ARABIC, email="queued@müller.example", answer_phone="٠١٥١ ٢٣٤٥٦٧٨")
    page.select_option("#answer-group", index=2)
    page.check("#answer-rules")
    page.locator("#floodgate-queue button").click()
    somebody.sees("queued")
    yield "queued"


def fits(somebody: Visitor, name: str) -> None:
    """Let nothing be cut off, or scroll sideways, at any width."""
    assert not (found := somebody.too_wide()), f"{name}: " + "\n".join(found)


def languages(somebody: Visitor, selector: str) -> set[str]:
    """Return what language elements are in, by the nearest ``lang``."""
    found: list[str] = somebody.page.eval_on_selector_all(
        selector, "(elements) => elements.map((element) => element.closest('[lang]').lang)"
    )
    return set(found)
