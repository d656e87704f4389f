"""`run`: from options to an exit code; whatever happens, the evidence is written and nothing passes by luck."""

from __future__ import annotations

import dataclasses
import logging
import signal
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from types import FrameType

from loadtest import behaviour, evidence, limits, publish
from loadtest.early import Watch
from loadtest.exits import BadInput, Exit
from loadtest.options import Options
from loadtest.record import Parameters, Record, encode
from loadtest.target import TargetUnknown, resolve
from loadtest.verdict import Verdict

log = logging.getLogger("loadtest")


class Signals:
    """Remembers that somebody asked us to stop; the storm looks here often, and the evidence is still written."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._before = {number: signal.signal(number, self._heard) for number in (signal.SIGTERM, signal.SIGINT)}

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        self.reason = f"the storm was interrupted by {signal.Signals(number).name}"

    def heard(self) -> str | None:
        """Why we should stop; None if nobody asked for it."""
        return self.reason

    def back_to_default(self) -> None:
        """From now on a signal ends the process at once, and so not with exit code 0."""
        for number in self._before:
            signal.signal(number, signal.SIG_DFL)


def run(options: Options) -> Exit:
    """Storm, judge, write, publish; returns the exit code. Raises BadInput before anything is started."""
    demanded = limits.load(options.limits)
    try:
        evidence.prepare(options.out)
    except OSError as error:
        raise BadInput(f"--out (STORM_OUT): cannot write to {options.out}: {error.strerror}") from error
    _log_to(options)
    signals = Signals()
    record = _new_record(options)
    try:
        _storm(options, record, signals, Watch(demanded.site, options.cut_after))
    except TargetUnknown as error:
        record.faults.append(str(error))
    except Exception as error:
        log.exception("the storm command failed")
        record.faults.append(f"the storm command itself failed: {type(error).__name__}: {error}; see storm.log")
    try:
        verdict = _finish(options, record, demanded, signals)
    except Exception as error:
        log.exception("the evidence could not be written")
        print(f"VOID: the evidence could not be written to {options.out}: {error}", file=sys.stderr, flush=True)
        return Exit.VOID
    print((options.out / "summary.txt").read_text(encoding="utf-8"), end="", flush=True)
    return verdict.answer.exit_code


def _storm(options: Options, record: Record, signals: Signals, watch: Watch) -> None:
    from loadtest.storm import Storm  # noqa: PLC0415 - importing Locust patches the process; only a storm wants that

    target = resolve(options)
    record.host = target.host
    print(f"storm on {target.host}: {options.people} people for {options.seats} seats", flush=True)
    log_file = options.out / "storm.log"
    Storm(options, target, record, interrupted=signals.heard, cut=watch.cut, log_file=log_file).run()


def _finish(options: Options, record: Record, demanded: limits.Limits, signals: Signals) -> Verdict:
    """Write the evidence; again if somebody interrupts us while we do, for then it is VOID."""
    published = None
    if options.publish:
        published = publish.folder(options.publish, record.started_at, record.commit)
    folder = evidence.Folder(options.out, published)
    noted: str | None = None
    while True:
        if signals.reason and signals.reason != noted and signals.reason not in record.faults:
            record.faults.append(signals.reason)
        noted = signals.reason
        verdict = evidence.write(record, demanded, folder)
        if signals.reason == noted:
            signals.back_to_default()
        if signals.reason == noted:
            return verdict


def _new_record(options: Options) -> Record:
    habits = behaviour.load().with_form_median(options.form_median)
    return Record(
        host=options.host or f"stack {options.stack}",
        commit=options.commit or "unknown",
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        parameters=Parameters(
            people=options.people,
            seats=options.seats,
            phases=dict(options.phases.lengths()),
            workers=options.workers,
            seed=options.seed,
            form_median=options.form_median,
            behaviour=encode(dataclasses.asdict(habits)),
        ),
        versions={name: version(name) for name in ("locust", "gevent", "geventhttpclient")},
    )


def _log_to(options: Options) -> None:
    handler = logging.FileHandler(options.out / "storm.log")
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.raiseExceptions = False  # a full disk must not fill the terminal with tracebacks of its own log
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("botocore").setLevel(logging.WARNING)
