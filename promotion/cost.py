"""What a month of each stage costs, and what a registration window costs beside it: by one table of prices."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from promotion.errors import Unusable
from promotion.last_storms import Measured
from settings.development import Development
from settings.managed_rules import RULES
from settings.production import LOOK_EVERY, Production
from settings.registration_window import RESERVED_BEFORE
from settings.settings import Settings
from settings.site import FRONT_REGION, Stage
from settings.window_size import WindowSize, window_size

PRICES = Path(__file__).with_name("prices.toml")
HOURS = 730  # of a month
NIGHTS = 30
_SECRETS = 4  # the database's, the site's account there, the salts, the administrator's
# A load balancer has an address in each of two zones, a NAT gateway one.
_ZONES = 2
# Where the database pauses, the scheduled work wakes it once an hour, for about ten minutes (docs/aws.md).
_AWAKE, _AWAKE_ACU = 1 / 6, 0.5
_RUN_HOURS = 1 / 60  # Fargate charges a minute at least


class Unpriced(Unusable):
    """The table has no prices for a region, or cannot be read; the text names the file."""


@dataclass(frozen=True)
class Prices:
    """Prices of one region in US dollars: of hours, but for builds and looks each, and what is paid by the month.

    By the month are ``secret``, ``web_acl`` and ``web_acl_rule``; ``spot`` is a share of Fargate's price.
    """

    vcpu: float
    gb: float
    acu: float
    load_balancer: float
    lcu: float
    nat_gateway: float
    address: float
    secret: float
    build_minute: float
    canary_run: float
    web_acl: float
    web_acl_rule: float
    spot: float


@dataclass(frozen=True)
class Item:
    """A line of a sum: what it is, how much of it, and its US dollars."""

    name: str
    amount: str
    dollars: float


def prices(region: str, file: Path = PRICES) -> tuple[Prices, str]:
    """Return the prices of a region, and of when they are. Raise ``Unpriced``."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return Prices(**table["regions"][region]), str(table["date"])
    except KeyError:
        raise Unpriced(f"{file.name}: no prices for {region}: add a table [regions.{region}]") from None
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise Unpriced(f"{file.name}: {error}") from None


def month(stage: Stage, price: Prices, *, storm: bool) -> list[Item]:
    """Return what a stage costs in a month in which nobody comes; ``storm`` for the one that is stormed."""
    production = isinstance(stage, Production)
    vcpu, gb = stage.task.cpu / 1024, stage.task.memory / 1024
    pauses = stage.database.min_acu == 0
    runs = HOURS if pauses else HOURS * 60
    instances = 2 if production else 1
    acu_hours = HOURS * (_AWAKE * _AWAKE_ACU if pauses else stage.database.min_acu) * instances
    gateways = 0 if stage.network else 2 if production else 1
    addresses = _ZONES + gateways
    # A secret that CloudFront's region knows too is charged in both.
    places = 1 if stage.region == FRONT_REGION else 2
    token = (places if stage.front and stage.firewall else 1) if storm else 0
    secrets = _SECRETS + token + (places if stage.front else 0)
    spot = isinstance(stage, Development) and stage.spot
    looks = HOURS * 60 // LOOK_EVERY
    return [
        Item(
            "tasks",
            f"{stage.task.min} of {vcpu:g} vCPU, {gb:g} GB" + (", spot" if spot else ""),
            HOURS * stage.task.min * (vcpu * price.vcpu + gb * price.gb) * (price.spot if spot else 1),
        ),
        Item(
            "scheduled work",
            f"0.25 vCPU, 0.5 GB, {runs:,} minutes",
            runs * _RUN_HOURS * (0.25 * price.vcpu + 0.5 * price.gb),
        ),
        Item(
            "database",
            f"{acu_hours:,.0f} ACU hours" + (", paused when idle" if pauses else f" on {instances} instances"),
            acu_hours * price.acu,
        ),
        Item("load balancer", "1", HOURS * price.load_balancer),
        Item("NAT gateways", str(gateways), HOURS * gateways * price.nat_gateway),
        Item("public addresses", str(addresses), HOURS * addresses * price.address),
        Item("secrets", str(secrets), secrets * price.secret),
        *([Item("canary", f"{looks:,} looks", looks * price.canary_run)] if production else []),
        *([Item("firewall", f"{RULES} rules", price.web_acl + RULES * price.web_acl_rule)] if stage.firewall else []),
    ]


def original(settings: Settings, price: Prices) -> float:
    """Return a month of dev in US dollars as the original design had it: both stages alike, and as large as prod is.

    Without the canary, which came later; in dev's region, with the storm's secret.
    """
    alike = settings.prod.model_copy(update={"front": None, "firewall": None, "network": settings.dev.network})
    return sum(item.dollars for item in month(alike, price, storm=True) if item.name != "canary")


def nights(settings: Settings, price: Prices) -> list[Item]:
    """Return what the nightly storms of a month cost."""
    storm = settings.storm
    minutes = storm.build_minutes(storms=1)
    items = [Item("builds", f"{NIGHTS} of at most {minutes} minutes", NIGHTS * minutes * price.build_minute)]
    if storm.workers > 1:
        hours = NIGHTS * storm.workers * minutes / 60
        items.append(
            Item(
                "workers",
                f"{storm.workers} of 1 vCPU, 2 GB, each night",
                hours * (price.vcpu + 2 * price.gb),
            )
        )
        items.append(Item("NAT gateway", "1", HOURS * (price.nat_gateway + price.address)))
    return items


