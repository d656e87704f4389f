"""The container engine: found, or installed and started where that is possible, or named in one clear message.

``python -m containers.engine [DOCKERFILE …]`` makes the machine ready: an engine that answers, and the external base
images of the given Dockerfiles. Exit 0: ready; 2: the machine lacks something, and the message says what to install;
130: interrupted.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("setup", __name__):
    import argparse
    import os
    import re
    import shutil
    import subprocess
    import sys
    import tempfile
    import time
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import contextmanager
    from dataclasses import dataclass, field
    from pathlib import Path
    from typing import IO

    from containers import engine_socket, readable
    from containers.errors import EngineError, EngineMissing
    from containers.file_lock import file_lock
    from terminal.standard_streams import run

# Names the engine to its client. Only Docker's own, on a socket of this machine, is named by us.
HOST = "DOCKER_HOST"
# The variable that names the client of the engine that is meant.
CHOICE = "FLOODGATE_ENGINE"
DAEMON_LOG = Path("/var/log/floodgate-dockerd.log")
DAEMON_START_SECONDS = 30.0
PULL_SECONDS = 120.0
CALL_TIMEOUT = 120.0  # seconds; a loaded machine may take long to start a container
BUILD_TIMEOUT = 1200.0
PROBE_TIMEOUT = 20.0
SYSTEM_FOLDERS = ("/usr/bin",)  # a client there may be hidden on PATH by a newer one that cannot build
DEBIAN_BASE = re.compile(r"(?:^|/)debian:(?P<suite>[a-z]+)-slim$")
PID_FILES = (Path("/var/run/docker.pid"), Path("/var/run/docker/containerd/containerd.pid"))
DEBIAN_PACKAGES = ("docker.io", "iptables")  # iptables: without it dockerd can publish no port


@dataclass(frozen=True)
class Engine:
    """A client that reaches a running engine: the start of every command line, and the environment it needs."""

    docker: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    def run(
        self,
        *args: str,
        stdin: str | None = None,
        secrets: Mapping[str, str] | None = None,
        timeout: float = CALL_TIMEOUT,
    ) -> subprocess.CompletedProcess[str]:
        """Call the engine to the command's end; the exit code is the caller's to judge.

        ``secrets`` go into the client's environment, where ``--env NAME`` picks them up: not on a command line that
        others can list, and not in a file. Raise ``EngineError`` where no answer comes in ``timeout`` seconds, or
        where there is no such client.
        """
        if (host := self.env.get(HOST)) and not secrets:
            answer = engine_socket.answered(host, args, stdin, timeout)
            if answer is not None:
                return answer
        try:
            return subprocess.run(
                [*self.docker, *args],
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                env={**os.environ, **self.env, **(secrets or {})},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise EngineError(f"{self.docker[0]} {args[0]} gave no answer in {timeout:.0f} s.") from None
        except OSError as error:
            raise EngineError(f"{self.docker[0]} cannot be run: {error.strerror}.") from None

    def __call__(
        self,
        *args: str,
        stdin: str | None = None,
        secrets: Mapping[str, str] | None = None,
        timeout: float = CALL_TIMEOUT,
    ) -> str:
        """Call the engine and return what it prints; a failure is an ``EngineError`` with the engine's reason."""
        done = self.run(*args, stdin=stdin, secrets=secrets, timeout=timeout)
        if done.returncode:
            lines = [line for line in done.stderr.strip().splitlines() if line and "--help" not in line]
            reasons = (
                [line for line in lines if "Error response" in line] or lines[-1:] or [f"exit code {done.returncode}"]
            )
            raise EngineError(f"{self.docker[0]} {args[0]} failed: {reasons[0]}")
        return done.stdout

    def piped(
        self, *args: str, source: Path | None = None, out: Path | None = None, timeout: float = CALL_TIMEOUT
    ) -> None:
        """Call the engine with a file as its input, or its output to a file, which is there once it is whole.

        Raise ``EngineError``.
        """
        part = out.with_name(f".{out.name}.part") if out else Path(os.devnull)
        with (source or Path(os.devnull)).open("rb") as stdin, part.open("wb") as stdout:
            try:
                done = subprocess.run(
                    [*self.docker, *args],
                    stdin=stdin,
                    stdout=stdout,
                    stderr=subprocess.PIPE,
                    env={**os.environ, **self.env},
                    timeout=timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise EngineError(f"{self.docker[0]} {args[0]} gave no answer in {timeout:.0f} s.") from None
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise EngineError(f"{self.docker[0]} {args[0]} failed: {(lines or [f'exit code {done.returncode}'])[-1]}")
        if out:
            part.replace(out)

    @contextmanager
    def following(self, *args: str) -> Iterator[IO[str]]:
        """Call a command that goes on, such as ``logs --follow``: the lines that it writes; it ends with the block."""
        with subprocess.Popen(
            [*self.docker, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.env},
            text=True,
            errors="replace",
        ) as process:
            assert process.stdout is not None  # noqa: S101 - for the type checker
            try:
                yield process.stdout
            finally:
                process.terminate()

    def build(self, tag: str, *args: str) -> None:
        """Build an image; ``args`` are the options and the folder. Layers of earlier builds are used again."""
        folder = Path(args[-1])
        with readable.context(folder) as context:
            moved = [
                str(context / Path(word).relative_to(folder)) if Path(word).is_relative_to(folder) else word
                for word in args
            ]
            done = self.run("build", "--quiet", "--tag", tag, *moved, timeout=BUILD_TIMEOUT)
        if done.returncode:
            tail = "\n".join(done.stderr.strip().splitlines()[-15:])
            raise EngineError(f"the image {tag} could not be built from {args[-1]}.", tail)

    def has_images(self, *names: str) -> bool:
        """Return whether the engine's own store holds all of the images."""
        return self.run("image", "inspect", *names).returncode == 0


def say(line: str) -> None:
    """Print one line of set-up progress."""
    print(f"setup: {line}", flush=True)


def clients() -> Iterator[str]:
    """Yield every docker and podman client on PATH, docker first: several may be installed, and only one may fit."""
    for name in ("docker", "podman"):
        programs = set()
        for folder in [*os.get_exec_path(), *SYSTEM_FOLDERS]:
            path = Path(folder) / name
            if os.access(path, os.X_OK) and path.resolve() not in programs:
                programs.add(path.resolve())
                yield str(path)


def _answers(client: str, *args: str) -> str | None:
    try:
        done = Engine((client,)).run(*args, timeout=PROBE_TIMEOUT)
    except EngineError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _probe(client: str) -> tuple[Engine, int] | None:
    """Return the engine behind a client and how well the pair builds images (more is better).

    None when nothing answers.
    """
    if Path(client).name == "podman":
        version = _answers(client, "version", "--format", "{{.Server.Version}}") or _answers(
            client, "version", "--format", "{{.Client.Version}}"
        )
        return (
            (Engine((client,), {}, f"podman {version}"), 1)
            if version and _answers(client, "info") is not None
            else None
        )
    versions = (_answers(client, "version", "--format", "{{.Server.Version}} {{.Client.Version}}") or "").split()
    if not versions:
        return None
    # A client from 23.0 on builds through its buildx plug-in, an older one has BuildKit inside. Without either, the
    # classic builder still builds, one step after the other.
    major = int(versions[1].split(".")[0])
    buildkit = major < 23 or _answers(client, "buildx", "version") is not None
    environment = {"DOCKER_BUILDKIT": str(int(buildkit)), **_socket(client)}
    return Engine((client,), environment, f"docker {versions[0]}"), 3 if buildkit else 2


def _socket(client: str) -> dict[str, str]:
    """Name the socket that a client of Docker reaches its engine by, where it is one and answers as Docker's does."""
    host = _answers(client, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}") or ""
    return {HOST: host} if engine_socket.is_docker(host) else {}


def chosen() -> str | None:
    """Return the variable by which somebody names another engine than the one that the set-up starts; None without."""
    usual = {"", "unix:///var/run/docker.sock", "unix:///run/docker.sock"}
    if os.environ.get(CHOICE):
        return CHOICE
    return HOST if os.environ.get(HOST, "") not in usual else None


def running() -> Engine | None:
    """Return the best client whose engine answers now, or None."""
    name = os.environ.get(CHOICE)
    found = [probed for client in ([name] if name else clients()) if (probed := _probe(client))]
    return max(found, key=lambda pair: pair[1])[0] if found else None


def find() -> Engine:
    """Find a running engine.

    One that answers, else an installed one started, else (Debian, root) installed and started.
    """
    with _one_at_a_time():
        if engine := running():
            return engine
        if variable := chosen():
            raise EngineMissing(
                f"{variable} names {os.environ[variable]!r}, and no engine answers it. Start that engine, or unset the "
                "variable."
            )
        if os.geteuid() != 0:
            raise EngineMissing(_advice("you are not root, so none can be installed or started for you"))
        if not shutil.which("dockerd"):
            _install_packages(DEBIAN_PACKAGES, "a container engine (docker.io)")
        return _start()


def _advice(why: str) -> str:
    return (
        f"No container engine answers, and {why}.\n"
        "Install and start one, then run this again:\n"
        "  Debian, Ubuntu: sudo apt-get install docker.io && sudo usermod -aG docker $USER   (then log in again)\n"
        "  Fedora:         sudo dnf install podman\n"
        "  macOS, Windows: start Docker Desktop or Podman Desktop"
    )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keep two checkouts that set up at once from both installing or starting an engine."""
    with file_lock(Path(tempfile.gettempdir(), f"floodgate-engine-{os.geteuid()}.lock"), wait=True):
        yield


def _install_packages(packages: Iterable[str], what: str) -> None:
    if not shutil.which("apt-get"):
        raise EngineMissing(_advice("this system has no apt-get to install one with"))
    say(f"installing {what} from Debian's packages")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0 and command[1] == "install":
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
            raise EngineMissing(
                f"{' '.join(command)} failed:\n{tail}\nMend that (or install {what} yourself) and run this again."
            )


def remove_stale(file: Path) -> None:
    """Remove a PID file whose daemon was killed.

    dockerd refuses to start while any process bears the number in it, even a dead one that nobody has waited for.
    """
    import psutil  # noqa: PLC0415 - who only looks for an engine does so before anything is installed

    try:
        holder = psutil.Process(int(file.read_text()))
        lives = holder.name() in {"dockerd", "containerd"} and holder.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        lives = False
    if not lives:
        file.unlink(missing_ok=True)


def _start() -> Engine:
    """Start dockerd: by systemd where it runs, else as a process of its own that outlives this one."""
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "start", "docker"], capture_output=True, check=False)
    else:
        for file in PID_FILES:
            remove_stale(file)
        # Without its userland proxy, which halves the throughput of published ports (docs/rehearsal.md).
        with DAEMON_LOG.open("ab") as log:
            subprocess.Popen(
                ["dockerd", "--userland-proxy=false"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        say(f"started dockerd (its log: {DAEMON_LOG})")
    deadline = time.monotonic() + DAEMON_START_SECONDS
    while time.monotonic() < deadline:
        if engine := running():
            return engine
        time.sleep(0.2)
    tail = "\n".join(DAEMON_LOG.read_text().splitlines()[-8:]) if DAEMON_LOG.exists() else "(no log)"
    raise EngineMissing(
        f"dockerd was started and did not answer within {DAEMON_START_SECONDS:.0f} s. Its last lines:\n{tail}"
    )


def external_bases(dockerfile: Path) -> list[str]:
    """Return the images a Dockerfile starts from that it does not build itself, in order.

    Build arguments are not expanded.
    """
    stages: set[str] = set()
    bases = []
    for line in dockerfile.read_text().splitlines():
        if match := re.match(r"\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", line, re.IGNORECASE):
            if match[1] not in stages and match[1] != "scratch":
                bases.append(match[1])
            if match[2]:
                stages.add(match[2])
    return list(dict.fromkeys(bases))


def ensure_base(engine: Engine, name: str) -> str:
    """Have a base image in the store, and tell how it came there: ``present``, ``pulled`` or ``made``.

    Where no registry gives it, a ``debian:SUITE-slim`` is made from Debian's own packages (mmdebstrap), as the official
    one is; any other image is an error that names it.
    """
    if engine.has_images(name):
        return "present"
    try:
        done = engine.run("pull", "--quiet", name, timeout=PULL_SECONDS)
    except EngineError as error:
        refused = error.message
    else:
        if done.returncode == 0:
            return "pulled"
        refused = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    match = DEBIAN_BASE.search(name)
    if not match:
        raise EngineMissing(
            f"The base image {name} cannot be pulled ({refused}). Load it into the engine and run this again."
        )
    _make_debian(engine, match["suite"], name, refused)
    return "made"


def _make_debian(engine: Engine, suite: str, name: str, refused: str) -> None:
    if os.geteuid() != 0:
        raise EngineMissing(
            f"The base image {name} cannot be pulled ({refused}), and making it from Debian's packages needs root. "
            f"Load it into the engine (docker load), or run this as root on Debian."
        )
    if not shutil.which("mmdebstrap"):
        _install_packages(("mmdebstrap",), "mmdebstrap")
    say(f"no registry gives {name} ({refused.rsplit(': ', 1)[-1]}): making it from Debian's packages, about 20 s")
    with tempfile.TemporaryDirectory() as folder:
        tar = Path(folder) / "base.tar"
        done = subprocess.run(
            ["mmdebstrap", "--variant=minbase", "--components=main", suite, str(tar)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            tail = "\n".join(done.stderr.strip().splitlines()[-5:])
            raise EngineMissing(f"mmdebstrap could not make {name} from Debian's packages:\n{tail}")
        done = engine.run("import", "-c", 'CMD ["bash"]', str(tar), name, timeout=BUILD_TIMEOUT)
        if done.returncode:
            raise EngineMissing(f"The engine does not take the base image {name}: {done.stderr.strip()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the machine ready for the given Dockerfiles; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m containers.engine", description=__doc__)
    parser.add_argument("dockerfiles", nargs="*", metavar="DOCKERFILE")
    options = parser.parse_args(arguments)
    try:
        engine = find()
        bases = [base for path in options.dockerfiles for base in external_bases(Path(path))]
        for name in dict.fromkeys(bases):
            if (how := ensure_base(engine, name)) != "present":
                say(f"base image {name}: {how}")
    except (EngineMissing, EngineError, OSError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("setup: interrupted; what is half done is begun anew the next time", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(run("setup", main))
