"""People: the collapse and what comes after it, ten times the capacity, and whether PHP notices a crowd."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from bench.common import wrk
from bench.common.cpu_meter import Meter
from bench.common.lab import Failed
from bench.common.statistics import per_second, percentile, rate, recovery
from bench.site import page_rates
from bench.site.results import Collapse, Crowd, Dashboard, Overload, Record
from bench.site.sections import USUAL, Lengths
from bench.site.testbed import Testbed
from bench.site.variants import HOST, STORM_TOKEN, TASK_MIB, Running
from settings.capacity import pools

PATIENCE = 5.0
RETRY = [0.2, 1.0]
REGULARS = 300
RELOADERS = 1000
# Seconds between a page and the next reload, in the mean: 0.55 pages per second and person, as in ticket rounds.
RELOAD_GAP = 1.8
# What the regulars ask for, of what the original design can render: a site on a busy day.
SHARE_OF_CAPACITY = 0.85
CROWDS = (100, 1000, 4000)
CROWD_GAP = 2.0
SEED = 20270115
TIMES = 10
# Seconds of half of what can be rendered, before the rest comes.
CALM = 4
COLLAPSING = ("original", "apache", "varnish", "site")


def _milliseconds(waits: list[float]) -> float | None:
    value = percentile(waits, 99)
    return None if value is None else value * 1000


def _recovered(seconds: float | None) -> str:
    return "never" if seconds is None else f"after {seconds:.1f} s"


def _good_bytes(running: Running) -> int:
    return int(len(running.fetch(gzip=True).body) * 0.8)


def capacity(testbed: Testbed, record: Record, lengths: Lengths) -> float:
    """Return the pages per second that the original design renders: of this run's comparison, or measured now."""
    known = record.rounds("original", gzip=True) or [
        page_rates.measure(
            testbed.get("original"),
            gzip=True,
            keep_alive=True,
            connections=USUAL,
            seconds=lengths.page_rendered,
            number=0,
        )
    ]
    return sum(each.rate for each in known) / len(known)


def collapse(testbed: Testbed, lengths: Lengths, rendered: float) -> Iterator[Collapse]:
    """Measure a site on a busy day, a thousand reloaders for a while, and what is left of it."""
    dropped = lengths.collapse_before + lengths.collapse_during
    end = dropped + lengths.collapse_after
    regulars = {"people": REGULARS, "start": 0, "end": end, "gap": REGULARS / (SHARE_OF_CAPACITY * rendered)}
    reloaders = {"people": RELOADERS, "start": lengths.collapse_before, "end": dropped, "gap": RELOAD_GAP}
    for key in COLLAPSING:
        running = testbed.get(key)
        running.settle()
        with testbed.progress.step(
            f"collapse  {key}: {REGULARS} people, {RELOADERS:,} more for {lengths.collapse_during} s of {end}"
        ):
            happened = running.people(
                {
                    "path": "/",
                    "good_bytes": _good_bytes(running),
                    "seconds": end,
                    "patience": PATIENCE,
                    "retry": RETRY,
                    "crowds": [regulars, reloaders],
                    "seed": SEED,
                }
            )
        good = happened.moments("g")
        before = rate(good, 1, lengths.collapse_before)
        waits = happened.waits("w", 0, end)
        result = Collapse(
            variant=key,
            before=before,
            during=rate(good, lengths.collapse_before + 1, dropped),
            after=rate(good, end - lengths.collapse_after / 3, end),
            recovery=recovery(good, dropped, end, before),
            watched=lengths.collapse_after,
            waiting=len(waits),
            waiting_p99=_milliseconds(waits),
            errors=happened.kind.count("e"),
            aborts=happened.kind.count("a"),
            lag=happened.lag,
            good=per_second(good, end),
        )
        running.settle()
        testbed.progress.say(
            f"collapse  {key}  good pages/s {result.before:.0f} → {result.during:.0f} → {result.after:.0f}, "
            f"recovers {_recovered(result.recovery)}, aborts {result.aborts}, errors {result.errors}, "
            f"waiting pages {result.waiting}"
        )
        yield result


def overloads(testbed: Testbed, lengths: Lengths) -> Iterator[Overload]:
    """Send ten times what cannot be cached, in an open loop, in the middle of half of what can be rendered."""
    site = testbed.get("site")
    dropped = CALM + lengths.overload
    end = dropped + lengths.overload
    for number in range(lengths.overload_rounds):
        peak = _peak(site, lengths.overload, number)
        testbed.progress.say(f"overload  PHP alone renders {peak:.1f} pages/s")
        site.settle()
        with testbed.progress.step(f"overload  {TIMES * peak:.0f} pages/s asked for, {lengths.overload} s of {end}"):
            happened = site.people(_overloading(site, peak, f"storm{number}", lengths.overload, end))
        site.settle()
        good = happened.moments("g")
        waits = happened.waits("w", 0, end)
        result = Overload(
            round=number,
            peak=peak,
            offered=TIMES * peak,
            goodput=rate(good, CALM + 1, dropped),
            recovery=recovery(good, dropped, end, rate(good, 1, CALM)),
            waiting=len(waits),
            waiting_p99=_milliseconds(waits),
            errors=happened.kind.count("e"),
            aborts=happened.kind.count("a"),
            lag=happened.lag,
            good=per_second(good, end),
        )
        wait = "none" if result.waiting_p99 is None else f"{result.waiting:,}, p99 {result.waiting_p99:.0f} ms"
        testbed.progress.say(
            f"overload  goodput {result.goodput:.1f}/s, recovers {_recovered(result.recovery)}, waiting pages {wait}, "
            f"aborts {result.aborts}"
        )
        yield result


