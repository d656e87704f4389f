"""A repository of its own for whole rehearsals: the tree as it stands, with a storm small enough for a test."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.values.exits import FAILED
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
REHEARSAL_SECONDS = 1800  # a safety net, not a bound: a busy machine may take long
SMALL_STORM = {
    "people": 60,
    "seats": 20,
    "warm_up": 3,
    "before": 8,  # of which real browsers on a busy machine need three
    "opening": 3,
    "open": 8,
    "recovery": 4,
}
# A machine that runs other tests as well is late now and then: these verdicts are not about that.
NOTHING: Mapping[str, str] = {}
SEEN = ', "browser views >= 2"'
PATIENT = {
    '"lag p99 < 250 ms"': '"lag p99 < 5 s"',
    '"read-lag p99 < 250 ms"': '"read-lag p99 < 5 s"',
    '"cpu < 90 %"': '"cpu < 150 %"',
    '"browser form-ready p95 < 3 s"': '"browser form-ready p95 < 60 s"',
    '"browser lag max < 1 s"': '"browser lag max < 60 s"',
    # A browser stands back behind all else: its first page may come when there is nothing left to count down.
    ', "browser countdown >= 100 %"': "",
    '"browser failures <= 0"': '"browser failures <= 20"',
    # What they see late is seen all the same.
    '"demand >= 100 %"': f'"demand >= 100 %"{SEEN}',
}
CHECKS = ("lint", "audit", "test-templates", "lint-templates")
# What settings.toml offers and a plain site has not: dev has a domain and a region of its own, prod an existing VPC.
OFFERS = {
    '[dev]\naccount = "222222222222"\nregion = "eu-central-1"\n': """[dev]
account = "222222222222"
region = "eu-west-1"
""",
    "[dev.task]": """[dev.domain]
name = "rehearsal.example.com"
hosted_zone_id = "Z0123456789ABCDEFGHIJ"
hosted_zone_name = "example.com"

[dev.task]""",
    "[prod.task]\n": """[prod.network]
vpc_id = "vpc-0123456789abcdef0"
availability_zones = ["eu-central-1a", "eu-central-1b"]
public_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
private_subnet_ids = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
isolated_subnet_ids = ["subnet-0123456789abcdef4", "subnet-0123456789abcdef5"]

[prod.task]
""",
}
# What the build of every commit need not say again here: the same run says it of the same tree.
SAID_ELSEWHERE = {
    f"tests/templates/test_{name}.py"
    for name in (
        *("acknowledgements", "app", "assemblies", "build_tools", "dashboard_picture", "fleet", "front", "nights"),
        *("probe", "storm_options", "variants", "windows"),
    )
}


@dataclass(frozen=True)
class Outcome:
    """How a rehearsal ended: its exit code and all that it printed."""

    code: int
    text: str

    def stopped_at(self) -> str:
        """Return the action that failed, as the run's last lines name it; a run that did not fail is a failed test."""
        assert self.code == FAILED, self.text
        failed = [line for line in self.text.splitlines() if line.startswith("✘") and "failed" in line]
        assert failed, self.text
        return failed[0].removeprefix("✘ ").split(" failed")[0].strip()

    def site(self, stage: str) -> str:
        """Return the loopback URL that the run printed for a stage."""
        match = re.search(rf"(http://localhost:\d+)\s+\S*-{stage}-wordpress serves", self.text)
        assert match, self.text
        return match[1]


class Repository:
    """A git checkout that rehearses: its own commits, its own state, its own ports.

    ``changes`` are made in its settings before the first commit.
    """

    def __init__(self, folder: Path, changes: Mapping[str, str]) -> None:
        self.folder = folder
        self._ports = f"{free_port()},{free_port()}"
        files = _git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
        for name in filter(None, files):
            if (ROOT / name).is_file() and name not in SAID_ELSEWHERE:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        for tools in (".venv", "node_modules"):
            (folder / tools).symlink_to(ROOT / tools)
        settings = folder / "settings.toml"
        text = settings.read_text()
        for key, value in SMALL_STORM.items():
            text, found = re.subn(rf"(?m)^({key} = )\d+", rf"\g<1>{value}", text, count=1)
            assert found, f"settings.toml has no {key}"
        settings.write_text(text)
        for old, new in changes.items():
            self.edit("settings.toml", old, new)
        for limit, wider in PATIENT.items():
            self.edit("loadtest/limits.toml", limit, wider)
        _git(folder, "init", "-q", "-b", "main")
        self.first = self.commit("A small storm")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that must stand in the file, and once: the first of two may be a comment's."""
        path = self.folder / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def commit(self, message: str) -> str:
        """Commit all that changed and return the commit's full name."""
        _git(self.folder, "add", "-A")
        _git(self.folder, "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", message)
        return _git(self.folder, "rev-parse", "HEAD").strip()

    def build_without_checks(self, but: str = "") -> None:
        """Let Synth synthesize and no more, and storm without browsers: another rehearsal of this tree says the rest.

        The check ``but`` stays.
        """
        self.edit("loadtest/buildspec.yml", "python -m loadtest run", "python -m loadtest run --browsers 0")
        self.edit("loadtest/limits.toml", SEEN, "")
        makefile = self.folder / "Makefile"
        text = makefile.read_text()
        for target in (check for check in CHECKS if check != but):
            text, found = re.subn(rf"(?m)^({target}: .*\n)(?:\t.*\n)+", r"\1\t@true\n", text)
            assert found == 1, f"the Makefile has no {target}"
        makefile.write_text(text)

    def back_to(self, commit: str) -> None:
        """Forget every later commit."""
        _git(self.folder, "reset", "-q", "--hard", commit)

    def log_of(self, action: str) -> str:
        """Return what the newest log of an action says."""
        logs = (self.folder / ".rehearsal").glob(f"executions/*/*{action}*.log")
        return max(logs, key=lambda log: log.stat().st_mtime).read_text(errors="replace")

    def command(self, *arguments: str) -> list[str]:
        """Return a rehearsal command's argument list."""
        return [sys.executable, "-m", "rehearsal", "--checkout", str(self.folder), *arguments]

    def environment(self, approve: str | None = None) -> dict[str, str]:
        """Return the environment of a person at this repository, with no terminal."""
        variables = {"PORTS": self._ports, **({"APPROVE": approve} if approve else {})}
        return {**{k: v for k, v in os.environ.items() if k != "APPROVE"}, **variables}

    def rehearse(self, *arguments: str, approve: str | None = None) -> Outcome:
        """Run a rehearsal command to its end."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment(approve),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=REHEARSAL_SECONDS,
        )
        print(done.stdout)
        return Outcome(done.returncode, done.stdout)


@contextmanager
def rehearsing(folder: Path, changes: Mapping[str, str] = NOTHING) -> Iterator[Repository]:
    """Make a repository in ``folder``, with ``changes`` of its settings; at the end nothing is left in the engine."""
    made = Repository(folder, changes)
    try:
        yield made
    finally:
        assert made.rehearse("down").code == 0


def served_commit(site: str) -> str:
    """Return the commit that a site says it serves."""
    # A site with a domain sends on to TLS, with a certificate that the rehearsal has made for its builds.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(f"{site}/floodgate/ready", timeout=10, context=context) as answer:
        ready = json.load(answer)
    assert ready["ready"] is True
    return str(ready["commit"])


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout
