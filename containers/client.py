"""The container engine's command line: every call goes through here, is bounded in time, and fails with one message."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from containers.checkout import Context
from containers.errors import EngineError

CHECKOUT = "floodgate.checkout"
ROLE = "floodgate.role"
RESOURCE = "floodgate.resource"
CALL_TIMEOUT = 120.0  # seconds; a loaded machine may take long to start a container
_PATIENCE_WITH_BUILDS = 1200.0


class Client:
    """The engine of one rehearsal, with the labels that mark what belongs to its checkout."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._environment = {**os.environ, **ctx.docker_env}

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
        """Call the engine; its exit code is the caller's to judge.

        ``secrets`` go into the client's environment, where ``--env NAME`` picks them up: not on a command line that
        others can list, and not in a file.
        """
        try:
            return subprocess.run(
                [*self.ctx.docker, *args],
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                env={**self._environment, **(secrets or {})},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EngineError(f"{self.ctx.docker[0]} {args[0]} gave no answer in {timeout:.0f} s.") from None
        except OSError as error:
            raise EngineError(f"{self.ctx.docker[0]} cannot be run: {error.strerror}.") from None

    def __call__(
        self,
        *args: str,
        stdin: str | None = None,
        secrets: Mapping[str, str] | None = None,
        timeout: float = CALL_TIMEOUT,
    ) -> str:
        """Call the engine and return what it prints; a failure is an EngineError with its reason."""
        done = self.run(*args, stdin=stdin, secrets=secrets, timeout=timeout)
        if done.returncode:
            lines = [line for line in done.stderr.strip().splitlines() if line and "--help" not in line]
            told = (
                [line for line in lines if "Error response" in line] or lines[-1:] or [f"exit code {done.returncode}"]
            )
            raise EngineError(f"{self.ctx.docker[0]} {args[0]} failed: {told[0]}")
        return done.stdout.strip()

    def build(self, folder: Path, tag: str) -> None:
        """Build an image from a folder with a Dockerfile."""
        done = self.run("build", "--quiet", "--tag", tag, str(folder), timeout=_PATIENCE_WITH_BUILDS)
        if done.returncode:
            tail = "\n".join(done.stderr.strip().splitlines()[-15:])
            raise EngineError(f"the image {tag} could not be built from {folder}.", tail)

    def inspect(self, kind: str, *names: str) -> list[dict[str, Any]]:
        """Return what the engine knows of things of one kind, without those that are gone."""
        if not names:
            return []
        done = self.run(kind, "inspect", *names)
        found = json.loads(done.stdout or "[]")
        if done.returncode and "no such" not in done.stderr.lower():
            raise EngineError(f"{self.ctx.docker[0]} {kind} inspect failed: {done.stderr.strip().splitlines()[-1]}")
        return list(found)

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
