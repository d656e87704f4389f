"""Removing what carries a label, whatever else happens to it at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from containers import clearing
from containers.engine import Engine, ensure_base, external_bases, find
from containers.errors import EngineError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find()


@pytest.fixture
def label(engine: Engine, tmp_path: Path) -> Iterator[str]:
    made = f"floodgate.clearing={tmp_path}"
    yield made
    clearing.clear(engine, made, images=True)


@pytest.fixture(scope="module")
def image(engine: Engine) -> str:
    base = external_bases(ROOT / "src/wordpress/Dockerfile")[0]
    ensure_base(engine, base)
    return base


def things(engine: Engine, label: str) -> list[str]:
    mine = ("--quiet", "--filter", f"label={label}")
    kinds = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
    return [name for kind in kinds for name in engine(*kind, *mine).split()]


def test_all_with_the_label_goes_and_nothing_else(engine: Engine, label: str, image: str) -> None:
    other = f"{label}-other"
    try:
        for each in (label, other):
            engine("network", "create", "--label", each, each.rpartition("/")[2])
            engine("volume", "create", "--label", each)
            engine("create", "--label", each, image, "true")
        clearing.clear(engine, label, images=False)
        assert things(engine, label) == []
        assert len(things(engine, other)) == 3
    finally:
        clearing.clear(engine, other, images=False)


def test_containers_that_go_by_themselves_meanwhile_stop_no_removal(engine: Engine, label: str, image: str) -> None:
    """Ctrl-C ends a step whose container the engine then removes, at the moment of our own removal."""
    mine = ("--label", label)
    engine("network", "create", *mine, label.rpartition("/")[2])
    going = [
        engine("run", "--detach", "--rm", "--network", "none", *mine, image, "sleep", "600").strip() for _ in range(6)
    ]
    with ThreadPoolExecutor() as pool:
        for name in going:
            pool.submit(engine.run, "kill", name)
        clearing.clear(engine, label, images=False)
    assert things(engine, label) == []


def test_what_the_engine_refuses_for_good_is_said_with_its_reason(
    engine: Engine, label: str, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "PATIENCE", 0.5)
    network = label.rpartition("/")[2]
    engine("network", "create", "--label", label, network)
    stranger = engine("run", "--detach", "--rm", "--network", network, image, "sleep", "600").strip()
    try:
        with pytest.raises(EngineError, match="has active endpoints"):
            clearing.clear(engine, label, images=False)
    finally:
        engine("rm", "--force", "--volumes", stranger)
