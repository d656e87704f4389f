"""The front page, in the theme that a new site has: whole, light, and without a link that leads nowhere."""

from __future__ import annotations

import json
import re
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import DESKTOP, PHONE, Visitor
from tests.site.inside import query
from tests.site.task import Task

# Bytes of the page and all that it loads, without pictures: 15,000 for five courses, and 87,000 in the stock theme.
WHOLE_PAGE_MAX: Final = 24_000


def test_courses_are_cards_that_lead_to_their_pages(task: Task, somebody: Visitor) -> None:
    opened = offer(task, "Rowing on the river", seats=20, taken=5)
    offer(task, "Pottery in the old mill", opens_in=-7200, closes_in=-3600)
    offer(task, "First aid on Saturday", seats=16, taken=16)
    offer(task, "Sailing in spring", opens_in=86400, starts_in=9 * 86400, place="Old harbour")
    somebody.go("/")
    page = somebody.page
    for name, words in {
        "Rowing": ("Open now", "15 of 20 seats left"),
        "Pottery": ("Ended", "Registration has ended"),
        "First": ("Sold out", "All seats are taken"),
        "Sailing": ("Not open yet", "Registration opens", "Old harbour"),
    }.items():
        for word in words:
            expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text(word)
    somebody.assert_accessible()
    # The whole card is the link.
    card = page.get_by_role("listitem").filter(has_text="Rowing")
    box = card.bounding_box()
    assert box
    card.click(position={"x": box["width"] - 8, "y": box["height"] - 8})
    somebody.sees("open")
    assert page.url == somebody.site + opened


def test_a_course_that_is_gone_leads_to_the_others(task: Task, somebody: Visitor) -> None:
    path = offer(task, "Rowing on the lake")
    somebody.finds("/register/rowing-of-last-year/", f"main a[href$='{path}']")
    page = somebody.page
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
    somebody.assert_accessible()
    page.get_by_role("link", name="Rowing on the lake").first.click()
    somebody.sees("open")
    somebody.problems.clear()  # the browser's word on a page that is not there


def test_every_link_leads_somewhere(task: Task, somebody: Visitor) -> None:
    for path in ("/", "/?s=nothing+of+the+kind", "/no-such-page/"):
        somebody.go(path)
        links = somebody.page.eval_on_selector_all("a", "all => all.map((a) => a.getAttribute('href'))")
        assert links
        for link in set(links):
            assert link, f"{path}: a link without an address"
            assert link == "#wp--skip-link--target" or not link.startswith("#"), f"{path}: {link}"
            if not link.startswith("#"):
                assert somebody.page.request.get(somebody.page.evaluate("(a) => new URL(a, location).href", link)).ok, (
                    link
                )
    somebody.problems.clear()  # the browser's word on a page that is not there


def test_the_page_is_light(task: Task, somebody: Visitor) -> None:
    sizes: dict[str, int] = {}
    somebody.page.on(
        "requestfinished", lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]})
    )
    somebody.page.goto(f"{somebody.site}/", wait_until="networkidle")
    assert sum(sizes.values()) <= WHOLE_PAGE_MAX, sizes
    assert not [url for url in sizes if not url.startswith(somebody.site)]


def test_times_of_another_zone_have_the_visitors_own_beside_them(task: Task, new_visitor: NewVisitor) -> None:
    title = "Stars in winter"
    path = offer(task, title, opens_in=86400, closes_in=5 * 86400, starts_in=9 * 86400)
    far, near = new_visitor(timezone_id="America/New_York"), new_visitor()
    for window in (far, near):
        window.go("/")
        card = window.page.get_by_role("listitem").filter(has_text=title)
        expect(card.locator("time").first).to_have_text(re.compile("CES?T$"))
        expect(card.locator(".yours")).to_have_count(2 if window is far else 0)
        window.go(path)
        expect(window.page.locator(".facts .yours")).to_have_count(2 if window is far else 0)
        expect(window.page.locator(".card .yours")).to_have_count(1 if window is far else 0)
    far.assert_accessible()
    shown, own = re.findall(r"(\d+):\d\d", far.page.inner_text(".when"))
    assert (int(shown) - int(own)) % 12 == 6
    plain = new_visitor(timezone_id="America/New_York", java_script_enabled=False)
    plain.go(path)
    expect(plain.page.locator(".yours")).to_have_count(0)


def test_the_opening_of_the_settings_is_at_the_hour_that_was_written(task: Task, new_visitor: NewVisitor) -> None:
    assert task.environment["COURSE_OPENS_AT"] == "2037-09-01T12:00:00+02:00"
    near, far = new_visitor(timezone_id="Europe/Berlin"), new_visitor(timezone_id="Europe/London")
    for window in (near, far):
        window.go("/register/swimming-for-beginners/")
        expect(window.page.locator(".when time")).to_have_text("September 1, 2037, 12:00 pm UTC+2")
    expect(near.page.locator(".yours")).to_have_count(0)
    expect(far.page.locator(".when .yours")).to_contain_text("11:00")


@pytest.mark.parametrize("size", [pytest.param(PHONE, id="phone"), pytest.param(DESKTOP, id="desktop")])
def test_a_course_without_a_text_leaves_no_empty_half(
    task: Task, new_visitor: NewVisitor, size: dict[str, int]
) -> None:
    window = new_visitor(viewport=size)
    window.go(offer(task, text="", fields=[]))
    window.sees("open")
    card = window.page.locator(".card").bounding_box()
    assert card
    left, right = card["x"], size["width"] - card["x"] - card["width"]
    assert abs(left - right) < 2, (left, right)
    window.assert_accessible()


def test_a_course_with_a_picture_is_whole(task: Task, new_visitor: NewVisitor) -> None:
    path = offer(task, "Waves", starts_in=86400, place="Baths")
    sizes = [{"path": "/wp-includes/images/w-logo-blue.png", "width": 80, "height": 80}]
    picture = json.dumps({"id": 0, "alt": "A drawing", "sizes": sizes})
    query(
        task,
        f"UPDATE wp_floodgate_courses SET picture = '{picture}', summary = 'Slowly, and then at once.'"
        f" WHERE slug = '{path.split('/')[2]}'",
    )
    window = new_visitor(timezone_id="Asia/Tokyo")
    window.go(path)
    shown = window.page.get_by_alt_text("A drawing")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.complete && image.naturalWidth > 0")
    expect(window.page.locator(".lead")).to_have_text("Slowly, and then at once.")
    window.assert_accessible()
    window.go("/")
    expect(window.page.get_by_alt_text("A drawing")).to_be_visible()
    window.assert_accessible()
