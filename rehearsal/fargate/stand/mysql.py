"""The database: MySQL or MariaDB in a container, kept from one deployment to the next, its data on a volume."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from containers import database as servers
from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.desired.backing_servers import Capacity, Database
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.stand.standing import Found, ensure_standing
from rehearsal.fargate.task.images import database_server, own_image
from rehearsal.fargate.task.kept_backups import filled, snapshot_of
from rehearsal.fargate.task.names import digest, network_name, resource_name
from rehearsal.fargate.task.storage import FILL_TIMEOUT, authorities, own_volume

# Seconds for which the first client waits that finds the database paused: "approximately 15", from "Scaling to Zero
# ACUs with automatic pause and resume" in the Aurora user guide.
RESUMES_WITHIN = 15
READY_WITHIN = 90.0  # seconds; an empty volume takes about half of one
# So long a server may take to write down what it holds.
_GRACE = 60  # seconds
_POLL = 0.2
# What Aurora MySQL gives to a cluster's master user, as far as MySQL and MariaDB know the privilege.
_PRIVILEGES = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, "
    "CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)


def ensure_database(client: Client, database: Database) -> None:
    """Bring a database up as planned: started if it is not running, recreated on its data if it runs differently."""
    name = resource_name(client.ctx, database.key)
    say, started = client.ctx.say, time.monotonic()
    server = database_server(client)
    image = own_image(client, server)
    options = [
        f"--port={database.port}",
        f"--max-connections={database.max_connections}",
        *(f"--{option(parameter)}={value}" for parameter, value in sorted(database.parameters.items())),
    ]
    network = network_name(client.ctx, database.network)
    data = f"{name}-{server}" + (f"-{digest(database.snapshot, 6)}" if database.snapshot else "")
    size = database.capacity
    specification = digest([image, network, database.aliases, size.memory_mib, size.idle, options, data])

    def reason(labels: Mapping[str, str]) -> str:
        same = labels.get("floodgate.server", "mariadb") == server
        how = (
            "restarted with new settings, which Aurora does not do"
            if same
            else f"{servers.SERVERS[server]} now, with data of its own"
        )
        return f"database {database.key.short}: {how}"

    def create() -> None:
        client(
            *("create", "--pull=never", f"--name={name}"),
            *client.labels("database", resource=str(database.key), specification=specification, server=server),
            *(f"--network={network}", *(f"--network-alias={alias}" for alias in database.aliases)),
            *("--restart=unless-stopped", f"--memory={size.memory_mib}m", "--cap-drop=ALL"),
            *("--security-opt=no-new-privileges", "--log-opt=max-size=10m"),
            f"--mount=type=volume,src={_volume(client, database, data)},dst={servers.DATA}",
            f"--mount=type=volume,src={authorities(client)},dst={servers.AUTHORITIES}",
            *(f"--env=NAMES={','.join(database.aliases)}", f"--env=PAUSES={_pauses(size)}", image, *options),
        )

    found = ensure_standing(client, name, specification, create, reason=reason, grace=_GRACE)
    version = _make_accounts(client, name, database)
    _fill(client, name, database, data)
    state = "kept running" if found is Found.RUNNING else f"ready in {time.monotonic() - started:.1f} s"
    say(f"database {database.key.short}: {servers.SERVERS[server]} {version} {state}")


def resize(client: Client, database: Key, size: Capacity) -> None:
    """Give a database that stands another capacity, as Aurora does: without a restart, its connections untouched.

    Its limit of connections stays: Aurora's is that of its last start.
    """
    name = resource_name(client.ctx, database)
    memory = size.memory_mib
    client("update", f"--memory={memory}m", f"--memory-swap={2 * memory}m", name)
    # In one step: an empty file would wake a database that pauses.
    write = 'cat >"$1.new" && mv "$1.new" "$1"'
    client("exec", "--interactive", name, "sh", "-c", write, "sh", "/run/mysqld/pauses", stdin=_pauses(size))


def _pauses(size: Capacity) -> str:
    """Return what the image's program ``pausing`` reads."""
    return "" if size.idle is None else f"{size.idle} {RESUMES_WITHIN}\n"


def _volume(client: Client, database: Database, name: str) -> str:
    """Return the volume of a database's data, made where there is none; another snapshot has another."""
    backup = snapshot_of(client.ctx.state, database)
    if database.snapshot and not client.inspect("volume", name):
        if backup:
            filled(backup, name).unlink(missing_ok=True)
        else:
            client.ctx.say(
                f"database {database.key.short}: EMPTY here, {database.snapshot} is no snapshot that `make backup` took"
            )
    return own_volume(client, name, str(database.key))


def _fill(client: Client, name: str, database: Database, volume: str) -> None:
    """Load the snapshot that the database begins with, once."""
    backup = snapshot_of(client.ctx.state, database)
    if backup is None or (mark := filled(backup, volume)).exists():
        return
    client.piped("exec", "--interactive", name, "sql", source=backup, timeout=FILL_TIMEOUT)
    mark.touch()
    client.ctx.say(f"database {database.key.short}: begins with {backup.name}")


def option(parameter: str) -> str:
    """Return the option of the server's command line that sets what RDS calls a parameter."""
    return "default-time-zone" if parameter == "time_zone" else parameter.replace("_", "-")


def _make_accounts(client: Client, name: str, database: Database) -> str:
    """Make the accounts as soon as the server answers, and return its version."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        # The container looks by itself, which costs less than a call of the engine for each look; it ends with it.
        patience = str(max(1, round(deadline - time.monotonic())))
        call = ("exec", "--interactive", name, "answering", patience, "sql", "--batch", "--skip-column-names")
        done = client.run(*call, stdin=f"SELECT VERSION();\n{accounts(database)}")
        if done.returncode == 0:
            return done.stdout.strip().partition("-")[0]
        # The last line alone: those before it hold the statement, and that the password.
        reason = (done.stderr.strip().splitlines() or [""])[-1]
        if reason.startswith("ERROR "):
            raise EngineError(f"database {database.key.short}: the server refuses its accounts: {reason}")
        state: dict[str, Any] = client.inspect("container", name)[0]["State"]
        if not state["Running"] or time.monotonic() > deadline:
            done = client.run("logs", "--tail=20", name)
            raise DeploymentFailed(
                f"database {database.key.short}: not ready"
                + (
                    f" within {READY_WITHIN:.0f} s"
                    if state["Running"]
                    else f", it ended with exit code {state['ExitCode']}"
                ),
                (done.stdout + done.stderr).strip(),
            )
        time.sleep(_POLL)


def accounts(database: Database) -> str:
    """Return the SQL that makes the database and its master user.

    It gives a user who is there the password that the secret has now.
    """
    user, password = f"{_quoted(database.user)}@'%'", _quoted(database.password)
    statements = [
        f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY {password}",
        f"ALTER USER {user} IDENTIFIED BY {password}",
        f"GRANT {_PRIVILEGES} ON *.* TO {user} WITH GRANT OPTION",
    ]
    if database.name:
        statements.append(f"CREATE DATABASE IF NOT EXISTS `{database.name.replace('`', '``')}`")
    return ";\n".join(statements) + ";\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
