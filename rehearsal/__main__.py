"""``python -m rehearsal COMMAND``: ``--help`` lists them, and the exit codes are in ``rehearsal.values.exits``."""

from __future__ import annotations

import argparse
import errno
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from containers.errors import EngineError, EngineMissing, PortRefused
from rehearsal.lock import locked
from rehearsal.progress import Progress, tail
from rehearsal.values.exits import BAD_INPUT, FAILED, INTERRUPTED, ActionFailed, Refused
from rehearsal.values.state import Store, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays what it is
            signal.signal(number, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may have no ✔
    progress = Progress()
    try:
        return _command(options, progress)
    except KeyboardInterrupt:
        progress.line("interrupted: the builds were ended, the sites stand as they did; `make rehearse` starts anew")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - every end of a command is told in words, one's own faults included
        return _ended(error, options.checkout.resolve(), progress)


def _ended(error: Exception, checkout: Path, progress: Progress) -> int:
    """Tell a person how the command ended; the exit code."""
    if isinstance(error, ActionFailed):
        _failed(error, progress)
        return FAILED
    if isinstance(error, Refused):
        print(f"rehearsal: {error}", file=sys.stderr)
        return BAD_INPUT
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        print(
            f"rehearsal: the disk is full ({error.filename or checkout}): make room, and run it again; "
            "`make down` removes what the rehearsal keeps",
            file=sys.stderr,
        )
        return BAD_INPUT
    folder = checkout / ".rehearsal"
    if isinstance(error, OSError) and Path(str(error.filename)).is_relative_to(folder):
        print(
            f"rehearsal: {error.filename}: {error.strerror}. What the rehearsal keeps is in {folder}, "
            "which must be yours to read and to write: change its owner, or remove it",
            file=sys.stderr,
        )
        return BAD_INPUT
    text, report = "".join(traceback.format_exception(error)), folder / "crash.log"
    write(report, text)
    print(f"rehearsal: a fault of its own: {text.strip().splitlines()[-1]} (all of it: {report})", file=sys.stderr)
    return FAILED


def _command(options: argparse.Namespace, progress: Progress) -> int:
    # The AWS emulation takes seconds to import: a wrong option, or a lock, is told before that.
    checkout = options.checkout.resolve()
    if not checkout.is_dir():
        raise Refused(f"{checkout} is no folder: --checkout names the repository")
    folder = checkout / ".rehearsal"
    with locked(folder / "lock", wanted=options.command not in {"status", "shell"}):
        try:
            if options.command in {"status", "down"}:
                from rehearsal import overview  # noqa: PLC0415 - see above

                if options.command == "status":
                    return overview.status(checkout, Store(folder), progress)
                return overview.down(checkout, folder, progress)
            return _go(options, checkout, Store(folder, reading=options.command == "shell"), progress)
        except (EngineMissing, PortRefused) as error:
            raise Refused(str(error)) from error
        except EngineError as error:
            raise ActionFailed(f"the container engine does not obey: {error.message}") from error


def _go(options: argparse.Namespace, checkout: Path, store: Store, progress: Progress) -> int:
    """Run a command that needs what the rehearsal keeps."""
    from rehearsal import commands  # noqa: PLC0415 - see above
    from rehearsal.codepipeline import approval  # noqa: PLC0415 - see above

    match options.command:
        case "run":
            return commands.run(checkout, store, progress, approval.given(os.environ.get("APPROVE")))
        case "storm":
            return commands.storm(checkout, store, progress, options.env)
        case "shell":
            return commands.shell(checkout, store, progress)
        case "delete-stack" | "continue-rollback":
            return commands.mend(checkout, store, progress, options.command, options.stack)
        case _:
            decision: approval.Decision = "approved" if options.command == "approve" else "rejected"
            return commands.resume(checkout, store, progress, decision)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal", description="The synthesized pipeline, run on this machine."
    )
    parser.add_argument(
        "--checkout", type=Path, default=Path.cwd(), help="the repository (default: the current folder)"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "run", help="take the checked-out commit through the pipeline (APPROVE=yes|no decides approvals)"
    )
    commands.add_parser("approve", help="approve the execution that waits, and go on")
    commands.add_parser("reject", help="reject the execution that waits")
    storm = commands.add_parser("storm", help="run the nightly build now, against what stands")
    storm.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="override a variable of the build"
    )
    for name, text in (
        ("delete-stack", "delete what is left of a stack whose creation failed (ROLLBACK_COMPLETE)"),
        ("continue-rollback", "bring a stack back whose rollback failed (UPDATE_ROLLBACK_FAILED)"),
    ):
        commands.add_parser(name, help=text).add_argument("stack", metavar="STACK", help="the stack's name")
    commands.add_parser("shell", help="a shell in which the tools of AWS find the rehearsal, as it stands now")
    commands.add_parser("status", help="what stands, where, from which commit")
    commands.add_parser("down", help="remove all that the rehearsal made")
    return parser


def _failed(failure: ActionFailed, progress: Progress) -> None:
    if failure.log is not None:
        lines = tail(failure.log)
        progress.line(f"── the last {len(lines)} lines of {failure.log}")
        for line in lines:
            progress.line(f"   {line}")
    progress.line(f"✘ {failure}")


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
