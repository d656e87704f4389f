"""A task among many: whatever one does, the others know; what must happen once happens once."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.site.dashboard import follow, install_plugin, replace_plugin
from tests.site.inside import query
from tests.site.task import Host, Task, eventually
from tests.site.visitor import Editor

TICKS = "SELECT COUNT(*) FROM wp_options WHERE option_name LIKE 'tick\\_%'"


def plugin(version: str) -> dict[str, str]:
    """Return a plugin that says its version on each page, and counts how often its scheduled work runs."""
    return {
        "counter/counter.php": f"<?php\n/*\nPlugin Name: Counter\nVersion: {version}\n*/\n"
        "require __DIR__ . '/parts.php';\n"
        "add_action('tick', fn () => add_option('tick_' . wp_generate_uuid4(), '1'));\n",
        "counter/parts.php": f"<?php\nadd_action('wp_footer', fn () => print('<p>counter {version}</p>'));\n",
    }


def make_old(task: Task) -> None:
    """Give the plugin's files a date at which opcache keeps them: not what was written in the last two seconds."""
    folder = "/var/www/content/plugins/counter"
    task.exec("wordpress", "touch", "-d", "1 hour ago", f"{folder}/counter.php", f"{folder}/parts.php")


def page(task: Task) -> str:
    """Return a page that no cache has."""
    return task.get(f"/?replytocom={uuid.uuid4().hex}").text


@pytest.fixture(scope="module")
def other(task: Task) -> Iterator[Task]:
    """A second task of the same site."""
    made = Task(task.host, "other", beside=task)
    made.serve()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def counted(task: Task, other: Task, editor: Editor) -> Iterator[Task]:
    """The plugin, installed and activated at the first task, while the second serves."""
    assert "counter" not in page(other)
    install_plugin(editor, "counter", plugin("1"))
    yield other
    screen = editor.get(f"{task.url}/wp-admin/plugins.php", timeout=60)
    follow(editor, screen, r"plugins\.php\?action=deactivate[^\"]*counter[^\"]*")


def test_what_an_editor_saves_is_seen_at_once_by_the_editor_and_within_a_second_by_everybody(
    task: Task, other: Task, editor: Editor
) -> None:
    post = editor.write(title="Version 0", status="publish")
    address = f"/{post['slug']}/"
    for version in ("Version 1", "Version 2"):
        assert all(version not in each.get(address).text for each in (task, other))
        editor.write(f"/{post['id']}", title=version)
        saved = time.monotonic()
        assert version in editor.get(task.url + address, timeout=60).text
        for each in (task, other):
            moment = saved
            while version not in each.get(address).text:
                assert moment <= saved + 1, "an old page, asked for more than a second after the change"
                moment = time.monotonic()


def test_who_logs_in_at_one_is_logged_in_at_the_other(other: Task, editor: Editor) -> None:
    cookies = {cookie.name: str(cookie.value) for cookie in editor.cookies}
    screen = requests.get(
        f"{other.url}/wp-admin/profile.php",
        cookies=cookies,
        headers={"Host": other.site.removeprefix("http://")},
        allow_redirects=False,
        timeout=60,
    )
    assert screen.status_code == 200
    assert editor.nonce("/wp-admin/profile.php", r'name="_wpnonce" value="(\w+)"') in screen.text


def test_an_upload_is_at_the_other_task_at_once(other: Task, editor: Editor) -> None:
    body = editor.upload("notes.txt", b"for everybody", "text/plain").json()
    assert body["success"] is True, body
    assert other.get(body["data"]["url"].removeprefix(other.site)).text == "for everybody"


def test_a_plugin_reaches_the_other_task_with_each_of_its_versions(counted: Task, editor: Editor) -> None:
    make_old(counted)
    eventually(lambda: "counter 1" in page(counted))
    replace_plugin(editor, "counter", plugin("2"))
    eventually(lambda: "counter 2" in page(counted))
    assert "dropped" in counted.log("wordpress")


def test_a_file_that_changes_without_a_word_is_not_looked_at(counted: Task) -> None:
    # What the test before has changed may be dropped still, second by second.
    looks = [0, -1]
    while looks[-1] != looks[-2]:
        page(counted)
        time.sleep(1.5)
        page(counted)
        looks.append(counted.log("wordpress").count("compiled scripts dropped"))
    make_old(counted)
    before = page(counted)
    assert "counter" in before
    counted.write("plugins/counter/parts.php", "<?php exit('changed behind everybody');")
    try:
        assert "changed behind everybody" not in page(counted)
    finally:
        version = "2" if "counter 2" in before else "1"
        counted.write("plugins/counter/parts.php", plugin(version)["counter/parts.php"])


def test_due_work_is_run_once_by_whoever_comes_first(task: Task, counted: Task) -> None:
    schedule = "require '/var/www/wordpress/core/wp-load.php'; wp_schedule_single_event(time() - 60, 'tick');"
    task.exec("wordpress", "php", "-r", schedule)
    assert page(task) and page(counted)
    assert query(task, TICKS) == ["0"], "visitors run nothing"
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda runner: runner.run("floodgate-cron"), (task, counted, task)))
    assert [run.code for run in runs] == [0, 0, 0], [run.log for run in runs]
    assert sum("floodgate-cron: ran tick" in run.log for run in runs) == 1
    assert query(task, TICKS) == ["1"]
    assert "floodgate-cron: done" in runs[0].log + runs[1].log + runs[2].log


def test_work_that_fails_is_told(task: Task) -> None:
    without = task.run("floodgate-cron", DB_PASSWORD="wrong")
    assert without.code == 75
    assert "no database" in without.log and "done" not in without.log


def test_a_database_that_accepts_and_says_nothing_holds_up_neither_the_install_step_nor_scheduled_work(
    task: Task,
) -> None:
    gateway = task.host.engine(
        "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", task.host.network
    ).strip()
    with socket.create_server(("0.0.0.0", 0)) as silent:
        place = {"DB_HOST": gateway, "DB_PORT": str(silent.getsockname()[1]), "DB_PATIENCE": "1"}
        started = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda command: task.run(command, **place), ("floodgate-install", "floodgate-cron")))
        took = time.monotonic() - started
    for run in runs:
        assert run.code == 75
        assert run.log.count(f"no database at {gateway}:{place['DB_PORT']}") == 1, run.log
    assert took < 45, "PHP itself waits a minute for an answer, and a day for a greeting"


def test_tables_are_upgraded_once_while_old_tasks_serve(task: Task, other: Task) -> None:
    query(task, "UPDATE wp_options SET option_value = '57155' WHERE option_name = 'db_version'")
    answers: Counter[int] = Counter()
    over = threading.Event()

    def visit() -> None:
        while not over.is_set():
            # Each another visitor's: nobody's limit is met.
            address = {"X-Forwarded-For": f"203.0.113.{answers.total() % 250}"}
            answers[other.get(f"/?replytocom={uuid.uuid4().hex}", **address).status_code] += 1

    with ThreadPoolExecutor(3) as pool:
        visits = pool.submit(visit)
        try:
            runs = list(pool.map(lambda new: new.install(), (task, other)))
        finally:
            over.set()
        visits.result()
    assert [run.code for run in runs] == [0, 0], [run.log for run in runs]
    assert sum("upgraded WordPress's tables from version 57155" in run.log for run in runs) == 1
    assert set(answers) == {200}


def test_an_unknown_place_of_the_content_is_refused(host: Host) -> None:
    run = host.wordpress(host.environment(FLOODGATE_CONTENT="elsewhere"), "floodgate-install", network="none")
    assert run.code == 78
    assert '"volume" or "image"' in run.log
