"""``python -m bench``: measure, print the table, judge the targets."""

from __future__ import annotations

from terminal.interruption import importing

with importing("bench", __name__):
    import argparse
    import signal
    import sys
    from collections.abc import Sequence
    from functools import partial

    from bench.common.command_line import OUTPUT, alone, ended, machine, options, told
    from bench.common.lab import Lab, find_cores
    from bench.common.steps import Progress
    from bench.site import claims, collapse, page_rates, publish, reloads, starts
    from bench.site.goals import judge
    from bench.site.results import Record
    from bench.site.sections import FULL, PARTS, QUICK, Lengths
    from bench.site.tables import render
    from bench.site.testbed import Testbed
    from containers.engine import Engine, ensure_base, find
    from terminal.standard_streams import run

# The last build that sent each page whole, and in gzip alone.
BESIDE = "c30e69b"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; returns the exit code."""
    return ended("bench", partial(_command, _parser().parse_args(arguments)))


def _command(parsed: argparse.Namespace) -> int:
    if parsed.again:
        record = Record.load(parsed.again)
    else:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        record = _measure(parsed.only or list(PARTS), QUICK if parsed.quick else FULL, parsed.beside)
        record.save(OUTPUT / "record.json")
    return _report(record, publishing=parsed.publish)


def _parser() -> argparse.ArgumentParser:
    parser = options(
        "python -m bench",
        "This site beside others that serve the same page: rates, claims, collapse, overload.",
        PARTS,
        quick="short measurements, to see that it works (about 4 minutes)",
        publish="put table and picture into docs/benchmark.md",
    )
    parser.add_argument(
        "--beside",
        default=BESIDE,
        metavar="COMMIT",
        help=f"whose build reloads and first loads are compared with, in turns (default: {BESIDE})",
    )
    return parser


def _measure(parts: list[str], lengths: Lengths, beside: str) -> Record:
    progress = Progress()
    cores = find_cores()
    engine = find()
    ensure_base(engine, "debian:trixie-slim")
    lab = Lab(engine, cores)
    progress.say(f"{engine.version}; site on processor {cores.site}, load and database on {cores.load}")
    record = Record(machine=machine(engine), parts=[part for part in PARTS if part in parts])
    with alone(), lab.cleared():
        testbed = Testbed(lab, progress, beside)
        record.machine["beside"] = beside
        _run(record, testbed, engine, lengths)
        record.machine["database"] = testbed.database
        progress.say("removing all that was made …")
    return record


def _run(record: Record, testbed: Testbed, engine: Engine, lengths: Lengths) -> None:
    """Run the chosen parts, in their order, into the record."""
    for part in record.parts:
        match part:
            case "pages":
                site = testbed.get("site")
                record.page = {"plain": len(site.fetch().body), "gzip": len(site.fetch(gzip=True).body)}
                record.rates.extend(page_rates.rounds(testbed, lengths))
            case "matrix":
                record.rates.extend(page_rates.matrix(testbed, lengths, list(record.rates)))
            case "reloads":
                record.reloads.extend(reloads.rounds(testbed, lengths))
                record.first_loads.extend(reloads.first_loads(testbed))
                record.storms.extend(reloads.storms(testbed, lengths))
            case "claims":
                record.claims.extend(claims.rounds(testbed, lengths))
            case "collapse":
                record.collapses.extend(
                    collapse.collapse(testbed, lengths, collapse.capacity(testbed, record, lengths))
                )
            case "overload":
                record.overloads.extend(collapse.overloads(testbed, lengths))
                record.dashboards.append(collapse.dashboard(testbed, lengths, record.overloads[-1].peak))
            case "crowd":
                record.crowds.extend(collapse.crowds(testbed, lengths))
            case "start":
                testbed.wordpress()
                record.starts.extend(starts.measure(testbed, engine))
            case _:
                testbed.images("nginx", "wordpress")
                record.images = {name: testbed.lab.size(name) for name in ("nginx", "wordpress")}


def _report(record: Record, *, publishing: bool) -> int:
    text = render(record)
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "table.md").write_text(text)
    print(f"\n{text}")
    drawn = publish.picture(record, OUTPUT / "bench.png")
    print(f"written: {OUTPUT / 'table.md'}, {OUTPUT / 'record.json'}" + (f", {OUTPUT / 'bench.png'}" if drawn else ""))
    if publishing:
        publish.publish(record, text)
    return told(judge(record))


if __name__ == "__main__":
    sys.exit(run("bench", main))
