"""What a test needs besides Python, and that no test needs more than its marks say.

Marks follow from the fixtures that a test asks for, and from its path: a test that starts a container through one of
them is ``engine`` without a word of its own. A test that does so by itself carries the mark in its file.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

from tests.templates.inputs import ROOT, TAKING

ENGINE: Final = "engine"
BROWSER: Final = "browser"
REALTIME: Final = "realtime"

OF_FIXTURES: Final = {
    **dict.fromkeys(("host", "task", "app_image", "lab", "site_image", "published", "fleet", "repository"), ENGINE),
    **dict.fromkeys(("new_checkout", "preview_site", "proxy"), ENGINE),
    "browser": BROWSER,
}
OF_PATHS: Final = {
    "tests/whole": (ENGINE, REALTIME),
    "tests/site/browser": (BROWSER,),
    "tests/containers/test_cgroups.py": (ENGINE,),
    "tests/containers/test_clearing.py": (ENGINE,),
    "tests/containers/test_client_and_socket.py": (ENGINE,),
    "tests/rehearsal/fargate/test_checkouts.py": (ENGINE,),
    "tests/rehearsal/fargate/test_clock.py": (REALTIME,),
    "tests/rehearsal/test_shell.py": (ENGINE,),
    "tests/site/test_drill.py": (REALTIME,),
    "tests/bench/generator/test_generator.py": (REALTIME,),
    "tests/bench/site/test_people.py": (REALTIME,),
    "tests/loadtest/chromium/test_browsers_in_a_storm.py": (BROWSER, REALTIME),
    "tests/loadtest/chromium/test_trust.py": (BROWSER,),
    "tests/loadtest/generator/test_channel.py": (REALTIME,),
    "tests/loadtest/live/test_page_in_a_browser.py": (BROWSER, REALTIME),
    "tests/loadtest/generator/test_storm.py": (REALTIME,),
}
# Where this machine's engine is asked without a program.
_SOCKETS: Final = ("/var/run/docker.sock", "/run/docker.sock")
CLIENTS: Final = {"docker": ENGINE, "podman": ENGINE, "dockerd": ENGINE, "chromium": BROWSER}

# What `make test-templates` runs, and does not run again when other files have changed than it reads.
TEMPLATES: Final = ("tests/settings", "tests/templates")
# What `make check` does not run again, by the name under which it is known to have passed (tests/left_out.py).
LEFT_OUT: Final = {
    "test-loadtest": "tests/loadtest",
    "test-left-out": "tests/tools/test_left_out.py",
    "test-locks": "tests/tools/test_locks.py",
    "test-vulnerabilities": "tests/supply_chain/test_vulnerabilities.py",
}
_KEPT: Final = {**dict.fromkeys(TEMPLATES, "test-templates"), **{path: name for name, path in LEFT_OUT.items()}}


@cache
def unseen(name: str) -> frozenset[str]:
    """Return the files that no test of this check may open, for their contents are none of those that it is kept by."""
    # What only few processes need.
    from lint.once import scope
    from lint.sources import files

    sight = scope(ROOT, name)
    return frozenset(str(ROOT / path) for path in files(ROOT) if sight.unseen(path))


def kept_as(path: str, level: Collection[str] = ()) -> str | None:
    """Return the name of the check under which the tests of a file, or a folder, are known to have passed.

    None for those that ``make check`` never runs, by the marks of their ``level``.
    """
    if not {ENGINE, BROWSER, REALTIME}.isdisjoint(level):
        return None
    return next((name for above, name in _KEPT.items() if path == above or path.startswith(f"{above}/")), None)


def marks(path: str, fixtures: Sequence[str]) -> set[str]:
    """Return the marks of a test in the file ``path`` that asks for ``fixtures``, those of its fixtures included."""
    found = {OF_FIXTURES[name] for name in fixtures if name in OF_FIXTURES}
    for above, names in OF_PATHS.items():
        if path == above or path.startswith(f"{above}/"):
            found.update(names)
    return found


class Watch:
    """Notices whoever reaches for the container engine or a browser while a test runs that has no mark for it.

    A program that this process starts is refused at once. What its child processes start is not seen here, but they
    look for the engine at the address in their environment: there, a socket notes who knocks.
    """

    def __init__(self) -> None:
        self._real = {
            Path(found).resolve(): mark for name, mark in CLIENTS.items() if (found := shutil.which(name)) is not None
        }
        self._host = os.environ.get("DOCKER_HOST")
        self._allowed: set[str] | None = None
        self._check: str | None = None
        self._knocks: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="floodgate-watch-")
        self.address = f"{self._folder.name}/engine.sock"
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.address)
        self._server.listen()
        threading.Thread(target=self._listen, daemon=True).start()
        sys.addaudithook(self._hook)

    @contextmanager
    def over(self, allowed: set[str]) -> Iterator[None]:
        """Watch while a test with these marks is set up and run; an AssertionError tells of a knock at the engine."""
        self._allowed = allowed
        # Not what stands there: a fixture of the test before may have put this back when the test was over.
        _name_engine(self._host if ENGINE in allowed else f"unix://{self.address}")
        try:
            yield
        finally:
            self._allowed = None
            _name_engine(self._host)
        if ENGINE not in allowed:
            knocks = self._heard()
            assert not knocks, "a child process asked for the container engine, and the test has no mark `engine`"

    @contextmanager
    def kept(self, check: str | None) -> Iterator[None]:
        """Let what opens a file that decides nothing of a check fail its test, with the file's name."""
        if check:
            unseen(check)  # is read before anything is refused
        before, self._check = self._check, check
        try:
            yield
        finally:
            self._check = before

    def _heard(self) -> list[str]:
        """Return who has knocked. Whoever knocks is heard in turn: after one's own knock, so are all before it."""
        with socket.socket(socket.AF_UNIX) as own:
            own.connect(self.address)
            own.recv(1)  # its end: it was heard
        *knocks, _ = self._knocks
        self._knocks.clear()
        return knocks

    def close(self) -> None:
        """End the socket; the hook stays with the process, and does nothing any more."""
        self._server.close()
        self._folder.cleanup()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._knocks.append("knock")
            connection.close()

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and self._check and isinstance(arguments[0], str | os.PathLike):
            file = os.path.abspath(arguments[0])  # noqa: PTH100 - resolved, each would be looked up
            if file in unseen(self._check) and not TAKING.get() and not _is_drawing():
                pytest.fail(f"{file} is opened: name it in pyproject.toml, [tool.once.{self._check}], reads")
        if self._allowed is None:
            return
        if event == "socket.connect" and arguments[1] in _SOCKETS and ENGINE not in self._allowed:
            pytest.fail(f"{arguments[1]} is asked by a test that has no mark `{ENGINE}` (tests/levels.py)")
        if event != "subprocess.Popen":
            return
        mark = self._mark(os.fsdecode(arguments[0]), arguments[3])
        if mark and mark not in self._allowed:
            pytest.fail(f"{arguments[0]} is started by a test that has no mark `{mark}` (tests/levels.py)")

    def _mark(self, program: str, environment: Any) -> str | None:
        path = (
            None
            if environment is None
            else {os.fsdecode(k): os.fsdecode(v) for k, v in environment.items()}.get("PATH")
        )
        found = program if "/" in program else shutil.which(program, path=path)
        if found is None:
            return None
        if "/playwright/driver/" in found:
            return BROWSER
        return self._real.get(Path(found).resolve())


def _is_drawing() -> bool:
    """Return whether Hypothesis asks: it looks for numbers to try in the source of whatever has been imported."""
    frame: FrameType | None = sys._getframe()
    while frame and not frame.f_globals.get("__name__", "").startswith("hypothesis.internal.constants_ast"):
        frame = frame.f_back
    return frame is not None


def _name_engine(host: str | None) -> None:
    if host is None:
        os.environ.pop("DOCKER_HOST", None)
    else:
        os.environ["DOCKER_HOST"] = host
