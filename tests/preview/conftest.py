"""One ``make site`` for the tests that edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from containers.engine import ensure_base, external_bases, find
from tests.preview.checkout import ROOT, Running, copy, end, preview, start


@pytest.fixture(scope="session")
def new_checkout() -> Callable[[Path], Path]:
    """Make a checkout whose images can be built here."""
    engine = find()
    for name in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, name)
    return copy


@pytest.fixture(scope="session")
def preview_site(new_checkout: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    checkout = new_checkout(tmp_path_factory.mktemp("checkout: mine, new"))
    made = None
    try:
        made = start(checkout, tmp_path_factory.mktemp("running"))
        yield made
    finally:
        if made is not None:
            end(made)
        preview(checkout, "down")
