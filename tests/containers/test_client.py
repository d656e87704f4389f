"""What the engine has is asked for, not read from its errors: clients of every age and kind word those differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from containers.checkout import Context
from containers.client import Client
from containers.errors import EngineError

GONE = {
    "docker 20": "Error: No such {kind}: {name}",
    "docker 28": "Error response from daemon: {kind} {name} not found",
    "docker 28, a volume": "Error response from daemon: get {name}: no such {kind}",
    "podman 4": 'Error: inspecting object: no such {kind} "{name}"',
    "podman 5": "Error: {kind} {name}: unable to find {kind} with name or ID {name}: {kind} not found",
    "in another language": "Fehler: {kind} {name} gibt es nicht",
}
SCRIPT = """#!/bin/sh
# Its engine has what stands in the file "there", one name each line; with a file "down" it does not answer.
cd "$(dirname "$0")" || exit 9
if [ -e down ]; then echo "Cannot connect to the daemon" >&2; exit 1; fi
case "$1 $2" in
*" ls") sed 's/^/0123456789ab /' there ;;
*" inspect")
    kind="$1"; shift 2; code=0; found=
    for name; do
        if grep -qx "$name" there && [ ! -e broken ]; then found="$found{\\"Name\\": \\"$name\\"},"
        else {gone} >&2; code=1; fi
    done
    echo "[${found%,}]"; exit $code ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "there").write_text("one\ntwo\n")
    return tmp_path


def client(folder: Path, words: str) -> Client:
    """Return a client that says in these words that something is not there."""
    message = words.format(kind="$kind", name="$name")
    script = folder / "docker"
    script.write_text(SCRIPT.replace("{gone}", f"printf '%s\\n' \"{message.replace(chr(34), chr(92) + chr(34))}\""))
    script.chmod(0o755)
    return Client(Context(folder, (str(script),), {}, lambda _: None, lambda *_: ""))


@pytest.mark.parametrize("words", GONE.values(), ids=GONE)
@pytest.mark.parametrize("kind", ["container", "network", "volume", "image"])
def test_what_is_gone_is_left_out_whatever_the_client_calls_it(folder: Path, kind: str, words: str) -> None:
    engine = client(folder, words)
    assert engine.inspect(kind) == []
    assert engine.inspect(kind, "gone") == []
    assert [each["Name"] for each in engine.inspect(kind, "one", "gone", "two", "gone too")] == ["one", "two"]
    assert engine.exists(kind, "one") and not engine.exists(kind, "gone")


def test_an_engine_that_does_not_answer_has_not_lost_anything(folder: Path) -> None:
    engine = client(folder, GONE["docker 28"])
    (folder / "down").touch()
    with pytest.raises(EngineError, match="Cannot connect to the daemon"):
        engine.inspect("network", "one")


def test_what_is_there_and_cannot_be_inspected_is_an_error_with_the_engines_reason(folder: Path) -> None:
    engine = client(folder, "Error: permission denied on $name")
    (folder / "broken").touch()
    with pytest.raises(EngineError, match="network inspect failed: Error: permission denied on one"):
        engine.inspect("network", "one", "gone")
