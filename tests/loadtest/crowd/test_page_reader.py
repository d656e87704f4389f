"""Thousands of people who got the same page keep it once."""

from __future__ import annotations

import pytest

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
