"""Volumes for file systems: one for each folder that tasks mount. They outlive tasks and deployments."""

from __future__ import annotations

from containers.client import Client
from rehearsal.fargate.desired.task import SharedVolume
from rehearsal.fargate.task.images import BASE
from rehearsal.fargate.task.kept_backups import RESTORED, filled, restored_of
from rehearsal.fargate.task.names import digest, resource_name

FILL_TIMEOUT = 600.0  # seconds

# As an access point: owner and mode are given when the folder comes into being, and never changed afterwards.
_MAKE = 'test -n "$(ls -A /folder)" || { chown "$1" /folder && chmod "$2" /folder; }'


def shared_volume(client: Client, volume: SharedVolume) -> str:
    """Return the name of the volume for a file system's folder, made with owner and mode before its first use."""
    name = resource_name(client.ctx, volume.file_system) + ("" if volume.path == "/" else f"-{digest(volume.path, 6)}")
    labels = client.labels("storage", resource=str(volume.file_system), path=volume.path)
    backup = restored_of(client.ctx.state, volume)
    if not client.inspect("volume", name):
        client("volume", "create", *labels, name)
        if backup:
            filled(backup, name).unlink(missing_ok=True)
        if volume.path.startswith(f"/{RESTORED}"):
            client.ctx.say(
                f"{volume.file_system.short}: {volume.path} "
                + ("has what was restored there" if backup else "is EMPTY here: `make backup` made no such backup")
            )
    if not client("ps", "--all", "--quiet", f"--filter=volume={name}"):
        client(
            *("run", "--rm", "--network=none", *client.labels("setup"), f"--mount=type=volume,src={name},dst=/folder"),
            *(BASE, "sh", "-c", _MAKE, "sh", f"{volume.uid}:{volume.gid}", volume.mode),
        )
    if backup and not (mark := filled(backup, name)).exists():
        mount = f"--mount=type=volume,src={name},dst=/folder"
        call = ("run", "--rm", "--interactive", "--network=none", *client.labels("setup"), mount, BASE)
        command = ("tar", "--extract", "--numeric-owner", "--directory=/folder")
        client.piped(*call, *command, source=backup, timeout=FILL_TIMEOUT)
        mark.touch()
    return name


def authorities(client: Client) -> str:
    """Return the volume with what certifies this checkout's databases, as RDS's authorities certify RDS's."""
    return own_volume(client, f"{client.ctx.prefix}-authorities", "authorities")


def own_volume(client: Client, name: str, resource: str) -> str:
    """Return the volume of that name, made where there is none."""
    if not client.inspect("volume", name):
        client("volume", "create", *client.labels("storage", resource=resource), name)
    return name
