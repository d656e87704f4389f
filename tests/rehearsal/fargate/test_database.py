"""The images of the database servers: their first start, the wait for them, and which one is taken."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from containers import clearing, database
from containers.errors import EngineError
from preview import composition
from rehearsal.fargate.plan.database_parameters import HONOURED
from rehearsal.fargate.stand.mysql import option
from tests.rehearsal.fargate.conftest import docker, engine
from tests.rehearsal.fargate.waiting import eventually

ROOT = Path(__file__).parents[3]
# What a first start leaves that was killed at its last step, and part of what one leaves that was killed before.
CUT_SHORT = """
mkdir /tmp/bin && ln -s /bin/false /tmp/bin/mv && ! PATH=/tmp/bin:$PATH start && ls -d /var/lib/mysql/$MARK.new &&
: >/var/lib/mysql/ibdata1
"""
Start = Callable[..., str]


@pytest.fixture(params=list(database.SERVERS), scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The server under test; its image is the tests' own."""
    name: str = request.param
    label = f"floodgate.database-tests={ROOT}-{name}"
    engine().build(_image(name), "--label", label, *composition.build(ROOT, name))
    yield name
    clearing.clear(engine(), label, images=True)


@pytest.fixture
def run(server: str, tmp_path: Path) -> Iterator[Start]:
    """Run a container of the server's image; all goes at the end."""
    label = f"floodgate.database-tests={tmp_path}"
    docker("volume", "create", "--label", label, tmp_path.name)

    def started(*options: str, command: tuple[str, ...] = ()) -> str:
        data = f"--mount=type=volume,src={tmp_path.name},dst={database.DATA}"
        own = ("--label", label, "--network=none", "--cap-drop=ALL", data)
        return docker("run", *own, *options, _image(server), *command)

    try:
        yield started
    finally:
        clearing.clear(engine(), label, images=False)


def _image(name: str) -> str:
    return f"floodgate-test/{name}"


def ask(container: str, sql: str) -> list[list[str]]:
    """Return the rows of statements as the administrator, as soon as the server answers."""
    answer = docker("exec", container, "answering", "60", "sql", "-BNe", sql)
    return [line.split("\t") for line in answer.splitlines()]


@pytest.mark.engine
def test_a_first_start_that_was_cut_short_is_begun_anew_and_data_stays(run: Start) -> None:
    run("--rm", "--entrypoint=sh", command=("-ec", CUT_SHORT))
    first = run("--detach")
    ask(first, "CREATE DATABASE kept")
    docker("rm", "--force", "--volumes", first)
    second = run("--detach")
    assert sorted(ask(second, "SHOW DATABASES")) == [
        *(["information_schema"], ["kept"], ["mysql"], ["performance_schema"], ["sys"])
    ]
    reached = ask(second, "SELECT user, plugin FROM mysql.user WHERE host <> 'localhost' OR user = 'root'")
    assert [user for user, _ in reached] == ["root"]


@pytest.mark.engine
def test_a_server_behaves_as_aurora_where_the_two_differ_by_default(run: Start, server: str) -> None:
    container = run("--detach", command=("--default-time-zone=Europe/Berlin",))
    assert ask(container, "SELECT @@transaction_isolation, @@time_zone, LENGTH(MD5('a'))") == [
        ["REPEATABLE-READ", "Europe/Berlin", "32"]
    ]
    if server == "mysql":
        assert ask(container, "SELECT @@sql_mode, @@collation_server, @@skip_name_resolve") == [
            ["NO_ENGINE_SUBSTITUTION", "utf8mb4_0900_ai_ci", "0"]
        ]
        assert re.match(r"9\.7\.", ask(container, "SELECT VERSION()")[0][0])
    else:
        assert ask(container, "SELECT @@innodb_snapshot_isolation, @@skip_name_resolve") == [["0", "0"]]


