"""What is kept between runs: state, lock, the commit, the engine's wrapper."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from containers.checkout import Context
from rehearsal.aws import ecr
from rehearsal.lock import locked
from rehearsal.values import commit
from rehearsal.values.exits import Refused
from rehearsal.values.replaced_file import write
from rehearsal.values.stack import Resource, Stack
from rehearsal.values.state import Deployed, Key, Store, Waiting

ROOT = Path(__file__).parents[3]

HOLDER = """
import sys, time
from pathlib import Path
from rehearsal.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_rehearsal_is_refused_and_a_killed_ones_lock_is_free(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Refused, match=f"process {holder.pid}"), locked(lock):
            pass
        with locked(lock, wanted=False):
            pass
        holder.send_signal(signal.SIGKILL)
    with locked(lock):
        assert lock.read_text() == str(os.getpid())


def deployed(name: str) -> Deployed:
    resource = Resource("B", "AWS::S3::Bucket", "bucket", {"Tags": [{"Key": "k"}]}, {"Arn": "arn"})
    stack = Stack(name, "222222222222", "eu-central-1", {"B": resource}, {"Url": "http://localhost:8080"})
    return Deployed.of(stack, {"Resources": {}}, {"P": "1"}, commit="c0ffee", at=1.0, generations={"B": 2})


def test_what_stands_is_read_back_in_the_order_of_its_deployment(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name in ("network", "site", "network"):
        store.stands(deployed(name))
    store.state.waiting = Waiting(
        execution=3,
        identity="i",
        commit="c",
        stage="Approval",
        action="Approve",
        variables={"N": {"A": "1"}},
        evidence="e",
    )
    store.save()
    again = Store(tmp_path)
    assert again.state == store.state
    assert [entry.key.name for entry in again.standing()] == ["network", "site"]
    assert again.standing()[0].stack() == deployed("network").stack()
    assert again.deployed(Key(account="2", region="r", name="none")) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"executions": "many"}', id="wrong type"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
def test_a_state_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.json").write_bytes(content)
    with pytest.raises(Refused, match=r"state\.json cannot be read .*make down"):
        Store(tmp_path)


def test_a_stack_or_a_secret_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.stands(deployed("network"))
    for file in (tmp_path / "stacks").iterdir():
        file.unlink()
    with pytest.raises(Refused, match=r"network\.json cannot be read \(it is gone\).*make down"):
        store.standing()
    (tmp_path / "secrets.json").write_text("[]")
    with pytest.raises(Refused, match=r"secrets\.json cannot be read .*make down"):
        store.generated("1", "r", "s", "A", str)


def test_a_generated_secret_is_generated_once(tmp_path: Path) -> None:
    made = iter(["first", "second"])
    store = Store(tmp_path)
    assert store.generated("1", "r", "s", "A", lambda: next(made)) == "first"
    assert Store(tmp_path).generated("1", "r", "s", "A", lambda: next(made)) == "first"
    assert store.generated("1", "r", "s", "B", lambda: next(made)) == "second"
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_what_was(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    write(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write(file, "\udc80")
    assert file.read_text() == "old"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=topic")
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=N", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_checkout_without_a_commit_is_refused(checkout: Path) -> None:
    with pytest.raises(Refused, match="no commit to rehearse"):
        commit.head(checkout)


def test_only_what_is_committed_is_exported(checkout: Path, tmp_path: Path) -> None:
    (checkout / "run").write_text("committed")
    (checkout / "run").chmod(0o755)
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message=Subject\n\nBody")
    (checkout / "run").write_text("changed")
    (checkout / "new").touch()
    head = commit.head(checkout)
    assert (head.subject, head.author, head.branch, commit.dirty(checkout)) == ("Subject", "N", "topic", 2)
    commit.export(checkout, head.identity, tmp_path / "out")
    assert (tmp_path / "out" / "run").read_text() == "committed"
    assert os.access(tmp_path / "out" / "run", os.X_OK)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["run"]


ENGINE = """#!/bin/sh
echo "$MODE $@" >> {calls}
case "$1 $2 $5" in "image inspect "*unknown*) echo "no such image" >&2; exit 1 ;; esac
"""


@pytest.mark.parametrize(
    ("certificates", "secret"),
    [
        pytest.param("", "", id="no certificates"),
        pytest.param("/etc/own.pem", "--secret id=certificates,src=/etc/own.pem ", id="own certificates"),
        pytest.param(
            "/etc/my, own.pem", '--secret id=certificates,"src=/etc/my, own.pem" ', id="a comma in their name"
        ),
    ],
)
def test_the_wrapper_replaces_login_and_push_and_hands_in_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificates: str, secret: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certificates)
    calls, pushed, wrapper = tmp_path / "calls", tmp_path / "pushed", tmp_path / "docker"
    engine = tmp_path / "engine"
    engine.write_text(ENGINE.format(calls=calls))
    engine.chmod(0o755)
    ctx = Context(tmp_path, (str(engine),), {"MODE": "a b"}, print, lambda *_: "")
    ecr.write_wrapper(wrapper, pushed, ctx)

    def docker(*arguments: str) -> int:
        return subprocess.run(
            [wrapper, *arguments], check=False, capture_output=True, stdin=subprocess.DEVNULL
        ).returncode

    assert docker("login", "--username", "AWS", "registry") == 0
    assert not calls.exists()
    assert docker("build", "--tag", "x y", ".") == 0
    assert calls.read_text() == f"a b build {secret}--tag x y .\n"
    known, unknown = (f"111122223333.dkr.ecr.eu-central-1.amazonaws.com/assets:{tag}" for tag in ("known", "unknown"))
    calls.unlink()
    assert docker("tag", "cdkasset-known", known) == 0
    assert calls.read_text() == f"a b tag {ctx.prefix}/cdkasset-known {ctx.prefix}/{known}\n"
    assert docker("push", known) == 0
    assert docker("push", unknown) == 1
    assert ecr.pushed(pushed) == [known]


@pytest.mark.parametrize(
    ("new", "found", "figure"),
    [
        pytest.param(0, 0, "", id="nothing"),
        pytest.param(2, 0, "2 images published", id="new images"),
        pytest.param(0, 3, "3 images reused", id="found images"),
        pytest.param(1, 1, "1 images published, 1 images reused", id="new and found images"),
    ],
)
def test_the_figure_of_the_publisher(tmp_path: Path, new: int, found: int, figure: str) -> None:
    log = tmp_path / "log"
    log.write_text("info: start\n" + "".join(f"found: Found 1.dkr.ecr.r.amazonaws.com/a:{n}\n" for n in range(found)))
    assert ecr.figure(new, log) == figure
