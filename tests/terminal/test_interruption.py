"""Ctrl-C while a command starts, and after: a line, and the exit code 130."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.house.documents import ROOT
from tests.house.test_commands import commands, file_of

# Start a command as ``python -m`` does; Ctrl-C comes with the first module of others that it looks for. ``--help``: one
# that does not end by it does nothing else.
START = """
import runpy, signal, sys
import terminal.interruption
name = sys.argv[1]
sys.argv[1:] = ["--help"]
own = {f"{name}.__main__", *(name.rsplit(".", depth)[0] for depth in range(name.count(".") + 1))}
class Finder:
    def find_spec(self, module, path=None, target=None):
        if module not in own:
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
runpy.run_module(name, run_name="__main__", alter_sys=True)
"""
# What a command may call beside its work, which only ``run`` begins: its arguments are read there, too.
AROUND = {"sys.exit", "gc.disable", "gc.freeze"}


@pytest.mark.parametrize("name", ["app", *sorted(commands())])
def test_a_command_that_is_interrupted_among_its_imports_says_so_in_a_line(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", START, name], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.endswith(": interrupted")


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_begins_where_its_interruption_is_told(name: str) -> None:
    statements = ast.parse(file_of(name).read_text(encoding="utf-8")).body
    (start,) = (each for each in statements if isinstance(each, ast.If) and "__main__" in ast.unparse(each.test))
    calls = {ast.unparse(each.func) for each in ast.walk(start) if isinstance(each, ast.Call)}
    assert calls - AROUND in ({"run"}, {"standard_streams.run"})


def test_an_interruption_that_is_ignored_ends_no_import() -> None:
    script = """
import signal
from terminal.interruption import importing
signal.signal(signal.SIGINT, signal.SIG_IGN)
with importing("command", "__main__"):
    signal.raise_signal(signal.SIGINT)
print(signal.getsignal(signal.SIGINT).name)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "SIG_IGN\n", "")


def test_a_command_that_is_imported_by_another_leaves_its_interruption_alone() -> None:
    script = """
import signal
from terminal.interruption import importing
with importing("command", "another"):
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
