"""``python -m rehearsal COMMAND``: ``--help`` lists them, and the exit codes are in ``rehearsal.values.exits``."""

from __future__ import annotations

from terminal.interruption import importing

with importing("rehearsal", __name__):
    import argparse
    import errno
    import io
    import os
    import signal
    import sys
    import time
    import traceback
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import contextmanager
    from pathlib import Path
    from types import FrameType

    from containers.errors import EngineError, EngineMissing, PortRefused
    from rehearsal.lock import locked
    from rehearsal.progress import Progress, tail
    from rehearsal.values.exits import BAD_INPUT, DONE, FAILED, INTERRUPTED, ActionFailed, Refused
    from rehearsal.values.replaced_file import write
    from rehearsal.values.state import Store
    from terminal.standard_streams import Forgiving, run

# Seconds between two words to a pusher about an action that still runs.
_PUSHER_HEARS = 15.0

# What is so, and what to do next, once a command was interrupted; the others leave nothing half done.
_KEPT = ": the builds were ended, the sites stand as they did"
_AFTER_AN_INTERRUPTION: Mapping[str, str] = {
    **dict.fromkeys(("run", "approve", "pushed"), f"{_KEPT}; `make rehearse` starts anew"),
    "storm": f"{_KEPT}; `make storm` starts anew",
    "heal": "; `make heal` goes on with what is down",
    "backup": "; `make backup` starts anew",
    "delete-stack": "; `make status` says what is left to do",
    "continue-rollback": "; `make status` says what is left to do",
    "down": "; `make down` removes the rest",
}

# Bytes below which nothing that the rehearsal keeps can be written: its state and a log's next lines.
_ROOM = 65536


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args(arguments)
    # As where CodeBuild runs: images get the modes of the files that builds make. What is private says so itself.
    os.umask(0o022)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays what it is
            signal.signal(number, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper | Forgiving):
            stream.reconfigure(errors="replace")  # a terminal may have no ✔
    # A pusher reads a copy of the log, and hears sooner than a log that nobody reads.
    progress = Progress(heartbeat=_PUSHER_HEARS) if options.command == "pushed" else Progress()
    try:
        return _command(options, progress)
    except KeyboardInterrupt:
        progress.line(f"interrupted{_AFTER_AN_INTERRUPTION.get(options.command, '')}")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - every end of a command is told in words, one's own faults included
        return _ended(error, options.checkout.resolve(), progress)


def _ended(error: Exception, checkout: Path, progress: Progress) -> int:
    """Tell a person how the command ended; the exit code."""
    folder = checkout / ".rehearsal"
    if isinstance(error, Refused):
        print(f"rehearsal: {error}", file=sys.stderr)
        return BAD_INPUT
    if full := _full(error, folder):
        if isinstance(error, ActionFailed):
            progress.line(f"✘ {error}")
        print(
            f"rehearsal: the disk is full ({full}): make room there, and run it again; "
            "`make down` removes what the rehearsal keeps",
            file=sys.stderr,
        )
        return BAD_INPUT
    if isinstance(error, ActionFailed):
        _failed(error, progress)
        return FAILED
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


