"""Locks between processes: held, waited for, inherited, and free when their process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from containers.file_lock import Held, file_lock, is_held, sign

ROOT = Path(__file__).parents[2]
HOLDER = """
import os, subprocess, sys, time
from pathlib import Path
from containers.file_lock import file_lock, sign
with file_lock(Path(sys.argv[1])) as file:
    if "child" in sys.argv:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=sys.stdin, pass_fds=[file.fileno()])
    sign(file, child.pid if "child" in sys.argv else os.getpid())
    print("held", flush=True)
    if "child" in sys.argv:
        os._exit(0)
    time.sleep(60)
"""


@contextmanager
def held(path: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Let another process hold the lock, until standard input is closed.

    With ``child``, it is one that has inherited the lock.
    """
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield holder
        finally:
            holder.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_a_lock_that_is_held_names_its_holder_and_one_whose_holder_was_killed_is_free(path: Path) -> None:
    with held(path) as holder:
        assert is_held(path)
        with pytest.raises(Held, match=f"held by process {holder.pid}") as caught, file_lock(path):
            pass
        assert caught.value.holder == str(holder.pid)
        assert path.read_text() == str(holder.pid), "who is refused leaves the holder's name"
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert not is_held(path)
        with file_lock(path) as file:
            assert path.read_text() == ""
            sign(file, 12345)
            sign(file, 7)
            assert path.read_text() == "7"


def test_who_waits_gets_the_lock_when_its_holder_ends(path: Path) -> None:
    code = HOLDER.replace("file_lock(Path(sys.argv[1]))", "file_lock(Path(sys.argv[1]), wait=True)")
    with (
        held(path) as holder,
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        ) as waiting,
    ):
        assert waiting.stdout is not None
        holder.kill()
        assert waiting.stdout.readline() == b"held\n"
        assert path.read_text() == str(waiting.pid)
        waiting.kill()


def test_a_child_that_inherits_the_lock_holds_it_when_its_parent_has_gone(path: Path) -> None:
    with held(path, "child") as parent:
        assert parent.wait() == 0
        assert is_held(path)
        assert int(path.read_text()) != parent.pid
        assert parent.stdin is not None
        parent.stdin.close()
        with file_lock(path, wait=True):
            assert is_held(path), "within one process, another look at the file is another holder"
    assert not is_held(path)


def test_nobody_holds_what_is_not_there(path: Path) -> None:
    assert not is_held(path)
    assert not path.exists()