STATE = "cut -d' ' -f3 /proc/$(cat /run/mysqld/server)/stat"
# A client that waits for the first bytes of its greeting: how many, when they came, and what the server does while the
# client is there.
CONNECT = f"exec 3<>/dev/tcp/127.0.0.1/3306; head -c 5 <&3 | wc -c; date +%s.%N; {STATE}"


@pytest.mark.engine
def test_a_server_pauses_without_clients_and_the_first_one_waits(run: Start) -> None:
    container = run("--detach", "--env=PAUSES=1 2")
    ask(container, "CREATE DATABASE kept")

    def stopped() -> bool:
        return docker("exec", container, "sh", "-c", STATE) == "T"

    eventually(stopped, "it pauses")
    assert ask(container, "SHOW DATABASES LIKE 'kept'") == [["kept"]], "the administrator need not wait"
    assert stopped(), "and it pauses on"
    began = time.time()
    length, at, state = docker("exec", container, "bash", "-c", CONNECT).split()
    assert (length, state == "T") == ("5", False)
    assert float(at) - began >= 2
    eventually(stopped, "it pauses again")
    docker("exec", container, "sh", "-c", ": >/run/mysqld/pauses")
    eventually(lambda: not stopped(), "its capacity is not 0 any more")
    log = docker("logs", container)
    docker("stop", "--time=90", container)
    assert docker("inspect", "--format={{.State.ExitCode}}", container) == "0", log


@pytest.mark.engine
def test_a_killed_server_starts_again_whoever_has_its_number_now(run: Start) -> None:
    container = run("--detach")
    ask(container, "CREATE DATABASE kept")
    for _ in range(2):
        # From the second start on, processes have the same numbers each time: the next is that of what lets it pause.
        docker("exec", container, "sh", "-c", "echo $(($(cat /run/mysqld/server) + 1)) >/run/mysqld/mysqld.sock.lock")
        docker("kill", container)
        docker("start", container)
        ask(container, "SELECT 1")
    assert ask(container, "SHOW DATABASES LIKE 'kept'") == [["kept"]]


@pytest.mark.engine
def test_a_server_that_pauses_ends_in_good_order(run: Start) -> None:
    container = run("--detach", "--env=PAUSES=1 2")
    ask(container, "SELECT 1")
    eventually(lambda: docker("exec", container, "sh", "-c", STATE) == "T", "it pauses")
    docker("stop", "--time=90", container)
    assert docker("inspect", "--format={{.State.ExitCode}}", container) == "0"


# A value of each parameter that a template may set.
VALUES = {
    "max_connections": "200", "max_user_connections": "100", "max_connect_errors": "9223372036854775807",
    "wait_timeout": "300", "interactive_timeout": "300", "net_read_timeout": "20", "net_write_timeout": "20",
    "character_set_server": "utf8mb4", "collation_server": "utf8mb4_general_ci", "sql_mode": "STRICT_TRANS_TABLES",
    "time_zone": "Asia/Tokyo", "transaction_isolation": "READ-COMMITTED", "max_allowed_packet": "67108864",
    "group_concat_max_len": "2048", "innodb_lock_wait_timeout": "10", "lock_wait_timeout": "100",
    "innodb_print_all_deadlocks": "1", "long_query_time": "2", "slow_query_log": "1", "event_scheduler": "ON",
    "require_secure_transport": "ON", "log_bin_trust_function_creators": "1", "thread_cache_size": "10",
    "table_open_cache": "500", "tmp_table_size": "16777216", "max_heap_table_size": "16777216",
    "sort_buffer_size": "262144", "join_buffer_size": "262144",
}  # fmt: skip


@pytest.mark.engine
def test_each_parameter_that_is_honoured_is_one_that_the_server_takes(run: Start) -> None:
    assert VALUES.keys() == HONOURED.keys()
    container = run("--detach", command=tuple(f"--{option(name)}={value}" for name, value in VALUES.items()))
    assert ask(container, "SELECT @@time_zone, @@wait_timeout, @@global.max_connect_errors > 4000000000") == [
        ["Asia/Tokyo", "300", "1"]
    ]
    assert ask(container, "SELECT @@require_secure_transport") == [["1"]]


