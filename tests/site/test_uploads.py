"""What people put on the volume by the dashboard: large files, plugins, themes; and what nobody can do with them."""

from __future__ import annotations

import hashlib
import io
import os
import re
import uuid
import zipfile
from collections.abc import Mapping

import pytest
import requests

from tests.site.task import Task
from tests.site.visitor import Editor

MIB = 1024 * 1024


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file in memory, not compressed."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return memory.getvalue()


def test_60_mb_through_the_media_library(task: Task, editor: Editor) -> None:
    content = archive({"recording": os.urandom(60 * MIB)})
    answer = editor.upload("recording.zip", content, "application/zip")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["success"] is True, body
    served = requests.get(body["data"]["url"], timeout=60)
    assert served.status_code == 200
    assert hashlib.sha256(served.content).digest() == hashlib.sha256(content).digest()
    assert "immutable" not in served.headers["Cache-Control"]
    assert served.headers["X-Content-Type-Options"] == "nosniff"


def test_70_mb_is_refused_with_a_clear_page(task: Task, editor: Editor) -> None:
    answer = editor.upload("recording.zip", bytes(70 * MIB), "application/zip")
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert "64 MB" in answer.text


@pytest.mark.parametrize(
    ("stored", "address"),
    [
        ("uploads/shell.php", "uploads/shell.php"),
        ("uploads/shell.PHP", "uploads/shell.PHP"),
        ("uploads/shell.phtml", "uploads/shell.phtml"),
        ("uploads/shell.php", "uploads/shell.php/harmless.jpg"),
        ("uploads/shell.php", "uploads/../uploads/shell.php"),
        ("uploads/shell.jpg", "uploads/shell.jpg/x.php"),
        ("uploads/.hidden", "uploads/.hidden"),
        ("plugins/shell.php", "plugins/shell.php"),
    ],
)
def test_code_on_the_volume_is_neither_run_nor_shown(task: Task, stored: str, address: str) -> None:
    task.write(stored, "<?php echo 6 * 7, 'executed';")
    prepared = requests.Request("GET", f"{task.url}/wp-content/{address}").prepare()
    prepared.url = f"{task.url}/wp-content/{address}"
    answer = requests.Session().send(prepared, timeout=30)
    assert answer.status_code == 404
    assert "executed" not in answer.text


def test_a_picture_with_code_inside_is_only_a_picture(task: Task) -> None:
    task.write("uploads/picture.jpg", "<?php echo 6 * 7;")
    answer = task.get("/wp-content/uploads/picture.jpg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.text == "<?php echo 6 * 7;"
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_plugin_is_installed_and_runs(task: Task, editor: Editor) -> None:
    code = "<?php\n/* Plugin Name: Greeter */\nadd_action('wp_footer', fn () => print('<p>greeted</p>'));\n"
    nonce = editor.nonce("/wp-admin/plugin-install.php?tab=upload", r'name="_wpnonce" value="(\w+)"')
    uploaded = editor.post(
        f"{task.url}/wp-admin/update.php?action=upload-plugin",
        data={"_wpnonce": nonce},
        files={"pluginzip": ("greeter.zip", archive({"greeter/greeter.php": code}), "application/zip")},
        timeout=120,
    )
    activate = re.search(r'href="(plugins\.php\?action=activate[^"]*)"', uploaded.text)
    assert activate, uploaded.text[-2000:]
    editor.get(f"{task.url}/wp-admin/{activate[1].replace('&amp;', '&')}", timeout=60)
    assert "<p>greeted</p>" in task.get(f"/?s={uuid.uuid4().hex}").text
    assert task.exec("wordpress", "stat", "-c", "%u:%g %a", "/var/www/content/plugins/greeter").split() == [
        "33:33",
        "755",
    ]


def test_a_theme_is_installed_and_its_files_are_served(task: Task, editor: Editor) -> None:
    files = {"plain/style.css": "/* Theme Name: Plain */ body { color: teal }", "plain/index.php": "<?php // Silence."}
    nonce = editor.nonce("/wp-admin/theme-install.php?browse=popular", r'name="_wpnonce" value="(\w+)"')
    uploaded = editor.post(
        f"{task.url}/wp-admin/update.php?action=upload-theme",
        data={"_wpnonce": nonce},
        files={"themezip": ("plain.zip", archive(files), "application/zip")},
        timeout=120,
    )
    assert "installed successfully" in uploaded.text
    assert "teal" in task.get("/wp-content/themes/plain/style.css").text
