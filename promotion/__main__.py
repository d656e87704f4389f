"""``python -m promotion``: a command of the steps between dev and prod each.

Exit codes: 0 done; 1 refused, with the reason; 2 bad input, or AWS does not answer.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from promotion import changes, freeze
from settings import load
from settings.validation import SettingsError

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args()
    try:
        return _freeze() if options.command == "freeze" else _changes(options)
    except freeze.Refused as error:
        print(error, file=sys.stderr)
        return 1
    except (freeze.Unusable, changes.Unreadable, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m promotion", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("freeze", help="refuse to enter prod inside a registration window")
    told = commands.add_parser("changes", help="what approving a commit changes in prod")
    told.add_argument("--assembly", type=Path, required=True, help="the cloud assembly that would be deployed")
    told.add_argument("--role", required=True, help="the ARN of the role that reads prod's templates")
    told.add_argument("--commit", required=True, help="the commit of the assembly")
    told.add_argument("--evidence", required=True, help="s3://bucket/prefix: the commit's folder is below it")
    told.add_argument("--into", type=Path, required=True, help="the file that sets CHANGES_SUMMARY for a shell")
    return parser


def _freeze() -> int:
    import boto3  # noqa: PLC0415 - a second of start-up that help and slips do not wait for

    print(freeze.check(os.environ, boto3.session.Session()))
    return 0


def _changes(options: argparse.Namespace) -> int:
    import boto3  # noqa: PLC0415 - as above

    settings = load(ROOT / "settings.toml")
    stacks = changes.stacks_of(options.assembly, "Prod")
    reader = changes.Reader(boto3.session.Session(), options.role)
    found = changes.compare(
        stacks, reader, bills=options.evidence, commit=options.commit, allowed=settings.prod.loses_data
    )
    reader.keep({"changes.md": found.page()}, f"{options.evidence}/{options.commit}")
    options.into.write_text(f"CHANGES_SUMMARY={shlex.quote(found.summary())}\n", encoding="utf-8")
    print(found.page())
    if not found.refused:
        return 0
    for stack, change in found.refused:
        print(
            f"{stack}: {change}. Where that is meant, name it in settings.toml: loses_data = "
            f'["{change.logical_id}"] under [prod]; else give it back its name or its property',
            file=sys.stderr,
        )
    return 1


if __name__ == "__main__":
    sys.exit(main())
