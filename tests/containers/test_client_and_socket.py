"""Docker's client and the engine's socket beside each other: the same commands, the same answers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from containers.engine import HOST, Engine, ensure_base, find
from containers.errors import EngineError

IMAGE = "debian:trixie-slim"
LABEL = "floodgate.test.socket"


@dataclass(frozen=True)
class Both:
    """The engine, by either way, and names in it that are this test's alone."""

    socket: Engine
    client: Engine
    name: str

    def same(self, *words: str, stdin: str | None = None) -> str:
        """Return what both print, which is the same."""
        results = [each.run(*words, stdin=stdin) for each in (self.client, self.socket)]
        client, socket = ((done.returncode, done.stdout, done.stderr) for done in results)
        assert socket == client
        return results[0].stdout


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """A container that runs, and one that has ended with 3; both have printed something."""
    found = find()
    if HOST not in found.env:
        pytest.skip("the engine of this machine has no socket of Docker's")
    ensure_base(found, IMAGE)
    name = f"floodgate-test-{secrets.token_hex(4)}"
    made = Both(found, replace(found, env={key: value for key, value in found.env.items() if key != HOST}), name)
    label = f"--label={LABEL}={name}"
    say = "echo one; echo two; echo three >&2;"
    try:
        found("volume", "create", label, f"{name}-volume")
        found("run", "--detach", "--init", f"--name={name}", label, IMAGE, "sh", "-c", f"{say} sleep infinity")
        found("run", "--detach", f"--name={name}-ended", label, IMAGE, "sh", "-c", f"{say} exit 3")
        found("wait", f"{name}-ended")
        yield made
    finally:
        found.run("rm", "--force", "--volumes", name, f"{name}-ended")
        found.run("volume", "rm", "--force", f"{name}-volume")


def test_what_is_there_is_listed_alike(both: Both) -> None:
    listed = both.same("ps", "--all", "--quiet", "--no-trunc", f"--filter=label={LABEL}={both.name}")
    assert len(listed.split()) == 2
    assert not both.same("ps", "--all", "--quiet", "--no-trunc", f"--filter=label={LABEL}=other")
    volumes = both.same("volume", "ls", "--format={{.Name}}", f"--filter=label={LABEL}={both.name}")
    assert volumes == f"{both.name}-volume\n"


@pytest.mark.parametrize("kind", ["container", "volume", "network"])
def test_what_is_known_of_it_is_told_alike(both: Both, kind: str) -> None:
    name = {"container": both.name, "volume": f"{both.name}-volume", "network": "bridge"}[kind]
    known, answered = (json.loads(each(kind, "inspect", name)) for each in (both.client, both.socket))
    # Clients differ in which of the empty ones they show.
    assert {k: v for k, v in answered[0].items() if v} == {k: v for k, v in known[0].items() if v}
    for each in (both.client, both.socket):
        with pytest.raises(EngineError, match=r"(?i)no such|not found"):
            each(kind, "inspect", f"{both.name}-gone")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("sh", "-c", "echo out; echo err >&2; exit 5"), id="both streams and an exit code"),
        pytest.param(("printf", "%s", "no line's end"), id="words that look like options"),
        pytest.param(("printf", "of HTTP\\r\\n\\r\\nof old\\ra line"), id="other ends of lines"),
        pytest.param(("echo", "--interactive", "-x"), id="options of the command's own"),
        pytest.param(("sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"), id="more than one frame"),
    ],
)
def test_a_command_in_a_container_ends_alike(both: Both, words: tuple[str, ...]) -> None:
    both.same("exec", both.name, *words)


def test_a_command_in_a_container_reads_what_it_is_given(both: Both) -> None:
    assert both.same("exec", "--interactive", both.name, "cat", stdin="äöü\n" * 50_000) == "äöü\n" * 50_000
    assert both.same("exec", "--interactive", both.name, "true", stdin="not read") == ""


def test_a_command_that_does_not_end_is_given_up(both: Both) -> None:
    with pytest.raises(EngineError, match=r"exec gave no answer in 1 s\."):
        both.socket.run("exec", both.name, "sleep", "3", timeout=1)


def test_a_program_that_is_not_there_has_the_shells_exit_code(both: Both) -> None:
    codes = {each.run("exec", both.name, "no-such-program").returncode for each in (both.client, both.socket)}
    assert codes in ({126}, {127})


@pytest.mark.parametrize(
    "how",
    [
        pytest.param((), id="all of it"),
        pytest.param(("--timestamps",), id="with times"),
        pytest.param(("--tail=1",), id="the last line"),
        pytest.param(("--since=1", "--until=2"), id="of a time"),
    ],
)
def test_what_was_printed_is_told_alike(both: Both, how: tuple[str, ...]) -> None:
    both.same("logs", *how, both.name)
    both.same("logs", *how, f"{both.name}-ended")


def test_what_is_done_to_containers_is_done_alike(both: Both) -> None:
    ended = f"{both.name}-ended"
    assert both.same("wait", ended) == "3\n"
    both.same("update", "--restart=unless-stopped", both.name)
    both.same("update", "--restart=no", both.name)
    both.same("start", both.name)
    both.same("stop", ended)
    both.same("volume", "create", f"--label={LABEL}={both.name}", f"{both.name}-volume")


def test_what_is_removed_is_gone_whoever_removed_it(both: Both) -> None:
    for each in (both.client, both.socket):
        name = f"{both.name}-other"
        each("volume", "create", f"--label={LABEL}={both.name}", name)
        each("create", f"--name={name}", f"--mount=type=volume,src={name},dst=/content", IMAGE)
        each("rm", "--force", "--volumes", name)
        each("volume", "rm", "--force", name)
        assert each.run("volume", "inspect", name).returncode == 1
        assert each.run("volume", "rm", "--force", name).returncode == 0
