"""What is done inside a container's name spaces from outside: its network's rules, its mounts, its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PROXY = Path(__file__).with_name("late_answers.py")
_SLOW = Path(__file__).with_name("slow_files.py")
_PROXY_PORT = "13306"
_CUT = 0.5  # seconds in which connections that are open are reset; people ask several times in it


class NotInjected(Exception):
    """This machine cannot do it; the message says what it lacks."""


def kill(process: int) -> None:
    """Kill a process of a container at once, as the kernel does when memory runs out. Raise NotInjected."""
    try:
        os.kill(process, signal.SIGKILL)
    except (PermissionError, ProcessLookupError) as error:
        raise NotInjected(
            f"a container's process cannot be killed from here ({error.strerror}): be root where the engine runs"
        ) from error


def enter(process: int, kind: str, *command: str) -> None:
    """Run a command in the name space ``kind`` (``net``, ``mount``) of a process. Raise NotInjected.

    Mounts are told by ``/proc/self``, which is there only for who is in the container's processes as well.
    """
    spaces = ["--mount", "--pid"] if kind == "mount" else [f"--{kind}"]
    try:
        done = subprocess.run(
            ["nsenter", f"--target={process}", *spaces, "--", *command],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
    except FileNotFoundError:
        raise NotInjected("nsenter is missing (Debian: util-linux)") from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise NotInjected(f"{command[0]} in a container's {kind} name space: {reason}")


@contextmanager
def rules(process: int, *wanted: str, table: str = "filter") -> Iterator[None]:
    """Have rules of iptables, each ``CHAIN …``, before all others of a container's network, while the block runs."""
    set_up: list[str] = []
    try:
        for rule in wanted:
            enter(process, "net", "iptables", "--table", table, "--insert", *rule.split())
            set_up.append(rule)
        yield
    finally:
        for rule in set_up:
            enter(process, "net", "iptables", "--table", table, "--delete", *rule.split())


def cut(process: int, port: int) -> None:
    """Reset the connections that a container's network has open to a port."""
    open_ones = f"OUTPUT -p tcp --dport {port} -m conntrack --ctstate ESTABLISHED -j REJECT --reject-with tcp-reset"
    with rules(process, open_ones):
        time.sleep(_CUT)


@contextmanager
def late(process: int, address: str, port: int, seconds: float) -> Iterator[None]:
    """Let each answer of a server come late to all who call it from a container's network, root excepted.

    A proxy in that network waits; netem, which does this in the kernel, is not in every kernel.
    """
    others = f"-p tcp -d {address} --dport {port} -m owner ! --uid-owner 0"
    proxy = subprocess.Popen(
        [
            *("nsenter", f"--target={process}", "--net", "--", sys.executable, str(_PROXY)),
            *(_PROXY_PORT, address, str(port), str(seconds)),
        ],
        # It ends when this pipe does, also where the drill is killed.
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        if proxy.stdout is None or proxy.stdout.readline() != "ready\n":
            raise NotInjected(f"no proxy can listen on port {_PROXY_PORT} in a task's network")
        with (
            rules(process, f"OUTPUT {others} -j REDIRECT --to-ports {_PROXY_PORT}", table="nat"),
            # Connections from before pass the proxy by.
            rules(process, f"OUTPUT {others} -m conntrack --ctstate ESTABLISHED -j REJECT --reject-with tcp-reset"),
        ):
            yield
    finally:
        proxy.kill()
        proxy.wait()


@contextmanager
def slow_files(processes: Sequence[int], path: str, seconds: float) -> Iterator[None]:
    """Let each file below a mount wait before it is opened or read, as some processes see that mount.

    Raise NotInjected where the kernel asks nobody before it opens a file (fanotify's permission events).
    """
    mounts = [f"/proc/{process}/root{path}" for process in processes]
    listener = subprocess.Popen(
        [sys.executable, str(_SLOW), str(seconds), *mounts],
        # It ends when this pipe does, also where the drill is killed.
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        if listener.stdout is None or listener.stdout.readline() != "ready\n":
            _, words = listener.communicate()
            raise NotInjected(f"files cannot be held up by fanotify: {(words.strip().splitlines() or ['?'])[-1]}")
        yield
    finally:
        listener.kill()
        listener.communicate()