def _full(error: Exception, folder: Path) -> str | None:
    """Return the file or folder whose disk is full, where that is what ended a command; None where it is not.

    A program that the rehearsal calls says it in words of its own, or not at all: so after any failure the disk of what
    is kept is looked at.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}:
            return str(cause.filename or folder)
        cause = cause.__cause__ or cause.__context__
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    blocks = disk.f_bavail * disk.f_frsize < _ROOM
    files = disk.f_files > 0 and disk.f_favail == 0
    return str(folder) if blocks or files else None


def _command(options: argparse.Namespace, progress: Progress) -> int:
    # The AWS emulation takes seconds to import: a wrong option, or a lock, is told before that.
    checkout = options.checkout.resolve()
    if not checkout.is_dir():
        raise Refused(f"{checkout} is no folder: --checkout names the repository")
    folder = checkout / ".rehearsal"
    if options.command in {"remote", "receive", "pushed"}:
        return _pushing(options, checkout, folder, progress)
    with locked(folder / "lock", wanted=options.command not in {"status", "shell", "clock"}), _engine_told():
        if options.command == "clock":
            from rehearsal import time_setting  # noqa: PLC0415 - see above

            return time_setting.set_clock(folder, progress, options.at, options.speed)
        if options.command in {"status", "down"}:
            from rehearsal import overview  # noqa: PLC0415 - see above

            if options.command == "status":
                return overview.status(checkout, Store(folder), progress)
            return overview.down(checkout, folder, progress)
        return _go(options, checkout, Store(folder, reading=options.command == "shell"), progress)


def _pushing(options: argparse.Namespace, checkout: Path, folder: Path, progress: Progress) -> int:
    """Run a command of the remote: whose turn it is to rehearse is found out there."""
    if options.command == "remote":
        from rehearsal import git_remote  # noqa: PLC0415 - see above

        progress.line(git_remote.make(checkout, folder, options.name))
        return DONE
    if options.command == "receive":
        from rehearsal.receive import receive  # noqa: PLC0415 - see above

        return receive(checkout, folder, sys.stdin, sys.stdout.buffer)
    from rehearsal import commands  # noqa: PLC0415 - see above
    from rehearsal.codepipeline import approval  # noqa: PLC0415 - see above
    from rehearsal.pushes import Push, Pushes  # noqa: PLC0415 - see above

    wanted = approval.given(os.environ.get("APPROVE"))
    push = Push(number=options.number, commit=options.commit, branch=options.branch, at=time.time())

    def run(superseded: Sequence[Push]) -> int:
        with _engine_told():
            return commands.push(checkout, Store(folder), progress, push, superseded=superseded, wanted=wanted)

    return Pushes(folder).in_turn(push, progress.line, run)


@contextmanager
def _engine_told() -> Iterator[None]:
    """Tell of a container engine that is missing, or does not obey, as of any other end."""
    try:
        yield
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
        case "heal" | "backup" | "shell":
            command = {"heal": commands.heal, "backup": commands.backup, "shell": commands.shell}[options.command]
            return command(checkout, store, progress)
        case "delete-stack" | "continue-rollback":
            return commands.mend(checkout, store, progress, options.command, options.stack)
        case _:
            decision: approval.Decision = "approved" if options.command == "approve" else "rejected"
            return commands.resume(checkout, store, progress, decision, options.execution)


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
    for name, text in (
        ("approve", "approve the execution that waits, and go on"),
        ("reject", "reject the execution that waits"),
    ):
        commands.add_parser(name, help=text).add_argument(
            "--execution", type=int, metavar="N", help="decide on this one, and on no other that may wait by then"
        )
    remote = commands.add_parser("remote", help="add a git remote: what is pushed to it goes through the pipeline")
    remote.add_argument("--name", default="rehearsal", help="the remote's name (default: rehearsal)")
    commands.add_parser("receive", help="what the remote's hook calls")
    pushed = commands.add_parser("pushed", help="what a push starts")
    pushed.add_argument("number", type=int)
    pushed.add_argument("commit")
    pushed.add_argument("branch")
    storm = commands.add_parser("storm", help="run the nightly build now, against what stands")
    storm.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="override a variable of the build"
    )
    commands.add_parser("heal", help="bring back what stood and is down, as after a restart of the container engine")
    commands.add_parser("backup", help="back up the databases and file systems of what stands, and say their names")
    for name, text in (
        ("delete-stack", "delete what is left of a stack whose creation failed (ROLLBACK_COMPLETE, ROLLBACK_FAILED)"),
        ("continue-rollback", "bring a stack back whose rollback failed (UPDATE_ROLLBACK_FAILED)"),
    ):
        commands.add_parser(name, help=text).add_argument("stack", metavar="STACK", help="the stack's name")
    commands.add_parser("shell", help="a shell in which the tools of AWS find the rehearsal, as it stands now")
    clock = commands.add_parser("clock", help="what the rehearsal's clock shows, and set it")
    clock.add_argument("--at", metavar="MOMENT", help="HH:MM or YYYY-MM-DD HH:MM, a time zone's name after it; or now")
    clock.add_argument("--speed", type=int, metavar="N", help="so many times as fast as the machine's clock")
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
    sys.exit(run("rehearsal", main))
