"""One repository for all whole rehearsals of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.whole.repository import OFFERS, Repository, rehearsing


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """The tree as it stands, committed, with all that its settings offer and a storm small enough for a test."""
    with rehearsing(tmp_path_factory.mktemp("repository"), OFFERS) as made:
        yield made
