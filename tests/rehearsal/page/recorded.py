"""Rehearsals as they are on disk, at moments that a page is opened at."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import IO, Any

from loadtest.live.timeline import TimelineFile
from loadtest.record.record import Record
from rehearsal.values.execution_record import ActionRecord, Evidence, ExecutionRecord, Status
from rehearsal.values.stack import Resource, Stack
from rehearsal.values.state import Deployed, Key, Outcome, Past, Store, UnderWay, Waiting

COMMIT, OLDER = "3f9c1d2e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d", "c0ffee12" * 5
ACTIONS: Sequence[tuple[str, str, float, str]] = (
    ("Source", "GitHub", 0.1, "3f9c1d2e A calmer front page"),
    ("Build", "Synth", 27.4, ".venv, node_modules reused"),
    ("UpdatePipeline", "SelfMutate", 2.8, ""),
    ("Assets", "DockerAssets", 41.4, "4 images published"),
    ("Dev", "Sbom", 11.2, ".venv reused"),
    ("Dev", "floodgate-dev-network.Deploy", 0.3, "32 resources, created"),
    ("Dev", "floodgate-dev-wordpress.Deploy", 30.7, "58 resources, created  http://localhost:8080"),
    ("Dev", "LoadTest", 104.0, "PASS: 300 people, 100 of 100 sold, wait p95 at the opening 12.3 ms; 39 tests"),
    ("Approval", "Approve", 0.0, "`make approve` promotes, `make reject` refuses"),
    ("Prod", "floodgate-prod-network.Deploy", 0.4, "34 resources, created"),
    ("Prod", "floodgate-prod-wordpress.Deploy", 8.9, "55 resources, created  http://localhost:8081"),
    ("Prod", "SmokeTest", 7.8, ".venv reused"),
)
LOAD_TEST, APPROVE = 7, 8
LIVE_LINE = (
    "   +4.0 s  opening      298 people     412 answers/s  wait p95 12.3 ms  confirmed    61  errors    0  aborts    2"
)
REPORT = "<!doctype html><title>PASS</title><h1>PASS</h1><script>parent.document.title = 'taken over'</script>"


DEV = "222222222222/eu-central-1/floodgate-dev-wordpress"
# The people of a storm, and the waiting pages among their answers, in the minutes before now; None: nobody asked.
PEOPLE = (None, 12, 14, 9, None, None, 31, 240, 1860, 2210, 940, 120, 33, 14, 12)
SHED = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.5, 9.0, 4.2, 0.0, 0.0, 0.0, 0.0)


class Recorded:
    """A rehearsal's folder below ``checkout``; each method writes another moment into it."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        (checkout / ".git").mkdir(parents=True, exist_ok=True)
        self.folder = checkout / ".rehearsal"
        self.store = Store(self.folder)
        self.began = time.time() - 300
        self.timeline: TimelineFile | None = None
        self._lock: IO[str] | None = None

    def runs(self, action: int = LOAD_TEST, *, alive: bool = True) -> ExecutionRecord:
        """Let an execution be at an action; its process lives, or was killed."""
        record = self._record(action)
        record.action_begins(action)
        self.store.state.under_way = UnderWay(execution=7, commit=COMMIT, action=str(record.actions[action].name))
        self._keep(record)
        self.log(action).write_text(f"\x1b[32mthe people come\x1b[0m\n{LIVE_LINE}\n")
        self._locks(alive=alive)
        return record

    def _locks(self, *, alive: bool) -> None:
        """Sign the lock by this process, which has it open then, or by one that has ended."""
        if self._lock:
            self._lock.close()
        self._lock = (self.folder / "lock").open("a+") if alive else None
        (self.folder / "lock").write_text(str(os.getpid()) if alive else "4194305")

    def waits(self) -> None:
        """Let an execution wait for its approval, with a report and what it would change."""
        record = self._record(APPROVE)
        record.action_begins(APPROVE)
        record.action_ends(APPROVE, Status.WAITS, ACTIONS[APPROVE][3])
        report = self.folder / "s3" / "evidence" / "storms" / "report.html"
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(REPORT)
        record.evidence = Evidence(
            question=f"Promote commit {COMMIT} to production? Load test: PASS. PASS: 300 people, 100 of 100 sold",
            reports=["s3/evidence/storms/report.html", "../../etc/passwd", "secrets.json"],
            changes=[
                "floodgate-prod-wordpress: 2 changes",
                "  Replace Database AWS::RDS::DBCluster (EngineMode): ITS DATA IS DELETED",
            ],
        )
        (self.folder / "secrets.json").write_text("{}")
        self.store.state.under_way = None
        self.store.state.waiting = Waiting(
            execution=7, identity="i", commit=COMMIT, stage="Approval", action="Approve", variables={}, evidence="",
        )  # fmt: skip
        self._locks(alive=False)
        self._keep(record)

    def failed(self) -> None:
        """Let a storm fail, and leave its report."""
        record = self.runs(alive=False)
        report = self.folder / "s3" / "evidence" / "failed" / "report.html"
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(REPORT)
        self.log(LOAD_TEST).write_text("FAIL: 3 of 100 seats unsold. Report: s3://evidence/failed/report.html.\n")
        record.action_ends(LOAD_TEST, Status.FAILED, "phase build: exit status 1")
        self.store.keep_record(record)
        self.store.past(7, COMMIT, "failed at Dev / LoadTest")

    def watched(self, **state: str) -> None:
        """Let alarms and a dashboard stand, with the minutes of a storm behind them; ``state`` is an alarm's own."""
        begun = int(time.time()) // 60 * 60 - 60 * len(PEOPLE)
        states = {"waiting": "OK", "unhealthy": "OK", "slow": "NOT WATCHED", **state}
        reasons = {"slow": "p95 of TargetResponseTime is not measured"}
        alarms, drawn = [], []
        lines: dict[str, Any] = {}
        for name, reading in (("waiting", SHED), ("unhealthy", [0] * len(PEOPLE)), ("slow", None)):
            resource = f"{DEV}/{name.title()}"
            reason = reasons.get(
                name, "the last data points are [9, 4.2], each of 60 s; 2 of 2 that are greater than 5"
            )
            alarms.append(
                {"resource": resource, "name": f"floodgate-dev-{name}", "state": states[name], "since": self.began}
                | {"reason": reason}
            )
            if reading is not None:
                rings = "2 of 2 data points greater than"
                drawn.append({"resource": resource, "description": f"Too many are {name}", "period": 60, "parts": []})
                drawn[-1] |= {"threshold": 5 if name == "waiting" else 0, "rings": rings}
                lines[resource] = _line(begun, reading)
                if name == "waiting":
                    drawn[-1]["parts"] = [{"key": f"{resource}/whole", "label": "RequestCount, Sum"}]
                    lines[f"{resource}/whole"] = _line(begun, PEOPLE)
        widget = {"kind": "metric", "title": "", "width": 6, "text": "", "single": False, "lines": [], "alarms": []}
        widget |= {"thresholds": [], "undrawn": []}
        both = [
            {"key": f"b/{key}", "label": label, "period": 60} for key, label in ((0, "Requests"), (1, "Waiting, %"))
        ]
        widgets = [
            widget
            | {"kind": "text", "width": 24, "text": "# The opening\n\n- **10:00** see https://example.org/plan."},
            widget | {"title": "People", "width": 16, "lines": both, "thresholds": [["planned", 2000]]},
            widget | {"title": "Now", "width": 8, "single": True, "lines": both},
            widget | {"kind": "alarm", "title": "Alarms", "width": 12, "alarms": [f"{DEV}/Waiting"]},
            widget | {"kind": "log", "width": 12, "undrawn": ["widgets of type log are not drawn here"]},
        ]
        lines |= {"b/0": _line(begun, PEOPLE), "b/1": _line(begun, SHED)}
        charts = self.folder / "charts"
        charts.mkdir(parents=True, exist_ok=True)
        board = {"name": "floodgate", "stack": "floodgate-dev-wordpress", "widgets": widgets}
        (charts / "dev.json").write_text(json.dumps({"alarms": drawn, "dashboards": [board]}))
        (charts / "dev.points.json").write_text(json.dumps({"until": begun + 60 * len(PEOPLE), "lines": lines}))
        (self.folder / "alarms.json").write_text(json.dumps(alarms))

    def tells(
        self, subject: str, text: str, *, html: str = "", attached: bytes = b"", after: int = 0, stack: str = ""
    ) -> str:
        """Let a message come of a topic or a stack, ``after`` seconds from the beginning; its name."""
        message = EmailMessage()
        message["Subject"], message["From"] = subject, "no-reply@sns.amazonaws.com"
        message["To"] = "operator@example.org"
        message["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(self.began + after))
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        if attached:
            message.add_attachment(attached, maintype="text", subtype="calendar", filename="course.ics")
        mailbox = self.folder / (f"mails/{stack}" if stack else "mailbox")
        mailbox.mkdir(parents=True, exist_ok=True)
        # As topics and the mail server name them: in nanoseconds, in microseconds.
        name = f"{int((self.began + after) * (1e6 if stack else 1e9)):016}-message"
        (mailbox / f"{name}.eml").write_bytes(message.as_bytes())
        return f"{stack or 'topics'}:{name}"

    def storms(self, record: Record, moment: float) -> None:
        """Let the storm of the action that runs be at a moment, which its timeline tells."""
        file = self.folder / "build" / "load-test" / "src" / "storm" / "timeline.jsonl"
        if self.timeline is None:
            file.parent.mkdir(parents=True)
            self.timeline = TimelineFile(file)
            with self.log(LOAD_TEST).open("a") as log:
                log.write(f"timeline: {file}\n")
        self.timeline.look(record, moment)

    def log(self, action: int) -> Path:
        """Return the log of an action."""
        stage, name, *_ = ACTIONS[action]
        return self.folder / "executions" / "7" / f"{action + 1:02}-{stage}-{name}.log"

    def stands(self) -> None:
        """Let both sites stand, and executions have been before."""
        for name, port, commit in (
            ("floodgate-dev-wordpress", 8080, COMMIT),
            ("floodgate-prod-wordpress", 8081, OLDER),
        ):
            balancer = Resource(
                "Alb", "AWS::ElasticLoadBalancingV2::LoadBalancer", "arn", {}, {"DNSName": f"localhost:{port}"}
            )
            stack = Stack(name, "222222222222", "eu-central-1", {"Alb": balancer}, {})
            self.store.stands(Deployed.of(stack, {"Resources": {}}, {}, commit=commit, at=self.began, generations={}))
        outcomes = (
            Outcome.PROMOTED,
            "failed at Dev / LoadTest",
            Outcome.SUPERSEDED,
            Outcome.REJECTED,
            Outcome.PROMOTED,
        )
        self.store.state.history = [
            Past(execution=number, commit=OLDER, outcome=outcome, at=self.began - 3600 * (8 - number))
            for number, outcome in enumerate(outcomes, start=2)
        ]
        self.store.save()

    def _record(self, done: int) -> ExecutionRecord:
        actions = [
            ActionRecord(stage=stage, name=name, approval=name == "Approve", log=f"{number:02}-{stage}-{name}.log")
            for number, (stage, name, *_) in enumerate(ACTIONS, start=1)
        ]
        moment = self.began
        for action, (*_, seconds, figure) in zip(actions[:done], ACTIONS, strict=False):
            action.status, action.figure = Status.SUCCEEDED, figure
            action.started, action.ended = moment, moment + seconds
            moment += seconds
        return ExecutionRecord(
            execution=7, commit=COMMIT, subject="A calmer front page", author="A. Maintainer", branch="main",
            started=self.began, actions=actions,
        )  # fmt: skip

    def _keep(self, record: ExecutionRecord) -> None:
        self.store.state.executions = 7
        self.store.state.pipeline = Key(account="111111111111", region="eu-central-1", name="FloodgatePipeline")
        self.store.save()
        self.store.keep_record(record)


def _line(begun: int, readings: Sequence[float | None]) -> dict[str, Any]:
    points = [[begun + 60 * minute, value] for minute, value in enumerate(readings) if value is not None]
    return {"period": 60, "points": points}
