"""``python -m lint.once NAME [--known NAME=VALUE] -- COMMAND``: run a check, if it has not passed on these files today.

The files are those of the checkout; also the same are the command, the interpreter, the day (what a check asks of the
machine and of the calendar is asked anew each day), and what is set for pytest, ruff and cfn-lint. A table of the
check's name in pyproject.toml, ``[tool.once.NAME]``, says more. Of what is in ``blind_to``, names and modes decide, the
contents only if it is in ``reads`` as well; what is in ``reads`` and git ignores decides, too. That is made by the
build, and names contents by their digests, those of a commit or of an asset: which digest it is decides nothing, which
of them are equal does. What passed is remembered in ``.cache/passed``, which a build keeps for the next one; only a
pass is. Of a table with ``like``, the table of that other check holds. Where a command makes something beside its
check, ``--known`` gives the variable of its environment that leaves the check out: it runs with that, when it has
passed. Exit: that of the command; 0 when it need not run; 2 without a command.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("lint.once", __name__):
    import argparse
    import hashlib
    import os
    import re
    import subprocess
    import sys
    import tomllib
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import suppress
    from dataclasses import dataclass
    from datetime import UTC, datetime
    from fnmatch import fnmatchcase
    from pathlib import Path
    from typing import Final

    from lint.linters import ROOT
    from lint.sources import files
    from terminal import standard_streams

# What an environment may say to the tools that checks run, such as PYTEST_ADDOPTS.
SPOKEN_TO: Final = ("PYTEST_", "RUFF_", "CFN_LINT_", "CDK_VALIDATION")
# SHA-1 of a commit, SHA-256 of an asset.
_DIGEST: Final = re.compile(rb"\b(?:[0-9a-f]{40}|[0-9a-f]{64})\b")


@dataclass(frozen=True)
class Scope:
    """Patterns of the files whose contents a check does not know, and of those that it reads all the same."""

    blind_to: Sequence[str] = ()
    reads: Sequence[str] = ()

    def unseen(self, path: Path) -> bool:
        """Return whether the contents of a file of the checkout decide nothing."""
        return _matches(path, self.blind_to) and not _matches(path, self.reads)


def scope(root: Path, name: str) -> Scope:
    """Return what pyproject.toml says of a check; of one that is not there, all contents decide."""
    file = root / "pyproject.toml"
    tables = tomllib.loads(file.read_text())["tool"].get("once", {}) if file.is_file() else {}
    table = tables.get(name, {})
    return Scope(**(tables[table["like"]] if "like" in table else table))


def key(root: Path, name: str, command: Sequence[str]) -> str:
    """Return what stands for all that decides a check's result: 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for part in _parts(root, scope(root, name), command):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def without_digests(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield texts with a number in the place of each digest: which of them are equal is all that is left of them."""
    numbers: dict[bytes, bytes] = {}
    for part in parts:
        yield _DIGEST.sub(lambda found: numbers.setdefault(found[0], b"digest %d" % len(numbers)), part)


def run(name: str, command: Sequence[str], root: Path = ROOT, known: Mapping[str, str] | None = None) -> int:
    """Run ``command`` in ``root`` unless it is known to pass, or with what is ``known`` then; return its exit code."""
    before = key(root, name, command)
    if has_passed(root, name, before):
        if not known:
            print(f"{name}: passed before on the same files; without .cache/passed it runs again")
            return 0
        short = " ".join(f"{variable}={value}" for variable, value in known.items())
        print(f"{name}: passed before on the same files; runs with {short}, and in full without .cache/passed")
        return _exit_code(command, root, {**os.environ, **known})
    code = _exit_code(command, root)
    if code == 0:
        remember(root, name, command, before)
    return code


def has_passed(root: Path, name: str, digits: str) -> bool:
    """Return whether a check is known to have passed under this key.

    What is no longer known is forgotten at once: a check that is killed has not passed.
    """
    file = _passed(root, name)
    with suppress(OSError):
        if file.read_text() == digits:
            return True
    file.unlink(missing_ok=True)
    return False


def remember(root: Path, name: str, command: Sequence[str], before: str) -> None:
    """Note that a check has passed, unless its key was another one ``before`` it ran.

    Files were changed meanwhile then, and nobody knows which of them were read.
    """
    if key(root, name, command) != before:
        return
    file = _passed(root, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{name}.{os.getpid()}")
    beside.write_text(before)
    beside.replace(file)


def _passed(root: Path, name: str) -> Path:
    return root / ".cache" / "passed" / name


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module's description."""
    parser = argparse.ArgumentParser(prog="python -m lint.once", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name")
    parser.add_argument("--known", type=_variable, action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args(arguments)
    return run(chosen.name, chosen.command, known=dict(chosen.known))


def _variable(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise argparse.ArgumentTypeError(f"{text}: give NAME=VALUE")
    return name, value


def _exit_code(command: Sequence[str], root: Path, environment: Mapping[str, str] | None = None) -> int:
    code = subprocess.run(command, cwd=root, env=environment, check=False).returncode
    # Ended by a signal: as a shell tells it.
    return code if code >= 0 else 128 - code


def _parts(root: Path, sight: Scope, command: Sequence[str]) -> Iterator[bytes]:
    yield "\0".join(command).encode()
    yield sys.version.encode()
    yield f"{datetime.now(UTC):%Y-%m-%d}".encode()
    yield "\0".join(f"{n}={v}" for n, v in sorted(os.environ.items()) if n.startswith(SPOKEN_TO)).encode()
    checkout = list(files(root))
    for path in checkout:
        yield from _file(root, path, unseen=sight.unseen(path))
    made = {path.relative_to(root) for pattern in sight.reads for path in root.glob(pattern)}.difference(checkout)
    yield from without_digests(part for path in sorted(made) for part in _file(root, path))


def _file(root: Path, path: Path, *, unseen: bool = False) -> Iterator[bytes]:
    yield os.fsencode(path)
    file = root / path
    if file.is_symlink():
        yield b"link " + os.fsencode(file.readlink())
    elif file.is_file():
        yield f"{file.stat().st_mode & 0o111:o}".encode()
        if not unseen:
            yield file.read_bytes()


def _matches(path: Path, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path.as_posix(), pattern) for pattern in patterns)


if __name__ == "__main__":
    sys.exit(standard_streams.run("lint.once", main))
