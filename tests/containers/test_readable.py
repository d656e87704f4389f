"""Checkouts of people whose umask lets nobody else read their files."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers import clearing, readable
from containers.engine import Engine, ensure_base, external_bases, find

ROOT = Path(__file__).parents[2]

MODES = {"pages": 0o700, "pages/index.html": 0o600, "pages/open.html": 0o644, "bin": 0o750, "bin/start": 0o700}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "context"
    for name in MODES:
        path = made / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if "/" in name:
            path.write_text("#!/bin/sh\necho started\n" if name == "bin/start" else name)
        else:
            path.mkdir()
    for name, mode in MODES.items():
        (made / name).chmod(mode)
    made.chmod(0o755)
    return made


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_others_cannot_read_is_named(folder: Path) -> None:
    found = {str(path.relative_to(folder)) for path in readable.closed(folder)}
    assert found == {"pages", "pages/index.html", "bin", "bin/start"}
    assert list(readable.closed(folder / "pages/open.html")) == []


def test_an_image_is_built_from_what_all_can_read_and_the_checkout_stays(folder: Path) -> None:
    with readable.context(folder) as context:
        assert {name: oct(mode_of(context / name)) for name in MODES} == {
            **{"pages": "0o755", "pages/index.html": "0o644", "pages/open.html": "0o644"},
            **{"bin": "0o755", "bin/start": "0o755"},
        }
        assert (context / "pages/index.html").read_text() == "pages/index.html"
    assert not context.exists()
    assert {name: mode_of(folder / name) for name in MODES} == MODES


def test_what_all_can_read_is_not_copied(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "Dockerfile").chmod(0o644)
    (tmp_path / "gone").symlink_to("nowhere")
    with readable.context(tmp_path) as context:
        assert context == tmp_path


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    found = find()
    yield found
    clearing.clear(found, f"floodgate.readable={tmp_path}", images=True)


@pytest.mark.engine
def test_the_user_of_a_container_reads_and_starts_what_its_image_was_built_from(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    base = external_bases(ROOT / "src/wordpress/Dockerfile")[0]
    ensure_base(engine, base)
    dockerfile = folder / "bin/Dockerfile"
    dockerfile.write_text(
        f"FROM {base}\nCOPY pages /pages\nCOPY bin/start /\nUSER 33\nCMD cat /pages/*.html && /start\n"
    )
    dockerfile.chmod(0o600)
    tag, label = "fgreadable-test", f"floodgate.readable={tmp_path}"
    engine.build(tag, "--label", label, "--file", str(dockerfile), str(folder))
    shown = engine("run", "--rm", "--label", label, "--network", "none", tag)
    assert shown == "pages/index.htmlpages/open.htmlstarted\n"
