"""Images: the rehearsal's own, built once for a checkout, and the tasks', which must be there already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from containers import database
from containers.client import Client
from containers.errors import EngineError
from rehearsal.fargate.desired.errors import PlanError

CERTIFICATES = "SSL_CERT_DIR"
BASE = "debian:trixie-slim"
_FOLDER = Path(__file__).parent / "own_images"


def own_image(client: Client, name: str) -> str:
    """Return the tag of one of the rehearsal's own images for this checkout; another content has another tag."""
    content = hashlib.sha256()
    folder, _ = _source(name)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{client.ctx.prefix}/{name}:{content.hexdigest()[:12]}"


def with_own_image(
    client: Client,
    name: str,
    *options: str,
    arguments: Sequence[str] = (),
    secrets: Mapping[str, str] | None = None,
) -> None:
    """Call the engine with ``options``, one of the rehearsal's own images and ``arguments``: to create a container.

    The image is built when this checkout has not built it yet; what another has built is in the engine's cache.
    """
    image = own_image(client, name)
    command, *others = options
    call = (command, "--pull=never", *others, image, *arguments)
    try:
        client(*call, secrets=secrets)
    except EngineError:
        if client.exists("image", image):
            raise
        _build(client, name)
        client(*call, secrets=secrets)


def database_server(client: Client) -> str:
    """Return which server stands for Aurora MySQL here: its image is there afterwards."""

    def ensure(name: str) -> None:
        if not client.exists("image", own_image(client, name)):
            _build(client, name)

    return database.build(ensure, client.ctx.say)


def _build(client: Client, name: str) -> None:
    client.ctx.say(f"building the {name} image (once)")
    folder, dockerfile = _source(name)
    client.build(folder, own_image(client, name), dockerfile)


def _source(name: str) -> tuple[Path, str]:
    """Return the folder that an image is made of, and its Dockerfile in it. Database servers share a folder."""
    return (_FOLDER / "database", f"{name}/Dockerfile") if name in database.SERVERS else (_FOLDER / name, "Dockerfile")


@dataclass(frozen=True)
class Image:
    """An image of the local store.

    ``volumes`` are the paths that its Dockerfile declares as VOLUME, ``tags`` what it is called, ``certificates`` is
    its variable SSL_CERT_DIR: the folders, separated by colons, in which OpenSSL looks for whom it trusts.
    """

    id: str
    volumes: frozenset[str]
    tags: frozenset[str]
    certificates: str


def task_image(client: Client, where: str, reference: str) -> Image:
    """Find the local image that a task's container names; a missing one is a fault, as ECS cannot pull it either."""
    found = client.inspect("image", client.ctx.local(reference))
    if not found:
        raise PlanError(
            f"{where}: the image {reference} is not in the local store. "
            f"It is built from the asset manifest; ECS would stop the task with CannotPullContainerError."
        )
    config: dict[str, Any] = found[0].get("Config") or {}
    tags = {tag.removeprefix("localhost/") for tag in found[0].get("RepoTags") or ()}
    variables = dict(str(variable).split("=", 1) for variable in config.get("Env") or ())
    volumes = frozenset(config.get("Volumes") or ())
    return Image(found[0]["Id"], volumes, frozenset(tags), variables.get(CERTIFICATES, ""))


def pin(client: Client, image: Image) -> None:
    """Keep an image for this checkout: another checkout's clean-up cannot take it away."""
    tag = f"{client.ctx.prefix}/task:{image.id.removeprefix('sha256:')[:12]}"
    if tag not in image.tags:
        client("tag", image.id, tag)
