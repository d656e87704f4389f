"""What the commands of both benchmarks share: their options and exit codes, one run at a time, what was missed."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.common import cpu_meter, wrk
from bench.common.lab import CHECKOUT, Failed
from bench.common.outcome import Outcome
from containers.engine import Engine
from containers.errors import EngineMissing
from containers.file_lock import Held, file_lock, sign

OUTPUT = CHECKOUT / ".bench"
EXITS = """exit codes:
  0    every target of the chosen parts is met
  1    a target is not met, or was not measured
  2    nothing could be measured: no container engine, one core, an option that does not exist, a part that failed
  130  interrupted
All that was made is removed in every case; the images' build cache stays."""


def options(prog: str, description: str, parts: Sequence[str], *, quick: str, publish: str) -> argparse.ArgumentParser:
    """Return the options that both have; ``quick`` and ``publish`` say what these do here."""
    made = argparse.ArgumentParser(
        prog=prog,
        description=description,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    either = made.add_mutually_exclusive_group()  # what is short is not to be quoted
    either.add_argument("--quick", action="store_true", help=quick)
    made.add_argument("--only", nargs="+", choices=parts, metavar="PART", help=f"only some of: {', '.join(parts)}")
    made.add_argument(
        "--again", type=Path, metavar="FILE", help="measure nothing: tables and targets of a stored record"
    )
    either.add_argument("--publish", action="store_true", help=publish)
    return made


def ended(name: str, work: Callable[[], int]) -> int:
    """Do the work; its exit code, or that of what went wrong, told in one line."""
    try:
        return work()
    except (EngineMissing, Failed, cpu_meter.Unreadable, wrk.Unreadable, OSError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return 130


@contextmanager
def alone() -> Iterator[None]:
    """Keep out a second run of one checkout: it would take the first one's containers away. Raise Failed for it."""
    OUTPUT.mkdir(exist_ok=True)
    try:
        with file_lock(OUTPUT / "lock") as lock:
            sign(lock, os.getpid())
            yield
    except Held as held:
        raise Failed(
            f"another benchmark of this checkout is running (process {held.holder}): wait for it, or stop it"
        ) from None


def machine(engine: Engine) -> dict[str, str]:
    """Return what the measurements were made on, and of which commit."""
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": f"{model[0] if model else platform.machine()}, {len(model) or '?'} processors",
        "kernel": platform.release(),
        "engine": engine.version,
        "commit": done.stdout.strip() or "unknown",
    }


def told(verdicts: Sequence[Outcome]) -> int:
    """Say which targets were missed, and return the exit code."""
    missed = [verdict for verdict in verdicts if not verdict.met]
    for verdict in missed:
        print(f"not met: {verdict.name}: wanted {verdict.wanted}, measured {verdict.measured}")
    if not missed:
        print("every target is met" if verdicts else "of what was measured, nothing has a target")
    return 1 if missed else 0