def window(size: WindowSize, settings: Production, price: Prices, *, lead: int, cool_down: int) -> list[Item]:
    """Return what a window costs beside an ordinary day; ``lead`` and ``cool_down`` in minutes."""
    hours = (lead + cool_down) / 60
    gb = settings.task.memory / settings.task.cpu
    more = size.vcpus - settings.task.min * settings.task.cpu / 1024
    acu = (size.min_acu - settings.database.min_acu) * 2
    reserved = hours + RESERVED_BEFORE.total_seconds() / 3600
    return [
        Item("more tasks", f"{more:g} vCPU for {hours:g} h", more * hours * (price.vcpu + gb * price.gb)),
        Item("more database", f"{acu:g} ACU on 2 instances for {hours:g} h", acu * hours * price.acu),
        Item(
            "reserved units of the load balancer",
            f"{size.units} for {reserved:g} h" if size.units else "none",
            size.units * reserved * price.lcu,
        ),
    ]


def capacity_page(
    settings: Settings, people: int, *, lead: int = 60, cool_down: int = 60, shown: Measured | None = None
) -> str:
    """Return what so many people need and cost, as Markdown; ``shown`` is what storms have. Raise ``Unpriced``."""
    prod = settings.prod
    price, date = prices(prod.region)
    vcpus = prod.task.cpu / 1024
    needed = window_size(people, vcpus_per_task=vcpus)
    size = prod.larger(needed)
    workers = -(-people // settings.storm.people_per_worker)
    rows = {
        **_needs(settings, needed),
        "a storm as large": f"{workers} workers of 1 vCPU" if workers > 1 else "one build",
        "quota of vCPU": f"{size.vcpus + 0.25:g} of {prod.vcpu_quota}",
    }
    lines = [f"# {people:,} people", ""]
    if shown:
        again = window_size(people, vcpus_per_task=vcpus, reloads=shown.requests, claims_per_person=shown.claims)
        by_storms = _needs(settings, again)
        lines += ["| what | as assumed | by the last storms |", "|---|---|---|"]
        lines += [f"| {name} | {text} | {by_storms.get(name, '')} |" for name, text in rows.items()]
        lines += ["", _of_storms(shown)]
    else:
        lines += ["| what | how much |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows.items())]
        lines += [
            "",
            "No nightly storm's figures stand beside it: HISTORY=s3://…/history says where they are (docs/history.md), "
            "and storms of before they counted requests have none.",
        ]
    lines += _table(
        f"The window: {lead} minutes before, {cool_down} after",
        window(size, prod, price, lead=lead, cool_down=cool_down),
    )
    return "\n".join([*lines, "", _note(date)]) + "\n"


def _needs(settings: Settings, needed: WindowSize) -> Mapping[str, str]:
    prod = settings.prod
    size = prod.larger(needed)
    return {
        "reloads": f"{needed.requests_per_second:,.0f} a second",
        "claims": f"{needed.claims_per_second:,.0f} a second",
        "tasks": f"{size.tasks} of {prod.task.cpu / 1024:g} vCPU ({needed.tasks} needed, task.max {prod.task.max})",
        "database": f"{size.min_acu:g} ACU at least ({needed.min_acu:g} needed, max_acu {prod.database.max_acu:g})",
        "load balancer": f"{size.units} reserved capacity units" if size.units else "no reservation",
    }


def _of_storms(shown: Measured) -> str:
    largest = shown.largest
    waits = [
        f"one in twenty {what} {seconds * 1000:,.0f} ms"
        for what, seconds in (("waited at the opening for", largest.wait), ("had its claim answered in", largest.claim))
        if seconds is not None
    ]
    return (
        f"By the newest {shown.storms} nightly storms that passed: each person asked {shown.requests:.2f} times a "
        f"second at the worst. The largest of them, of {largest.day}: {largest.people:,} people on {largest.size}; "
        f"{', '.join(waits)}. What is larger than that no storm has shown."
    )


def cost_page(settings: Settings) -> str:
    """Return a month of each stage, as Markdown. Raise ``Unpriced``."""
    lines = ["# A month when nobody comes"]
    for name, stage in (("dev", settings.dev), ("prod", settings.prod)):
        price, date = prices(stage.region)
        items = month(stage, price, storm=name == "dev")
        lines += _table(f"{name}, {stage.region}", items)
        if name == "dev":
            before = original(settings, price)
            share = sum(item.dollars for item in items) / before
            lines += ["", f"{share:.0%} of {before:,.2f}: dev in the original design, where both stages were alike."]
    price, date = prices(settings.pipeline.region)
    lines += _table("The nightly storms", nights(settings, price))
    for each in settings.prod.windows:
        size = settings.prod.size_in(each)
        items = window(size, settings.prod, prices(settings.prod.region)[0], lead=each.lead, cool_down=each.cool_down)
        lines += _table(f"The window of {each.opens:%Y-%m-%d %H:%M} {each.time_zone}, {each.people:,} people", items)
    return "\n".join([*lines, "", _note(date)]) + "\n"


def _table(title: str, items: list[Item]) -> Iterator[str]:
    total = sum(item.dollars for item in items)
    yield from ("", f"## {title}", "", "| what | how much | US dollars |", "|---|---|---:|")
    yield from (f"| {item.name} | {item.amount} | {item.dollars:,.2f} |" for item in items)
    yield f"| **all of it** | | **{total:,.2f}** |"


def _note(date: str) -> str:
    return (
        f"By the prices of {date} in promotion/prices.toml, to be checked there. Not in it: what people and storms use "
        "(requests, traffic, logs, storage, backups), alarms, dashboards, the deployments' builds, tax."
    )
