"""How the tests share two workers: a folder's tests stay together, and the whole rehearsals, the longest, begin."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIRST = "pipeline"


@pytest.hookimpl(tryfirst=True)  # the distribution reads the groups in a hook of the same name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One group per folder below ``tests``: its fixtures are made once, and its tests run in their order."""

    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(HERE).parts[0]

    for item in items:
        item.add_marker(pytest.mark.xdist_group(folder(item)))
    items.sort(key=lambda item: folder(item) != FIRST)
