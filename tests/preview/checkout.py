"""A checkout of what ``make site`` needs, to be edited by tests, and ``make site`` in it as a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from containers import database
from tests.ports import free_port
from tests.site.task import eventually

ROOT: Final = Path(__file__).parents[2]
# Seconds after which an edit is not seen any more; it is seen within one or two.
WITHIN: Final = 30.0
UP: Final = "Ctrl-C removes it all"


def copy(folder: Path) -> Path:
    """Copy the working tree's ``src/``, and what the database's image is made of, below ``folder``."""
    shutil.copytree(ROOT / "src", folder / "src")
    shutil.copytree(ROOT / database.FOLDER, folder / database.FOLDER)
    return folder


def preview(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m preview`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "preview", "--checkout", str(checkout), *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@dataclass(frozen=True)
class Running:
    """``make site`` that is up."""

    checkout: Path
    process: subprocess.Popen[bytes]
    output: Path
    port: int

    def said(self) -> str:
        """Return all that the terminal shows."""
        return self.output.read_text()

    def get(self, path: str, host: str = "localhost") -> requests.Response:
        """Get once by the site's own name, or by another that is this machine as well."""
        headers = {"Host": f"{host}:{self.port}"}
        return requests.get(f"http://localhost:{self.port}{path}", headers=headers, timeout=20)

    def save(self, path: str, change: Callable[[str], str]) -> Path:
        """Change a file of ``src/`` as many editors do: a new file is written and renamed."""
        file = self.checkout / "src" / path
        new = file.with_name(f".{file.name}.new")
        new.write_text(change(file.read_text()))
        new.chmod(file.stat().st_mode)
        new.rename(file)
        return file

    @contextmanager
    def edited(self, path: str, change: Callable[[str], str], *, in_place: bool = False) -> Iterator[None]:
        """Make an edit that is taken back at the end."""
        file = self.checkout / "src" / path
        before = file.read_text()
        if in_place:
            file.write_text(change(before))
        else:
            self.save(path, change)
        try:
            yield
        finally:
            self.save(path, lambda _: before)
            self.settle()

    def settle(self) -> None:
        """Wait until the terminal has told of every edit so far.

        What changes within one look is told in one line that names its first file alone, so an edit that is still to be
        told could hide the next. This one's name comes first in every such line, and the looks come in order.
        """
        first = "nginx/pages/0.css"
        before = self.said().count(first)
        (self.checkout / "src" / first).write_text(f"/* {before} */")
        eventually(lambda: self.said().count(first) > before, WITHIN)

    def wait_for(self, text: str) -> None:
        """Wait until the terminal shows it."""
        try:
            eventually(lambda: text in self.said(), WITHIN)
        except AssertionError:
            raise AssertionError(f"the terminal does not show {text!r}, but:\n{self.said()}") from None


def start(checkout: Path, folder: Path) -> Running:
    """Run ``make site`` in ``checkout`` and return when it is up; its terminal is a file in ``folder``."""
    port, output = free_port(), folder / "terminal"
    with output.open("wb") as file:
        process = subprocess.Popen(
            # Where the tests run in the background, or by nohup, the signal would be ignored.
            ["env", "--default-signal=INT,HUP", sys.executable, "-m", "preview", "--checkout", str(checkout)],
            cwd=ROOT,
            env={**os.environ, "PORTS": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,  # a group of its own, as a terminal's foreground: Ctrl-C meets all of it
        )
    deadline = time.monotonic() + 240
    while UP not in output.read_text():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)
    return Running(checkout, process, output, port)


def end(running: Running, number: signal.Signals = signal.SIGINT) -> int:
    """End it by a signal to its group; the exit code."""
    if running.process.poll() is None:
        os.killpg(running.process.pid, number)
    return running.process.wait(60)
