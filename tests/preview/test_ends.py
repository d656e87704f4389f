"""What ``make site`` leaves behind, and what it refuses."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

import pytest

from containers.engine import Engine, find
from containers.ports import LAST
from tests.ports import free_port
from tests.preview.checkout import Running, copy, end, preview, start

NewCheckout = Callable[[Path], Path]


@cache
def engine() -> Engine:
    """Return this machine's container engine."""
    return find()


@pytest.fixture(scope="module")
def checkout(new_checkout: NewCheckout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One for all that end: each begins without containers, and builds the images that are missing."""
    made = new_checkout(tmp_path_factory.mktemp("checkout"))
    try:
        yield made
    finally:
        preview(made, "down")


def containers(checkout: Path) -> set[str]:
    """Return the numbers of the containers of a checkout's site."""
    return set(engine()("ps", "--all", "--quiet", "--filter", f"label=floodgate.preview={checkout}").split())


def things(checkout: Path, *, images: bool = False) -> list[str]:
    """Return what the engine has of a checkout's site, running or not."""
    mine = ("--quiet", "--filter", f"label=floodgate.preview={checkout}")
    kinds = [("ps", "--all"), ("network", "ls"), ("volume", "ls"), *([("images",)] if images else [])]
    return [thing for kind in kinds for thing in engine()(*kind, *mine).split()]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="SIGINT"),
        pytest.param(signal.SIGTERM, id="SIGTERM"),
        pytest.param(signal.SIGHUP, id="SIGHUP"),
    ],
)
def test_an_end_leaves_the_images_alone(checkout: Path, tmp_path: Path, number: signal.Signals) -> None:
    running = start(checkout, tmp_path)
    try:
        assert len(things(checkout)) > 5
        assert end(running, number) == 0
        assert things(checkout) == []
        assert len(things(checkout, images=True)) == 3
    finally:
        end(running, signal.SIGKILL)


def test_what_a_killed_one_left_is_removed_by_the_next_and_all_of_it_by_down(checkout: Path, tmp_path: Path) -> None:
    made = [start(checkout, tmp_path)]
    try:
        end(made[0], signal.SIGKILL)
        left = containers(checkout)
        assert len(left) == 4
        made.append(start(checkout, tmp_path))
        assert len(containers(checkout) - left) == 4
        assert not containers(checkout) & left
    finally:
        end(made[-1], signal.SIGKILL)
        assert preview(checkout, "down").returncode == 0
    assert things(checkout, images=True) == []


def test_a_second_one_of_a_checkout_is_refused_and_does_not_disturb(preview_site: Running) -> None:
    second = preview(preview_site.checkout)
    assert second.returncode == 2
    assert f"runs already (process {preview_site.process.pid})" in second.stderr
    down = preview(preview_site.checkout, "down")
    assert (down.returncode, down.stdout) == (
        0,
        f"site: the site of process {preview_site.process.pid} stays: Ctrl-C there ends it\n",
    )
    assert preview_site.get("/").status_code == 200


def test_a_taken_port_is_told_and_the_next_is_tried(checkout: Path) -> None:
    """There is none after the last: it needs no site to be seen."""
    with ExitStack() as stack:
        with suppress(OSError):  # another program has it, which is as well
            stack.enter_context(socket.create_server(("127.0.0.1", LAST)))
        done = preview(checkout, PORTS=str(LAST))
    assert done.returncode == 2
    assert f"port {LAST} is taken by another program" in done.stdout
    assert "PORTS=9000,9001" in done.stderr


def test_a_working_tree_that_only_its_owner_reads_is_refused(tmp_path: Path) -> None:
    """The site's processes are other users, and read it where it lies."""
    copy(tmp_path)
    file = tmp_path / "src/wordpress/wp-config.php"
    file.chmod(0o600)
    done = preview(tmp_path, PORTS=str(free_port()))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"site: {file} may be read by its owner alone")
    assert f"chmod -R go+rX {tmp_path}/src " in done.stderr


def test_a_wrong_port_is_refused(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    done = preview(tmp_path, PORTS="many")
    assert (done.returncode, done.stdout) == (2, "")
    assert "many is no port" in done.stderr


def test_a_folder_that_is_no_checkout_is_one_message(tmp_path: Path) -> None:
    done = preview(tmp_path, PORTS=str(free_port()))
    assert done.returncode == 2
    assert done.stderr == f"site: there is no {tmp_path}/src: --checkout names the repository\n"
    assert list(tmp_path.iterdir()) == []
