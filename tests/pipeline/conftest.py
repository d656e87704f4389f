"""One repository for all whole rehearsals; at the end nothing of it is left in the engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pipeline.repository import Repository


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """The tree as it stands, committed, with a storm small enough for a test."""
    made = Repository(tmp_path_factory.mktemp("repository"))
    yield made
    assert made.rehearse("down").code == 0
