"""Which files an edit of ``src/`` concerns, by what the kernel names of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import watchfiles

from preview.watch import files


def write(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("new")


def add_folder(source: Path) -> None:
    write(source / "new/page.php")
    write(source / "new/deep/style.css")
    write(source / "new/deep/.style.css.swp")


@pytest.mark.parametrize(
    ("edit", "events", "there", "gone"),
    [
        pytest.param(
            lambda source: write(source / "old/page.php"),
            [("modified", "old/page.php")],
            ["old/page.php"],
            [],
            id="a file is written",
        ),
        pytest.param(
            lambda source: (source / "old/page.php").rename(source / "old/index.php"),
            [("deleted", "old/page.php"), ("added", "old/index.php")],
            ["old/index.php"],
            ["old/page.php"],
            id="a file is renamed",
        ),
        pytest.param(
            lambda source: None,
            [("added", "old/.page.php.new"), ("deleted", "old/.page.php.new")],
            [],
            [],
            id="an editor writes a file and takes it away",
        ),
        pytest.param(
            lambda source: (source / "old").rename(source / "new"),
            [("deleted", "old"), ("added", "new")],
            ["new/page.php", "new/deep/style.css"],
            ["old/page.php", "old/deep/style.css"],
            id="a folder is renamed",
        ),
        pytest.param(
            lambda source: (source / "old").rename(source.parent / "old"),
            [("deleted", "old")],
            [],
            ["old/page.php", "old/deep/style.css"],
            id="a folder is moved away",
        ),
        pytest.param(
            add_folder,
            [("added", "new")],
            ["new/page.php", "new/deep/style.css"],
            [],
            id="a folder is copied there, faster than it is watched",
        ),
        pytest.param(
            lambda source: (source / "old").chmod(0o700),
            [("modified", "old")],
            [],
            [],
            id="a folder is given other modes",
        ),
        pytest.param(
            lambda source: shutil.rmtree(source / "old"),
            [("deleted", f"old{name}") for name in ("", "/page.php", "/deep", "/deep/style.css")],
            [],
            ["old/page.php", "old/deep/style.css"],
            id="a folder is deleted file by file",
        ),
    ],
)
def test_files_of_an_edit(
    edit: Callable[[Path], None], events: list[tuple[str, str]], there: list[str], gone: list[str], tmp_path: Path
) -> None:
    source = tmp_path / "src"
    known = {source / "old/page.php", source / "old/deep/style.css"}
    for file in known:
        write(file)
    edit(source)
    changes = {(watchfiles.Change[change], str(source / name)) for change, name in events}
    assert files(changes, known) == ({source / name for name in there}, {source / name for name in gone})
