"""Code that nothing uses is found by ``make lint``, and what is allowed all the same is still needed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lint import dead_code

ROOT = Path(__file__).parents[2]
PLANTED = "def called():\n    pass\n\n\ndef never_called():\n    pass\n\n\ncalled()\n"
UNUSED = "unused function 'never_called' (60% confidence)"


def checkout(folder: Path, *, allowed: str = "", code: str = PLANTED, decorators: str = "") -> Path:
    """Make a checkout with one file of code, and with these allowances."""
    table = f"[tool.vulture]\nignore_decorators = [{decorators}]\nignore_names = [{allowed}]\n"
    (folder / "pyproject.toml").write_text(table)
    (folder / ".gitignore").write_text(".venv\n")
    (folder / ".venv").mkdir()
    (folder / ".venv/library.py").write_text("never_called()\n\n\ndef not_ours():\n    pass\n")
    (folder / "planted.py").write_text(code)
    return folder


def test_make_lint_asks_it_about_the_whole_tree() -> None:
    lint = subprocess.run(["make", "-n", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert " -m lint.dead_code'" in lint


def test_a_function_that_nothing_calls_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = checkout(tmp_path) / "planted.py"
    assert dead_code.main([str(path)]) == 1
    assert capsys.readouterr().out == f"{path}:5: {UNUSED}\n"


@pytest.mark.parametrize(
    ("allowed", "found"),
    [
        pytest.param("", [f"planted.py:5: {UNUSED}"], id="nothing"),
        pytest.param("'never_called'", [], id="its name"),
        pytest.param("'never_*'", [], id="a pattern of it"),
        pytest.param(
            "'never_called', 'called', 'do_*'",
            [
                "pyproject.toml: ignore_names: no name needs 'called'",
                "pyproject.toml: ignore_names: no name needs 'do_*'",
            ],
            id="more than is needed",
        ),
    ],
)
def test_what_is_allowed_has_to_be_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: str, found: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert dead_code.faults(checkout(tmp_path, allowed=allowed)) == found


def test_what_a_decorator_registers_is_used(tmp_path: Path) -> None:
    code = PLANTED.replace("def never_called", "@registers\ndef never_called")
    assert len(dead_code.faults(checkout(tmp_path, code=code))) == 1
    tmp = tmp_path / "allowed"
    tmp.mkdir()
    assert dead_code.faults(checkout(tmp, code=code, decorators="'@registers'")) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        pytest.param("import sys\nsys.exit()\n\n\ndef f(:\n", "vulture could not read all files", id="no Python"),
        pytest.param(
            "def f():\n    return 1\n    print()\n\n\nf()\n",
            "planted.py:3: unreachable code after 'return' (100% confidence)",
            id="code that is never reached",
        ),
    ],
)
def test_no_allowance_covers_what_is_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, found: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert found in dead_code.faults(checkout(tmp_path, allowed="'*'", code=code))
