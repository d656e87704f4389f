"""The list of courses, in the theme that the site has."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.site.browser.courses import offer
from tests.site.browser.visitor import Visitor
from tests.site.task import Task


def test_courses_are_cards_that_lead_to_their_pages(task: Task, somebody: Visitor) -> None:
    opened = offer(task, "Rowing on the river", seats=20, taken=5)
    offer(task, "Pottery in the old mill", opens_in=-7200, closes_in=-3600)
    offer(task, "First aid on Saturday", seats=16, taken=16)
    offer(task, "Sailing in spring", opens_in=86400)
    somebody.go("/")
    page = somebody.page
    for name, words in {
        "Rowing": ("Open now", "15 of 20 seats left"),
        "Pottery": ("Ended", "Registration has ended"),
        "First": ("Sold out", "All seats are taken"),
        "Sailing": ("Not open yet", "Registration opens"),
    }.items():
        for word in words:
            expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text(word)
    somebody.assert_accessible(".floodgate-courses")
    # The whole card is the link.
    box = page.get_by_role("listitem").filter(has_text="Rowing").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8)
    somebody.sees("open")
    assert page.url == somebody.site + opened
