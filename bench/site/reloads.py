"""Bytes, and what they cost: a page again, for the first time, for a crowd; beside the build of an earlier commit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

from bench.common import wrk
from bench.common.lab import Failed
from bench.site import claims
from bench.site.collapse import PATIENCE, RETRY, SEED
from bench.site.results import FirstLoad, Reload, StormBytes
from bench.site.sections import USUAL, Lengths
from bench.site.testbed import Testbed
from bench.site.variants import HOST, STORM_TOKEN, Page, Running
from loadtest.crowd.browser import page

PEOPLE = 4000
GAP = 2.0
# Sold within a second or two of the opening: then the page says so, and stays as it is.
SEATS = 500
SELLING = 2
# What a browser names on an encrypted line.
BROWSER = "gzip, deflate, br"
# Bytes of the smallest page of a course.
COURSE_PAGE = 400


def rounds(testbed: Testbed, lengths: Lengths) -> Iterator[Reload]:
    """Reload the front page of this site and of the earlier build, and fetch the file whole, in turns."""
    site, earlier, limit = (testbed.get(key) for key in ("site", "earlier", "static"))
    for number in range(lengths.rounds):
        limit.place_files()
        for running, gzip in ((site, True), (limit, True), (earlier, True), (limit, False)):
            reload = _reload(running, gzip=gzip, seconds=lengths.page, number=number)
            testbed.progress.say(
                f"reload  {reload.variant:<8}{'gzip ' if gzip else 'plain'} {reload.rate:>9,.0f}/s "
                f"{reload.cpu:>6,.1f} µs  {reload.size:>7,.0f} bytes"
            )
            yield reload


def _reload(running: Running, *, gzip: bool, seconds: int, number: int) -> Reload:
    running.settle()
    validator = _header(running.fetch(gzip=gzip), "etag") if running.variant.php else None
    load = wrk.Load(running.variant.port, running.variant.path, HOST, USUAL, seconds, gzip=gzip)
    if validator:
        load = replace(load, headers={"If-None-Match": validator})
    before = sum(running.meter.read().values())
    answers = running.wrk(load)
    used = sum(running.meter.read().values()) - before
    if not answers.good or answers.errors:
        raise Failed(f"{running.variant.title}: {answers.errors} of {answers.answers} reloads failed")
    return Reload(
        variant=running.variant.key,
        gzip=gzip,
        round=number,
        rate=answers.good / answers.seconds,
        cpu=used / answers.good * 1e6,
        size=answers.bytes / answers.answers,
    )


def _header(answer: Page, name: str) -> str | None:
    lines = (line.partition(":") for line in answer.head.splitlines())
    return next((value.strip() for key, _, value in lines if key.lower() == name), None)


def first_loads(testbed: Testbed) -> Iterator[FirstLoad]:
    """Load the front page and a course's page, each with its styles and scripts, as a browser that has nothing."""
    site, earlier = testbed.get("site"), testbed.get("earlier")
    _, course = claims.make_course(site)
    for name, path in (("front page", "/"), ("course", course)):
        for running in (site, earlier):
            html = running.fetch(path).body.decode()
            # What is compressed best is compressed again where a page stays as it is for some seconds.
            for _ in range(2):
                running.fetch(path, accepts=BROWSER)
                time.sleep(1.1)
            assets = [urlsplit(address) for address in page.read(html, f"http://{HOST}{path}", with_assets=True).assets]
            addresses = [f"{asset.path}?{asset.query}".rstrip("?") for asset in assets]
            answers = [running.fetch(each, accepts=BROWSER) for each in (path, *addresses)]
            load = FirstLoad(
                running.variant.key, name, len(answers), sum(len(each.head) + len(each.body) for each in answers)
            )
            testbed.progress.say(f"first load  {load.variant:<8}{name}: {load.size:,} bytes in {load.answers} answers")
            yield load


def storms(testbed: Testbed, lengths: Lengths) -> Iterator[StormBytes]:
    """Let people reload a course's page before and after its opening, at which its seats are sold."""
    seconds = lengths.storm_before + lengths.storm_after
    for key in ("site", "earlier"):
        running = testbed.get(key)
        running.settle()
        _, path = claims.make_course(running, seats=SEATS, opens_in=lengths.storm_before)
        crowd = {"people": PEOPLE, "start": 0, "end": seconds, "gap": GAP}
        specification = {
            "path": path, "good_bytes": COURSE_PAGE, "seconds": seconds, "patience": PATIENCE, "retry": RETRY,
            "crowds": [crowd], "seed": SEED, "revalidate": True,
            "headers": {
                "Accept-Encoding": BROWSER, "X-Floodgate-Storm": STORM_TOKEN, "X-Floodgate-Person": "{n}",
            },
        }  # fmt: skip
        with ThreadPoolExecutor(1) as pool:
            selling = pool.submit(_sell, running, path, lengths.storm_before)
            happened = running.people(specification)
            selling.result()
        storm = StormBytes(key, PEOPLE, len(happened.moments("g")), happened.received, happened.lag)
        testbed.progress.say(
            f"storm  {key:<8}{PEOPLE:,} people  {storm.good:,} good pages  {storm.size / 1e6:.1f} MB, "
            f"{storm.size / max(storm.good, 1):,.0f} bytes each"
        )
        yield storm


def _sell(running: Running, path: str, opens_in: float) -> None:
    time.sleep(opens_in + 1)
    form = claims.form_of(running, path)
    action = form.action.split(HOST, 1)[-1]
    load = wrk.Load(
        *(running.variant.port, "/", HOST, 4, SELLING),
        headers={"X-Floodgate-Storm": STORM_TOKEN},
        script="claim",
        arguments=(action, f"{running.variant.key}s", form.hidden["token"]),
    )
    running.wrk(load)
