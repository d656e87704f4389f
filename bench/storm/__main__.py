"""``python -m bench.storm``: measure the generator beside other clients, print the table, judge the targets."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import cgroup, wrk
from bench.__main__ import EXITS, OUTPUT, alone, machine
from bench.lab import CHECKOUT, Failed, Lab, find_cores
from bench.progress import Progress
from bench.publish import inserted
from bench.storm.measure import FULL, PEOPLE, QUICK, Bench, Lengths
from bench.storm.record import Record
from bench.storm.site import Site
from bench.storm.table import render
from bench.storm.targets import judge
from rehearsal.engine import EngineMissing, ensure_base, find

RECORD = OUTPUT / "storm.json"
TABLE = OUTPUT / "storm.md"
DOCUMENT = CHECKOUT / "docs/benchmark-storm.md"
PARTS = ("rates", "rest", "crowd")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        if parsed.again:
            record = Record.load(parsed.again)
        else:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            record = _measure(parsed.only or list(PARTS), QUICK if parsed.quick else FULL, parsed.people)
            record.save(RECORD)
        return _report(record, publishing=parsed.publish)
    except (EngineMissing, Failed, cgroup.Unreadable, wrk.Unreadable, OSError, ValueError) as error:
        print(f"bench-storm: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench-storm: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.storm",
        description="What the storm's generator costs, beside Locust's own users and wrk.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works (about 3 minutes)")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"only some of: {', '.join(PARTS)}")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"how large the crowd is (default {PEOPLE})")
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="measure nothing: tables and targets of a stored record"
    )
    parser.add_argument("--publish", action="store_true", help=f"put the table into {DOCUMENT.relative_to(CHECKOUT)}")
    return parser


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
        if "crowd" in parts:
            progress.say(f"a storm of {people:,} people, about two minutes …")
            record.crowds.append(bench.crowd(people))
    return record


def _report(record: Record, *, publishing: bool) -> int:
    text = render(record)
    OUTPUT.mkdir(exist_ok=True)
    TABLE.write_text(text)
    print(f"\n{text}\nwritten: {TABLE}, {RECORD}")
    if publishing:
        if set(record.parts) != set(PARTS):
            raise ValueError("only a whole run can be published")
        DOCUMENT.write_text(inserted(DOCUMENT.read_text(), text))
        print(f"published: {DOCUMENT}")
    missed = [verdict for verdict in judge(record) if not verdict.met]
    for verdict in missed:
        print(f"not met: {verdict.name}: wanted {verdict.wanted}, measured {verdict.measured}")
    if not missed:
        print("every target is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
