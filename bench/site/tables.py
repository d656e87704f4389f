"""The tables of a record, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from bench.common.markdown import NONE, document, number, table
from bench.common.statistics import ratios, spread
from bench.site.collapse import REGULARS, RELOADERS, TIMES
from bench.site.goals import judge
from bench.site.reloads import PEOPLE
from bench.site.results import Rate, Record
from bench.site.variants import VARIANTS

TITLES = {variant.key: variant.title for variant in VARIANTS}
RELOADS = {
    ("site", True): "this site, to somebody who has the page",
    ("earlier", True): "the earlier build, which sends it again",
    ("static", True): "limit (a static file), sent whole, gzip",
    ("static", False): "limit (a static file), sent whole, plain",
}
BUILDS = {"site": "this site", "earlier": "the earlier build"}
PATHS = {
    "lean": "this site's claim path",
    "full": "the same claim with all of WordPress loaded",
    "bare": "a bare PHP script, the same transaction",
}
# The load's share of its core from which its own speed limits the rate.
BUSY = 0.9


def render(record: Record) -> str:
    """Render everything that was measured, and the targets."""
    parts = (_comparison, _matrix, _reloads, _claims, _collapse, _overload, _crowd, _rest)
    return document(record.machine, [part(record) for part in parts], judge(record))


def _median(rates: Sequence[Rate], field: str) -> float:
    found = spread([float(getattr(rate, field)) for rate in rates])
    return found.median if found else 0.0


def _ranged(rates: Sequence[Rate], field: str) -> str:
    found = spread([float(getattr(rate, field)) for rate in rates])
    return f"{number(found.median)} ({number(found.low)} to {number(found.high)})" if found else NONE


def _comparison(record: Record) -> list[str]:
    blocks = []
    for gzip in (False, True):
        limit = record.rounds("static", gzip=gzip)
        rows = []
        for key, title in TITLES.items():
            rates = record.rounds(key, gzip=gzip)
            if not rates or "pages" not in record.parts:
                continue
            ratio = ratios([rate.cpu for rate in rates], [rate.cpu for rate in limit]) if limit else None
            limited = "≥ " if _median(rates, "load") > BUSY else ""
            times = " / ".join(number(_median(rates, name)) for name in ("p50", "p95", "p99"))
            rows.append(
                [
                    title,
                    limited + _ranged(rates, "rate"),
                    _ranged(rates, "cpu"),
                    f"{ratio.median:,.2f}" if ratio else NONE,
                    times,
                    str(sum(rate.errors for rate in rates)),
                ]
            )
        if rows:
            size = record.page.get("gzip" if gzip else "plain", 0)
            name = "gzip" if gzip else "plain"
            head = [
                f"{name}, {size / 1000:.1f} kB",
                "requests/s",
                "site CPU, µs per request",
                "times the limit",
                "p50 / p95 / p99, ms",
                "errors",
            ]
            blocks.append(table(head, rows))
    return ["### The page, 32 kept connections", "", *blocks[0], "", *blocks[1]] if len(blocks) == 2 else []


def _matrix(record: Record) -> list[str]:
    if "matrix" not in record.parts:
        return []
    cells = sorted({(not rate.keep_alive, rate.connections) for rate in record.rates})
    head = ["requests/s (p99 ms; errors)", *(f"{'new' if new else 'kept'} {count:,}" for new, count in cells)]
    rows = []
    for key, title in TITLES.items():
        for gzip in (False, True):
            row = [f"{title}, {'gzip' if gzip else 'plain'}"]
            for new, count in cells:
                rates = record.rounds(key, gzip=gzip, keep_alive=not new, connections=count)
                errors = sum(rate.errors for rate in rates)
                more = f"; {errors:,}" if errors else ""
                row.append(
                    f"{number(_median(rates, 'rate'))} ({number(_median(rates, 'p99'))}{more})" if rates else NONE
                )
            rows.append(row)
    return ["### Connections, kept and new", "", *table(head, rows)]


def _reloads(record: Record) -> list[str]:
    if not record.reloads:
        return []
    rows = []
    for (variant, gzip), title in RELOADS.items():
        runs = [each for each in record.reloads if (each.variant, each.gzip) == (variant, gzip)]
        rate, cpu, size = (spread([float(getattr(run, name)) for run in runs]) for name in ("rate", "cpu", "size"))
        if rate and cpu and size:
            shown = [f"{number(each.median)} ({number(each.low)} to {number(each.high)})" for each in (rate, cpu)]
            rows.append([title, *shown, number(size.median)])
    first = {(load.variant, load.page): f"{load.size:,}" for load in record.first_loads}
    storms = {storm.variant: f"{storm.size / 1e6:,.1f} ({storm.good:,})" for storm in record.storms}
    pages = ("front page", "course")
    loads = [
        [title, *(first.get((key, page), NONE) for page in pages), storms.get(key, NONE)]
        for key, title in BUILDS.items()
    ]
    people = f"{PEOPLE:,} people reload a course through its opening, MB (good pages)"
    return [
        f"### A page again, and for the first time, beside the build of {record.machine.get('beside', NONE)}",
        "",
        *table(["the front page, 32 kept connections", "requests/s", "site CPU, µs", "bytes of an answer"], rows),
        "",
        *table(["bytes out", *(f"first load, {page}" for page in pages), people], loads),
    ]


def _claims(record: Record) -> list[str]:
    rows = []
    for path, title in PATHS.items():
        runs = [claims for claims in record.claims if claims.path == path]
        rates, cpu, php, database, p99 = (
            spread([float(getattr(run, name)) for run in runs]) for name in ("rate", "cpu", "php", "database", "p99")
        )
        if rates and cpu and php and database and p99:
            shown = f"{number(rates.median)} ({number(rates.low)} to {number(rates.high)})"
            rows.append(
                [title, shown, number(cpu.median), number(php.median), number(database.median), number(p99.median)]
            )
    head = ["claims", "seats/s", "site CPU, µs", "of which PHP", "database CPU, µs", "p99, ms"]
    return ["### Claims", "", *table(head, rows)] if rows else []


def _seconds(value: float | None, watched: float) -> str:
    return f"never (in {watched:.0f} s)" if value is None else f"{value:.1f} s"


def _collapse(record: Record) -> list[str]:
    rows = [
        [
            TITLES[each.variant],
            f"{number(each.before)} → {number(each.during)} → {number(each.after)}",
            _seconds(each.recovery, each.watched),
            f"{each.aborts:,}",
            f"{each.errors:,}",
            NONE if each.waiting_p99 is None else f"{each.waiting:,} ({each.waiting_p99:.0f} ms)",
        ]
        for each in record.collapses
    ]
    head = [
        "variant",
        "good pages/s: before → during → after",
        "recovers after",
        "aborts",
        "errors",
        "waiting pages (p99)",
    ]
    title = f"### Collapse: {REGULARS} people, {RELOADERS:,} more who reload, and gone again"
    return [title, "", *table(head, rows)] if rows else []


def _overload(record: Record) -> list[str]:
    rows = [
        [
            f"{number(each.peak)} pages/s",
            f"{number(each.offered)}/s",
            f"{number(each.goodput)} pages/s",
            _seconds(each.recovery, len(each.good)),
            NONE if each.waiting_p99 is None else f"{each.waiting:,} ({each.waiting_p99:.0f} ms)",
            f"{each.errors + each.aborts:,}",
        ]
        for each in record.overloads
    ]
    head = ["capacity", "offered", "good", "recovers after", "waiting pages (p99)", "errors and aborts"]
    screens = [
        f"\nThe dashboard meanwhile: {NONE if each.p95 is None else f'{each.p95:.2f} s'} at the 95th percentile of "
        f"{each.screens} screens, {each.failed} failed."
        for each in record.dashboards
    ]
    return [f"### {TIMES} times what cannot be cached", "", *table(head, rows), *screens] if rows else []


def _crowd(record: Record) -> list[str]:
    rows = [
        [f"{each.people:,}", number(each.good), f"{each.rendered:.2f}", f"{each.php * 100:.1f} %"]
        for each in record.crowds
    ]
    head = ["people who reload", "good pages/s", "rendered by PHP per second", "PHP, share of a core"]
    return ["### A crowd, and PHP", "", *table(head, rows)] if rows else []


def _rest(record: Record) -> list[str]:
    rows = [
        [
            f"a task's first page at {each.cpus} vCPU, {'empty' if each.empty else 'filled'} database",
            f"{each.seconds:.1f} s",
        ]
        for each in record.starts
    ]
    rows += [[f"image {name}", f"{size:.0f} MB"] for name, size in record.images.items()]
    return ["### Start and size", "", *table(["what", "measured"], rows)] if rows else []
