"""Synthesis of the app as the CLI does it, in this process, for any settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from settings.settings import Settings
from tests.templates.assemblies import Assemblies
from tests.templates.inputs import ROOT, fingerprint
from tests.templates.world import Template, World

if TYPE_CHECKING:
    import aws_cdk as cdk

COMMIT = "0123456789abcdef0123456789abcdef01234567"

Make = Callable[[Settings], World]
# Synthesizes settings into a folder in a way of its own, which a file defines.
Synthesize = Callable[[Settings, Path], object]
Keep = Callable[[Synthesize, Settings, Path], Path]


def synthesize(settings: Settings, out: Path, *, add: Callable[[cdk.App], object] = lambda _: None) -> World:
    """Return what ``settings`` make for COMMIT, with the context of cdk.json; ``add`` puts more into the app."""
    import aws_cdk as cdk

    import app as entry

    app = cdk.App(context=json.loads((ROOT / "cdk.json").read_text())["context"], outdir=str(out))
    entry.build(app, settings=settings, commit=COMMIT)
    add(app)
    app.synth()
    return World(settings, out, read(out))


@contextmanager
def maker(at_start: str, kept: Path, passing: Path) -> Iterator[Make]:
    """Give what synthesizes settings for COMMIT, once for all processes and runs between which nothing changed.

    Nobody may change the assembly, nor its templates: a process reads them once. An AssertionError tells of it.
    """
    assemblies = Assemblies(kept, passing, synthesize, fingerprint, at_start)

    def made(settings: Settings) -> World:
        out = assemblies.of(settings)
        return World(settings, out, _read_once(out))

    yield made
    assemblies.check()


@contextmanager
def keeper(at_start: str, kept: Path, passing: Path) -> Iterator[Keep]:
    """Give what keeps what a test synthesizes in a way of its own, by what ``maker`` goes by and by the test's file.

    A synthesis that raises an error is not kept.
    """
    assemblies: dict[Path, Assemblies] = {}

    def keep(synthesize: Synthesize, settings: Settings, file: Path) -> Path:
        def joint(state: str) -> str:
            return sha256(state.encode() + file.read_bytes()).hexdigest()

        if file not in assemblies:
            name = file.relative_to(ROOT).with_suffix("").as_posix().replace("/", "-")
            (passing / name).mkdir(exist_ok=True)
            assemblies[file] = Assemblies(
                kept / name, passing / name, synthesize, lambda: joint(fingerprint()), joint(at_start)
            )
        return assemblies[file].of(settings)

    yield keep
    for each in assemblies.values():
        each.check()


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
