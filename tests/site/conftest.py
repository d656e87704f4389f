"""The site's images, built once, and one task of it, on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from containers.engine import ensure_base, external_bases, find
from tests.site.task import ROOT, Host, Task
from tests.site.visitor import Editor


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    engine = find()
    for base in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, base)
    started = Host(engine)
    try:
        started.start()
        yield started
    finally:
        started.clear()


@pytest.fixture(scope="session")
def task(host: Host) -> Task:
    """An installed site that serves. Tests that stop a part of it start it again."""
    made = Task(host, "task")
    installed = made.install()
    assert installed.code == 0, installed.log
    made.serve()
    return made


@pytest.fixture(scope="session")
def editor(task: Task) -> Editor:
    """The administrator of the secret, logged in."""
    return Editor.logged_in(task)
