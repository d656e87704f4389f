"""A database that stands still for a minute under a crowd, and what is left of it when it goes on."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import requests

from tests.site.inside import rows
from tests.site.task import Task
from tests.site.visitor import Form, make_storm, marker

SECONDS: Final = 60
# Seconds after which the site must sell again.
BACK_WITHIN: Final = 5.0
# Seconds that are waited for it.
_PATIENCE: Final = 20.0
_PEOPLE: Final = 12


@dataclass(frozen=True)
class Thaw:
    """What came after the freeze: seconds until a claim was confirmed, None for not in time; what php-fpm said last."""

    back_after: float | None
    reason: str


def freeze(task: Task, seconds: float, connect_errors: int) -> Thaw:
    """Freeze the database under a crowd, with a bound of failed handshakes for each client, and thaw it."""
    # A change of the cache's size empties it: nobody is shut out from before.
    emptied = "SET GLOBAL host_cache_size = 0; SET GLOBAL host_cache_size = 279"
    rows(task.host, f"SET GLOBAL max_connect_errors = {connect_errors}; {emptied}")
    task.wait_until_ready()
    course = make_storm(task, 1)
    form = Form.on(task, course.path)
    until = time.monotonic() + seconds

    def crowd(ask: Callable[[], object]) -> None:
        while time.monotonic() < until:
            try:
                ask()
            except requests.RequestException:
                continue

    def claim() -> object:
        return form.send("ada@example.org")

    def page() -> object:
        return task.get(f"/?replytocom={uuid.uuid4().hex}")

    task.host.engine("pause", task.host.database)
    try:
        with ThreadPoolExecutor(2 * _PEOPLE) as pool:
            list(pool.map(crowd, [claim, page] * _PEOPLE))
    finally:
        task.host.engine("unpause", task.host.database)
    thawed = time.monotonic()
    while time.monotonic() < thawed + _PATIENCE:
        if marker(form.send("ada@example.org").text, "state") == "confirmed":
            return Thaw(time.monotonic() - thawed, "")
        time.sleep(0.05)
    lines = [line for line in task.log("wordpress").splitlines() if "floodgate: claim: " in line]
    return Thaw(None, lines[-1].partition("floodgate: claim: ")[2] if lines else "")
