"""``python -m bench``: measure, print the table, judge the targets."""

from __future__ import annotations

import argparse
import fcntl
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench import cgroup, claims, pages, publish, starts, storms, wrk
from bench.lab import CHECKOUT, Failed, Lab, find_cores
from bench.parts import FULL, PARTS, QUICK, Lengths
from bench.progress import Progress
from bench.record import Record
from bench.stand import Stand
from bench.table import render
from bench.targets import judge
from rehearsal.engine import Engine, EngineMissing, ensure_base, find

OUTPUT = CHECKOUT / ".bench"
EXITS = """exit codes:
  0    every target of the chosen parts is met
  1    a target is not met, or was not measured
  2    nothing could be measured: no container engine, one core, an option that does not exist, a part that failed
  130  interrupted
All that was made is removed in every case; the images' build cache stays."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        if parsed.again:
            record = Record.load(parsed.again)
        else:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            record = _measure(parsed.only or list(PARTS), QUICK if parsed.quick else FULL)
            record.save(OUTPUT / "record.json")
        return _report(record, publishing=parsed.publish)
    except (EngineMissing, Failed, cgroup.Unreadable, wrk.Unreadable, OSError, ValueError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="This site beside others that serve the same page: rates, claims, collapse, overload.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--quick", action="store_true", help="short measurements, to see that it works (about 4 minutes)"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"only some of: {', '.join(PARTS)}")
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="measure nothing: tables and targets of a stored record"
    )
    parser.add_argument("--publish", action="store_true", help="put table and picture into docs/benchmark.md")
    return parser


def _measure(parts: list[str], lengths: Lengths) -> Record:
    progress = Progress()
    cores = find_cores()
    engine = find()
    ensure_base(engine, "debian:trixie-slim")
    lab = Lab(engine, cores)
    progress.say(f"{engine.version}; site on processor {cores.site}, load and database on {cores.load}")
    record = Record(machine=machine(engine), parts=[part for part in PARTS if part in parts])
    with alone(), lab.cleared():
        _run(record, Stand(lab, progress), engine, lengths)
        progress.say("removing all that was made …")
    return record


@contextmanager
def alone() -> Iterator[None]:
    """Two runs of one checkout would take each other's containers away. Raises Failed for the second."""
    OUTPUT.mkdir(exist_ok=True)
    with (OUTPUT / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another benchmark of this checkout is running: wait for it, or stop it") from None
        yield


def _run(record: Record, stand: Stand, engine: Engine, lengths: Lengths) -> None:
    """The chosen parts, in their order, into the record."""
    for part in record.parts:
        match part:
            case "pages":
                site = stand.get("site")
                record.page = {"plain": len(site.fetch().body), "gzip": len(site.fetch(gzip=True).body)}
                record.rates.extend(pages.rounds(stand, lengths))
            case "matrix":
                record.rates.extend(pages.matrix(stand, lengths, list(record.rates)))
            case "claims":
                record.claims.extend(claims.rounds(stand, lengths))
            case "collapse":
                record.collapses.extend(storms.collapse(stand, lengths, storms.capacity(stand, record, lengths)))
            case "overload":
                record.overloads.append(storms.overload(stand, lengths))
            case "crowd":
                record.crowds.extend(storms.crowds(stand, lengths))
            case "start":
                stand.wordpress()
                record.starts.extend(starts.measure(stand, engine))
            case _:
                stand.images("nginx", "wordpress")
                record.images = {name: stand.lab.size(name) for name in ("nginx", "wordpress")}


def machine(engine: Engine) -> dict[str, str]:
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": f"{model[0] if model else platform.machine()}, {len(model) or '?'} processors",
        "kernel": platform.release(),
        "engine": engine.version,
        "commit": done.stdout.strip() or "unknown",
    }


def _report(record: Record, *, publishing: bool) -> int:
    text = render(record)
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "table.md").write_text(text)
    print(f"\n{text}")
    drawn = publish.picture(record, OUTPUT / "bench.png")
    print(f"written: {OUTPUT / 'table.md'}, {OUTPUT / 'record.json'}" + (f", {OUTPUT / 'bench.png'}" if drawn else ""))
    if publishing:
        publish.publish(record, text)
    missed = [verdict for verdict in judge(record) if not verdict.met]
    for verdict in missed:
        print(f"not met: {verdict.name}: wanted {verdict.wanted}, measured {verdict.measured}")
    if not missed:
        print("every target is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
