"""One ``make site`` for the tests that edit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from containers.engine import ensure_base, external_bases, find
from tests.preview.checkout import ROOT, Running, copy, end, preview, start


@pytest.fixture(scope="session")
def base() -> None:
    engine = find()
    for name in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, name)


@pytest.fixture(scope="session")
def running(base: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    checkout = copy(tmp_path_factory.mktemp("checkout"))
    made = None
    try:
        made = start(checkout, tmp_path_factory.mktemp("running"))
        yield made
    finally:
        if made is not None:
            end(made)
        preview(checkout, "down")
