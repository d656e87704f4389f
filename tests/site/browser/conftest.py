"""One task of the site and one browser for all tests; each test opens windows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.site.browser.site import chromium, serving
from tests.site.browser.visitor import Visitor, visitor
from tests.site.task import Task
from tests.site.visitor import Editor

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def task() -> Iterator[Task]:
    with serving("browser") as made:
        yield made


@pytest.fixture(scope="session")
def editor(task: Task) -> Editor:
    """The administrator of this folder's site: a run of both folders keeps the one of the folder above as well."""
    return Editor.logged_in(task)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module, not for the whole run: Playwright's event loop runs as long, and asyncio refuses a second one."""
    with chromium() as started:
        yield started


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
