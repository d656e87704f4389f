"""``run``: from options to an exit code; whatever happens, the evidence is written and nothing passes by luck."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from types import FrameType
from typing import TYPE_CHECKING, Final, TypeVar

from loadtest.chromium.program import Absent, Plan, plan
from loadtest.evidence import folder, notice, summary, upload
from loadtest.gate import limits
from loadtest.gate.early_end import Watch
from loadtest.gate.verdict import Answer, judge
from loadtest.history import summaries
from loadtest.history.judgement import Judgement, judge_all
from loadtest.history.regression import enough
from loadtest.history.series import Series
from loadtest.history.summaries import Unreadable
from loadtest.live.timeline import TimelineFile
from loadtest.record.codec import encode
from loadtest.record.exit_codes import BadInput, Exit
from loadtest.record.real_browsers import Browsers
from loadtest.record.record import Parameters, Record
from loadtest.request.options import Options
from loadtest.request.target import Target, TargetUnknown, resolve
from loadtest.telemetry import endpoint

if TYPE_CHECKING:
    from loadtest.live.live_page import LivePage
    from loadtest.telemetry.exporting import Telemetry

# Said when a nightly storm's verdict is in the history: an alarm waits for it (pipeline/missed_night.py).
KEPT = "floodgate-night: kept"

# Somebody who is shown the record of a storm that goes on, every two seconds.
Looker = Callable[[Record, float], None]
Asked = TypeVar("Asked")
log = logging.getLogger("loadtest")


# The signals by which somebody asks a storm to stop.
ASKING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """Remembers that somebody asked us to stop; the storm looks here often, and the evidence is still written."""

    def __init__(self) -> None:
        self.reason: str | None = None
        # A terminal that is closed hangs up; under nohup that is not heard.
        hears = [number for number in ASKING if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._heard) for number in hears}

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        self.reason = f"the storm was interrupted by {signal.Signals(number).name}"

    def heard(self) -> str | None:
        """Return why we should stop; None if nobody asked for it."""
        return self.reason

    def back_to_default(self) -> None:
        """Let a signal end the process at once from now on, and so not with exit code 0."""
        for number in self._before:
            signal.signal(number, signal.SIG_DFL)


def run(options: Options) -> Exit:
    """Storm, judge, write, publish; return the exit code. Raise BadInput before anything is started."""
    demanded = limits.load(options.limits)
    tells = endpoint.wanted(os.environ)
    try:
        browsers = plan(options.browsers)
    except Absent as error:
        raise BadInput(f"--browsers (STORM_BROWSERS): {error}") from error
    try:
        folder.prepare(options.out)
    except OSError as error:
        raise BadInput(f"--out (STORM_OUT): cannot write to {options.out}: {error.strerror}") from error
    _log_to(options)
    signals = Signals()
    page = _live_page(options.live) if options.live is not None else None
    timeline = TimelineFile(options.out / folder.TIMELINE)
    telemetry: Telemetry | None = None
    series = Series([new_record(options, browsers)], history=options.history, nightly=options.remember)
    try:
        telemetry = _telemetry() if tells else None
        lookers = [each.look for each in (telemetry, page, timeline) if each]
        _storms(options, browsers, series, demanded, signals, lookers=lookers)
    except (TargetUnknown, Unreadable) as error:
        series.runs[-1].faults.append(str(error))
    except Exception as error:
        log.exception("the storm command failed")
        series.runs[-1].faults.append(
            f"the storm command itself failed: {type(error).__name__}: {error}; see storm.log"
        )
    timeline.finish()
    try:
        judgement = _tell(options, series, demanded, _finish(options, series, demanded, signals))
    except Exception as error:
        log.exception("the evidence could not be written")
        why = f"the evidence could not be written to {options.out}: {error}"
        answer = _withdraw(options, series, demanded, why)
        print(f"{answer.value}: {why}", file=sys.stderr, flush=True)
        return answer.exit_code
    print((options.out / "summary.txt").read_text(encoding="utf-8"), end="", flush=True)
    if page:
        page.finish(summary.line(series, judgement))
    if telemetry:
        verdicts = zip(series.runs, judgement.verdicts, strict=True)
        storms = [(record, verdict.answer.value, verdict.reasons) for record, verdict in verdicts]
        print(telemetry.finish(storms), flush=True)
    return judgement.answer.exit_code


def _live_page(port: int) -> LivePage:
    """Serve the page of the storm while it runs. Raise BadInput where its port is taken."""
    import loadtest.generator.storm  # noqa: F401, PLC0415 - as below
    from loadtest.live.live_page import LivePage  # noqa: PLC0415 - only who wants a page pays for its imports

    try:
        page = LivePage(port)
    except OSError as error:
        raise BadInput(f"--live (STORM_LIVE): port {port}: {error.strerror}") from error
    print(f"live: {page.address}", flush=True)
    return page


def _telemetry() -> Telemetry:
    # Locust patches the process for gevent when it is first imported; what opens connections comes after that.
    import loadtest.generator.storm  # noqa: F401, PLC0415 - only a storm wants it
    from loadtest.telemetry.exporting import Telemetry  # noqa: PLC0415 - only who has an endpoint pays for its imports

    return Telemetry()


def _withdraw(options: Options, series: Series, demanded: limits.Limits, why: str) -> Answer:
    try:
        return folder.withdraw(series, demanded, options.out, why)
    except Exception:
        log.exception("and what there is of it could not be judged")
        return Answer.VOID


def _storms(
    options: Options,
    browsers: Plan,
    series: Series,
    demanded: limits.Limits,
    signals: Signals,
    *,
    lookers: Sequence[Looker],
) -> None:
    """Run one storm after the other, until enough or until one does not pass."""
    from loadtest.generator.storm import Storm  # noqa: PLC0415 - importing Locust patches the process; only a storm wants that

    def ask() -> tuple[Options, Target]:
        target = resolve(options)
        found = as_found(options, target)
        series.runs[0].environment = found.environment
        _look_back(found, series, demanded)
        return found, target

    answered = _unless_interrupted(ask, signals)
    if answered is None:
        return
    options, target = answered
    while True:
        record = series.runs[-1]
        record.host = target.host
        which = f" ({len(series.runs)} of {series.planned})" if series.planned > 1 else ""
        print(f"storm on {target.host}{which}: {options.people} people for {options.seats} seats", flush=True)
        if options.mute:
            from loadtest.generator.muting import mute  # noqa: PLC0415 - as Locust above

            print(mute(options, datetime.now(UTC)), flush=True)
        watch = Watch(demanded.site, options.cut_after)

        def look(record: Record, moment: float, watch: Watch = watch) -> str | None:
            for looker in lookers:
                looker(record, moment)
            return watch.cut(record, moment)

        log_file = options.out / "storm.log"
        Storm(options, target, record, browsers.program, interrupted=signals.heard, look=look, log_file=log_file).run()
        if judge(record, demanded).answer is not Answer.PASS or signals.heard():
            return
        if len(series.runs) == series.candidates > 1 and judge_all(series, demanded).suspicious:
            print("it has become slower, as it seems: as many storms again, to be sure", flush=True)
            series.planned = 2 * series.candidates
        if len(series.runs) == series.planned:
            return
        series.runs.append(new_record(options, browsers))


def _unless_interrupted(ask: Callable[[], Asked], signals: Signals) -> Asked | None:
    """Return what AWS answers; None if somebody wants us to stop first: AWS may keep us waiting for minutes."""
    import gevent  # noqa: PLC0415 - only a storm wants it, which has imported it by now
    from gevent.event import AsyncResult  # noqa: PLC0415 - as above

    answer: AsyncResult[Asked] = AsyncResult()

    def deliver() -> None:
        try:
            answer.set(ask())
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is waited for
            answer.set_exception(error)

    asking = gevent.spawn(deliver)
    while not answer.ready():
        if signals.heard():
            asking.kill(block=False)
            return None
        gevent.sleep(0.05)
    return answer.get()


def as_found(options: Options, target: Target) -> Options:
    """Return the options with what AWS says of the site's size in the place of what was planned."""
    return dataclasses.replace(options, environment={**options.environment, **target.sizes})


