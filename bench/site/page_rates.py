"""The page: requests per second, the site's CPU for each, and how long they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.common import wrk
from bench.common.cpu_meter import Meter
from bench.common.lab import Failed
from bench.site.results import Rate
from bench.site.sections import USUAL, Lengths
from bench.site.testbed import Testbed
from bench.site.variants import HOST, VARIANTS, Running

# Answers from which their mean size says what they are.
ENOUGH = 10


def measure(running: Running, *, gzip: bool, keep_alive: bool, connections: int, seconds: int, number: int) -> Rate:
    """Measure once. Raise Failed when the answers are not the page."""
    running.settle()
    load = wrk.Load(
        running.variant.port, running.variant.path, HOST, connections, seconds, gzip=gzip, keep_alive=keep_alive
    )
    asking = Meter.of(running.lab.pids([running.load]))
    # A page that nobody asks for leaves the caches; measured is one that people reload.
    size = len(running.fetch(gzip=gzip).body)
    before, load_before = running.meter.read(), asking.read()
    answers = running.wrk(load)
    after = running.meter.read()
    used = {name: after[name] - before[name] for name in after}
    spent = sum(asking.read().values()) - sum(load_before.values())
    if answers.good > ENOUGH and answers.bytes / answers.answers < 0.9 * size:
        raise Failed(
            f"{running.variant.title}: the answers have {answers.bytes / answers.answers:.0f} bytes each, "
            f"the page has {size}: this is not the page that was to be measured"
        )
    return Rate(
        variant=running.variant.key,
        gzip=gzip,
        keep_alive=keep_alive,
        connections=connections,
        round=number,
        rate=answers.good / answers.seconds,
        used=sum(used.values()),
        php=sum(seconds for name, seconds in used.items() if name.rpartition("-")[2] in running.variant.php),
        p50=answers.p50,
        p95=answers.p95,
        p99=answers.p99,
        answers=answers.good,
        errors=answers.errors,
        load=spent / answers.seconds,
    )


def rounds(testbed: Testbed, lengths: Lengths) -> Iterator[Rate]:
    """Compare every variant in turn, plain and compressed, round by round."""
    running = [testbed.get(variant.key) for variant in VARIANTS]
    for number in range(lengths.rounds):
        for each in running:
            each.place_files()
        for gzip in (False, True):
            for each in running:
                seconds = lengths.page if each.variant.cached else lengths.page_rendered
                rate = measure(each, gzip=gzip, keep_alive=True, connections=USUAL, seconds=seconds, number=number)
                testbed.progress.say(f"round {number + 1}/{lengths.rounds}  {line(rate)}")
                yield rate


def matrix(testbed: Testbed, lengths: Lengths, known: Sequence[Rate]) -> Iterator[Rate]:
    """Measure the other cells of the table, once each: numbers of connections, kept or new."""
    have = {(rate.variant, rate.gzip, rate.keep_alive, rate.connections) for rate in known}
    running = [testbed.get(variant.key) for variant in VARIANTS]
    for keep_alive in (True, False):
        for connections in lengths.connections:
            for gzip in (False, True):
                for each in running:
                    if (each.variant.key, gzip, keep_alive, connections) in have:
                        continue
                    rate = measure(
                        each,
                        gzip=gzip,
                        keep_alive=keep_alive,
                        connections=connections,
                        seconds=lengths.matrix if each.variant.cached else lengths.matrix_rendered,
                        number=0,
                    )
                    testbed.progress.say(line(rate))
                    yield rate


def line(rate: Rate) -> str:
    """Write one measurement in one line."""
    encoding = "gzip " if rate.gzip else "plain"
    kind = "kept" if rate.keep_alive else "new "
    return (
        f"{rate.variant:<9}{encoding} {kind} {rate.connections:>5}  {rate.rate:>9,.1f}/s {rate.cpu:>9,.1f} µs  "
        f"p50 {rate.p50:,.1f} p95 {rate.p95:,.1f} p99 {rate.p99:,.1f} ms"
        + (f"  errors {rate.errors}" if rate.errors else "")
    )
