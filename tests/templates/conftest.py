"""Each settings file is synthesized once: the team's own, and those that the tests need."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from settings import load
from settings.settings import Settings
from tests.templates.synthesis import ROOT, synthesize
from tests.templates.variants import variant
from tests.templates.world import World

Make = Callable[[Settings], World]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """What settings make; equal settings are synthesized once."""
    worlds: list[World] = []

    def made(settings: Settings) -> World:
        found = next((world for world in worlds if world.settings == settings), None)
        if found is None:
            found = synthesize(settings, tmp_path_factory.mktemp("cdk.out"))
            worlds.append(found)
        return found

    return made


@pytest.fixture(scope="session")
def world(make: Make) -> World:
    """What settings.toml makes: what will be deployed."""
    return make(load(ROOT / "settings.toml"))


@pytest.fixture(scope="session")
def reference(make: Make) -> World:
    """What the tests' own settings make: what faults are put into."""
    return make(variant())
