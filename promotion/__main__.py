"""``python -m promotion``: a command of the steps between dev and prod each.

Exit codes: 0 done; 1 refused, with the reason; 2 bad input, or AWS does not answer.

The step that asks whether a commit may enter prod has the storm's packages alone: what compares templates, and needs
more, is imported by the commands that do.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("promotion", __name__):
    import argparse
    import os
    import shlex
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from typing import TYPE_CHECKING

    from loadtest.history import summaries
    from promotion import cost, freeze
    from promotion.errors import Refused, Unusable
    from promotion.last_storms import measured
    from settings import load
    from settings.settings import Settings
    from settings.validation import SettingsError
    from terminal.standard_streams import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from promotion.difference import Difference

ROOT = Path(__file__).parents[1]


def _settings() -> Settings:
    """Return the settings as they are deployed now."""
    return load(ROOT / "settings.toml").current(datetime.now(UTC))


def main() -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args()
    try:
        return int(options.run(options))
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except (Unusable, summaries.Unreadable, SettingsError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m promotion", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("freeze", help="refuse to enter prod inside a registration window")
    check.set_defaults(run=_freeze)
    month = commands.add_parser("cost", help="what a month of each stage costs, as Markdown")
    month.set_defaults(run=_cost)
    crowd = commands.add_parser("capacity", help="what so many people need and cost, as Markdown")
    crowd.add_argument("--people", type=int, required=True)
    crowd.add_argument("--lead", type=int, default=60, help="minutes before the opening")
    crowd.add_argument("--cool-down", type=int, default=60, help="minutes after it")
    crowd.add_argument("--history", help="a folder or s3://bucket/prefix with the summaries of nightly storms")
    crowd.set_defaults(run=_capacity)
    data = commands.add_parser("keeps-data", help="refuse a commit under which data of prod would be lost")
    data.add_argument("--assembly", type=Path, required=True, help="the cloud assembly that would be deployed")
    data.add_argument("--role", help="the ARN of the role that reads prod's templates; without it nothing is compared")
    data.set_defaults(run=_keeps_data)
    report = commands.add_parser("changes", help="what approving a commit changes in prod")
    report.add_argument("--assembly", type=Path, required=True, help="the cloud assembly that would be deployed")
    report.add_argument("--role", required=True, help="the ARN of the role that reads prod's templates")
    report.add_argument("--commit", required=True, help="the commit of the assembly")
    report.add_argument("--evidence", required=True, help="s3://bucket/prefix: the commit's folder is below it")
    report.add_argument("--history", required=True, help="where nightly storms leave their summaries")
    report.add_argument("--into", type=Path, required=True, help="the file that sets CHANGES_SUMMARY for a shell")
    report.set_defaults(run=_changes)
    return parser


def _freeze(_: argparse.Namespace) -> int:
    import boto3  # noqa: PLC0415 - a second of start-up that help and slips do not wait for

    print(freeze.check(os.environ, boto3.session.Session()))
    return 0


def _cost(_: argparse.Namespace) -> int:
    print(cost.cost_page(_settings()), end="")
    return 0


def _capacity(options: argparse.Namespace) -> int:
    if min(options.people, options.lead, options.cool_down) < 1:
        raise cost.Unpriced("--people, --lead and --cool-down are whole numbers of at least 1")
    settings = _settings()
    runs = summaries.read(options.history) if options.history else []
    if options.history and not runs:
        raise summaries.Unreadable(f"there are no runs in {options.history}: {summaries.WHERE}")
    shown = measured(runs)
    print(
        cost.capacity_page(settings, options.people, lead=options.lead, cool_down=options.cool_down, shown=shown),
        end="",
    )
    return 0


def _keeps_data(options: argparse.Namespace) -> int:
    from promotion import changes  # noqa: PLC0415 - see above

    settings = _settings()
    stacks = changes.stacks_of(options.assembly, "Prod")
    if not options.role:
        print("prod's data: not compared with what prod runs, which the pipeline alone may read")
        return 0
    import boto3  # noqa: PLC0415 - as above

    found = changes.compare(
        stacks, changes.Reader(boto3.session.Session(), options.role), allowed=settings.prod.loses_data
    )
    if found.unread:
        print(found.summary())
        return 0
    for stack, change in found.losing:
        print(f"prod's data: {stack}: {change}")
    if not found.losing:
        print("prod's data: all that holds any stays")
    return _refuse(found)


def _refuse(found: Difference) -> int:
    """Say what may not be lost; the exit code."""
    for stack, change in found.refused:
        print(
            f"{stack}: {change}. Where that is meant, name it in settings.toml: loses_data = "
            f'["{change.logical_id}"] under [prod]; else give it back its name or its property',
            file=sys.stderr,
        )
    return 1 if found.refused else 0


def _or_why_not(page: Callable[[], str]) -> str:
    """Return a page of sums, or why there is none: that keeps no commit from its question, nor another page away."""
    try:
        return page()
    except (cost.Unpriced, summaries.Unreadable) as error:
        print(error, file=sys.stderr)
        return f"{error}\n"


def _changes(options: argparse.Namespace) -> int:
    import boto3  # noqa: PLC0415 - as above

    from promotion import changes  # noqa: PLC0415 - see above

    settings = _settings()
    stacks = changes.stacks_of(options.assembly, "Prod")
    reader = changes.Reader(boto3.session.Session(), options.role)
    found = changes.compare(
        stacks, reader, bills=options.evidence, commit=options.commit, allowed=settings.prod.loses_data
    )
    crowd = max((window.people for window in settings.prod.windows), default=settings.storm.people)

    def capacity() -> str:
        return cost.capacity_page(settings, crowd, shown=measured(summaries.read(options.history)))

    pages = {
        "changes.md": found.page(),
        "cost.md": _or_why_not(lambda: cost.cost_page(settings)),
        "capacity.md": _or_why_not(capacity),
    }
    reader.keep(pages, f"{options.evidence}/{options.commit}")
    options.into.write_text(f"CHANGES_SUMMARY={shlex.quote(found.summary())}\n", encoding="utf-8")
    print(found.page())
    return _refuse(found)


if __name__ == "__main__":
    sys.exit(run("promotion", main))
