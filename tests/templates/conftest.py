"""Each settings file is synthesized once: the team's own, and those that the tests need."""

from __future__ import annotations

import pytest

from settings import load
from tests.templates.inputs import ROOT
from tests.templates.synthesis import Make
from tests.templates.variants import variant
from tests.templates.world import World


@pytest.fixture(scope="session")
def world(make: Make) -> World:
    """What settings.toml makes: what will be deployed."""
    return make(load(ROOT / "settings.toml"))


@pytest.fixture(scope="session")
def reference(make: Make) -> World:
    """What the tests' own settings make: what faults are put into."""
    return make(variant())
