"""What an administrator does with code in the dashboard: zip files in, plugins and themes out."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Mapping

import requests

from tests.site.visitor import Editor


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file in memory, not compressed."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return memory.getvalue()


def upload_plugin(editor: Editor, name: str, files: Mapping[str, str]) -> requests.Response:
    """Upload a plugin's zip file; the answer offers to activate it, or to replace the one that is there."""
    nonce = editor.nonce("/wp-admin/plugin-install.php?tab=upload", r'name="_wpnonce" value="(\w+)"')
    return editor.post(
        f"{editor.task.url}/wp-admin/update.php?action=upload-plugin",
        data={"_wpnonce": nonce},
        files={"pluginzip": (f"{name}.zip", zipped(files), "application/zip")},
        timeout=120,
    )


def install_plugin(editor: Editor, name: str, files: Mapping[str, str]) -> None:
    """Upload a plugin and activate it."""
    follow(editor, upload_plugin(editor, name, files), r"plugins\.php\?action=activate[^\"]*")


def replace_plugin(editor: Editor, name: str, files: Mapping[str, str]) -> None:
    """Upload another version of a plugin over the one that is there."""
    done = follow(editor, upload_plugin(editor, name, files), r"update\.php\?action=upload-plugin[^\"]*overwrite[^\"]*")
    assert "updated successfully" in done.text, done.text[-3000:]


def install_theme(editor: Editor, name: str, files: Mapping[str, str]) -> None:
    """Upload a theme and switch to it."""
    nonce = editor.nonce("/wp-admin/theme-install.php?browse=popular", r'name="_wpnonce" value="(\w+)"')
    uploaded = editor.post(
        f"{editor.task.url}/wp-admin/update.php?action=upload-theme",
        data={"_wpnonce": nonce},
        files={"themezip": (f"{name}.zip", zipped(files), "application/zip")},
        timeout=120,
    )
    follow(editor, uploaded, r"themes\.php\?action=activate[^\"]*")


def follow(editor: Editor, page: requests.Response, link: str) -> requests.Response:
    """Follow a link of a screen; ``link`` is a pattern of its address below wp-admin."""
    found = re.search(rf'href="[^"]*?({link})"', page.text)
    assert found, f"{page.status_code}, no {link}: {page.text[-3000:]}"
    return editor.get(f"{editor.task.url}/wp-admin/{html.unescape(found[1])}", timeout=60)
