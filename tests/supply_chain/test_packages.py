"""The images' packages come in the versions of the lock, or the build says which do not."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from containers import engine
from supply_chain import packages

ROOT = Path(__file__).parents[2]
CORE = ROOT / "src/core"
LOCK = (CORE / "packages.lock").read_text()
MOMENT = datetime(2027, 2, 1, 18, 0, tzinfo=UTC)
# A snapshot that nobody has: what the mirror does not have is then had nowhere, on every machine.
DOCKERFILE = """
FROM debian:trixie-slim
RUN {base} && echo "127.0.0.1 snapshot.debian.org" >> /etc/hosts || true
COPY pinned.sh packages.lock /core/
RUN sh /core/pinned.sh install /core/packages.lock brotli
"""


def test_what_lines_share_stands_once() -> None:
    written = packages.text(
        MOMENT,
        {
            "6.8": {"curl": "8.14.1-2", "wordpress": "6.8.3", "libjs-a": "1"},
            "7.1": {"curl": "8.14.1-2", "wordpress": "7.1.3"},
        },
    )
    assert "# snapshot 20270201T180000Z\n" in written
    assert packages.read(written) == {
        ("curl", ""): "8.14.1-2",
        ("libjs-a", "6.8"): "1",
        ("wordpress", "6.8"): "6.8.3",
        ("wordpress", "7.1"): "7.1.3",
    }


def test_what_another_lock_changes_is_named() -> None:
    before = packages.text(MOMENT, {"6.8": {"curl": "8.14.1-2", "php": "8.4.1", "gone": "1"}})
    after = packages.text(MOMENT, {"6.8": {"curl": "8.14.1-2+deb13u1", "php": "8.4.1", "new": "2"}})
    assert packages.changes(before, after) == [
        "curl: 8.14.1-2 -> 8.14.1-2+deb13u1",
        "gone: 1 -> none",
        "new: none -> 2",
    ]
    assert packages.changes(after, after) == []


def test_the_lock_has_a_moment_and_every_package_that_a_dockerfile_asks_for() -> None:
    assert re.search(r"^# snapshot \d{8}T\d{6}Z$", LOCK, re.MULTILINE)
    names = {name for name, _ in packages.read(LOCK)}
    requested = set[str]()
    for file in (*(ROOT / "src").glob("*/Dockerfile"), ROOT / "loadtest/Dockerfile"):
        for words in re.findall(r"pinned\.sh install \S+/packages\.lock ([^&]+?) *\\?\n? *&&", file.read_text()):
            requested |= set(words.replace("\\", " ").split())
    assert {"nginx", "php8.4-fpm", "brotli", "python3-venv", "python3-minimal"} <= requested
    assert requested <= names, f"not in the lock: {requested - names}; `make packages` writes it"
    assert {line for _, line in packages.read(LOCK) if line} == set(packages.LINES)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("base", "built", "words"),
    [
        pytest.param("touch /etc/apt/apt.conf.d/docker-clean", False, "brotli {} and not 0.1-1", id="no image"),
        pytest.param("rm -f /etc/apt/apt.conf.d/docker-clean", True, "as the mirror has it: brotli", id="a closed one"),
    ],
)
def test_a_version_that_is_not_to_be_had_is_named(tmp_path: Path, base: str, built: bool, words: str) -> None:
    """Where the base comes from a registry, the build ends; where it was made from a mirror, it goes on."""
    lock = "".join(f"{row}\n" for row in LOCK.splitlines() if row.startswith(("#", "libbrotli1 ")))
    (tmp_path / "packages.lock").write_text(f"{lock}brotli 0.1-1\n")
    (tmp_path / "pinned.sh").write_bytes((CORE / "pinned.sh").read_bytes())
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.format(base=base))
    done = engine.find().run("build", "--no-cache", str(tmp_path), timeout=300)
    output = done.stdout + done.stderr
    assert (done.returncode == 0) is built, output
    assert words.format(packages.read(LOCK)["brotli", ""]) in output or words.partition(" {}")[0] in output, output
    assert built or "69" in output.strip().splitlines()[-1], output
