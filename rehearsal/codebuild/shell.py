"""Runs the commands of one build: each in a shell of its own that begins where the one before it ended."""

from __future__ import annotations

import os
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

# Leads the build's process group. Its input is a pipe from here: when that closes, even by a kill, all end.
_GUARD = "trap '' TERM INT HUP; cat >/dev/null; kill -TERM 0; sleep 2; kill -KILL 0"

# Another file stands in the place of /etc/hosts, for this command and its children.
_WITH_HOSTS = 'mount --bind "$0" /etc/hosts && exec "$@"'

# Seconds between SIGTERM and SIGKILL.
_GRACE = 5.0


class Shell:
    """A sequence of commands that share environment and directory, as CodeBuild's do.

    CodeBuild runs each command as a script that first restores what the one before it left (``export -p``, ``pwd``),
    with every assignment exported; so does this. All commands are of one process group, which ends with the build:
    nothing that a command leaves in the background outlives it, nor a kill of the rehearsal.
    """

    def __init__(
        self,
        *,
        program: str,
        environment: Mapping[str, str],
        directory: Path,
        scratch: Path,
        log: IO[bytes],
        hosts: Path | None = None,
    ) -> None:
        """Start a shell that keeps its scripts in the folder ``scratch`` and sends the commands' output to ``log``.

        The commands see ``hosts`` in the place of ``/etc/hosts``.
        """
        self.environment = dict(environment)
        self.directory = directory
        self._program = program
        self._scratch = scratch
        self._log = log
        self._inside = [] if hosts is None else [*_unshared(os.geteuid()), _WITH_HOSTS, str(hosts)]
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            process_group=0,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        guard = self._guard
        if guard is None or guard.stdin is None:
            return
        _signal(guard.pid, signal.SIGTERM)
        deadline = time.monotonic() + (_GRACE if kind is not None else 0)
        while time.monotonic() < deadline and _others(guard.pid):
            time.sleep(0.05)
        _signal(guard.pid, signal.SIGKILL)
        guard.stdin.close()
        guard.wait()

    def run(self, command: str, deadline: float) -> int:
        """Run one command; its exit status. Raise ``TimeoutError`` at ``deadline`` (``time.monotonic`` seconds)."""
        if self._guard is None:
            raise RuntimeError("the shell has not been entered")
        script, variables, directory = (self._scratch / name for name in ("command.sh", "variables", "directory"))
        for file in (variables, directory):
            file.unlink(missing_ok=True)
        keep = f"/usr/bin/env -0 > {shlex.quote(str(variables))}; pwd > {shlex.quote(str(directory))}"
        script.write_text(
            f"trap '__status=$?; trap - EXIT; {_inside_quotes(keep)}; exit $__status' EXIT\nset -a\n{command}\n"
        )
        self._log.flush()
        process = subprocess.Popen(
            [*self._inside, self._program, str(script)],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            process_group=self._guard.pid,
            umask=0o022,  # CodeBuild's
        )
        status = _ended(process, deadline)
        if variables.exists() and directory.exists():
            self.environment = _read(variables)
            left = Path(directory.read_text().rstrip("\n"))
            self.directory = left if left.is_dir() else self.directory
        return status


def _ended(process: subprocess.Popen[bytes], deadline: float) -> int:
    """Wait for a process's end; its exit status. Raise ``TimeoutError`` at ``deadline``.

    ``Popen.wait`` with a limit looks every 50 ms at last; a descriptor of the process tells its end at once.
    """
    try:
        descriptor = os.pidfd_open(process.pid)
    except OSError:  # a kernel before 5.3
        try:
            return process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
    try:
        end = select.poll()
        end.register(descriptor, select.POLLIN)
        if not end.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
    finally:
        os.close(descriptor)
    return process.wait()


def _unshared(user: int) -> list[str]:
    """Return how a command gets a view of the file system of its own: root may, others by a name space of users."""
    own = [] if user == 0 else ["--user", "--map-current-user", "--keep-caps"]
    return ["unshare", *own, "--mount", "--", "/bin/sh", "-c"]


def _inside_quotes(text: str) -> str:
    return text.replace("'", "'\\''")


def _read(file: Path) -> dict[str, str]:
    entries = (entry.partition("=") for entry in file.read_text(errors="surrogateescape").split("\0") if entry)
    return {name: value for name, _, value in entries if name not in {"__status", "_", "SHLVL"}}


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _others(group: int) -> bool:
    """Return whether the group has a member beside its guard and the guard's own ``cat``."""
    members = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        members += int(fields[2]) == group and fields[0] != "Z"
    return members > 2
