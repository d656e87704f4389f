"""How the tests share the workers: a folder's tests stay together, and the folders that take longest begin."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

FIRST = ("tests/whole", "tests/whole/slow_site", "tests/rehearsal/fargate", "tests/site")


class ByFolder(LoadScopeScheduling):
    """One unit of work per folder: its fixtures are made once, and no two workers share their names."""

    def _split_scope(self, nodeid: str) -> str:
        return _folder(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFolder:
    """Group by folder: marks would say the same, but xdist 3.8 writes them where pytest 9.2 does not look."""
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest folders first, so that no worker is left with one of them alone at the end."""
    items.sort(key=lambda item: [*FIRST, _folder(item.nodeid)].index(_folder(item.nodeid)))


def _folder(nodeid: str) -> str:
    return str(PurePosixPath(nodeid.partition("::")[0]).parent)
