"""What the storm asks of the site besides storming it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from gevent import Timeout

from loadtest.generator import site_api
from loadtest.generator.site_api import SiteApi, Unusable
from tests.loadtest.standin import TOKEN


def test_a_ledger_behind_the_waiting_page_is_asked_for_again(serving: Callable[[dict[str, Any]], Any]) -> None:
    with serving({"busy_ledger": 2}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        assert api.ledger(course.slug).seats == 10


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({"slow_ledger": 30}, id="no answer"),
        pytest.param({"busy_ledger": 1000, "busy_for": 2}, id="a waiting page that says when to come again"),
    ],
)
def test_all_questions_for_the_ledger_have_one_deadline(
    serving: Callable[[dict[str, Any]], Any], monkeypatch: pytest.MonkeyPatch, faults: dict[str, Any]
) -> None:
    assert site_api.LEDGER_WITHIN <= 7, "the evidence is written within ten seconds"
    monkeypatch.setattr(site_api, "LEDGER_WITHIN", 2.0)
    monkeypatch.setattr(site_api, "LEDGER_TIMEOUT", 0.7)
    with serving(faults) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        with Timeout(60):
            start = time.monotonic()
            with pytest.raises(Unusable, match=r"no answer within 2 s|answers 503"):
                api.ledger(course.slug)
        assert time.monotonic() - start < 4, "twice what it may take, on a busy machine"


def test_a_ledger_that_waits_is_asked_for_more_often_than_its_waiting_page_says(
    serving: Callable[[dict[str, Any]], Any],
) -> None:
    """Four times, and each time it says to come again in an hour."""
    with serving({"busy_ledger": 4, "busy_for": 3600}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        assert api.ledger(course.slug).seats == 10


def test_an_error_is_no_page_of_somebody_else(serving: Callable[[dict[str, Any]], Any]) -> None:
    """A course page that fails is for the people to find out, who fail the site for it."""
    with serving({"error_share": 1}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        with pytest.raises(Unusable, match="answers 502"):
            api.page(course.url)


@pytest.mark.parametrize(
    "ledger",
    [
        pytest.param({"course": "next"}, id="another course"),
        pytest.param({"claims": [{"code": "ABCD"}]}, id="another code"),
        pytest.param({"taken": None}, id="no counter"),
    ],
)
def test_what_is_not_the_ledger_of_the_course_is_none(
    serving: Callable[[dict[str, Any]], Any], ledger: dict[str, Any]
) -> None:
    with serving({"ledger_says": ledger}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        with pytest.raises(Unusable, match="not the ledger of this course"):
            api.ledger(course.slug)


@pytest.mark.parametrize(
    ("course", "message"),
    [
        pytest.param({"opens_at": float("nan")}, "no opening to go by", id="an opening that is no number"),
        pytest.param({"now": float("inf")}, "no opening to go by", id="a time of day without end"),
        pytest.param({"opens_at": 10**400}, "no opening to go by", id="an opening of four hundred digits"),
        pytest.param({"opens_at": 0}, "after its own time of day", id="an opening long ago"),
        pytest.param({"opens_at": 3e9}, "after its own time of day", id="an opening in decades"),
        pytest.param({"opens_at": 2e12, "now": 2e12 - 60_000}, "opens 60000 s after", id="in milliseconds"),
        pytest.param({"path": "//elsewhere.invalid/x/"}, "no address of its own", id="on another site"),
        pytest.param({"path": "http://["}, "no address of its own", id="at no address"),
        pytest.param({"seats": -5}, "a course of -5 seats", id="of other seats"),
    ],
)
def test_a_course_that_is_not_the_one_asked_for_is_none(
    serving: Callable[[dict[str, Any]], Any], course: dict[str, Any], message: str
) -> None:
    """A storm would wait for the opening for ever, or make one course after another."""
    with serving({"course_says": course}) as host, pytest.raises(Unusable, match=message):
        SiteApi(host, TOKEN).make_course(seats=10, opens_in=60)
