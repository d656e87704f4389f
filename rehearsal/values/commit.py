"""The commit that is rehearsed: always what is committed, never the work tree."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rehearsal.values.exits import ActionFailed, Refused

# The repository of what was pushed, in the state's folder: it has commits that the checkout may not have (any more).
REMOTE = "remote.git"


@dataclass(frozen=True)
class Commit:
    """One commit: full identity, message, author and date (ISO 8601), and the branch that is checked out.

    ``branch`` is empty where a commit is checked out by itself.
    """

    identity: str
    message: str
    author: str
    email: str
    date: str
    branch: str

    @property
    def short(self) -> str:
        """Eight hex digits, as people write it."""
        return self.identity[:8]

    @property
    def subject(self) -> str:
        """The message's first line."""
        return self.message.partition("\n")[0]

    @property
    def introduction(self) -> str:
        """What a person is told of it, in a line."""
        return f"commit {self.short} {self.subject} ({f'branch {self.branch}' if self.branch else 'on no branch'})"


def head(checkout: Path) -> Commit:
    """Return the commit that is checked out; raise ``Refused`` where there is none."""
    return named(checkout, "HEAD")


def named(checkout: Path, revision: str) -> Commit:
    """Return the commit that ``revision`` names; raise ``Refused`` where there is none."""
    try:
        # Whatever letters a person's git is told to write in (i18n.logOutputEncoding).
        form = ("--no-patch", "--encoding=UTF-8", "--format=%H%x00%an%x00%ae%x00%aI%x00%B")
        fields = _git(checkout, "show", *form, revision).split("\0")
    except subprocess.CalledProcessError as error:
        raise Refused(
            f"{checkout} has no commit to rehearse ({error.stderr.strip()}): a rehearsal runs what is committed"
        ) from None
    branch = _git(checkout, "branch", "--show-current").strip()
    return Commit(fields[0], fields[4].strip(), fields[1], fields[2], fields[3], branch)


def dirty(checkout: Path) -> int:
    """Return how many files of the work tree differ from the commit, untracked ones included."""
    return len(_git(checkout, "status", "--porcelain", "--untracked-files=normal").splitlines())


def export(checkout: Path, identity: str, folder: Path) -> None:
    """Write the files of a commit to ``folder``, without their history, as a connection's source artifact has them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as archive:
        subprocess.run(
            # The rights that a checkout has: git's own are that a file's group may write it, too
            # (findings/git-archive-lets-the-group-write.sh).
            ["git", "-c", "tar.umask=0022", "archive", "--format=tar", identity],
            cwd=checkout,
            env=_environment(checkout),
            stdout=archive,
            check=True,
        )
        archive.seek(0)
        done = subprocess.run(
            ["tar", "--extract", "--directory", folder], stdin=archive, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise ActionFailed(f"the files of {identity[:8]} cannot be written to {folder}: {done.stderr.splitlines()[0]}")


def output_variables(commit: Commit, configuration: Mapping[str, str]) -> dict[str, str]:
    """Return what a source action of a connection tells of its commit."""
    return {
        "AuthorDate": commit.date,
        "AuthorDisplayName": commit.author,
        "AuthorEmail": commit.email,
        "BranchName": configuration["BranchName"],
        "CommitId": commit.identity,
        "CommitMessage": commit.message,
        "ConnectionArn": configuration["ConnectionArn"],
        "FullRepositoryName": configuration["FullRepositoryId"],
        "ProviderType": "GitHub",
    }


def _git(checkout: Path, *arguments: str) -> str:
    try:
        return subprocess.run(
            ["git", *arguments],
            cwd=checkout,
            env=_environment(checkout),
            check=True,
            capture_output=True,
            text=True,
            errors="replace",
        ).stdout
    except FileNotFoundError:
        raise Refused(
            "git is missing: a rehearsal runs what is committed. Install it (Debian: apt-get install git)"
        ) from None


def _environment(checkout: Path) -> dict[str, str]:
    """Let git find what was pushed beside what the checkout has itself."""
    objects = checkout / ".rehearsal" / REMOTE / "objects"
    if not objects.exists():
        return dict(os.environ)
    # In quotes, as C has them: else it is a list of paths that ends one at each colon.
    quoted = str(objects).replace("\\", "\\\\").replace('"', '\\"')
    return {**os.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}
