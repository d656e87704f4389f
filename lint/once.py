"""``python -m lint.once NAME [--reads GLOB] -- COMMAND``: run a check, if it has not passed on these files today.

The files are those of the checkout, and with ``--reads`` those of a pattern that git ignores; the same also are the
command, the interpreter, the day (what a check asks of the machine and of the calendar is asked anew each day), and
what is set for pytest, ruff and cfn-lint. What passed is remembered in ``.cache/passed``, which a build keeps for the
next one; only a pass is. Exit: that of the command; 0 when it need not run; 2 without a command.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("lint.once", __name__):
    import argparse
    import hashlib
    import os
    import subprocess
    import sys
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import suppress
    from datetime import UTC, datetime
    from pathlib import Path

    from lint.linters import ROOT
    from lint.sources import files
    from terminal import standard_streams

# What an environment may say to the tools that checks run, such as PYTEST_ADDOPTS.
SPOKEN_TO = ("PYTEST_", "RUFF_", "CFN_LINT_")


def key(root: Path, command: Sequence[str], reads: str | None = None) -> str:
    """Return what stands for all that decides a check's result: 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for part in _parts(root, command, reads):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def run(name: str, command: Sequence[str], root: Path = ROOT, reads: str | None = None) -> int:
    """Run ``command`` in ``root`` unless it is known to pass; return its exit code."""
    passed = root / ".cache" / "passed" / name
    before = key(root, command, reads)
    with suppress(OSError):
        if passed.read_text() == before:
            print(f"{name}: passed before on the same files; without .cache/passed it runs again")
            return 0
    # What is no longer known is forgotten first: a check that is killed has not passed.
    passed.unlink(missing_ok=True)
    code = subprocess.run(command, cwd=root, check=False).returncode
    # Files that were changed meanwhile: nobody knows which of them were read.
    if code == 0 and key(root, command, reads) == before:
        passed.parent.mkdir(parents=True, exist_ok=True)
        beside = passed.with_name(f"{name}.{os.getpid()}")
        beside.write_text(before)
        beside.replace(passed)
    # Ended by a signal: as a shell tells it.
    return code if code >= 0 else 128 - code


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module's description."""
    parser = argparse.ArgumentParser(prog="python -m lint.once", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--reads", metavar="GLOB")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args(arguments)
    return run(chosen.name, chosen.command, reads=chosen.reads)


def _parts(root: Path, command: Sequence[str], reads: str | None) -> Iterator[bytes]:
    yield "\0".join(command).encode()
    yield sys.version.encode()
    yield f"{datetime.now(UTC):%Y-%m-%d}".encode()
    yield "\0".join(f"{n}={v}" for n, v in sorted(os.environ.items()) if n.startswith(SPOKEN_TO)).encode()
    yield from _contents(root, files(root))
    if reads is not None:
        yield from _contents(root, sorted(path.relative_to(root) for path in root.glob(reads)))


def _contents(root: Path, paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        yield os.fsencode(path)
        file = root / path
        if file.is_symlink():
            yield b"link " + os.fsencode(file.readlink())
        elif file.is_file():
            yield f"{file.stat().st_mode & 0o111:o}".encode()
            yield file.read_bytes()


if __name__ == "__main__":
    sys.exit(standard_streams.run("lint.once", main))
