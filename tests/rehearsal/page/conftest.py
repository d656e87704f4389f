"""A page of its own process, and a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.ports import free_port
from tests.rehearsal.conftest import ROOT
from tests.site.browser.site import chromium

Serve = Callable[[Path], str]


@contextmanager
def page_of(checkout: Path) -> Iterator[str]:
    """Serve the page of a checkout; its address, with the token."""
    command = [sys.executable, "-m", "rehearsal.page", "--checkout", str(checkout), "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        assert process.wait(20) == 0
        process.stdout.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve pages until the test ends."""
    with ExitStack() as pages:
        yield lambda checkout: pages.enter_context(page_of(checkout))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module, as the site's."""
    with chromium() as started:
        yield started
