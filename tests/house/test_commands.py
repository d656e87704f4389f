"""Each command that a person starts says what it does when it is asked, and does nothing then."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.documents import ROOT
from tests.makefile import TARGETS

# What a person is told to start: by the Makefile, a page of the docs, or what takes a picture for one.
_NAMED = re.compile(r"(?:\$\(python\)|python3?) -m ([a-z_]+(?:\.[a-z_]+)*)")
_TELLING = ("Makefile", "README.md", "CONTRIBUTING.md", "docs/*.md", "tests/**/*pictures.py", "tests/**/*_picture.py")
_FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()}


def commands() -> set[str]:
    """Return the names of our own modules that a person is told to start."""
    texts = (path.read_text(encoding="utf-8") for telling in _TELLING for path in ROOT.glob(telling))
    return {name for text in texts for name in _NAMED.findall(text) if name.split(".")[0] in _FOLDERS}


def targets(text: str) -> list[str]:
    """Return the targets that a page tells a person to make."""
    return re.findall(r"(?:`|^ *|&& )make ([a-z][a-z-]*)(?=[ `]|$)", text, re.MULTILINE)


def file_of(name: str) -> Path:
    """Return the file that ``python -m`` runs for a name."""
    path = ROOT.joinpath(*name.split("."))
    return path / "__main__.py" if path.is_dir() else path.with_suffix(".py")


def reads_its_arguments(path: Path) -> bool:
    """Return whether the module, or one of its own package that it imports, has its arguments read by argparse."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {
        call.func.attr for call in ast.walk(tree) if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    }
    beside = [
        path.parent / f"{name.rpartition('.')[2]}.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (name := node.module or "").startswith(f"{path.parent.name}.")
    ]
    return "parse_args" in calls or any(reads_its_arguments(each) for each in beside if each.is_file() and each != path)


def test_each_command_can_be_asked_for_help() -> None:
    names = commands()
    assert len(names) > 20
    deaf = {name for name in names if not reads_its_arguments(file_of(name))}
    assert not deaf, "`--help` would set these to work"


def test_each_target_that_a_page_names_is_the_makefiles() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    mentions = {(page.name, name) for page in pages for name in targets(page.read_text(encoding="utf-8"))}
    assert len(mentions) > 50
    assert {(page, name) for page, name in mentions if name not in TARGETS} == set()


def test_a_target_is_found_wherever_it_stands() -> None:
    text = "`make synth` and `make storm PEOPLE=9`; they make it.\n\n    cd x && make a-b\nmake clock AT=now\n"
    assert targets(text) == ["synth", "storm", "a-b", "clock"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import sys\nmain(sys.argv[1:])", False, id="whatever it is told, it works"),
        pytest.param("argparse.ArgumentParser().parse_args()\nmain()", True, id="it reads what it is told"),
    ],
)
def test_a_command_that_hears_nothing_is_found(tmp_path: Path, source: str, expected: bool) -> None:
    (tmp_path / "command.py").write_text(source)
    assert reads_its_arguments(tmp_path / "command.py") is expected
