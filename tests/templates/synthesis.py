"""Synthesis of the app as the CLI does it, in this process, for any settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
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
    # It would be made anew in each run, without a word.
    if changed := assemblies.changed():
        files = "\n".join(map(str, changed))
        raise AssertionError(
            f"Written or removed in a synthesis that others read; who has to, copies it first:\n{files}"
        )


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
