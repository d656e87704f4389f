"""Sums by the table of prices: each item grows with what it is of, and an unknown region is named."""

from __future__ import annotations

import itertools
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from loadtest.gate.verdict import Answer
from loadtest.history.summaries import Summary
from promotion.__main__ import main
from promotion.cost import Item, Prices, Unpriced, capacity_page, cost_page, month, original, prices, window
from promotion.last_storms import measured
from settings import load
from settings.window_size import window_size
from tests.templates.inputs import ROOT
from tests.templates.variants import FLEET, SIZES, WINDOWS, Changes, network, variant

ONE = Prices(**dict.fromkeys((field.name for field in fields(Prices)), 1))


def dollars(items: list[Item], name: str) -> float:
    [found] = [item.dollars for item in items if item.name == name]
    return found


@pytest.mark.parametrize(
    ("changes", "name", "hours"),
    [
        pytest.param({}, "tasks", 2 * (1 + 2) * 730, id="two tasks of 1 vCPU and 2 GB"),
        pytest.param({"prod": {"task": {"min": 3}}}, "tasks", 3 * (1 + 2) * 730, id="three"),
        pytest.param({}, "scheduled work", 0.75 * 730, id="work each minute"),
        pytest.param({}, "database", 2 * 730, id="writer and standby"),
        pytest.param({"prod": {"database": {"min_acu": 4}}}, "database", 8 * 730, id="of 4 ACU"),
        pytest.param({}, "NAT gateways", 2 * 730, id="two zones"),
        pytest.param({"prod": {"network": network("eu-central-1")}}, "NAT gateways", 0, id="somebody else's network"),
        pytest.param({}, "public addresses", 4 * 730, id="of balancer and gateways"),
        pytest.param({}, "canary", 12 * 730, id="a look in five minutes"),
        pytest.param({"prod": {"firewall": {}}}, "firewall", 6, id="a firewall and its rules"),
    ],
)
def test_a_month_of_prod(changes: Changes, name: str, hours: float) -> None:
    assert dollars(month(variant(changes).prod, ONE, storm=False), name) == pytest.approx(hours)


def test_a_database_that_pauses_is_paid_for_when_it_is_awake() -> None:
    items = month(variant().dev, ONE, storm=True)
    assert dollars(items, "database") == pytest.approx(730 / 6 * 0.5)
    assert dollars(items, "scheduled work") == pytest.approx(0.75 * 730 / 60)


def test_a_dev_where_nobody_comes_costs_less_than_a_quarter_of_the_original_designs() -> None:
    """By the settings that the repository has."""
    settings = load(ROOT / "settings.toml")
    price, _ = prices(settings.dev.region)
    dev = sum(item.dollars for item in month(settings.dev, price, storm=True))
    assert dev < original(settings, price) / 4
    assert "dev in the original design" in cost_page(settings)
    # Each of what makes it cheap is needed, or is a tenth of it.
    awake = settings.dev.database.model_copy(update={"min_acu": 1})
    alike = settings.dev.model_copy(update={"task": settings.prod.task, "database": awake, "spot": False})
    assert sum(item.dollars for item in month(alike, price, storm=True)) > original(settings, price) / 2


def test_spare_capacity_costs_a_share() -> None:
    dev = variant({"dev": {"spot": True}}).dev
    cheap = month(dev, replace(ONE, spot=0.25), storm=True)
    assert dollars(cheap, "tasks") == pytest.approx(1.5 * 730 / 4)
    assert dollars(cheap, "scheduled work") == pytest.approx(0.75 * 730 / 60), "work runs on no spare capacity"


def test_a_window_costs_what_stands_beyond_an_ordinary_day() -> None:
    prod = variant(WINDOWS).prod
    items = window(prod.size_in(prod.windows[0]), prod, ONE, lead=60, cool_down=60)
    assert dollars(items, "more tasks") == pytest.approx(2 * 2 * (1 + 2))
    assert dollars(items, "more database") == pytest.approx(5 * 2 * 2)
    assert dollars(items, "reserved units of the load balancer") == 324 * 8


@pytest.mark.parametrize("region", ["eu-central-1", "eu-west-1", "us-east-1"])
def test_prices_are_complete_and_dated(region: str) -> None:
    price, date = prices(region)
    assert all(value > 0 for value in vars(price).values())
    assert len(date) >= len("2026-11")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('date = "2026-11"', "no prices for eu-north-1: add a table", id="no such region"),
        pytest.param("date =", "prices.toml: ", id="no TOML"),
        pytest.param('date = "x"\n[regions.eu-north-1]\nvcpu = 1', "missing", id="half a table"),
    ],
)
def test_what_is_not_priced_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(Unpriced, match=message):
        prices("eu-north-1", file)


def test_pages_say_the_sum_and_its_date() -> None:
    page = cost_page(variant(WINDOWS, FLEET))
    assert page.count("**all of it**") == 5
    assert "workers" in page and "prices of 2026-11" in page
    crowd = capacity_page(variant(SIZES), 20_000)
    assert "| load balancer | 324 reserved capacity units |" in crowd
    assert "20 workers of 1 vCPU" in crowd


def night(people: int, verdict: Answer = Answer.PASS, **figures: float) -> Summary:
    """Return the summary of a night on dev with prod's tasks; ``requests`` are of its opening, ``submits`` of after."""
    fingerprint = {"people": str(people), "phases": "10 15 10 40 15", "task": "1024/2048", "tasks": "2-20"}
    known = {"requests": "opening requests", "submits": "open submits", "wait": "opening wait p95"}
    return Summary(
        "2026-11-28T03:00:00+00:00",
        "c",
        verdict,
        fingerprint,
        {known[name]: each for name, each in figures.items()},
        "",
    )


def test_the_last_storms_say_what_a_crowd_asks_for() -> None:
    history = [night(400, requests=1, submits=1)] * 3
    history += [night(300, requests=1500, submits=120, wait=0.02)] * 10
    history += [night(900, Answer.FAIL, requests=90_000, submits=9000), night(900)]
    shown = measured(history)
    assert shown is not None
    assert (shown.storms, shown.requests, shown.claims) == (10, 0.5, 0.01)
    assert (shown.largest.people, shown.largest.size) == (300, "task=1024/2048 tasks=2-20")
    page = capacity_page(variant(SIZES), 20_000, shown=shown)
    assert "| claims | 333 a second | 200 a second |" in page
    assert "300 people on task=1024/2048 tasks=2-20; one in twenty waited at the opening for 20 ms." in page


def test_storms_that_counted_nothing_say_nothing() -> None:
    assert measured([night(300, wait=0.02), night(300, Answer.VOID, requests=1, submits=1)]) is None
    assert "No nightly storm's figures stand beside it" in capacity_page(variant(SIZES), 20_000)


def test_more_people_never_need_less() -> None:
    sizes = [window_size(people, vcpus_per_task=1) for people in range(100, 200_000, 997)]
    for fewer, more in itertools.pairwise(sizes):
        assert fewer.tasks <= more.tasks and fewer.min_acu <= more.min_acu and fewer.units <= more.units


def test_a_place_without_storms_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["promotion", "capacity", "--people", "300", "--history", str(tmp_path)])
    assert main() == 2
    output = capsys.readouterr()
    assert output.err.startswith(f"there are no runs in {tmp_path}: ") and not output.out
