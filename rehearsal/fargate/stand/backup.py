"""Takes backups of what stands: all databases and the folders of all file systems of a stack, at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from containers.client import PATH, RESOURCE, ROLE, Client
from rehearsal.fargate.desired.backing_servers import Database
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.task import kept_backups
from rehearsal.fargate.task.images import BASE
from rehearsal.fargate.task.names import resource_name
from rehearsal.values.stack import Stack

TIMEOUT = 600.0  # seconds for one database or folder
# As RDS's snapshots do, it has the accounts too: MySQL lets nobody make one of which a routine says that it is theirs.
_DUMP = """
set -eu
dump=$(command -v mariadb-dump || command -v mysqldump)
accounts=$(sql -BNe "SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user WHERE host = '%' AND user <> 'root'")
for account in $accounts; do
    sql -BNe "/*!80017 SET SESSION print_identified_with_as_hex = ON */;
        SHOW CREATE USER $account; SHOW GRANTS FOR $account"
done | sed 's/^CREATE USER/& IF NOT EXISTS/; s/$/;/'
exec awake "$dump" --single-transaction --routines --events --triggers --databases "$1"
"""


@dataclass(frozen=True)
class Backup:
    """What was backed up: the ARNs of snapshots, and the folder in which file systems have what was restored."""

    snapshots: tuple[str, ...]
    restored: str


def take(client: Client, stack: Stack, plan: Plan, moment: str) -> Backup:
    """Back up a stack, and return what a template calls it. Raise EngineError.

    ``moment`` names it. Writes go on: the database is as it was when its dump began, a folder is read as it is.
    """
    # People's names and the hashes of passwords are in it: this user's alone.
    kept_backups.folder(client.ctx.state).mkdir(mode=0o700, parents=True, exist_ok=True)
    restored = f"{kept_backups.RESTORED}{moment}"
    snapshots = tuple(_snapshot(client, database, moment) for database in plan.databases)
    for volume, key, path in _volumes(client, stack):
        file = kept_backups.restored_file(client.ctx.state, restored, key, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        mount = f"--mount=type=volume,src={volume},dst=/folder,readonly"
        arguments = ("run", "--rm", "--network=none", *client.labels("setup"), mount, BASE)
        command = ("tar", "--create", "--numeric-owner", "--directory=/folder", ".")
        client.piped(*arguments, *command, out=file, timeout=TIMEOUT)
        client.ctx.say(f"file system {key.short}: {path} is in {file}")
    return Backup(snapshots, f"/{restored}")


def _snapshot(client: Client, database: Database, moment: str) -> str:
    name = kept_backups.snapshot_name(database.key, moment)
    file = kept_backups.snapshot_file(client.ctx.state, name)
    container = resource_name(client.ctx, database.key)
    client.piped("exec", container, "sh", "-c", _DUMP, "sh", database.name or "mysql", out=file, timeout=TIMEOUT)
    client.ctx.say(f"database {database.key.short}: {file}")
    return f"arn:aws:rds:{database.key.region}:{database.key.account}:cluster-snapshot:{name}"


def _volumes(client: Client, stack: Stack) -> Iterator[tuple[str, Key, str]]:
    """Yield the volumes of file systems' folders: name, file system, and path in it."""
    for volume in client.inspect("volume", *client.mine_of("volume", f"{ROLE}=storage")):
        labels = volume["Labels"]
        if PATH in labels and str(labels[RESOURCE]).startswith(f"{stack.place}/"):
            yield volume["Name"], Key.parse(labels[RESOURCE]), labels[PATH]
