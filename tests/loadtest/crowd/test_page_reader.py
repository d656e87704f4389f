"""Thousands of people who got the same page keep it once."""

from __future__ import annotations

import pytest

from loadtest.crowd.browser import page, page_reader
from loadtest.crowd.browser.answer import Answer
from loadtest.crowd.browser.page_reader import PageReader


def answer(body: bytes = b"<main>", etag: str = '"1"', date: str | None = None, cookie: str = "") -> Answer:
    return Answer(200, bytes(bytearray(body)), None, None, etag, None, 0.0, False, None, date, (cookie,))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(answer(), True, id="the same bytes"),
        pytest.param(answer(date="Mon, 30 Nov 2026 00:00:00 GMT", cookie="AWSALB=b"), True, id="of another person"),
        pytest.param(answer(b"<main >"), False, id="another page"),
        pytest.param(answer(etag='"2"'), False, id="another mark"),
    ],
)
def test_equal_answers_are_one(other: Answer, same: bool) -> None:
    reader = PageReader()
    kept = reader.kept(answer(cookie="AWSALB=a"))
    assert (reader.kept(other) is kept) == same
    assert (kept.date, kept.cookies) == (None, ()), "what is one person's is no other's"
    assert kept.body == b"<main>"


def test_no_more_are_remembered_than_it_has_room_for() -> None:
    reader = PageReader(capacity=2)
    first = reader.kept(answer(b"0"))
    for number in range(1, 4):
        reader.kept(answer(b"%d" % number))
    again = reader.kept(answer(b"0"))
    assert again == first
    assert again is not first


FORM = b'<main data-floodgate-state="open"><img src="a.png"><form id="floodgate-claim" method="post"%s></form></main>'


@pytest.mark.parametrize(
    ("action", "address"),
    [
        pytest.param(b"", "http://a.example/course/?fbclid=%s", id="to itself"),
        pytest.param(b' action="#claim"', "http://a.example/course/?fbclid=%s", id="to a place of its own"),
        pytest.param(b' action="/claim"', "http://a.example/claim", id="elsewhere"),
        pytest.param(b' action="?step=2"', "http://a.example/course/?step=2", id="with a query of its own"),
        pytest.param(b' action="/course/"', "http://a.example/course/", id="without the query"),
    ],
)
def test_who_came_from_a_newsletter_sees_the_page_of_all_and_is_led_where_its_form_leads(
    action: bytes, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def read(html: str, url: str, *, with_assets: bool) -> page.Page:
        reads.append(url)
        return page.read(html, url, with_assets=with_assets)

    monkeypatch.setattr(page_reader, "read", read)
    reader = PageReader()
    for own in ("one", "two"):
        url = f"http://a.example/course/?fbclid={own}"
        found = reader.read(answer(FORM % action), url, with_assets=True)
        assert found == page.read((FORM % action).decode(), url, with_assets=True), "as if it were read for this person"
        assert found.form is not None
        assert found.form.action == (address % own if "%" in address else address)
    assert reads == ["http://a.example/course/"], "once for all"