def _look_back(options: Options, series: Series, demanded: limits.Limits) -> None:
    """Read the history, and plan no more storms than it can tell apart. Raise Unreadable."""
    rules = demanded.regression
    if options.history is None or rules is None:
        return
    ours = series.runs[0]
    kept = summaries.read(options.history)
    earlier = summaries.comparable(kept, summaries.fingerprint(ours), before=ours.started_at)
    series.earlier, series.left_out = earlier.runs, earlier.left_out
    if not options.remember and enough(len(summaries.baseline(earlier, rules).runs), options.candidates, rules):
        series.planned = series.candidates = options.candidates


def _finish(options: Options, series: Series, demanded: limits.Limits, signals: Signals) -> Judgement:
    """Write the evidence; again if somebody interrupts us while we do, for then it is VOID."""
    evidence = _evidence(options, series)
    faults = series.runs[-1].faults
    noted: str | None = None
    while True:
        if signals.reason and signals.reason != noted and signals.reason not in faults:
            faults.append(signals.reason)
        noted = signals.reason
        judgement = folder.write(series, demanded, evidence)
        if signals.reason == noted and options.remember and options.history:
            judgement = _remember(options.history, series, demanded, evidence, judgement)
        if signals.reason == noted:
            signals.back_to_default()
        if signals.reason == noted:
            return judgement


def _remember(
    place: str, series: Series, demanded: limits.Limits, evidence: folder.Folder, judgement: Judgement
) -> Judgement:
    """Add the runs to the history; a night that cannot be kept is VOID, so that somebody looks."""
    try:
        for record in series.runs:
            summaries.add(place, summaries.summarise(record, judgement.answer, evidence.report, demanded))
        print(f"{KEPT} in {place}", flush=True)
    except Unreadable as error:
        series.runs[-1].faults.append(str(error))
        return folder.write(series, demanded, evidence)
    return judgement


def _tell(options: Options, series: Series, demanded: limits.Limits, judgement: Judgement) -> Judgement:
    """Tell the operator what is worth it; where that fails, the storm is void, so that its caller sees it fail."""
    if options.notify is None or not notice.is_due(judgement):
        return judgement
    evidence = _evidence(options, series)
    try:
        notice.send(options.notify, series, judgement, evidence.report)
    except notice.NotTold as error:
        series.runs[-1].faults.append(str(error))
        judgement = folder.write(series, demanded, evidence)
        if options.remember and options.history:  # which has the verdict from before
            judgement = _remember(options.history, series, demanded, evidence, judgement)
    return judgement


def _evidence(options: Options, series: Series) -> folder.Folder:
    if not options.publish:
        return folder.Folder(options.out)
    return folder.Folder(options.out, upload.folder(options.publish, series.runs[0].started_at, series.runs[0].commit))


def new_record(options: Options, browsers: Plan) -> Record:
    """Make the record of a storm that has not begun."""
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
            behaviour=encode(options.behaviour),
            people_file=options.people_name,
            profile=options.profile,
            kills_task=options.kill_task,
        ),
        browsers=Browsers(planned=browsers.browsers, absent=browsers.absent),
        environment=options.environment,
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