def dashboard(testbed: Testbed, lengths: Lengths, peak: float) -> Dashboard:
    """Work in the dashboard amid the same overload: apart from it, for what that costs is not there for pages."""
    site = testbed.get("site")
    end = CALM + lengths.overload
    with testbed.progress.step("overload  the same, and the dashboard"), ThreadPoolExecutor(1) as beside:
        working = beside.submit(site.editor, CALM + 1, lengths.overload - 2)
        happened = site.people(_overloading(site, peak, "dashboard", lengths.overload, end))
        screens = working.result()
    site.settle()
    result = Dashboard(
        screens=len(screens),
        failed=sum(screen.status != HTTPStatus.OK for screen in screens),
        p95=percentile([screen.seconds for screen in screens], 95),
        lag=happened.lag,
    )
    testbed.progress.say(
        f"overload  dashboard p95 {result.p95 or 0:.2f} s over {result.screens} screens, {result.failed} failed"
    )
    return result


def _peak(site: Running, seconds: int, number: int) -> float:
    """Return the pages per second that PHP renders, asked by as many people as it has processes."""
    site.settle()
    load = wrk.Load(
        *(site.variant.port, "/", HOST, pools(TASK_MIB).pages, seconds),
        gzip=True,
        headers={"X-Floodgate-Storm": STORM_TOKEN},
        script="unique",
        arguments=("/", f"peak{number}"),
    )
    before = rendered(site)
    answers = site.wrk(load)
    built = rendered(site) - before
    if built < 0.9 * answers.good:
        raise Failed(f"of {answers.good} requests for addresses of their own PHP rendered {built}: they are cached")
    return answers.good / answers.seconds


def _overloading(site: Running, peak: float, name: str, seconds: int, end: int) -> dict[str, object]:
    """Return people who ask for addresses that no others ask for: what was asked for before is in the cache."""
    return {
        "path": f"/?replytocom={name}x{{n}}",
        "good_bytes": _good_bytes(site),
        "seconds": end,
        "patience": PATIENCE,
        "retry": RETRY,
        "arrivals": [
            {"rate": peak / 2, "start": 0, "end": end},
            {"rate": (TIMES - 0.5) * peak, "start": CALM, "end": CALM + seconds},
        ],
        "seed": SEED,
    }


def crowds(testbed: Testbed, lengths: Lengths) -> Iterator[Crowd]:
    """Measure what PHP does while so many people reload one page."""
    site = testbed.get("site")
    for people in CROWDS:
        site.settle()
        good_bytes = _good_bytes(site)
        php = Meter.of(site.lab.pids([site.container("wordpress")]))
        before, used = rendered(site), sum(php.read().values())
        seconds = lengths.crowd + CROWD_GAP
        happened = site.people(
            {
                "path": "/",
                "good_bytes": good_bytes,
                "seconds": seconds,
                "patience": PATIENCE,
                "retry": RETRY,
                "crowds": [{"people": people, "start": 0, "end": seconds, "gap": CROWD_GAP}],
                "seed": SEED,
            }
        )
        crowd = Crowd(
            people=people,
            good=rate(happened.moments("g"), CROWD_GAP, seconds),
            rendered=(rendered(site) - before) / seconds,
            php=(sum(php.read().values()) - used) / seconds,
            lag=happened.lag,
        )
        testbed.progress.say(
            f"crowd  {people:>5,} people  {crowd.good:>7,.0f} good pages/s  {crowd.rendered:.2f} rendered "
            f"by PHP per second, {crowd.php * 100:.1f} % of a core"
        )
        yield crowd


def rendered(site: Running) -> int:
    """Return the requests that php-fpm's pool of pages has taken since its start, from its status."""
    status = site.lab.exec(
        site.container("wordpress"),
        *("env", "SCRIPT_NAME=/status", "SCRIPT_FILENAME=/status", "REQUEST_METHOD=GET", "QUERY_STRING="),
        *("cgi-fcgi", "-bind", "-connect", "127.0.0.1:9001"),
    )
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == "accepted conn":
            return int(value)
    raise Failed(f"php-fpm's status at 127.0.0.1:9001 names no accepted connections: {status[:200]!r}")
