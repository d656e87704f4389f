"""The claim path: seats stored per second by the site, by all of WordPress, and by a bare script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.common import wrk
from bench.common.cpu_meter import Meter
from bench.common.lab import Failed
from bench.site.results import Claims
from bench.site.sections import USUAL, Lengths
from bench.site.testbed import Testbed
from bench.site.variants import DATABASE, HOST, STORM_TOKEN, Running, query
from loadtest.crowd.browser import page

SEATS = 1_000_000


@dataclass(frozen=True)
class Course:
    """A course made for one measurement, and the token of its form."""

    number: int
    slug: str
    action: str
    token: str


def make_course(site: Running, *, seats: int = SEATS, opens_in: float = 0) -> tuple[str, str]:
    """Make a fresh course, as a storm makes one; return its slug and the path of its page."""
    answer = site.lab.exec(
        site.container("nginx"),
        *("curl", "--silent", "--show-error", "--fail", "--header", f"Host: {HOST}"),
        *("--header", f"Authorization: Bearer {STORM_TOKEN}", "--header", "Content-Type: application/json"),
        *("--data", json.dumps({"seats": seats, "opens_in": opens_in})),
        f"http://127.0.0.1:{site.variant.port}/wp-json/floodgate/v1/storms",
    )
    slug, path = (json.loads(answer)[name] for name in ("course", "path"))
    return slug, path


def form_of(site: Running, path: str) -> page.Form:
    """Return the form of an open course, as a visitor gets it."""
    html = site.fetch(path).body.decode()
    form = page.read(html, f"http://{HOST}{path}", with_assets=False).form
    if form is None:
        raise Failed(f"{path} shows no form, although the course is open: the claim path cannot be measured")
    return form


def open_course(site: Running) -> Course:
    """Make a fresh course that is open, and get its form."""
    slug, path = make_course(site)
    form = form_of(site, path)
    number = next(int(row[0]) for row in query(site.lab, "SELECT id, slug FROM wp_floodgate_courses") if row[1] == slug)
    action = form.action.split(HOST, 1)[-1]
    return Course(number, slug, action, form.hidden["token"])


def stored(site: Running, course: Course) -> int:
    """Count the seats in the ledger. Raise Failed when the counter beside it says something else."""
    rows = query(
        site.lab,
        "SELECT c.id, c.taken, COUNT(l.id) FROM wp_floodgate_courses c "
        "LEFT JOIN wp_floodgate_claims l ON l.course_id = c.id GROUP BY c.id, c.taken",
    )
    taken, count = next((int(row[1]), int(row[2])) for row in rows if int(row[0]) == course.number)
    if count != taken:
        raise Failed(f"the ledger of {course.slug} holds {count} seats and its counter says {taken}")
    return count


def measure(path: str, running: Running, site: Running, *, seconds: int, number: int) -> Claims:
    """Measure one path once."""
    course = open_course(site)
    address = {
        "lean": course.action,
        "full": f"/bench/full?slug={course.slug}",
        "bare": f"/bench/bare?course={course.number}",
    }[path]
    running.settle()
    headers = {"X-Floodgate-Storm": STORM_TOKEN}
    run = f"{path}{number}x"
    load = wrk.Load(
        *(running.variant.port, "/", HOST, USUAL, seconds),
        headers=headers,
        script="claim",
        arguments=(address, run, course.token),
    )
    if number == 0:
        # Processes, opcache and connections to the database as they are after a second of claims.
        running.wrk(replace(load, seconds=1, arguments=(address, f"{run}warm", course.token)))
        running.settle()
        warmed = stored(site, course)
    else:
        warmed = 0
    database = Meter.of(running.lab.pids([DATABASE]))
    before, data = running.meter.read(), database.read()
    answers = running.wrk(load)
    after = running.meter.read()
    used = {name: after[name] - before[name] for name in after}
    data_used = sum(database.read().values()) - sum(data.values())
    seats = stored(site, course) - warmed
    if not seats:
        raise Failed(
            f"the claim path {path!r} stored no seat: {answers.status} of {answers.answers} answers were refusals"
        )
    return Claims(
        path=path,
        round=number,
        rate=seats / answers.seconds,
        cpu=sum(used.values()) / seats * 1e6,
        php=sum(used[running.container(part)] for part in running.variant.php) / seats * 1e6,
        database=data_used / seats * 1e6,
        p99=answers.p99,
        errors=answers.errors,
    )


def rounds(testbed: Testbed, lengths: Lengths) -> Iterator[Claims]:
    """Measure all three paths in turn, round by round."""
    site, original = testbed.get("site"), testbed.get("original")
    for number in range(lengths.claim_rounds):
        for path, running in (("lean", site), ("full", original), ("bare", original)):
            claims = measure(path, running, site, seconds=lengths.claim, number=number)
            testbed.progress.say(
                f"claims  {path}  {claims.rate:>8,.0f} seats/s  {claims.cpu:>7,.0f} µs site (PHP {claims.php:,.0f})  "
                f"{claims.database:>5,.0f} µs database  p99 {claims.p99:,.0f} ms  errors {claims.errors}"
            )
            yield claims
