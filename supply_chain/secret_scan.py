"""Secrets in the files of a commit, by detect-secrets: keys of known services, passwords in code, random strings."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

from supply_chain.errors import BadInput


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


def find(root: Path, names: Iterable[str]) -> list[Finding]:
    """Return what looks like a secret in the files ``names`` of ``root``. Nothing is asked of any service."""
    collection = SecretsCollection(root=str(root))
    with default_settings() as settings:
        # A comment in the line could allow it without a word of why.
        settings.disable_filters("detect_secrets.filters.allowlist.is_line_allowlisted")
        # A link is another file's name; a file that git knows may be gone from the work tree.
        collection.scan_files(*(name for name in names if (root / name).is_file() and not (root / name).is_symlink()))
    return sorted(
        Finding(file, secret.line_number, secret.type, secret.secret_hash) for file, secret in collection
    )  # fmt: skip


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
