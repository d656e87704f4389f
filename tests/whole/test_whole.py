"""Whole rehearsals on real parts: one commit is promoted, and each gate stops a commit that has its fault.

The tests run in the order of this file and share one repository: what stands in prod at the end of the first stands
through all the others.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.values.exits import DONE, REJECTED, WAITING
from tests.whole.kills.killing import kill_at, left_over
from tests.whole.repository import REHEARSAL_SECONDS, Outcome, Repository, served_commit

pytestmark = pytest.mark.timeout(REHEARSAL_SECONDS)


@pytest.fixture(scope="module")
def waiting(repository: Repository) -> Outcome:
    """The first commit, taken as far as nobody needs to decide."""
    return repository.rehearse("run")


@pytest.fixture(scope="module")
def promoted(repository: Repository, waiting: Outcome) -> Outcome:
    """The first commit, approved."""
    assert waiting.code == WAITING
    return repository.rehearse("approve")


@pytest.fixture
def prod(repository: Repository, promoted: Outcome) -> Iterator[str]:
    """Prod's address, where the first commit is served before a fault is pushed, and still is after it was stopped."""
    assert promoted.code == DONE
    site = promoted.site("prod")
    assert served_commit(site) == repository.first
    yield site
    assert served_commit(site) == repository.first
    repository.back_to(repository.first)


def test_a_commit_that_passes_its_storm_waits_for_an_approval_with_evidence(
    repository: Repository, waiting: Outcome
) -> None:
    assert waiting.code == WAITING
    assert served_commit(waiting.site("dev")) == repository.first
    assert "-prod-wordpress serves" not in waiting.text
    assert f"Promote commit {repository.first}" in waiting.text
    assert "Load test: PASS" in waiting.text
    assert "https://rehearsal.example.com" in (repository.log_of("LoadTest"))
    reports = list((repository.folder / ".rehearsal").rglob("report.html"))
    assert any(str(report) in waiting.text for report in reports), "the evidence names no report that exists"


def test_approval_promotes_the_commit_to_prod(repository: Repository, promoted: Outcome) -> None:
    assert promoted.code == DONE
    for stage in ("dev", "prod"):
        assert served_commit(promoted.site(stage)) == repository.first


def test_a_template_fault_stops_at_synth(repository: Repository, prod: str) -> None:
    repository.edit(
        "stages/service.py", 'container_name="nginx", container_port=HTTP_PORT', 'container_name="wordpress"'
    )
    repository.edit(
        "stages/service.py", "            after={install:", "            port=9000,\n            after={install:"
    )
    repository.build_without_checks(but="test-templates")
    repository.commit("The load balancer asks php-fpm for pages")
    assert repository.rehearse("run", approve="yes").stopped_at() == "Build / Synth"


def test_a_broken_site_stops_at_dev(repository: Repository, prod: str, promoted: Outcome) -> None:
    guard = "defined('ABSPATH') || exit;"
    broken = f"{guard}\nthrow new \\RuntimeException('broken');"
    repository.edit("src/wordpress/mu-plugins/floodgate.php", guard, broken)
    repository.build_without_checks()
    repository.commit("A must-use plugin that no linter minds, and that ends every request")
    assert repository.rehearse("run", approve="yes").stopped_at() == "Dev / floodgate-dev-wordpress.Deploy"
    assert served_commit(promoted.site("dev")) == repository.first, "the rollback left dev without its last good commit"


def test_a_killed_generator_is_void(repository: Repository, prod: str) -> None:
    # The gate and the nightly load test are one command in one build: this is the quicker way to it.
    running = subprocess.Popen(
        repository.command("storm"),
        env=repository.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        os.kill(generator(repository.folder, running), signal.SIGKILL)
        text, _ = running.communicate(timeout=REHEARSAL_SECONDS)
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait()
    print(text)
    assert Outcome(running.returncode, text).stopped_at().startswith("Scheduled / ")
    assert "VOID" in text
    assert "killed by signal 9" in text


def test_a_slow_site_fails_the_storm(repository: Repository, prod: str) -> None:
    guard = "defined('ABSPATH') || exit;"
    plugin = "src/wordpress/mu-plugins/floodgate.php"
    repository.edit(plugin, guard, f"{guard}\nif (PHP_SAPI !== 'cli') {{ usleep(1500000); }}")
    repository.edit("src/nginx/conf/page-in-cache.conf", "proxy_cache pages;", "proxy_cache off;")
    repository.build_without_checks()
    repository.commit("Every page takes a second and a half")
    outcome = repository.rehearse("run", approve="yes")
    assert outcome.stopped_at() == "Dev / LoadTest"
    assert "FAIL" in outcome.text


def test_a_refused_approval_leaves_prod_alone_also_after_rehearsals_that_were_killed(
    repository: Repository, prod: str
) -> None:
    repository.edit("README.md", "# Floodgate\n", "# Floodgate \n")
    repository.build_without_checks()
    refused = repository.commit("A blank")
    kill_at(repository, "Build / Synth", 1.0, approve="no")
    kill_at(repository, "Dev / floodgate-dev-wordpress.Deploy", 2.0, approve="no")
    assert left_over(repository) == []
    outcome = repository.rehearse("run", approve="no")
    assert outcome.code == REJECTED
    assert served_commit(outcome.site("dev")) == refused


def generator(folder: Path, rehearsal: subprocess.Popen[str]) -> int:
    """Return the process id of the storm's generator that works below ``folder``, once the storm has begun."""
    until = time.monotonic() + REHEARSAL_SECONDS
    while time.monotonic() < until:
        assert rehearsal.poll() is None, "the rehearsal ended before its storm began"
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                cwd = (process / "cwd").readlink()
            except OSError:
                continue
            if b"loadtest.generator.worker" in words and cwd.is_relative_to(folder) and storm_goes_on(cwd):
                return int(process.name)
        time.sleep(0.2)
    raise AssertionError("no generator was seen")


def storm_goes_on(build: Path) -> bool:
    """Return whether the build's log tells of a phase already."""
    logs = build.parents[2].glob("executions/*/*LoadTest*.log")
    newest = max(logs, key=lambda log: log.stat().st_mtime, default=None)
    return newest is not None and "before" in newest.read_text(errors="replace")
