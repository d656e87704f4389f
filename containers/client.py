"""The engine of one checkout: what carries its labels, and what the engine knows of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from containers.checkout import Context
from containers.engine import CALL_TIMEOUT, Engine
from containers.errors import EngineError

CHECKOUT = "floodgate.checkout"
ROLE = "floodgate.role"
RESOURCE = "floodgate.resource"
PATH = "floodgate.path"
# How to list ids and names of things of a kind, one each line.
_LISTINGS: Mapping[str, Sequence[str]] = {
    "container": ("container", "ls", "--all", "--no-trunc", "--format={{.ID}} {{.Names}}"),
    "image": ("image", "ls", "--no-trunc", "--format={{.ID}} {{.Repository}}:{{.Tag}}"),
    "network": ("network", "ls", "--no-trunc", "--format={{.ID}} {{.Name}}"),
    "volume": ("volume", "ls", "--format={{.Name}}"),
}


class Client:
    """The engine of one rehearsal, with the labels that mark what belongs to its checkout."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._engine = Engine(ctx.docker, ctx.docker_env)

    @property
    def mine(self) -> str:
        """The label, with its value, that everything of this checkout carries."""
        return f"{CHECKOUT}={self.ctx.checkout}"

    def labels(self, role: str, **more: str) -> list[str]:
        """Return command-line options that label something as this checkout's."""
        labels = {CHECKOUT: str(self.ctx.checkout), ROLE: role, **{f"floodgate.{k}": v for k, v in more.items()}}
        return [f"--label={name}={value}" for name, value in labels.items()]

    def run(
        self,
        *args: str,
        stdin: str | None = None,
        secrets: Mapping[str, str] | None = None,
        timeout: float = CALL_TIMEOUT,
    ) -> subprocess.CompletedProcess[str]:
        """Call ``Engine.run``: the exit code is the caller's to judge."""
        return self._engine.run(*args, stdin=stdin, secrets=secrets, timeout=timeout)

    def __call__(
        self,
        *args: str,
        stdin: str | None = None,
        secrets: Mapping[str, str] | None = None,
        timeout: float = CALL_TIMEOUT,
    ) -> str:
        """Call ``Engine``, and return what it prints without the white space around it."""
        return self._engine(*args, stdin=stdin, secrets=secrets, timeout=timeout).strip()

    def piped(
        self, *args: str, source: Path | None = None, out: Path | None = None, timeout: float = CALL_TIMEOUT
    ) -> None:
        """Call ``Engine.piped``."""
        self._engine.piped(*args, source=source, out=out, timeout=timeout)

    def build(self, folder: Path, tag: str, dockerfile: str = "Dockerfile") -> None:
        """Build an image from a folder with a Dockerfile."""
        self._engine.build(tag, "--file", str(folder / dockerfile), str(folder))

    def inspect(self, kind: str, *names: str) -> list[dict[str, Any]]:
        """Return what the engine knows of things of one kind, without those that are gone."""
        there = list(names)
        while there:
            done = self.run(kind, "inspect", *there)
            if not done.returncode:
                return list(json.loads(done.stdout))
            # Every version of every client says in words of its own that something is gone. So: what is there?
            left = [name for name in there if self.exists(kind, name)]
            if left == there:
                reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise EngineError(f"{self.ctx.docker[0]} {kind} inspect failed: {reason}")
            there = left
        return []

    def exists(self, kind: str, name: str) -> bool:
        """Say whether the engine has a container, image, network or volume of that name or id."""
        words = self(*_LISTINGS[kind]).split()
        return any(name in {word, f"localhost/{word}", word.removeprefix("localhost/")} for word in words)

    def containers(self, *filters: str) -> list[dict[str, Any]]:
        """Return this checkout's containers, running or not, that carry the labels ``filters`` (``name=value``)."""
        options = [f"--filter=label={each}" for each in (self.mine, *filters)]
        return self.inspect("container", *self("ps", "--all", "--quiet", "--no-trunc", *options).split())

    def images(self) -> list[str]:
        """Return the names of all images with their tags, as they were given.

        podman writes its own registry before them.
        """
        listed = self("image", "ls", "--format={{.Repository}}:{{.Tag}}").splitlines()
        return [name.removeprefix("localhost/") for name in listed]

    def mine_of(self, kind: str, *filters: str) -> list[str]:
        """Return the names of this checkout's networks or volumes."""
        name = "{{.Name}}"
        options = [f"--filter=label={each}" for each in (self.mine, *filters)]
        return self(kind, "ls", f"--format={name}", *options).split()
