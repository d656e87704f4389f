"""Each lock can be installed on each supported Python from wheels alone; the package index is asked about all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
UV: Final = Path(sys.executable).with_name("uv")
UNREACHABLE: Final = ("Failed to fetch", "error sending request", "Request failed", "client error", "timed out")


def supported() -> list[str]:
    """Return the versions that pyproject.toml names."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    match = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", wanted)
    assert match, f"requires-python is {wanted!r}, and both requirements/install.sh and this read >=3.A,<3.B"
    return [f"3.{minor}" for minor in range(int(match[1]), int(match[2]))]


LOCKS: Final = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))
EVERYTHING: Final = "all"


def trouble(lock: Path, version: str, target: Path, environment: Mapping[str, str], *more: str) -> str:
    """Return what keeps a lock from being installed on that Python from wheels; nothing where it can be.

    ``more`` are options of uv's.
    """
    how = ["--dry-run", "--quiet", "--python-version", version, "--only-binary", ":all:", "--require-hashes", *more]
    done = subprocess.run(
        [UV, "pip", "install", *how, "--target", target, "--requirements", lock],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    if done.returncode == 0:
        return ""
    if any(words in done.stderr for words in UNREACHABLE):
        return f"{lock.name} was not resolved for Python {version}: the package index does not answer.\n{done.stderr}"
    return f"{lock.name} cannot be installed on Python {version} from wheels:\n{done.stderr}"


def troubles_of(version: str, target: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what keeps each lock from that Python.

    The others have nothing that the lock of everything has not: what the package index says of it, uv still has when
    they are looked at. Where that does not do, the index is asked for them too.
    """
    found: dict[str, str] = {}
    for lock in sorted(LOCKS, key=EVERYTHING.__ne__):
        path = ROOT / "requirements" / f"{lock}.txt"
        if lock == EVERYTHING or found[EVERYTHING] or trouble(path, version, target, environment, "--offline"):
            found[lock] = trouble(path, version, target, environment)
        else:
            found[lock] = ""
    return found


@pytest.fixture(scope="module")
def troubles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[dict[str, str]]]]:
    """What keeps the locks from each Python: asked beside each other, for mostly they wait for the package index."""
    folder = tmp_path_factory.mktemp("targets")
    environment = dict(os.environ)  # as it is now: other tests change theirs while the pool's threads go on
    with ThreadPoolExecutor() as pool:
        yield {version: pool.submit(troubles_of, version, folder / version, environment) for version in supported()}


@pytest.mark.parametrize("version", supported())
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_wheels_for_a_supported_python(
    lock: str, version: str, troubles: dict[str, Future[dict[str, str]]]
) -> None:
    if found := troubles[version].result()[lock]:
        pytest.fail(found, pytrace=False)


def test_locks_and_versions_are_those_that_there_are() -> None:
    assert LOCKS == ["all", "bootstrap", "loadtest", "sbom", "worker"]
    assert supported() == ["3.11", "3.12", "3.13", "3.14"]


# ruptures has wheels up to Python 3.13 and its source.
WITHOUT_A_WHEEL: Final = "ruptures==1.1.10 --hash=sha256:{}\n"


def test_the_package_and_the_python_without_a_wheel_are_named(tmp_path: Path) -> None:
    lock = tmp_path / "planted.txt"
    lock.write_text(WITHOUT_A_WHEEL.format("0" * 64))
    found = trouble(lock, "3.14", tmp_path, os.environ)
    assert "planted.txt cannot be installed on Python 3.14 from wheels" in found
    assert "ruptures==1.1.10 has no usable wheels" in found


def test_an_index_that_does_not_answer_is_no_pass_and_is_named(tmp_path: Path) -> None:
    nowhere = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_CACHE_DIR": str(tmp_path / "cache")}
    nowhere |= {"UV_HTTP_RETRIES": "0", "UV_INDEX": "", "UV_EXTRA_INDEX_URL": "", "UV_FIND_LINKS": ""}
    found = trouble(ROOT / "requirements/bootstrap.txt", "3.11", tmp_path, {**os.environ, **nowhere})
    assert "bootstrap.txt was not resolved for Python 3.11: the package index does not answer." in found


def versions(lock: str) -> dict[str, set[str]]:
    """Return the versions that a lock's text has of each package: more than one where Pythons differ."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", lock, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def disagreements(locks: dict[str, str]) -> list[str]:
    """Return a sentence for each package of which a lock has a version that the lock of everything does not have."""
    everything = versions(locks["all"])
    return [
        f"{lock}.txt has {name} {', '.join(sorted(found - everything.get(name, set())))}, and all.txt does not"
        for lock, text in locks.items()
        for name, found in versions(text).items()
        if found - everything.get(name, set())
    ]


def test_what_is_tested_is_what_storms_and_what_is_deployed() -> None:
    locks = {lock: (ROOT / "requirements" / f"{lock}.txt").read_text() for lock in LOCKS}
    assert disagreements(locks) == []
    planted = {"all": "pydantic==2.14.3 \\\n", "worker": "pydantic==2.14.4 \\\nidna==3.11 \\\n"}
    assert disagreements(planted) == [
        "worker.txt has pydantic 2.14.4, and all.txt does not",
        "worker.txt has idna 3.11, and all.txt does not",
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_no_checker_of_iris(lock: str) -> None:
    # Where there is one, jsonschema imports it, and each process that imports jsonschema compiles its grammars.
    text = (ROOT / f"requirements/{lock}.txt").read_text()
    assert not re.findall(r"^(?:rfc3987|rfc3987-syntax)==.*", text, re.MULTILINE)
