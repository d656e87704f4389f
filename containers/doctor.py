"""``make doctor``: what this machine has of what Floodgate needs, and what to do about the rest.

It looks and changes nothing, and runs on any Python 3.9 with nothing installed: it is for the moment before the set-up.
Exit 0: all that a rehearsal needs is there, or comes with ``make setup``; 2: something is missing; 130: interrupted.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("doctor", __name__):
    import argparse
    import os
    import platform
    import re
    import shutil
    import subprocess
    import sys
    import urllib.error
    import urllib.request
    from collections.abc import Iterator
    from dataclasses import dataclass
    from pathlib import Path

    from containers import engine, ports
    from containers.errors import PortRefused
    from terminal.standard_streams import run

PYTHONS = ((3, 11), (3, 14))  # the first and the last that requires-python of pyproject.toml takes
# A rehearsal's images and volumes take 3 GB, the caches of the set-up 2, a second commit's images 1.
FREE_GB = 8
MEMORY_GIB = 4  # both stages with a storm: 2.6 GiB at the most
ANSWERS_WITHIN = 5.0  # seconds
_PIP = (sys.executable, "-m", "pip", "config", "get", "global.index-url")
TRIED = {"x86_64"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``advice`` is empty where it is as it should be, ``needed`` for a rehearsal."""

    name: str
    found: str
    advice: str = ""
    needed: bool = True

    def __str__(self) -> str:
        """Write it as one line, or two."""
        mark = "✔" if not self.advice else "✘" if self.needed else "•"
        return f"{mark} {self.name:<18} {self.found}" + (f"\n  {'':<18} {self.advice}" if self.advice else "")


def _beside(name: str, found: str, advice: str) -> Finding:
    """Return what is worth knowing, and no obstacle."""
    return Finding(name, found, advice, needed=False)


def findings(checkout: Path) -> Iterator[Finding]:
    """Yield what was found, thing by thing, as soon as it is known."""
    yield _system()
    yield _python(checkout)
    yield _program("git", "the rehearsal reads commits", "install git")
    yield from _engine()
    yield _space(checkout)
    yield _memory()
    yield from _registries(checkout)
    yield from _ports()
    names = "builds see a site's public name"
    yield _program("unshare", names, "install util-linux; without a domain in settings.toml nothing needs it", False)
    yield _chromium()


def _system() -> Finding:
    kernel, machine = platform.system(), platform.machine()
    found = f"{kernel} {platform.release()}, {machine}, {os.cpu_count()} processors"
    if kernel != "Linux":
        return Finding("system", found, "a rehearsal needs Linux: a virtual machine with Debian 12 or later will do")
    if machine not in TRIED:
        return _beside("system", found, f"not tried on {machine}: the images and the tools have packages for arm64")
    return Finding("system", found)


def _python(checkout: Path) -> Finding:
    """Look for a Python as ``requirements/install.sh`` does."""
    (major, first), (_, last) = PYTHONS
    tools = checkout / ".venv" / "bin" / "python"
    wish = os.environ.get("PYTHON")
    names = [wish] if wish else [str(tools)] if tools.exists() else ["python3"]
    if len(names) == 1 and names[0] == "python3":
        names += [f"python{major}.{minor}" for minor in range(first, last + 1)]
    others = []
    for name in names:
        text = _printed(name, "--version")
        version = re.search(r"Python (\d+)\.(\d+)", text)
        if version and PYTHONS[0] <= (int(version[1]), int(version[2])) <= PYTHONS[1]:
            return Finding("Python", f"{text} ({name})")
        others += [text] if text else []
    advice = f"install Python {major}.{first} to {major}.{last}, or name one: make setup PYTHON=/path/to/python3"
    return Finding("Python", ", ".join(others) or "none", advice)


def _program(name: str, use: str, advice: str, needed: bool = True) -> Finding:
    path = shutil.which(name)
    return Finding(name, path) if path else Finding(name, f"none ({use})", advice, needed)


