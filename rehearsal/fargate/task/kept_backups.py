"""Backups of databases and file systems: files of the rehearsal's folder, named as RDS and AWS Backup name theirs."""

from __future__ import annotations

import re
from pathlib import Path

from rehearsal.fargate.desired.backing_servers import Database
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.task import SharedVolume

# AWS Backup puts what it restores into a file system that is in use below such a folder, beside what is there.
RESTORED = "aws-backup-restore_"
_SNAPSHOT = re.compile(
    r"arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:cluster-snapshot:(?P<name>[A-Za-z0-9:-]+)|(?P<id>[A-Za-z0-9-]+)"
)


def folder(state: Path) -> Path:
    """Return where backups are kept, below a checkout's state."""
    return state / "backups"


def snapshot_name(key: Key, moment: str) -> str:
    """Return what a snapshot of a cluster is called."""
    return f"{key.stack}-{key.short}-{moment}".lower()


def snapshot_file(state: Path, name: str) -> Path:
    """Return the file of a cluster's snapshot: statements of SQL."""
    return folder(state) / f"{name}.sql"


def restored_file(state: Path, restored: str, key: Key, path: str) -> Path:
    """Return the file of a file system's folder ``path`` in a backup that is restored as ``restored``: a tar."""
    name = f"{key.logical_id}{path}".replace("/", ".")
    return folder(state) / restored / f"{name}.tar"


def snapshot_of(state: Path, database: Database) -> Path | None:
    """Return what a database begins with; None: there is no snapshot of that name here."""
    found = _SNAPSHOT.fullmatch(database.snapshot or "")
    file = snapshot_file(state, found["name"] or found["id"]) if found else None
    return file if file and file.is_file() else None


def restored_of(state: Path, volume: SharedVolume) -> Path | None:
    """Return what a folder of a file system begins with; None: nothing has been restored there."""
    first, _, rest = volume.path.removeprefix("/").partition("/")
    file = restored_file(state, first, volume.file_system, f"/{rest}")
    return file if first.startswith(RESTORED) and file.is_file() else None


def filled(backup: Path, volume: str) -> Path:
    """Return the file that is there once all of a backup is in a volume: what was killed before is begun anew."""
    return backup.with_name(f"{backup.name}.{volume}.filled")
