"""``python -m bench.generator``: measure the generator beside other clients, print the table, judge the targets."""

from __future__ import annotations

from terminal.interruption import importing

with importing("bench-storm", __name__):
    import argparse
    import signal
    import sys
    import tempfile
    from collections.abc import Sequence
    from functools import partial
    from pathlib import Path

    from bench.common.command_line import OUTPUT, alone, ended, machine, options, told
    from bench.common.lab import CHECKOUT, Lab, find_cores
    from bench.common.markdown import insert
    from bench.common.steps import Progress
    from bench.generator.goals import judge
    from bench.generator.measure import FULL, LAYERED, PEOPLE, QUICK, Bench, Lengths
    from bench.generator.results import Record
    from bench.generator.static_site import Site
    from bench.generator.tables import render
    from containers.engine import ensure_base, find
    from terminal.standard_streams import run

RECORD = OUTPUT / "storm.json"
TABLE = OUTPUT / "storm.md"
DOCUMENT = CHECKOUT / "docs/benchmark-storm.md"
PARTS = ("rates", "rest", "layers", "crowd")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; returns the exit code."""
    return ended("bench-storm", partial(_command, _parser().parse_args(arguments)))


def _command(parsed: argparse.Namespace) -> int:
    if parsed.again:
        record = Record.load(parsed.again)
    else:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        record = _measure(parsed.only or list(PARTS), QUICK if parsed.quick else FULL, parsed.people)
        record.save(RECORD)
    return _report(record, publishing=parsed.publish)


def _parser() -> argparse.ArgumentParser:
    made = options(
        "python -m bench.generator",
        "What the storm's generator costs, beside Locust's own users and wrk.",
        PARTS,
        quick="one short round, to see that it works (about 4 minutes)",
        publish=f"put the table into {DOCUMENT.relative_to(CHECKOUT)}",
    )
    made.add_argument("--people", type=int, default=PEOPLE, help=f"people of the generator's core (default {PEOPLE})")
    return made


def _measure(parts: list[str], lengths: Lengths, people: int) -> Record:
    progress = Progress()
    cores = find_cores()
    engine = find()
    ensure_base(engine, "debian:trixie-slim")
    lab = Lab(engine, cores, "benchstorm")
    progress.say(f"{engine.version}; nginx on processor {cores.site}, clients on {cores.load}")
    record = Record(machine=machine(engine), parts=[part for part in PARTS if part in parts])
    with alone(), lab.cleared(), tempfile.TemporaryDirectory() as folder:
        site = Site(lab, Path(folder))
        progress.say("nginx and wrk …")
        site.start()
        record.page = dict(site.size())
        bench = Bench(lab, site, progress)
        if "rates" in parts:
            record.rates.extend(bench.rates(lengths))
        if "rest" in parts:
            record.rests.extend(bench.rests())
        if "layers" in parts:
            record.layers.extend(bench.layers(QUICK if lengths is QUICK else LAYERED))
            record.weights.append(bench.weight())
        if "crowd" in parts:
            for number in (people // 2, people):
                progress.say(f"a storm of {number:,} people, about two minutes …")
                record.crowds.append(bench.crowd(number))
    return record


def _report(record: Record, *, publishing: bool) -> int:
    text = render(record)
    OUTPUT.mkdir(exist_ok=True)
    TABLE.write_text(text)
    print(f"\n{text}\nwritten: {TABLE}, {RECORD}")
    if publishing:
        if set(record.parts) != set(PARTS):
            raise ValueError("only a whole run can be published")
        insert(DOCUMENT, text)
        print(f"published: {DOCUMENT}")
    return told(judge(record))


if __name__ == "__main__":
    sys.exit(run("bench-storm", main))
