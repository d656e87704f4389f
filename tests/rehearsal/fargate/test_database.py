"""The image of the database: its first start, and the wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from containers import clearing
from containers.errors import EngineError
from preview import composition
from tests.rehearsal.fargate.conftest import docker, engine

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[3]
IMAGE = "floodgate-test/mariadb"
# What a first start leaves that was killed at its last step, and part of what one leaves that was killed before.
CUT_SHORT = """
mkdir /tmp/bin && ln -s /bin/false /tmp/bin/mv && ! PATH=/tmp/bin:$PATH start && ls /var/lib/mysql/mysql.new/db.MAD &&
rm /var/lib/mysql/mysql.new/db.MAD && : >/var/lib/mysql/ibdata1
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Run a container of the database's image; all goes at the end."""
    label = f"floodgate.database-tests={tmp_path}"
    engine().build(IMAGE, "--label", label, *composition.build(ROOT, "mariadb"))
    docker("volume", "create", "--label", label, tmp_path.name)

    def started(*options: str, command: tuple[str, ...] = ()) -> str:
        data = f"--mount=type=volume,src={tmp_path.name},dst=/var/lib/mysql"
        return docker("run", "--label", label, "--network=none", "--cap-drop=ALL", data, *options, IMAGE, *command)

    try:
        yield started
    finally:
        clearing.clear(engine(), label, images=True)


def test_a_first_start_that_was_cut_short_is_begun_anew_and_data_stays(run: Callable[..., str]) -> None:
    run("--rm", "--entrypoint=sh", command=("-ec", CUT_SHORT))
    first = run("--detach")
    docker("exec", first, "answering", "60", "mariadb", "-e", "CREATE DATABASE kept")
    docker("rm", "--force", first)
    second = run("--detach")
    assert docker("exec", second, "answering", "60", "mariadb", "-BNe", "SHOW DATABASES").split() == [
        *("information_schema", "kept", "mysql", "performance_schema", "sys")
    ]
    assert docker("exec", second, "mariadb", "-BNe", "SELECT user, host FROM mysql.user ORDER BY user").split("\n") == [
        *("mariadb.sys\tlocalhost", "mysql\tlocalhost", "root\tlocalhost")
    ]
    # What the site may be told to insist on (require_secure_transport).
    assert docker("exec", second, "mariadb", "-BNe", "SHOW STATUS LIKE 'Ssl_cipher'").startswith("Ssl_cipher\tTLS_")


def test_a_server_that_does_not_answer_in_time_is_told(run: Callable[..., str]) -> None:
    with pytest.raises(EngineError, match=r"Can't connect|Check that mariadbd is running"):
        run("--rm", "--entrypoint=answering", command=("1", "echo", "it answers"))
    silent = engine().run("run", "--rm", "--network=none", "--entrypoint=answering", IMAGE, "1", "echo", "it answers")
    assert (silent.returncode, silent.stdout) == (composition.SILENT, "")
