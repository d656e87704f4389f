"""Secrets in the files of a commit, by detect-secrets: keys of known services, passwords in code, random strings."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import Pattern
from typing import TYPE_CHECKING

from supply_chain.errors import BadInput

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin


@dataclass(frozen=True, order=True)
class Finding:
    """Something that looks like a secret; ``sha1`` is that of its value, which is never printed."""

    file: str
    line: int
    kind: str
    sha1: str


def files(root: Path) -> list[str]:
    """Return the files of a commit, relative to ``root``: those that git knows, and new ones that it does not ignore.

    A build's source has no history: there git lists what ``.gitignore`` leaves. Raise ``BadInput`` where git cannot.
    """
    options = ["ls-files", "-z", "--others", "--exclude-standard"]
    if (root / ".git").exists():
        return _git(root, *options, "--cached")
    with tempfile.TemporaryDirectory() as folder:
        _git(root, "init", "--quiet", "--bare", folder)
        return _git(root, f"--git-dir={folder}", f"--work-tree={root}", *options)


def find(root: Path, names: Iterable[str], remembered: Path | None = None) -> list[Finding]:
    """Return what looks like a secret in the files ``names`` of ``root``. Nothing is asked of any service.

    ``remembered`` is a file that keeps what was found in each file for the next time: a file of the same name and
    content, looked at by the same version, is not looked at again. One that cannot be read or written is as good as
    none: the next look takes longer, and finds the same.
    """
    before = {} if remembered is None else _remembered(remembered)
    now: dict[str, list[Finding]] = {}
    unknown: dict[str, str] = {}
    for name in names:
        path = root / name
        # A link is another file's name; a file that git knows may be gone from the work tree.
        if not path.is_file() or path.is_symlink():
            continue
        key = _key(name, path.read_bytes())
        if key in before:
            now[key] = [Finding(name, *each) for each in before[key]]
        else:
            now[key], unknown[name] = [], key
    for finding in _scan(root, unknown):
        now[unknown[finding.file]].append(finding)
    if remembered is not None and (unknown or len(before) != len(now)):
        with suppress(OSError):
            _remember(remembered, now)
    return sorted(finding for found in now.values() for finding in found)


def _scan(root: Path, names: Collection[str]) -> list[Finding]:
    # Where each file is remembered, nothing is to be imported.
    from detect_secrets.core.secrets_collection import SecretsCollection  # noqa: PLC0415
    from detect_secrets.settings import default_settings, get_filters  # noqa: PLC0415

    collection = SecretsCollection(root=str(root))
    with default_settings() as settings:
        # A comment in the line could allow it without a word of why.
        settings.disable_filters("detect_secrets.filters.allowlist.is_line_allowlisted")
        # The filters are asked in this order.
        settings.filters = {f"{__name__}.{holds_nothing.__name__}": {}, **settings.filters}
        get_filters.cache_clear()
        for name in names:
            collection.scan_file(name)
    return [Finding(file, secret.line_number, secret.type, secret.secret_hash) for file, secret in collection]


def holds_nothing(filename: str, line: str) -> bool:
    """Return whether no detector sees anything in a line: a filter of detect-secrets, before all others.

    The library tells each of 27 detectors each line in a way that costs ten times what most of them do with it, and
    first asks of each line what matters only where one sees something. It does so for the lines that are left.
    """
    patterns, detectors = _detectors()
    return not any(pattern.search(line) for pattern in patterns) and not any(
        detector.analyze_line(filename=filename, line=line) for detector in detectors
    )


@cache
def _detectors() -> tuple[list[Pattern[str]], list[BasePlugin]]:
    """Return the patterns of all detectors that look for these alone, and the others."""
    from detect_secrets.plugins.base import RegexBasedDetector  # noqa: PLC0415
    from detect_secrets.settings import get_plugins  # noqa: PLC0415

    patterns, others = [], []
    for detector in get_plugins():
        kind = type(detector)
        if (kind.analyze_line, kind.analyze_string) == (
            RegexBasedDetector.analyze_line,
            RegexBasedDetector.analyze_string,
        ):
            patterns.extend(detector.denylist)
        else:
            others.append(detector)
    return patterns, others


def _key(name: str, content: bytes) -> str:
    """Return what a file's findings depend on: the name decides which of the scanner's filters apply."""
    return hashlib.sha256(b"\0".join((_scanner(), name.encode(), content))).hexdigest()


@cache
def _scanner() -> bytes:
    """Return what tells this way to look from another: the library's version, and this file, which sets it up."""
    return importlib.metadata.version("detect-secrets").encode() + Path(__file__).read_bytes()


def _remembered(file: Path) -> dict[str, list[tuple[int, str, str]]]:
    try:
        return {
            key: [(int(n), str(k), str(s)) for n, k, s in found] for key, found in json.loads(file.read_text()).items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(file: Path, found: Mapping[str, Iterable[Finding]]) -> None:
    """Keep what was found, in a new file: the old one may be the same as another checkout's."""
    rows = {key: [(each.line, each.kind, each.sha1) for each in findings] for key, findings in found.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        new = Path(folder, file.name)
        new.write_text(json.dumps(rows))
        new.replace(file)


def judge(findings: Iterable[Finding], allowed: Mapping[str, str]) -> tuple[list[Finding], list[str]]:
    """Return the findings that nobody allowed, and the entries of the allow-list that allow nothing (any more)."""
    findings = list(findings)
    found = {finding.sha1 for finding in findings}
    # The list's own entries look like secrets.
    itself = {hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest() for key in allowed}
    refused = [finding for finding in findings if finding.sha1 not in {*allowed, *itself}]
    return refused, [key for key in allowed if key not in found]


def _git(root: Path, *words: str) -> list[str]:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise BadInput("git is not there: install it (Debian: apt-get install git)") from None
    except subprocess.CalledProcessError as error:
        raise BadInput(f"git cannot list the files of {root}: {error.stderr.strip()}") from None
    return sorted(set(filter(None, done.stdout.split("\0"))))
