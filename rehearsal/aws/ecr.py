"""What stands in for pushing images: the container engine keeps them, and the emulated ECR knows that they are there.

``cdk-assets`` is the real one; it is told to use a wrapper for ``docker`` (``CDK_DOCKER``). Two things of it are
replaced: ``login`` does nothing, and ``push`` checks that the image is in the local engine, under the name of the
repository, and notes it. The names that it gives to images are made this checkout's own (``Context.local``), and a
build is handed the certificates of a network that opens TLS. Everything else is the engine's.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from containers.checkout import Context
from containers.client import Client
from containers.option_fields import fields

_NAME = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^:]+):(?P<tag>.+)"
)


class _Clients(Protocol):
    def client(self, service: str, account: str, region: str) -> Any:
        """Return a boto3 client of the emulated AWS."""


def write_wrapper(wrapper: Path, pushed: Path, ctx: Context) -> None:
    """Write the wrapper: a shell script that takes the engine's place for the asset publisher."""
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    # A network that opens TLS has certificates of its own: a build of an image may ask for them.
    certificates = os.environ.get("SSL_CERT_FILE", "")
    secret = shlex.join(("--secret", fields("id=certificates", f"src={certificates}"))) if certificates else ""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in ctx.docker_env.items())
    engine, mine = shlex.join(ctx.docker), f"{ctx.prefix}/"
    wrapper.write_text(
        "#!/bin/sh\n"
        "# The container engine as cdk-assets sees it in a rehearsal: see rehearsal/aws/ecr.py.\n"
        f"{exports}"
        "for word; do\n"
        "  shift\n"
        f'  case "$word" in cdkasset-* | [0-9]*.dkr.ecr.*) word="{mine}$word" ;; esac\n'
        '  set -- "$@" "$word"\n'
        "done\n"
        'case "$1" in\n'
        "login) exit 0 ;;\n"
        "push)\n"
        f'  {engine} image inspect --format "pushed {{{{.Id}}}}" "$2" &&\n'
        f'  echo "${{2#{mine}}}" >> {shlex.quote(str(pushed))} ;;\n'
        f'build) shift; exec {engine} build {secret} "$@" ;;\n'
        f'*) exec {engine} "$@" ;;\n'
        "esac\n"
    )
    wrapper.chmod(0o755)


def pushed(file: Path) -> list[str]:
    """Return the images that builds have pushed, in their order; one that was pushed again stands there again."""
    return file.read_text().split() if file.exists() else []


def figure(new: int, log: Path) -> str:
    """Return how many images a build published and how many it found published.

    Both by what ``cdk-assets`` wrote into its log.
    """
    found = len(
        {line for line in log.read_text(errors="replace").splitlines() if ": Found " in line and ".dkr.ecr." in line}
    )
    counts = [f"{new} images published" if new else "", f"{found} images reused" if found else ""]
    return ", ".join(filter(None, counts))


def present(names: Iterable[str], ctx: Context) -> list[str]:
    """Return those of the published images ``names`` that the engine has."""
    images = set(Client(ctx).images())
    return [name for name in names if ctx.local(name) in images]


def register(names: Iterable[str], clients: _Clients) -> None:
    """Tell the emulated ECR of images, so that the publisher finds them published."""
    for name in names:
        if not (found := _NAME.fullmatch(name)):
            continue
        ecr = clients.client("ecr", found["account"], found["region"])
        digest = "sha256:" + hashlib.sha256(name.encode()).hexdigest()
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": digest},
            "layers": [],
        }
        try:
            ecr.put_image(
                repositoryName=found["repository"], imageManifest=json.dumps(manifest), imageTag=found["tag"],
                imageManifestMediaType=manifest["mediaType"],
            )  # fmt: skip
        except ecr.exceptions.ImageAlreadyExistsException:
            continue
