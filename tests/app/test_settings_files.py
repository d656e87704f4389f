"""Whatever a team may write into settings.toml, all checks hold for what it makes."""

from __future__ import annotations

import pytest

from tests.templates.checks import check_all
from tests.templates.synthesis import Make
from tests.templates.variants import DEV_NETWORK, DOMAINS, ONE_ACCOUNT, REAL, SIZES, Changes, variant


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param((REAL,), id="own values, stages in other regions"),
        pytest.param((DOMAINS,), id="domains, and production in an existing network"),
        pytest.param((DEV_NETWORK, SIZES), id="dev in an existing network, with other sizes and another storm"),
        pytest.param((ONE_ACCOUNT,), id="all in one account"),
        pytest.param((ONE_ACCOUNT, DEV_NETWORK, DOMAINS), id="all in one account and network"),
    ],
)
def test_all_checks_hold(changes: tuple[Changes, ...], make: Make) -> None:
    check_all(make(variant(*changes)))
