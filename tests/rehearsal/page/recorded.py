"""Rehearsals as they are on disk, at moments that a page is opened at."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

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
    ("Prod", "Approve", 0.0, "`make approve` promotes, `make reject` refuses"),
    ("Prod", "floodgate-prod-network.Deploy", 0.4, "34 resources, created"),
    ("Prod", "floodgate-prod-wordpress.Deploy", 8.9, "55 resources, created  http://localhost:8081"),
    ("Prod", "SmokeTest", 7.8, ".venv reused"),
)
LOAD_TEST, APPROVE = 7, 8
LIVE_LINE = (
    "   +4.0 s  opening      298 people     412 answers/s  wait p95 12.3 ms  confirmed    61  errors    0  aborts    2"
)
REPORT = "<!doctype html><title>PASS</title><h1>PASS</h1><script>parent.document.title = 'taken over'</script>"


class Recorded:
    """A rehearsal's folder below ``checkout``; each method writes another moment into it."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        (checkout / ".git").mkdir(parents=True, exist_ok=True)
        self.folder = checkout / ".rehearsal"
        self.store = Store(self.folder)
        self.began = time.time() - 300

    def runs(self, action: int = LOAD_TEST, *, alive: bool = True) -> ExecutionRecord:
        """Let an execution be at an action; its process lives, or was killed."""
        record = self._record(action)
        record.action_begins(action)
        self.store.state.under_way = UnderWay(execution=7, commit=COMMIT, action=str(record.actions[action].name))
        self._keep(record)
        self.log(action).write_text(f"\x1b[32mthe people come\x1b[0m\n{LIVE_LINE}\n")
        (self.folder / "lock").write_text(str(os.getpid()) if alive else "4194305")
        return record

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
            execution=7, identity="i", commit=COMMIT, stage="Prod", action="Approve", variables={}, evidence="",
        )  # fmt: skip
        (self.folder / "lock").write_text("4194305")
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