@pytest.mark.engine
def test_a_certificate_is_for_the_names_of_the_server_and_stays(run: Start) -> None:
    names = "--env=NAMES=writer.cluster,reader.cluster"
    certified = "openssl x509 -noout -ext subjectAltName -fingerprint -in"
    certificates = []
    for options in ((names,), (names,), ("--env=NAMES=other",)):
        container = run("--detach", *options)
        ask(container, "DO 1")
        trusted = docker("exec", container, "sh", "-c", f"{certified} /authorities/*.0")
        assert trusted == docker("exec", container, "sh", "-c", f"{certified} {database.DATA}/certificate.pem")
        certificates.append(trusted)
        docker("rm", "--force", "--volumes", container)
    assert "DNS:writer.cluster, DNS:reader.cluster" in certificates[0]
    assert certificates[0] == certificates[1]
    assert "DNS:other" in certificates[2]


@pytest.mark.engine
def test_a_server_that_does_not_answer_in_time_is_told(run: Start, server: str) -> None:
    with pytest.raises(EngineError, match=r"[Cc]an't connect|Check that m\w+ is running"):
        run("--rm", "--entrypoint=answering", command=("1", "echo", "it answers"))
    call = ("run", "--rm", "--network=none", "--entrypoint=answering", _image(server), "1", "echo", "it answers")
    silent = engine().run(*call)
    assert (silent.returncode, silent.stdout) == (composition.SILENT, "")


def _builder(failures: dict[str, EngineError], built: list[str]) -> Callable[[str], None]:
    def build(name: str) -> None:
        built.append(name)
        if name in failures:
            raise failures[name]

    return build


NO_PACKAGES = EngineError("the image x could not be built", "#7 0.4 no packages of MySQL 9.7\n")
FULL = EngineError("the image x could not be built", "no space left on device")


@pytest.mark.parametrize(
    ("choice", "failures", "taken", "says"),
    [
        pytest.param(None, {}, "mysql", "", id="nothing lines"),
        pytest.param("", {}, "mysql", "", id="empty"),
        pytest.param("mariadb", {}, "mariadb", "", id="MariaDB wanted"),
        pytest.param(None, {"mysql": NO_PACKAGES}, "mariadb", "MariaDB stands in", id="no packages of MySQL"),
    ],
)
def test_mariadb_stands_in_where_mysql_cannot_be_had_and_that_is_said(
    choice: str | None, failures: dict[str, EngineError], taken: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(database.CHOICE, raising=False)
    if choice is not None:
        monkeypatch.setenv(database.CHOICE, choice)
    lines: list[str] = []
    assert database.build(_builder(failures, []), lines.append) == taken
    assert says in "".join(lines)
    assert bool(lines) == bool(says)


@pytest.mark.parametrize(
    ("choice", "failures", "message"),
    [
        pytest.param("", {"mysql": FULL}, "could not be built", id="another fault is no reason to stand in"),
        pytest.param("", {"mysql": NO_PACKAGES, "mariadb": FULL}, "could not be built", id="neither can be had"),
        pytest.param("postgres", {}, "FLOODGATE_DATABASE is 'postgres'; allowed: mysql, mariadb", id="no such server"),
    ],
)
def test_what_hinders_a_database_is_told(
    choice: str, failures: dict[str, EngineError], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(database.CHOICE, choice)
    with pytest.raises(EngineError, match=message):
        database.build(_builder(failures, []), print)


def test_the_words_of_a_build_without_packages_are_those_that_are_looked_for() -> None:
    assert f'echo "{database.NO_PACKAGES}" >&2' in (ROOT / database.FOLDER / "mysql/Dockerfile").read_text()
