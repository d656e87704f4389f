"""One synthesis of the app as it is deployed: with the context of cdk.json and the settings of settings.toml."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import app as entry
from settings import Settings, load
from tests.templates.world import World

ROOT = Path(__file__).parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"

Synthesize = Callable[[Callable[[cdk.App], Any]], Path]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load(ROOT / "settings.toml")


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Make a cloud assembly of what a function puts into an app."""

    def assembly(fill: Callable[[cdk.App], Any]) -> Path:
        out = tmp_path_factory.mktemp("cdk.out")
        app = cdk.App(context=json.loads((ROOT / "cdk.json").read_text())["context"], outdir=str(out))
        fill(app)
        app.synth()
        return out

    return assembly


@pytest.fixture(scope="session")
def assembly(synthesize: Synthesize, settings: Settings) -> Path:
    """The cloud assembly, as deployed for COMMIT."""
    return synthesize(lambda app: entry.build(app, settings=settings, commit=COMMIT))


@pytest.fixture(scope="session")
def world(assembly: Path) -> World:
    """All templates of the assembly."""
    return read(assembly)


def read(assembly: Path) -> World:
    """All templates of an assembly, by the path of their stack."""
    return {
        artifact["displayName"].split(" ")[0]: json.loads(
            (manifest.parent / artifact["properties"]["templateFile"]).read_text()
        )
        for manifest in assembly.rglob("manifest.json")
        for artifact in json.loads(manifest.read_text())["artifacts"].values()
        if artifact["type"] == "aws:cloudformation:stack"
    }
