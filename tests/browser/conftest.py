"""One task of the site and one browser for all tests; each test opens windows of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from rehearsal.engine import ensure_base, external_bases, find
from tests.browser.visitor import Visitor, visitor
from tests.src.task import ROOT, Host, Task

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def task() -> Iterator[Task]:
    """An installed site that serves, apart from the one of the other tests."""
    engine = find()
    for base in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, base)
    host = Host(engine, "browser")
    try:
        host.start()
        made = Task(host, "task")
        installed = made.install()
        assert installed.code == 0, installed.log
        made.serve()
        yield made
    finally:
        host.clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which(os.environ.get("CHROMIUM") or "chromium")
    assert path, "No Chromium: `make browser` installs it, or says what to do."
    # Chromium's own sandbox needs a user that is not root.
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, chromium_sandbox=os.geteuid() != 0)


@pytest.fixture
def new_visitor(browser: Browser, task: Task) -> Iterator[NewVisitor]:
    """Opens a window at the site; what is wrong in any of them fails the test."""
    with ExitStack() as windows:

        def open_window(**context: Any) -> Visitor:
            return windows.enter_context(visitor(browser, task.url, **context))

        yield open_window


@pytest.fixture
def somebody(new_visitor: NewVisitor) -> Visitor:
    """A visitor with an ordinary window."""
    return new_visitor()
