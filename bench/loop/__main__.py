"""``python -m bench.loop BASE``: the commands of the loop, timed in turns with an earlier commit: a table of ratios."""

from __future__ import annotations

from terminal.interruption import importing

with importing("bench-loop", __name__):
    import argparse
    import signal
    import sys
    from collections.abc import Sequence
    from functools import partial
    from pathlib import Path

    from bench.common.command_line import OUTPUT, alone, ended
    from bench.common.lab import CHECKOUT
    from bench.common.steps import Progress
    from bench.loop.trees import trees
    from bench.loop.turns import COMMANDS, measure, render
    from terminal.standard_streams import run

EXITS = """exit codes:
  0    measured
  2    nothing could be measured: a commit that is none, a command that failed (its log is named)
  130  interrupted
Both trees, and what they rehearsed, are removed in every case."""


def main(arguments: Sequence[str] | None = None, checkout: Path = CHECKOUT) -> int:
    """Run; returns the exit code."""
    return ended("bench-loop", partial(_command, _parser().parse_args(arguments), checkout))


def _command(parsed: argparse.Namespace, checkout: Path) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress()
    with alone(), trees(checkout, OUTPUT / "loop", parsed.base, progress) as (base, today):
        taken = measure(base, today, parsed.only or list(COMMANDS), parsed.turns, progress)
    print("\n".join(render(base, today, taken)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.loop",
        description="The commands of the loop, timed in turns with an earlier commit. Today's tree is the commit that "
        "is checked out, without what is not committed.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("base", metavar="BASE", help="the earlier commit")
    parser.add_argument("--only", nargs="+", choices=COMMANDS, metavar="COMMAND", help=f"of: {', '.join(COMMANDS)}")
    parser.add_argument("--turns", type=_turns, default=3, metavar="N", help="how often each is run (default: 3)")
    return parser


def _turns(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: give a number from 1 on")
    return int(text)


if __name__ == "__main__":
    sys.exit(run("bench-loop", main))
