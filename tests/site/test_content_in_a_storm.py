"""A plugin, a theme and a large file, put there in the middle of a storm, outlive it and the next deployment."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.dashboard import install_plugin, install_theme, zipped
from tests.site.task import ROOT, STORM_TOKEN, Host, Task
from tests.site.visitor import Editor

PLUGIN = {
    "greeter/greeter.php": "<?php\n/* Plugin Name: Greeter */\n"
    "add_action('wp_footer', fn () => print('<p>greeted</p>'));\n",
}
THEME = {
    "plain/style.css": "/* Theme Name: Plain */ body { color: teal }",
    "plain/index.php": "<?php wp_head(); echo '<p>plainly</p>'; wp_footer();",
}
PHASES = {"warm-up": 2, "before": 4, "opening": 3, "open": 5, "recovery": 2}
# How quick the site is, is not this test's to say: two processors do it all here.
LIMITS = """
[limits]
storm = ["people-with-errors < 1 %", "unanswered < 2 %"]
[sound]
storm = ["arrived >= 95 %"]
[enough]
storm = ["demand >= 100 %"]
"""


@pytest.fixture
def site(host: Host) -> Iterator[Task]:
    made = Task(host, "stormed", DB_NAME="stormed")
    installed = made.install()
    assert installed.code == 0, installed.log
    made.serve()
    yield made
    made.remove()


def storm(site: Task, folder: Path) -> subprocess.Popen[str]:
    """Start a storm that has people on the site already."""
    limits = folder / "limits.toml"
    limits.write_text(LIMITS)
    phases = [word for name, seconds in PHASES.items() for word in (f"--{name}", str(seconds))]
    arguments = ["--host", site.url, "--people", "120", "--seats", "40", "--form-median", "2", *phases]
    raging = subprocess.Popen(
        [sys.executable, "-m", "loadtest", "run", *arguments, "--limits", str(limits), "--out", str(folder / "storm")],
        cwd=ROOT,
        env={**os.environ, "STORM_TOKEN": STORM_TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    for line in raging.stdout or ():
        lines.append(line)
        if "before " in line:
            return raging
    raise AssertionError("".join(lines))


def test_what_is_installed_in_a_storm_is_there_after_a_deployment(site: Task, tmp_path: Path) -> None:
    recording = zipped({"recording": os.urandom(60 * 1024 * 1024)})
    editor = Editor.logged_in(site)
    with storm(site, tmp_path) as raging:
        install_plugin(editor, "greeter", PLUGIN)
        uploaded = editor.upload("recording.zip", recording, "application/zip").json()
        install_theme(editor, "plain", THEME)
        assert raging.poll() is None, "the storm was over before the installations were"
        output = raging.stdout.read() if raging.stdout else ""
    assert raging.returncode == 0, output
    assert uploaded["success"] is True, uploaded

    deployed = Task(site.host, "deployed", beside=site, FLOODGATE_COMMIT="the-next-commit")
    run = deployed.install()
    assert run.code == 0, run.log
    deployed.serve()
    site.remove()
    try:
        assert deployed.get("/floodgate/ready").json()["commit"] == "the-next-commit"
        page = deployed.get("/").text
        assert "<p>plainly</p>" in page and "<p>greeted</p>" in page
        served = deployed.get(uploaded["data"]["url"].removeprefix(site.site))
        assert hashlib.sha256(served.content).digest() == hashlib.sha256(recording).digest()
        assert "teal" in deployed.get("/wp-content/themes/plain/style.css").text
    finally:
        deployed.remove()