def _engine() -> Iterator[Finding]:
    found = engine.running()
    if found is None and (variable := engine.chosen()):
        how = f"start the engine that {variable} names, or unset the variable"
        yield Finding("container engine", f"none answers {os.environ[variable]}", how)
        return
    if found is None:
        clients = ", ".join(engine.clients()) or "no client"
        can_start = os.geteuid() == 0 and (shutil.which("dockerd") or shutil.which("apt-get"))
        how = "`make setup` installs and starts one" if can_start else "install docker.io or podman, and start it"
        yield Finding("container engine", f"none answers ({clients})", how, needed=not can_start)
        return
    if "podman" in found.version:
        builder = "podman's own builder"
    else:
        buildkit = found.env.get("DOCKER_BUILDKIT") == "1"
        builder = "BuildKit" if buildkit else "the classic builder: docker-buildx builds faster"
    yield Finding("container engine", f"{found.version} by {found.docker[0]}, {builder}")
    group = "cgroup v2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "cgroup v1"
    if os.geteuid() == 0:
        yield Finding("limits", f"{group}, root")
    else:
        alone = "limits of a task are each container's own: only root can make control groups"
        yield _beside("limits", f"{group}, not root", alone)
    base = "debian:trixie-slim"
    if found.has_images(base):
        yield Finding("base image", f"{base} is there")
    elif os.geteuid() == 0 and shutil.which("apt-get"):
        yield Finding("base image", f"{base} comes with `make setup`: pulled, or made from Debian's packages")
    else:
        advice = "`make setup` pulls it; where no registry answers, load it (docker load)"
        yield _beside("base image", f"{base} is not there", advice)


def _space(checkout: Path) -> Finding:
    free = shutil.disk_usage(checkout).free / 1e9
    advice = f"make room: a rehearsal wants {FREE_GB} GB with its images" if free < FREE_GB else ""
    return Finding("disk", f"{free:.0f} GB free at {checkout}", advice)


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    advice = f"both stages and a storm want {MEMORY_GIB} GiB" if total < MEMORY_GIB else ""
    return Finding("memory", f"{total:.1f} GiB", advice)


def _registries(checkout: Path) -> Iterator[Finding]:
    tools = (checkout / ".venv").exists() and (checkout / "node_modules" / "installed.json").exists()
    pip, npm = (_printed(*words) for words in (_PIP, ("npm", "config", "get", "registry")))
    index = os.environ.get("PIP_INDEX_URL") or pip or "https://pypi.org/simple"
    for name, address in (("PyPI", index), ("npm's registry", npm or "https://registry.npmjs.org")):
        why = _unreachable(address)
        advice = f"{why}: the set-up cannot fetch the tools of the lock files" if why else ""
        yield Finding(name, "does not answer" if why else "answers", advice, needed=not tools)


def _unreachable(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=ANSWERS_WITHIN):  # noqa: S310 - the machine's own configuration
            return ""
    except urllib.error.HTTPError:
        return ""  # whatever it thinks of the request, it answers
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _ports() -> Iterator[Finding]:
    try:
        wishes = ports.wished(os.environ.get("PORTS")) or (ports.FIRST, ports.FIRST + 1)
    except PortRefused as error:
        yield Finding("ports", os.environ["PORTS"], str(error))
        return
    taken = [str(port) for port in wishes if not ports.is_free(port)]
    if taken:
        yield _beside("ports", f"{' and '.join(taken)} taken", "the next free ones are used; PORTS=9000,9001 chooses")
    else:
        yield Finding("ports", " and ".join(map(str, wishes)) + " free")


def _chromium() -> Finding:
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser")))
    advice = "`make test` installs it on Debian, as root; tests of pages want it, a rehearsal does not"
    path = next(found, None)
    return Finding("Chromium", path) if path else _beside("Chromium", "none", advice)


def _printed(program: str, *arguments: str) -> str:
    if not program or not shutil.which(program):
        return ""
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def main() -> int:
    """Print what was found; the exit code."""
    argparse.ArgumentParser(prog="python -m containers.doctor", description=__doc__).parse_args()
    missing = 0
    for finding in findings(Path.cwd()):
        print(finding, flush=True)
        missing += bool(finding.advice) and finding.needed
    print(f"{missing} missing" if missing else "all that a rehearsal needs is here, or comes with `make setup`")
    return 2 if missing else 0


if __name__ == "__main__":
    sys.exit(run("doctor", main))
