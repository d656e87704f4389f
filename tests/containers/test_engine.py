"""The engine: which client is taken, what is said where none can be had, and where base images come from.

The clients here are small scripts in a folder that stands alone on PATH: the machines that these cases describe cannot
all be had. The real engine of this machine is used by every container test.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from containers import engine
from containers.errors import EngineError, EngineMissing


def client(folder: Path, name: str, *, server: str = "", version: str = "28.2.2", buildx: bool = False) -> Path:
    """Make a docker or podman client that answers as described.

    An empty ``server`` is an engine that does not run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(
        "#!/bin/sh\n"
        f"[ -n '{server}' ] || exit 1\n"
        'case "$*" in\n'
        f'  *Server.Version*Client.Version*) echo "{server} {version}" ;;\n'
        f'  *Server.Version*) echo "{server}" ;;\n'
        f"  *buildx*) exit {0 if buildx else 1} ;;\n"
        "  image*) exit 1 ;;\n"
        '  pull*) echo "dial tcp: lookup registry: no such host" >&2; exit 1 ;;\n'
        "esac\n"
    )
    path.chmod(0o755)
    return path


@contextmanager
def as_if_named(host: str | None) -> Iterator[None]:
    """Let ``DOCKER_HOST`` name this engine, or none; whoever watches the test has put another one there."""
    with pytest.MonkeyPatch.context() as patch:
        if host is None:
            patch.delenv("DOCKER_HOST", raising=False)
        else:
            patch.setenv("DOCKER_HOST", host)
        yield


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds only what the case puts there (and a shell for the scripts)."""
    monkeypatch.setattr(os, "get_exec_path", lambda: [str(tmp_path / "a"), str(tmp_path / "b")])
    monkeypatch.setattr(engine, "SYSTEM_FOLDERS", ())
    monkeypatch.delenv("FLOODGATE_ENGINE", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # for another user's lock, as that of root
    return tmp_path


def test_the_client_that_builds_best_is_taken(alone: Path) -> None:
    client(alone / "a", "docker", server="20.10.24")
    old = client(alone / "b", "docker", server="20.10.24", version="20.10.24")
    found = engine.running()
    assert found is not None
    assert found.docker == (str(old),)
    assert found.env == {"DOCKER_BUILDKIT": "1"}


@pytest.mark.parametrize(
    ("version", "buildx", "buildkit"),
    [("28.2.2", False, "0"), ("28.2.2", True, "1"), ("20.10.24", False, "1")],
)
def test_buildkit_is_asked_for_only_where_the_client_has_it(
    alone: Path, version: str, buildx: bool, buildkit: str
) -> None:
    client(alone / "a", "docker", server="20.10.24", version=version, buildx=buildx)
    found = engine.running()
    assert found is not None
    assert found.env == {"DOCKER_BUILDKIT": buildkit}


def test_podman_serves_where_docker_does_not_answer(alone: Path) -> None:
    client(alone / "a", "docker")
    podman = client(alone / "b", "podman", server="4.3.1")
    found = engine.running()
    assert found is not None
    assert found.docker == (str(podman),)


def test_an_ordinary_user_is_told_what_to_install(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with as_if_named(None), pytest.raises(EngineMissing, match=r"not root(.|\n)*apt-get install docker\.io"):
        engine.find()


def test_a_system_without_apt_is_told_what_to_install(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with as_if_named(None), pytest.raises(EngineMissing, match=r"no apt-get(.|\n)*podman"):
        engine.find()


def test_a_named_engine_that_is_silent_is_an_error_that_names_the_variable(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(alone / "a", "docker", server="20.10.24")
    monkeypatch.setenv("FLOODGATE_ENGINE", str(client(alone / "c", "docker")))
    with pytest.raises(EngineMissing, match=r"FLOODGATE_ENGINE names .* unset the variable"):
        engine.find()


def test_an_engine_elsewhere_that_is_silent_has_no_other_started_in_its_place(alone: Path) -> None:
    client(alone / "a", "docker")
    missing = r"DOCKER_HOST names 'tcp://build.example.com:2376'.* unset the variable"
    with as_if_named("tcp://build.example.com:2376"), pytest.raises(EngineMissing, match=missing):
        engine.find()


@pytest.mark.parametrize(
    ("text", "bases"),
    [
        pytest.param("FROM debian:trixie-slim\n", ["debian:trixie-slim"], id="one base"),
        pytest.param(
            "FROM a/b:1 AS core\nFROM core\nFROM --platform=linux/amd64 c AS core2\n",
            ["a/b:1", "c"],
            id="stages and a platform",
        ),
        pytest.param("from x as Build\nfrom Build\nFROM scratch\n", ["x"], id="lower case and scratch"),
        pytest.param("# FROM nothing\nRUN echo FROM here\n", [], id="comments and commands"),
    ],
)
def test_the_bases_of_a_dockerfile_are_what_it_does_not_build_itself(
    tmp_path: Path, text: str, bases: list[str]
) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(text)
    assert engine.external_bases(path) == bases


def test_a_foreign_base_that_no_registry_gives_is_named(alone: Path) -> None:
    silent = engine.Engine((str(client(alone / "a", "docker", server="20.10.24")),))
    with pytest.raises(EngineMissing, match=r"example/thing:1 cannot be pulled \(dial tcp.*Load it"):
        engine.ensure_base(silent, "example/thing:1")


def test_a_debian_base_that_no_registry_gives_asks_an_ordinary_user_for_help(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    silent = engine.Engine((str(client(alone / "a", "docker", server="20.10.24")),))
    with pytest.raises(EngineMissing, match="needs root"):
        engine.ensure_base(silent, "registry.example/debian:trixie-slim")


@pytest.mark.engine
def test_a_bad_dockerfile_name_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert engine.main(["no/such/Dockerfile"]) == 2
    assert "no/such/Dockerfile" in capsys.readouterr().err


def test_an_interrupted_set_up_is_one_message(tmp_path: Path) -> None:
    slow = client(tmp_path, "docker", server="20.10.24", version="20.10.24")
    slow.write_text(slow.read_text().replace("  pull*)", f"  pull*) touch {tmp_path}/pulls; exec sleep 60 ;;\n  xx)"))
    (tmp_path / "Dockerfile").write_text("FROM example/thing:1\n")
    # Where the tests run in the background, the signal would be ignored.
    script = (
        "import signal, sys; from containers import engine;"
        "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(engine.main(sys.argv[1:]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "Dockerfile")], cwd=Path(__file__).parents[2],
        env={**os.environ, "FLOODGATE_ENGINE": str(slow)}, stderr=subprocess.PIPE, text=True,
    ) as setup:  # fmt: skip
        until = time.monotonic() + 20
        while not (tmp_path / "pulls").exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        setup.send_signal(signal.SIGINT)
        assert setup.communicate(timeout=20)[1].startswith("setup: interrupted")
    assert setup.returncode == 130


def test_a_pid_file_is_stale_unless_its_daemon_lives(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)  # dead, and not waited for: a zombie
    try:
        for holder in (dead.pid, os.getpid(), 2**22 + 1):
            file = tmp_path / str(holder)
            file.write_text(f"{holder}\n")
            engine.remove_stale(file)
            assert not file.exists(), holder
    finally:
        dead.wait()


def test_the_pid_file_of_a_daemon_that_lives_is_left_alone(tmp_path: Path) -> None:
    program = tmp_path / "dockerd"
    shutil.copy(shutil.which("sleep") or "", program)
    with subprocess.Popen([str(program), "60"]) as daemon:
        try:
            file = tmp_path / "docker.pid"
            file.write_text(str(daemon.pid))
            until = time.monotonic() + 10
            while Path(f"/proc/{daemon.pid}/comm").read_text().strip() != "dockerd" and time.monotonic() < until:
                time.sleep(0.01)
            engine.remove_stale(file)
            assert file.exists()
        finally:
            daemon.kill()


def test_a_call_says_why_the_engine_refused(tmp_path: Path) -> None:
    path = tmp_path / "docker"
    path.write_text(
        "#!/bin/sh\necho 'Error response from daemon: no such thing'>&2\necho \"see '$0 --help'\" >&2\nexit 125\n"
    )
    path.chmod(0o755)
    refusing = engine.Engine((str(path),))
    with pytest.raises(EngineError, match=r"docker start failed: Error response from daemon: no such thing$"):
        refusing("start", "thing")
    assert refusing.run("start", "thing").returncode == 125


def test_a_call_is_bounded_in_time(tmp_path: Path) -> None:
    path = tmp_path / "docker"
    path.write_text("#!/bin/sh\nexec sleep 60\n")
    path.chmod(0o755)
    with pytest.raises(EngineError, match=r"docker ps gave no answer in 1 s\.$"):
        engine.Engine((str(path),)).run("ps", timeout=1)


def test_a_client_that_has_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"gone/docker cannot be run: No such file or directory\.$"):
        engine.Engine((str(tmp_path / "gone/docker"),))("ps")


def test_the_engine_is_called_in_one_place() -> None:
    """Who runs its command line elsewhere has time-outs and messages of its own."""
    root = Path(__file__).parents[2]
    sources = [path for room in ("containers", "rehearsal", "bench", "preview") for path in (root / room).rglob("*.py")]
    callers = {
        str(path.relative_to(root))
        for path in sources
        if re.search(r"subprocess\.\w+\(\s*\[?\*.*docker\b", path.read_text())
    }
    assert callers == {"containers/engine.py"}
