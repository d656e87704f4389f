"""What the storm asks of the site besides storming it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loadtest.site import SiteApi
from tests.loadtest.standin import TOKEN


def test_a_ledger_behind_the_waiting_page_is_asked_for_again(serving: Callable[[dict[str, Any]], Any]) -> None:
    with serving({"busy_ledger": 2}) as host:
        api = SiteApi(host, TOKEN)
        course = api.make_course(seats=10, opens_in=60)
        assert api.ledger(course.slug).seats == 10
