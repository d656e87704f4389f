"""The command line: exit codes and messages, where nothing has to run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from containers import engine
from containers.errors import EngineError
from rehearsal import __main__ as command
from rehearsal import overview
from rehearsal.progress import Progress
from rehearsal.values.exits import BAD_INPUT, DONE, FAILED, INTERRUPTED, ActionFailed
from rehearsal.values.state import Past, Store
from tests.rehearsal.conftest import ROOT


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        pytest.param(["approve"], {}, "no execution waits for an approval", id="approve nothing"),
        pytest.param(["reject"], {}, "no execution waits for an approval", id="reject nothing"),
        pytest.param(["storm"], {}, "nothing has been deployed yet", id="storm nothing"),
        pytest.param(["clock", "--at", "10:00"], {}, "nothing stands whose clock could be set", id="clock of nothing"),
        pytest.param(["clock", "--speed", "61"], {}, "SPEED=61: from 1 to 60", id="too fast"),
        pytest.param(["run"], {"APPROVE": "perhaps"}, "APPROVE=perhaps", id="undecided approval"),
        pytest.param(["run"], {}, "no commit to rehearse", id="no commit"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], message: str
) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal", "--checkout", str(tmp_path), *arguments],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == BAD_INPUT
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_input_is_told_before_the_emulated_aws_is_imported(tmp_path: Path) -> None:
    """It takes more than a second of processor."""
    script = (
        "import sys; from rehearsal.__main__ import main; code = main(); "
        "sys.exit(code if not {'moto', 'boto3'} & set(sys.modules) else 1)"
    )
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    for word in ("approve", "reject", "storm", "run"):
        done = subprocess.run(
            [sys.executable, "-c", script, "--checkout", str(tmp_path), word],
            cwd=ROOT, env={**os.environ, "APPROVE": "perhaps"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == BAD_INPUT, done.stderr


def test_what_cannot_be_read_goes_by_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find", lambda: None)
    state = tmp_path / ".rehearsal" / "state.json"
    state.parent.mkdir()
    state.write_text("half a sta")
    assert command.main(["--checkout", str(tmp_path), "status"]) == BAD_INPUT
    assert command.main(["--checkout", str(tmp_path), "down"]) == DONE
    assert not state.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere", "nowhere is no folder"),
        ("own", "own/.rehearsal: File exists. What the rehearsal keeps is in"),
        ("git", "git is missing"),
    ],
)
def test_a_folder_that_is_of_no_use_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("own", "git"):
        (tmp_path / name).mkdir()
    (tmp_path / "own" / ".rehearsal").touch()
    assert command.main(["--checkout", str(tmp_path / text), "run"]) == BAD_INPUT
    assert message in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        pytest.param("down", "interrupted; `make down` removes the rest", id="what removes"),
        pytest.param("status", "interrupted", id="what only tells"),
    ],
)
def test_an_interrupted_command_says_what_is_left_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, line: str
) -> None:
    def ends(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(overview, name, ends)
    assert command.main(["--checkout", str(tmp_path), name]) == INTERRUPTED
    assert capsys.readouterr().out.splitlines() == [line]


Status = Callable[[BaseException | None], tuple[int, str]]


@pytest.fixture
def status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Status:
    """Run a command that ends as given; its exit code, and all that it printed."""

    def run(error: BaseException | None) -> tuple[int, str]:
        def ends(checkout: Path, store: Store, progress: Progress) -> int:
            del checkout, store, progress
            if error is not None:
                raise error
            return DONE

        monkeypatch.setattr(overview, "status", ends)
        code = command.main(["--checkout", str(tmp_path), "status"])
        output = capsys.readouterr()
        return code, output.out + output.err

    return run


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        pytest.param(None, DONE, "", id="done"),
        pytest.param(ActionFailed("the gate failed"), FAILED, "✘ the gate failed", id="failed"),
        pytest.param(KeyboardInterrupt(), INTERRUPTED, "interrupted", id="interrupted"),
        pytest.param(
            ZeroDivisionError("division by zero"),
            FAILED,
            "a fault of its own: ZeroDivisionError: division by zero",
            id="fault of its own",
        ),
        pytest.param(
            EngineError("docker ps failed: is it running?"),
            FAILED,
            "✘ the container engine does not obey: docker ps",
            id="engine",
        ),
        pytest.param(
            PermissionError(13, "Permission denied"), FAILED, "a fault of its own: PermissionError", id="permission"
        ),
        pytest.param(
            OSError(28, "No space left on device", "state.json"),
            BAD_INPUT,
            "the disk is full (state.json)",
            id="full disk",
        ),
    ],
)
def test_every_end_has_its_exit_code(status: Status, error: BaseException | None, code: int, printed: str) -> None:
    assert status(error)[0] == code
    assert printed in status(error)[1]


@pytest.mark.engine
def test_a_terminal_without_the_marks_gets_the_rest(tmp_path: Path) -> None:
    store = Store(tmp_path / ".rehearsal")
    store.state.history.append(Past(execution=1, commit="c0ffee", outcome="✔ promoted", at=0.0))
    store.save()
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal", "--checkout", str(tmp_path), "status"],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "latin-1"}, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()[-1]) == (DONE, b"execution 1: c0ffee ? promoted")


def test_a_failed_action_prints_the_end_of_its_log(status: Status, tmp_path: Path) -> None:
    log = tmp_path / "action.log"
    log.write_text("".join(f"line {number}\n\n" for number in range(100)))
    printed = status(ActionFailed("failed", log))[1].splitlines()
    assert printed[0] == f"── the last 30 lines of {log}"
    assert printed[1].strip() == "line 70"
    assert printed[30].strip() == "line 99"


FULL = """
mount -t tmpfs -o size=1m tmpfs "$1/.rehearsal"
dd if=/dev/zero of="$1/.rehearsal/filler" bs=4k 2>/dev/null
truncate -s -"$2" "$1/.rehearsal/filler"
exec "$3" -m rehearsal --checkout "$1" "$4"
"""


@pytest.mark.engine
@pytest.mark.parametrize("left", [pytest.param(0, id="nothing left"), pytest.param(24576, id="less than an archive")])
def test_a_full_disk_is_one_message_that_names_what_to_free(tmp_path: Path, left: int) -> None:
    for words in (["init", "--quiet"], ["add", "-A"], ["commit", "--quiet", "--message=A file"]):
        (tmp_path / "file").write_text("x" * 100_000)
        subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *words], cwd=tmp_path, check=True)
    (tmp_path / ".rehearsal").mkdir()
    done = in_a_full_folder(tmp_path, left, "run")
    assert done.returncode == BAD_INPUT, done.stderr
    (message,) = done.stderr.splitlines()
    assert message.startswith(f"rehearsal: the disk is full ({tmp_path}/.rehearsal")
    assert "make room there" in message
    assert not any(word in done.stdout for word in ("Traceback", "fault of its own"))


@pytest.mark.engine
def test_what_fills_the_disk_goes_by_down(tmp_path: Path) -> None:
    (tmp_path / ".rehearsal").mkdir()
    done = in_a_full_folder(tmp_path, 0, "down")
    assert done.returncode == DONE, done.stderr


def in_a_full_folder(checkout: Path, left: int, word: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose folder has so many bytes left; the mount is the command's own."""
    own = ["unshare", "--mount", "--user", "--map-root-user", "sh", "-c", FULL, "sh"]
    return subprocess.run(
        [*own, str(checkout), str(left), sys.executable, word],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
