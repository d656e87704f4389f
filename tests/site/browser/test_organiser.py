"""The organiser sets a course up in wp-admin, and somebody takes a seat in it."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import expect

from tests.site.browser.conftest import NewVisitor
from tests.site.browser.courses import offer
from tests.site.browser.visitor import PHONE, Visitor
from tests.site.inside import query
from tests.site.task import ADMIN, Task, eventually

OURS = ".wrap.floodgate"


def log_in(somebody: Visitor) -> None:
    """Log in through WordPress's own form."""
    somebody.go("/wp-login.php")
    somebody.page.fill("#user_login", ADMIN[0])
    somebody.page.fill("#user_pass", ADMIN[1])
    somebody.page.get_by_role("button", name="Log In").click()
    expect(somebody.page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()


def test_from_an_empty_form_to_the_first_seat(task: Task, new_visitor: NewVisitor) -> None:
    organiser = new_visitor()
    log_in(organiser)
    page = organiser.page
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Registration", exact=True).click()
    organiser.assert_accessible(OURS)
    page.get_by_role("link", name="Add course").first.click()

    page.get_by_role("button", name="Save course").last.click()
    mistakes = page.get_by_role("alert").filter(has_text="Nothing has been saved yet")
    expect(mistakes).to_be_focused()
    mistakes.get_by_role("link", name="Please enter a title.").click()
    expect(page.get_by_label("Title")).to_be_focused()
    organiser.assert_accessible(OURS)

    page.get_by_label("Title").fill("Bread from one's own oven")
    page.get_by_label("Registration opens").fill("2020-03-01T18:00:00")
    page.get_by_label("Time zone").select_option("Europe/Lisbon")
    page.get_by_label("Seats", exact=True).fill("2")
    page.get_by_role("button", name="Add field").click()
    expect(page.get_by_label("Question")).to_be_focused()
    page.get_by_label("Question").fill("Which bread?")
    page.get_by_label("Kind").select_option(label="Choice from a list")
    page.get_by_label("Must be answered").check()
    page.get_by_label("Choices of a list").fill("Rye\nWheat")
    page.get_by_role("button", name="Save course").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Bread from one.s own oven"))
    organiser.assert_accessible(OURS)

    visitor = new_visitor()
    visitor.page.goto(page.get_by_role("link", name="View page").get_attribute("href") or "")
    visitor.sees("open")
    visitor.type(name="Ada Lovelace", email="ada@example.org")
    visitor.page.get_by_label("Which bread?").select_option("Rye")
    visitor.send()
    visitor.sees("confirmed")
    code = visitor.page.inner_text(".code")

    page.get_by_role("link", name="Registrations").first.click()
    row = page.get_by_role("row").filter(has_text=code)
    for word in ("Ada Lovelace", "ada@example.org", "Rye"):
        expect(row).to_contain_text(word)
    expect(row).to_contain_text("Waiting to be sent")
    organiser.assert_accessible(OURS)

    page.goto(row.get_by_role("link", name="Correct the registration of Ada Lovelace").get_attribute("href") or "")
    expect(page.get_by_label("Which bread?")).to_have_value("Rye")
    organiser.assert_accessible(OURS)
    page.get_by_label("E-mail address").fill("lovelace@example.org")
    page.get_by_role("button", name="Save the correction").click()
    expect(page.locator(".notice-success")).to_contain_text("goes to the new address")
    expect(page.get_by_role("row").filter(has_text=code)).to_contain_text("lovelace@example.org")


def test_a_message_is_written_looked_at_and_sent(task: Task, new_visitor: NewVisitor) -> None:
    title = f"Bread {uuid.uuid4().hex[:6]}"
    somebody = new_visitor()
    somebody.go(offer(task, title, fields=[]))
    somebody.type(name="Ada Lovelace", email="ada@example.org")
    somebody.send()
    somebody.sees("confirmed")

    organiser = new_visitor()
    log_in(organiser)
    page = organiser.page
    organiser.go("/wp-admin/admin.php?page=floodgate")
    row = page.get_by_role("row").filter(has_text=title)
    row.hover()
    row.get_by_role("link", name="Registrations").click()
    page.get_by_role("link", name="Write to everybody").click()
    organiser.assert_accessible(OURS)
    page.get_by_role("button", name="Preview").click()
    mistakes = page.get_by_role("alert").filter(has_text="Nothing has been saved yet")
    mistakes.get_by_role("link", name="what the message is about").click()
    expect(page.get_by_label("Subject")).to_be_focused()
    page.get_by_label("Subject").fill("Bring an apron")
    page.get_by_role("textbox", name="Text").fill("The oven is hot.\n\nAnd so is the bread.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".floodgate-letter")).to_contain_text("The oven is hot.")
    organiser.assert_accessible(OURS)
    page.get_by_role("button", name="Send to 1 person").click()
    expect(page.get_by_role("row").filter(has_text="Bring an apron")).to_contain_text("Waiting to be sent: 1")
    organiser.assert_accessible(OURS)


def test_a_door_without_a_network_ticks_and_tells_later(task: Task, new_visitor: NewVisitor) -> None:
    title = f"Bread {uuid.uuid4().hex[:6]}"
    path = offer(task, title, fields=[])
    for name in ("Ada Lovelace", "Grace Hopper"):
        somebody = new_visitor()
        somebody.go(path)
        somebody.type(name=name, email=f"{name[:3]}@example.org")
        somebody.send()
        somebody.sees("confirmed")
    [course] = query(task, f"SELECT id FROM wp_floodgate_courses WHERE slug = '{path.split('/')[2]}'")
    arrived = f"SELECT COUNT(*) FROM wp_floodgate_claims WHERE course_id = {course} AND arrived_at IS NOT NULL"

    organiser = new_visitor(viewport=PHONE)
    log_in(organiser)
    page = organiser.page
    organiser.go(f"/wp-admin/admin.php?page=floodgate&view=door&course={course}")
    organiser.assert_accessible(OURS)
    ada = page.get_by_role("button", name="Ada Lovelace")
    page.get_by_label("Name or code").fill("ada")
    expect(page.get_by_role("button", name="Grace Hopper")).to_be_hidden()
    ada.click()
    expect(ada).to_have_attribute("aria-pressed", "true")
    eventually(lambda: query(task, arrived) == ["1"])

    page.get_by_label("Name or code").fill("")
    page.context.set_offline(True)
    page.get_by_role("button", name="Grace Hopper").click()
    expect(page.get_by_role("button", name="Grace Hopper")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status")).to_contain_text("Kept on this device until there is one: 1")
    expect(page.locator("[data-here]")).to_have_text("2")
    organiser.assert_accessible(OURS)
    assert query(task, arrived) == ["1"]
    page.context.set_offline(False)
    eventually(lambda: query(task, arrived) == ["2"])
    expect(page.get_by_role("status")).to_have_text("")
    organiser.problems.clear()  # the browser's own words for a network that was not there


def test_a_door_says_who_has_cancelled_and_that_somebody_is_new(task: Task, new_visitor: NewVisitor) -> None:
    path = offer(task, f"Bread {uuid.uuid4().hex[:6]}", fields=[])

    def register(name: str) -> None:
        visitor = new_visitor()
        visitor.go(path)
        visitor.type(name=name, email=f"{name[:3]}@example.org")
        visitor.send()
        visitor.sees("confirmed")

    register("Ada Lovelace")
    [course] = query(task, f"SELECT id FROM wp_floodgate_courses WHERE slug = '{path.split('/')[2]}'")
    organiser = new_visitor(viewport=PHONE)
    log_in(organiser)
    page = organiser.page
    organiser.go(f"/wp-admin/admin.php?page=floodgate&view=door&course={course}")
    reload = page.get_by_role("link", name="Reload the list")
    expect(reload).to_be_hidden()
    query(task, f"DELETE FROM wp_floodgate_claims WHERE course_id = {course}")
    ada = page.get_by_role("button", name="Ada Lovelace")
    ada.click()
    expect(ada).to_be_disabled()
    expect(ada).to_contain_text("cancelled in the meantime")
    organiser.assert_accessible(OURS)
    register("Grace Hopper")
    reload.click()
    expect(page.get_by_role("button", name="Grace Hopper")).to_be_visible()
    expect(ada).to_have_count(0)
    expect(reload).to_be_hidden()


def test_the_editor_offers_no_service_that_shows_nothing_without_its_script(new_visitor: NewVisitor) -> None:
    author = new_visitor()
    log_in(author)
    author.go("/wp-admin/post-new.php")
    services = "window.wp?.blocks?.getBlockVariations('core/embed')?.map((service) => service.name)"
    author.page.wait_for_function(services, timeout=60_000)
    offered = set(author.page.evaluate(services))
    assert {"youtube", "vimeo", "spotify"} <= offered
    assert not offered & {"twitter", "bluesky", "tiktok", "reddit", "imgur", "tumblr"}
    refused = [problem for problem in author.problems if "Content Security Policy" in problem]
    author.problems.clear()  # the editor's own words of what it will not have any more
    assert not refused
