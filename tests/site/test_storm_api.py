"""The load test's own routes: only with the token, and not at all where there is none."""

from __future__ import annotations

import pytest
import requests

from tests.site.task import STORM_TOKEN, Host, Task
from tests.site.visitor import ledger, make_storm

STORMS = "/wp-json/floodgate/v1/storms"


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", f"Basic {STORM_TOKEN}", f"bearer {STORM_TOKEN}x"])
def test_without_the_token_nothing_is_told(task: Task, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    storm = make_storm(task, 1)
    assert (
        requests.post(task.url + STORMS, json={"seats": 1, "opens_in": 0}, headers=headers, timeout=30).status_code
        == 401
    )
    answer = task.get(f"/wp-json/floodgate/v1/ledger/{storm.slug}", **headers)
    assert answer.status_code == 401
    assert "claims" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"seats": 0, "opens_in": 0}, id="no seats"),
        pytest.param({"seats": 5, "opens_in": -1}, id="opening in the past"),
        pytest.param({"seats": "x", "opens_in": 0}, id="seats that are no number"),
    ],
)
def test_a_storm_needs_sensible_figures(task: Task, body: dict[str, object]) -> None:
    headers = {"Authorization": f"Bearer {STORM_TOKEN}"}
    assert requests.post(task.url + STORMS, json=body, headers=headers, timeout=30).status_code == 400


def test_a_storm_opens_when_it_was_asked_to(task: Task) -> None:
    storm = make_storm(task, 7, opens_in=600.5)
    # The second time was read a little later than the first was made of.
    assert 300 < storm.opens_at - storm.now < 600.51
    assert ledger(task, storm.slug) == {"course": storm.slug, "seats": 7, "sold": 0, "taken": 0, "claims": []}


def test_only_the_newest_twenty_storms_are_kept(task: Task) -> None:
    first = make_storm(task, 1)
    for _ in range(20):
        make_storm(task, 1)
    gone = task.get(f"/wp-json/floodgate/v1/ledger/{first.slug}", Authorization=f"Bearer {STORM_TOKEN}")
    assert gone.status_code == 404
    assert task.get("/register/swimming-for-beginners/").status_code == 200


def test_where_there_is_no_token_there_are_no_routes(host: Host, task: Task) -> None:
    prod = Task(host, "prod", beside=task, FLOODGATE_STAGE="prod", STORM_TOKEN=None)
    prod.serve()
    headers = {"Authorization": f"Bearer {STORM_TOKEN}"}
    assert (
        requests.post(prod.url + STORMS, json={"seats": 1, "opens_in": 0}, headers=headers, timeout=30).status_code
        == 404
    )
    assert prod.get("/wp-json/floodgate/v1/ledger/swimming-for-beginners", **headers).status_code == 404
