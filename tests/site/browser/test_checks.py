"""The checks themselves: each finds what it is there for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.site.browser.visitor import visitor
from tests.site.task import ROOT, Task

SPOILED = """() => {
    const card = document.body.firstElementChild;
    card.insertAdjacentHTML('beforeend', '<p id="pale">pale</p><input id="nameless"><div id="wide"> wide </div>');
    document.getElementById('pale').style.cssText = 'color: #999; background: #fff';
    document.getElementById('wide').style.width = '500px';
}"""


def test_barriers_errors_and_refused_code_are_found(task: Task, browser: Browser) -> None:
    with pytest.raises(AssertionError) as unfit, visitor(browser, task.url) as somebody:
        somebody.go("/mu-plugins/nothing-here")
        somebody.page.evaluate(SPOILED)
        with pytest.raises(AssertionError) as barriers:
            somebody.assert_accessible()
        somebody.go("/register/swimming-for-beginners/")
        with somebody.page.expect_event("pageerror"):
            somebody.page.evaluate("setTimeout(() => { throw new Error('a mistake') })")
        with somebody.page.expect_console_message():
            somebody.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: '1'}))")
    for barrier in (
        "390 px, light: color-contrast: <p id=",
        "label: <input id=",
        'cut off, or scrolls sideways: <div id="wide"',
    ):
        assert barrier in str(barriers.value)
    for problem in ("script: a mistake", "Content Security Policy"):
        assert problem in str(unfit.value)


@pytest.mark.parametrize(
    ("programs", "env", "says"),
    [
        pytest.param(
            {},
            {"CHROMIUM": "/nowhere/chrome"},
            "CHROMIUM names '/nowhere/chrome', and there is no such program",
            id="chosen program is missing",
        ),
        pytest.param({}, {}, "this system has no apt-get", id="no apt-get"),
        pytest.param({"apt-get": "exit 0", "id": "echo 1000"}, {}, "you are not root", id="not root"),
        pytest.param(
            {"apt-get": "exit 100", "id": "echo 0"}, {}, "apt-get could not install Chromium", id="apt-get fails"
        ),
        pytest.param({"apt-get": "exit 0", "id": "echo 0"}, {}, None, id="apt-get installs"),
        pytest.param({"chromium": "exit 0"}, {}, None, id="one is there"),
    ],
)
def test_where_there_is_no_chromium_one_message_says_what_to_do(
    tmp_path: Path, programs: dict[str, str], env: dict[str, str], says: str | None
) -> None:
    for name, does in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    command = ["/bin/sh", str(ROOT / "tests/site/browser/chromium.sh")]
    done = subprocess.run(command, env={"PATH": str(tmp_path), **env}, capture_output=True, text=True, check=False)
    assert done.returncode == (2 if says else 0)
    assert (says or "") in done.stderr
