"""What the storm asks of the site besides storming it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from loadtest.generator import site_api
from loadtest.generator.site_api import SiteApi, Unusable
from tests.loadtest.standin import TOKEN


def test_a_ledger_behind_the_waiting_page_is_asked_for_again(serving: Callable[[dict[str, Any]], Any]) -> None:
    with serving({"busy_ledger": 2}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        assert api.ledger(course.slug).seats == 10


def test_a_ledger_that_does_not_come_keeps_the_evidence_no_longer_than_ten_seconds(
    serving: Callable[[dict[str, Any]], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = 1 + (site_api.LEDGER_RETRIES.read or 0)
    assert attempts * site_api.LEDGER_TIMEOUT <= 7
    monkeypatch.setattr(site_api, "LEDGER_TIMEOUT", 1.0)
    with serving({"slow_ledger": 30}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        with pytest.raises(Unusable, match="does not answer: no answer within 1 s"):
            api.ledger(course.slug)


def test_an_error_is_no_page_of_somebody_else(serving: Callable[[dict[str, Any]], Any]) -> None:
    """A course page that fails is for the people to find out, who fail the site for it."""
    with serving({"error_share": 1}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        with pytest.raises(Unusable, match="answers 502"):
            api.text(course.url)


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
