"""The command line of the storm and its gate.

Run a storm, fit its people to an access log, judge a stored record again, look at the history, smoke-test a site.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loadtest.gate.metrics import METRICS, STATISTICS
from loadtest.record.exit_codes import BadInput, Exit
from loadtest.request import options

EXITS = """exit codes:
  0  PASS  every limit and invariant held
  1  FAIL  a limit or an invariant was broken
  2        bad input: an option, a variable, the limits file or the record; nothing was started
  3  VOID  nothing can be said of the site: not reached, not recognised, generator failed, too little measured,
           interrupted, or the evidence could not be kept
"""


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run a sub-command; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(_dispatch(parsed, environment))
    except BadInput as error:
        print(f"loadtest: {error}", file=sys.stderr)
        return int(Exit.BAD_INPUT)
    except KeyboardInterrupt:
        print("loadtest: interrupted", file=sys.stderr)
        return int(Exit.VOID)


def _dispatch(parsed: argparse.Namespace, environment: Mapping[str, str]) -> Exit:
    # Each command imports its own half: a storm patches the process for gevent, judging draws nothing, --help is quick.
    match parsed.command:
        case "run":
            from loadtest.commands.run import run  # noqa: PLC0415 - only this command pays for its imports

            return run(options.collect(parsed, environment))
        case "fit":
            from loadtest.fitting import fit  # noqa: PLC0415 - only this command pays for its imports

            return fit.run(parsed.logs, parsed.out, parsed.page, parsed.claim, parsed.opening, check=parsed.check)
        case "judge":
            from loadtest.commands.judge import rejudge  # noqa: PLC0415 - only this command pays for its imports

            return rejudge(parsed.record, parsed.limits)
        case "schema":
            from loadtest.evidence import schema  # noqa: PLC0415 - only this command pays for its imports

            print(schema.text(schema.record() if parsed.of == "record" else schema.summary()), end="")
            return Exit.PASS
        case "history":
            from loadtest.commands import history as history_command  # noqa: PLC0415 - only this command pays for its imports

            return history_command.run(parsed)
        case _:
            from loadtest.commands.smoke import smoke  # noqa: PLC0415 - only this command pays for its imports

            host, commit, patience = _smoke_options(parsed, environment)
            return smoke(host, commit, patience, lambda text: print(text, flush=True))


def _smoke_options(parsed: argparse.Namespace, environment: Mapping[str, str]) -> tuple[str, str, float]:
    host = parsed.host or environment.get("SITE_URL")
    commit = parsed.commit or environment.get("STORM_COMMIT")
    if not host or not commit:
        raise BadInput("smoke needs --host (SITE_URL) and --commit (STORM_COMMIT)")
    try:
        return options.origin(host), commit, options.seconds(parsed.patience)
    except ValueError as error:
        raise BadInput(f"smoke: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest",
        description=__doc__,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser(
        "run",
        help="storm a site and judge it",
        description="Storm a site with people, judge it, and leave the evidence in a folder. "
        "Each option may be given by the environment variable in brackets.",
        epilog=f"{_metrics()}\n\n{EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    options.add_arguments(run)
    _add_fit(commands)
    judge = commands.add_parser(
        "judge",
        help="judge a stored record again",
        description="Judge a stored record again, with the same or other limits; nothing is written.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    judge.add_argument("record", type=Path, help="the record.json of a storm")
    judge.add_argument("--limits", type=Path, default=options.DEFAULT_LIMITS, help="the limits file")
    _add_history(commands)
    schema = commands.add_parser("schema", help="print a JSON schema", allow_abbrev=False)
    schema.add_argument("of", choices=("record", "summary"), help="of record.json, or of a summary in the history")
    smoke = commands.add_parser(
        "smoke",
        help="check that a deployed site is the one that was meant",
        description="Check a site without load: its commit, the front page, the course page, the install page closed.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    smoke.add_argument("--host", metavar="…", help="the site's address [SITE_URL]")
    smoke.add_argument("--commit", metavar="…", help="the commit that must be running [STORM_COMMIT]")
    smoke.add_argument("--patience", metavar="…", default="60", help="seconds for all checks to hold (default 60)")
    return parser


def _add_fit(commands: Any) -> None:
    fit = commands.add_parser(
        "fit",
        help="fit how people behave to an access log",
        description="Fit how people behave to access logs (nginx, Apache, Floodgate's own, AWS application load "
        "balancers, CloudFront, HAProxy, Caddy, Traefik; gzipped or not), and write a people file for "
        "`run --people-file`.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    fit.add_argument("logs", nargs="+", metavar="LOG", help="access logs of one format; - is standard input")
    fit.add_argument("--out", type=Path, default=Path("people.toml"), metavar="…", help="default people.toml")
    fit.add_argument("--page", metavar="…", help="the path of the page that opens (default: asked for most often)")
    fit.add_argument("--claim", metavar="…", help="the path that the form is sent to (default: posted to most often)")
    fit.add_argument(
        "--check", action="store_true", help="show what was read, as people with their pauses; write nothing"
    )
    fit.add_argument("--opening", metavar="…", help="when it opened, such as 2026-11-23T18:00:00+01:00")


def _add_history(commands: Any) -> None:
    history = commands.add_parser(
        "history",
        help="list, plot or compare earlier runs",
        description="Earlier runs, from a folder or an s3://bucket/prefix.",
        allow_abbrev=False,
    )
    actions = history.add_subparsers(dest="action", required=True)
    for name, text in (
        ("list", "the runs, the oldest first, and what has changed over them"),
        ("plot", "the compared figures over the runs, as one HTML file"),
        ("compare", "the storms of a record.json against the runs; exit code 1 if a figure has become slower"),
    ):
        action = actions.add_parser(name, help=text, description=f"Show {text}.", allow_abbrev=False)
        action.add_argument("place", help="a folder or s3://bucket/prefix")
        action.add_argument("--limits", type=Path, default=options.DEFAULT_LIMITS, help="the limits file")
        if name == "plot":
            action.add_argument("--out", type=Path, default=Path("history.html"), help="default history.html")
        if name == "compare":
            action.add_argument("record", type=Path, help="the record.json of storms")


def _metrics() -> str:
    """Return the words that a limits file may use."""
    lines = ["metrics of the limits file:"]
    for metric in METRICS.values():
        units = " ".join(unit for unit in metric.kind.units if unit) or "a count"
        scope = ", storm only" if metric.of_record else ""
        lines.append(f"  {metric.name:<20}{metric.meaning} ({units}{scope})")
    return "\n".join([*lines, f"statistics of durations: {' '.join(STATISTICS)}", "the language: docs/limits.md"])
