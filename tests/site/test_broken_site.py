"""A site whose WordPress fails: no new task of it becomes healthy, and those that are stay so."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from preview import composition
from tests.site.dashboard import install_plugin
from tests.site.task import Host, Task, eventually, image
from tests.site.visitor import Editor

BROKEN = "the-broken-commit"
# What a plugin is to a commit that took away what it calls: well with the one before, fatal with this one.
PLUGIN = """<?php
/* Plugin Name: Caller */
add_action('%s', static function () { if (getenv('FLOODGATE_COMMIT') === '%s') { floodgate_taken_away(); } });
"""
AT_INIT = PLUGIN % ("init", BROKEN)
# A course's page is made before a plugin's turn at init comes.
IN_A_COURSE = (PLUGIN % ("plugins_loaded", BROKEN)).replace(
    "floodgate_taken_away()",
    "str_contains($_SERVER['REQUEST_URI'] ?? '', '/register/') && floodgate_taken_away()",
)
EMPTY = (PLUGIN % ("template_redirect", BROKEN)).replace("floodgate_taken_away()", "exit")


@pytest.fixture(scope="module")
def standing(host: Host) -> Iterator[Task]:
    """A site that serves, of a commit that its plugin is made for."""
    made = Task(host, "standing", DB_NAME="standing")
    installed = made.install()
    assert installed.code == 0, installed.log
    made.serve()
    eventually(lambda: made.get("/healthz").ok)
    editor = Editor.logged_in(made)
    install_plugin(editor, "caller", {"caller/caller.php": AT_INIT})
    yield made
    made.remove()


def change(site: Task, plugin: str) -> None:
    """Put another version of the plugin on the volume, as whoever updates it through the web does."""
    site.write("plugins/caller/caller.php", plugin)
    site.write(".floodgate-code", uuid.uuid4().hex[:16])


@contextmanager
def deployed(standing: Task) -> Iterator[Task]:
    """Start a task of the next commit beside the standing one, as ECS does: nobody waits for it to be ready."""
    new = Task(standing.host, "deployed", beside=standing, FLOODGATE_COMMIT=BROKEN)
    try:
        run = new.install()
        assert run.code == 0, run.log
        options = composition.wordpress(new.network, new.volume, new.host.authorities, new.environment, new.sockets)
        new.host.start_container(new.container("wordpress"), *options, new.built)
        nginx = composition.nginx(new.network, new.volume, new.sockets, new.environment)
        new.host.start_container(new.container("nginx"), *nginx, image("nginx"))
        yield new
    finally:
        new.remove()


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        pytest.param(AT_INIT, "/ answers with the status 500", id="fatal at init"),
        pytest.param(EMPTY, "/ answers with an empty page", id="an empty page"),
        pytest.param(
            IN_A_COURSE, "the page of each course fails, the last one: /register/", id="fatal on each course's page"
        ),
    ],
)
def test_a_new_task_whose_wordpress_fails_is_not_healthy_before_that_is_over(
    standing: Task, plugin: str, words: str
) -> None:
    change(standing, plugin)
    with deployed(standing) as new:
        eventually(lambda: f"floodgate-warm: WordPress fails, the task is not healthy: {words}" in new.log("nginx"))
        assert new.get("/healthz").status_code == 503
        if plugin is not IN_A_COURSE:
            not_ready = new.get("/floodgate/ready")
            assert (not_ready.status_code, not_ready.json()) == (503, {"ready": False, "reason": "page"})
            assert not_ready.headers["Cache-Control"] == "no-store"
        # The standing task serves the same volume all the time.
        assert standing.get("/healthz").ok and standing.get("/floodgate/ready").json()["ready"] is True
        assert standing.get("/").status_code == 200

        change(standing, plugin.replace(BROKEN, "no commit at all"))
        eventually(lambda: new.get("/healthz").ok)
        assert "floodgate-warm: WordPress serves again" in new.log("nginx")
        assert eventually(lambda: new.get("/floodgate/ready").ok)


def test_a_plugin_that_breaks_a_standing_site_leaves_its_tasks_healthy_and_its_pages_in_the_cache(
    standing: Task,
) -> None:
    """Liveness is nginx alone: else ECS would end one task after the other, and the cached pages with them."""
    eventually(lambda: standing.get("/healthz").ok)
    assert standing.get("/").status_code == 200
    change(standing, AT_INIT.replace(BROKEN, standing.environment["FLOODGATE_COMMIT"]))
    # Each time another address: one that was asked before the plugin took effect has its page in the cache too.
    posts = itertools.count(987654321)
    eventually(lambda: standing.get(f"/?p={next(posts)}").status_code == 500)
    until = time.monotonic() + 4
    while time.monotonic() < until:
        assert standing.get("/healthz").ok
        shown = standing.get("/")
        assert shown.status_code == 200, "the page that the cache has"
        time.sleep(0.2)
