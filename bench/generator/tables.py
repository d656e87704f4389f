"""The tables of a record, as Markdown."""

from __future__ import annotations

from bench.common.markdown import NONE, document, number, table
from bench.common.statistics import spread
from bench.generator.goals import MODE_TITLES, judge, ratio
from bench.generator.results import CLIENTS, LAYERS, MODES, RESUMED, Rate, Record

TITLES = {"person": "this project's person", "fast": "FastHttpUser", "http": "HttpUser", "wrk": "wrk"}


def render(record: Record) -> str:
    """Render everything that was measured, and the targets."""
    return document(record.machine, [part(record) for part in (_rates, _layers, _rest, _weight, _crowd)], judge(record))


def _ranged(rates: list[Rate]) -> str:
    found = spread([rate.per_core for rate in rates])
    if found is None:
        return NONE
    return f"{number(found.median)} ({number(found.low)} to {number(found.high)})"


def _rates(record: Record) -> list[str]:
    rows = []
    for mode in (*MODES, RESUMED):
        for client in CLIENTS:
            rates = record.rounds(client, mode)
            if not rates:
                continue
            times = ratio(record, "tls" if mode == RESUMED else mode, ours=mode) if client == "person" else None
            busy = spread([rate.busy for rate in rates])
            clock = spread([rate.answers / rate.seconds for rate in rates])
            rows.append(
                [
                    f"{MODE_TITLES[mode]}: {TITLES[client]}",
                    _ranged(rates),
                    number(clock.median) if clock else NONE,
                    f"{busy.median:.0%}" if busy else NONE,
                    f"{times.median:.2f} ({times.low:.2f} to {times.high:.2f})" if times else NONE,
                    str(sum(rate.failures for rate in rates)),
                ]
            )
    size = f"{record.page.get('plain', 0) / 1000:.1f} kB, {record.page.get('gzip', 0) / 1000:.1f} kB compressed"
    head = [
        "connections: client",
        "requests per CPU second",
        "per second",
        "of its core",
        "times FastHttpUser",
        "failed",
    ]
    return [f"### Requests per second and core, a page of {size}", "", *table(head, rows)] if rows else []


def _layers(record: Record) -> list[str]:
    """Show where the CPU time of a request goes: each layer less the one that it stands on."""
    columns = [[record.layer(client, mode) for client in LAYERS] for mode in MODES]
    measured = [[layer for layer in column if layer] for column in columns]
    if not all(len(column) == len(LAYERS) for column in measured):
        return []
    whole = [[layer.cpu / layer.answers * 1e6 for layer in column] for column in measured]
    kernel = [column[0].kernel / column[0].answers * 1e6 for column in measured]
    rows = [
        ["the connection: the kernel", *(f"{each:.0f}" for each in kernel)],
        [
            "the connection: OpenSSL, gevent's loop, Python",
            *(f"{column[0] - each:.0f}" for column, each in zip(whole, kernel, strict=True)),
        ],
        ["the browser: heads, cache, pages", *(f"{column[1] - column[0]:.0f}" for column in whole)],
        ["the person: patience, pauses, counting, reports", *(f"{column[2] - column[1]:.0f}" for column in whole)],
        ["in all", *(f"{column[2]:.0f}" for column in whole)],
    ]
    head = ["µs of CPU for a request", *(MODE_TITLES[mode] for mode in MODES)]
    return ["### Where the time of a request goes", "", *table(head, rows)]


def _weight(record: Record) -> list[str]:
    if not record.weights:
        return []
    weight = record.weights[-1]
    rows = [
        ["the connection alone: OpenSSL, the socket", f"{weight.connection:.1f}"],
        ["who waits for the first page: person, browser", f"{weight.waiting:.1f}"],
        ["what the first page leaves besides", f"{weight.whole - weight.connection - weight.waiting:.1f}"],
        ["in all", f"{weight.whole:.1f}"],
    ]
    return ["### Where the memory of a person goes", "", *table(["over HTTPS", "KiB"], rows)]


def _rest(record: Record) -> list[str]:
    rows = [
        [TITLES[each.client], f"{each.users:,}", f"{each.memory:.1f}", f"{each.made:.3f}", f"{each.loaded:.2f}"]
        for each in record.rests
    ]
    head = ["at rest over HTTPS", "users", "KiB each", "ms of CPU to make one", "ms of CPU for its first page"]
    return ["### Memory and start-up", "", *table(head, rows)] if rows else []


def _crowd(record: Record) -> list[str]:
    rows = [
        [
            f"{each.people:,}",
            f"{each.workers}",
            f"{each.busiest():.0%}",
            f"{each.busiest(1):.0%}",
            f"{each.lag:.1f} / {each.worst_lag:.1f}",
            f"{each.read_lag:.1f}",
            f"{each.wait:.1f}",
            f"{each.pages:,}",
            f"{each.requests:,}",
        ]
        for each in record.crowds
    ]
    head = [
        "people",
        "cores",
        "of them, busiest 10 s",
        "busiest second",
        "lag p99, ms: storm / worst phase",
        "read-lag p99, ms",
        "wait p95 at the opening, ms",
        "pages seen",
        "requests",
    ]
    return ["### A storm at the default behaviour, over HTTPS", "", *table(head, rows)] if rows else []
