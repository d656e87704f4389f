"""A rehearsal that is killed, and what the next one leaves when it has mended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.whole.repository import REHEARSAL_SECONDS, Repository

# Seconds within which what a killed rehearsal had started is gone: its builds are ended by their guard.
GONE_WITHIN = 15.0


@contextmanager
def running(repository: Repository, approve: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a rehearsal that is killed, not asked to end, when the block ends."""
    process = subprocess.Popen(
        repository.command("run"),
        env=repository.environment(approve),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def kill_after(repository: Repository, seconds: float, approve: str = "yes") -> str:
    """Kill a rehearsal so many seconds after its start; return where it was."""
    with running(repository, approve) as process:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        if process.poll() is not None:
            return "after its end"
    return under_way(repository.folder)


def kill_at(repository: Repository, action: str, seconds: float, approve: str = "yes") -> None:
    """Kill a rehearsal so many seconds after it has begun an action."""
    with running(repository, approve) as process:
        deadline = time.monotonic() + REHEARSAL_SECONDS
        while not under_way(repository.folder).startswith(action):
            assert process.poll() is None, f"the rehearsal ended before {action}"
            assert time.monotonic() < deadline, f"the rehearsal never came to {action}"
            time.sleep(0.02)
        time.sleep(seconds)
        assert process.poll() is None, f"the rehearsal ended within {seconds} s of {action}"


def under_way(folder: Path) -> str:
    """Return the action that the state names as under way; words where it names none."""
    try:
        state = json.loads((folder / ".rehearsal" / "state.json").read_text())
    except FileNotFoundError:
        return "before its first state"
    action = (state["under_way"] or {}).get("action")
    return str(action) if action else "between two executions"


def standing(repository: Repository) -> Counter[str]:
    """Return how many things of each kind and state ``make status`` tells of; a task's name is its own each time."""
    lines = repository.rehearse("status").text.splitlines()
    kinds = ("database", "balancer", "task", "schedule")
    words = [line.split() for line in lines if line.startswith("  ") and line.split()[:1]]
    # The third column is the state; what follows two blanks after it is an address.
    return Counter(f"{each[0]} {' '.join(each[2:4])}" for each in words if each[0] in kinds)


def left_over(repository: Repository) -> list[str]:
    """Return the processes that still work for the repository, but for its clocks, once they have had time to end."""
    deadline = time.monotonic() + GONE_WITHIN
    while (found := list(_processes(repository.folder))) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _processes(folder: Path) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            inside = (process / "cwd").readlink().is_relative_to(folder)
        except OSError:
            continue
        ours = inside or any(word.startswith(f"{folder}/") for word in words)
        if ours and "rehearsal.fargate.stand.clock_process" not in words and int(process.name) != os.getpid():
            yield f"{process.name} {' '.join(words)[:120]}"
