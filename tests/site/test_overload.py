"""When PHP or the database cannot: what is cached is served, everything else gets the waiting page, and it ends."""

from __future__ import annotations

import re
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from tests.site.inside import rows
from tests.site.task import COURSE, Task, eventually, image
from tests.site.visitor import Form, make_storm, marker


@contextmanager
def stopped(task: Task, container: str, verbs: tuple[str, str] = ("stop", "start")) -> Iterator[None]:
    """Take a part of the task away for a while."""
    task.engine(verbs[0], container)
    try:
        yield
    finally:
        task.engine(verbs[1], container)
        task.wait_until_ready()


def assert_waiting(answer: requests.Response) -> None:
    assert answer.status_code == 503
    assert marker(answer.text, "state") == "waiting"
    assert 3 <= int(answer.headers["Retry-After"]) <= 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'content="{answer.headers["Retry-After"]}"' in answer.text, "the reload without JavaScript"
    assert len(answer.content) < 4_000


def test_without_php_the_cache_still_serves(task: Task) -> None:
    storm = make_storm(task, 1)
    form = Form.on(task, storm.path)
    assert task.get(COURSE).status_code == 200
    # A task whose PHP goes before its cache is warm is none that serves yet.
    eventually(lambda: task.get("/healthz").text == "ok\n")
    with stopped(task, "wordpress"):
        kept = task.get(COURSE)
        assert kept.status_code == 200
        assert kept.headers["X-Cache"] in {"HIT", "UPDATING", "STALE"}
        assert eventually(lambda: task.get(COURSE).headers["X-Cache"] == "STALE")
        assert_waiting(task.get(f"/?replytocom={uuid.uuid4().hex}"))
        assert_waiting(task.get("/wp-login.php"))

        refused = form.send("ada@example.org")
        assert_waiting(refused)
        assert "send it again" in refused.text
        assert "send it again" not in task.get("/?replytocom=another").text

        api = task.get("/wp-json/")
        assert (api.status_code, api.json()["code"]) == (503, "floodgate_waiting")
        assert task.get("/floodgate/ready").json() == {"ready": False, "reason": "php"}
        assert task.get("/healthz").text == "ok\n"
    assert form.send("ada@example.org").status_code == 200


def test_more_than_php_can_queue_is_turned_away_and_then_all_is_well(task: Task) -> None:
    """PHP is held still, so that its queue fills: a page for each request would be built for people who have gone."""
    assert task.get(COURSE).status_code == 200
    impatient = 80

    def ask(number: int) -> str | None:
        try:
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            answer = requests.get(f"{task.url}/?replytocom={number}-{uuid.uuid4().hex}", headers=headers, timeout=3)
        except requests.Timeout:
            return "queued"
        return marker(answer.text, "state")

    with stopped(task, "wordpress", ("pause", "unpause")), ThreadPoolExecutor(impatient) as pool:
        answers = Counter(pool.map(ask, range(impatient)))
        kept = task.get(COURSE)
        assert kept.status_code == 200
    assert answers["queued"] <= 45, "a second and a half of a processor's work"
    assert answers["waiting"] == impatient - answers["queued"]
    assert task.get(f"/?replytocom={uuid.uuid4().hex}").status_code == 200


def test_without_the_database_people_wait(task: Task) -> None:
    assert task.get(COURSE).status_code == 200
    database = task.host.database
    task.host.engine("stop", "--time", "10", database)
    try:
        assert_waiting(task.get(f"/?replytocom={uuid.uuid4().hex}"))
        assert task.get(COURSE).status_code == 200
        ready = task.get("/floodgate/ready")
        assert (ready.status_code, ready.json()) == (503, {"ready": False, "reason": "database"})
        assert "not ready: " in task.log("wordpress")
        assert task.exec("wordpress", "floodgate-php-health") == ""
    finally:
        task.host.engine("start", database)
        task.wait_until_ready()


@pytest.mark.parametrize(
    "table",
    [
        pytest.param("wp_options", id="before any plugin is loaded"),
        pytest.param("wp_posts", id="before the page has begun"),
        pytest.param("wp_terms", id="in the middle of WordPress"),
        pytest.param("wp_floodgate_courses", id="in the middle of the list of courses"),
    ],
)
def test_a_page_that_loses_the_database_in_the_middle_is_the_waiting_page(task: Task, table: str) -> None:
    """A table that is locked gives no answer, and PHP gives the connection up."""
    lock = subprocess.Popen(
        [*task.host.engine.docker, "exec", "-i", task.host.database, "sql", "floodgate"],
        stdin=subprocess.PIPE,
        text=True,
    )
    assert lock.stdin is not None
    lock.stdin.write(f"LOCK TABLES {table} WRITE; SELECT GET_LOCK('{table}', 0);\n")
    lock.stdin.flush()
    eventually(lambda: rows(task.host, f"SELECT 1 WHERE IS_USED_LOCK('{table}')"))
    try:
        page = task.get(f"/?replytocom={uuid.uuid4().hex}")
    finally:
        lock.stdin.close()
        lock.wait(30)
    assert_waiting(page)
    assert page.elapsed.total_seconds() < 5
    assert task.get(f"/?replytocom={uuid.uuid4().hex}").status_code == 200


def test_the_health_check_fails_when_php_is_away(task: Task) -> None:
    health = ["run", "--rm", "--entrypoint", "floodgate-php-health", "--network", "none", image("wordpress")]
    assert task.host.engine.run(*health).returncode != 0


@pytest.mark.parametrize(
    ("asked_ago", "made"),
    [
        pytest.param("1", "a page", id="somebody waits"),
        pytest.param("3", "", id="nginx has given up"),
        pytest.param("-30", "a page", id="a clock that was put back"),
        pytest.param(None, "a page", id="nobody says since when"),
    ],
)
def test_a_page_that_nobody_waits_for_any_more_is_not_made(task: Task, asked_ago: str | None, made: str) -> None:
    moment = time.time() - float(asked_ago or 0)
    variables = "" if asked_ago is None else f"FLOODGATE_ASKED_AT={moment} FLOODGATE_PATIENCE=2"
    prepended = "auto_prepend_file=/etc/floodgate/give-way.php"
    assert task.exec("wordpress", "sh", "-c", f"echo '<?php echo \"a page\";' | {variables} php -d {prepended}") == made


def test_php_knows_how_long_nginx_waits_for_a_page(task: Task) -> None:
    gates = task.exec("nginx", "cat", "/etc/nginx/gates.conf")
    pages = [block for block in re.split(r"\n(?=    location )", gates) if "fastcgi_pass php_pages;" in block]
    assert len(pages) == 3
    assert "fastcgi_param FLOODGATE_ASKED_AT $msec;" in task.exec("nginx", "cat", "/etc/nginx/php.conf")
    for block in pages:
        [patience] = re.findall(r"fastcgi_read_timeout (\d+)s;", block)
        assert f"fastcgi_param FLOODGATE_PATIENCE {patience};" in block
