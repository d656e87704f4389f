"""Synthesis of the app as the CLI does it, in this process, for any settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from containers.file_lock import file_lock
from settings.settings import Settings
from tests.templates.world import Template, World

if TYPE_CHECKING:
    import aws_cdk as cdk

ROOT = Path(__file__).parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"

Make = Callable[[Settings], World]


def synthesize(settings: Settings, out: Path, *, add: Callable[[cdk.App], object] = lambda _: None) -> World:
    """Return what ``settings`` make for COMMIT, with the context of cdk.json; ``add`` puts more into the app."""
    import aws_cdk as cdk

    import app as entry

    app = cdk.App(context=json.loads((ROOT / "cdk.json").read_text())["context"], outdir=str(out))
    entry.build(app, settings=settings, commit=COMMIT)
    add(app)
    app.synth()
    return World(settings, out, read(out))


def synthesized(settings: Settings, shared: Path) -> World:
    """Return what ``settings`` make for COMMIT, synthesized by the first process that asks in the folder ``shared``.

    Nobody may change the assembly, nor its templates: a process reads them once.
    """
    out = shared / sha256(settings.model_dump_json().encode()).hexdigest()[:16]
    done = out.with_suffix(".done")
    with file_lock(out.with_suffix(".lock"), wait=True):
        if not done.exists():
            synthesize(settings, out)
            done.touch()
    return World(settings, out, _read_once(out))


def read(assembly: Path) -> dict[str, Template]:
    """Read all templates of an assembly, by the path of their stack."""
    return {
        artifact["displayName"].split(" ")[0]: json.loads(
            (manifest.parent / artifact["properties"]["templateFile"]).read_text()
        )
        for manifest in assembly.rglob("manifest.json")
        for artifact in json.loads(manifest.read_text())["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    }


_read_once = cache(read)
