"""Images: the rehearsal's own, built once for every checkout, and the tasks', which must be there already."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.fargate.client import Client
from rehearsal.fargate.errors import PlanError

BASE = "debian:trixie-slim"
REPOSITORY = "floodgate-rehearsal"
_FOLDER = Path(__file__).parent / "images"


def own_image(client: Client, name: str) -> str:
    """The tag of one of the rehearsal's own images; it is built when no checkout has built it yet."""
    folder = _FOLDER / name
    content = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        content.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    tag = f"{REPOSITORY}/{name}:{content.hexdigest()[:12]}"
    if not client.inspect("image", tag):
        client.ctx.say(f"building the {name} image (once)")
        client.build(folder, tag)
    return tag


@dataclass(frozen=True)
class Image:
    """An image of the local store. ``volumes`` are the paths that its Dockerfile declares as VOLUME."""

    id: str
    volumes: frozenset[str]


def task_image(client: Client, where: str, reference: str) -> Image:
    """The local image that a task's container names; a missing one is a fault, as ECS cannot pull it either."""
    found = client.inspect("image", reference)
    if not found:
        raise PlanError(
            f"{where}: the image {reference} is not in the local store. "
            f"It is built from the asset manifest; ECS would stop the task with CannotPullContainerError."
        )
    config: dict[str, Any] = found[0].get("Config") or {}
    return Image(found[0]["Id"], frozenset(config.get("Volumes") or ()))


def pin(client: Client, image: Image) -> None:
    """Keeps an image for this checkout: another checkout's clean-up cannot take it away."""
    client("tag", image.id, f"{client.ctx.prefix}/task:{image.id.removeprefix('sha256:')[:12]}")
