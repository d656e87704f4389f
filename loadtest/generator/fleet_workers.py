"""The workers of a storm on other machines: Fargate tasks, started for one storm and stopped after it.

A build can reach what is in its VPC; nothing says that it can be reached. So the workers listen, and the master calls
them. It needs the rights to run and stop this one task, and to ask where it runs.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import gevent
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from loadtest.generator.channel import DEADLINE, KEYS, Keys
from loadtest.request.fleet import Fleet

# Tasks that ECS starts by one call, at most.
AT_ONCE: Final = 10
CONTAINER: Final = "worker"
LOOK_EVERY: Final = 2.0
ENDED: Final = {"DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED", "DELETED"}

log = logging.getLogger(__name__)


class FleetFailed(Exception):
    """The fleet could not be started; the message says which call failed and why."""


class FleetWorkers:
    """So many tasks, each one worker; ``deadline`` is in seconds from a task's start. Raises FleetFailed."""

    def __init__(self, fleet: Fleet, number: int, keys: Keys, deadline: float) -> None:
        import boto3  # noqa: PLC0415 - a second of start-up that only this path needs

        patience = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
        region = fleet.cluster.split(":")[3]
        self._ecs = boto3.session.Session(region_name=region).client("ecs", config=patience)
        self._fleet = fleet
        self._environment = {KEYS: keys.of_a_worker, DEADLINE: f"{deadline:.0f}"}
        self._tasks: list[str] = []
        self._called: set[str] = set()
        self._seen: list[Mapping[str, Any]] = []
        self._unseen: str | None = None
        try:
            for start in range(0, number, AT_ONCE):
                self._run(min(AT_ONCE, number - start))
        except BaseException:
            self._stop()
            raise
        self._lookout = gevent.spawn(self._look)

    def addresses(self) -> Iterator[str]:
        """Yield the private addresses of the workers that have come up since the last call."""
        for task in self._seen:
            if task["taskArn"] not in self._called and task["lastStatus"] == "RUNNING" and (where := _address(task)):
                self._called.add(task["taskArn"])
                yield where

    def lost(self) -> str | None:
        """Return what became of tasks that do not run any more; None while all are there."""
        ended = Counter(_why(task) for task in self._seen if task["lastStatus"] in ENDED)
        sentences = [f"{number} of {len(self._tasks)} worker tasks ended: {why}" for why, number in ended.items()]
        return "; ".join(sentences) or (self._unseen if not self._seen else None)

    def end(self) -> None:
        """Stop all tasks."""
        self._lookout.kill(block=False)
        self._stop()

    def _run(self, count: int) -> None:
        environment = [{"name": name, "value": value} for name, value in self._environment.items()]
        answer = self._ask(
            "run_task",
            cluster=self._fleet.cluster,
            taskDefinition=self._fleet.task,
            count=count,
            launchType="FARGATE",
            platformVersion="1.4.0",
            startedBy="floodgate-storm",
            # A call that is repeated because its answer was lost starts nothing twice.
            clientToken=uuid.uuid4().hex,
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": list(self._fleet.subnets),
                    "securityGroups": [self._fleet.group],
                    # People leave by an address of each worker's own: no NAT gateway counts their connections.
                    "assignPublicIp": "ENABLED",
                }
            },
            overrides={"containerOverrides": [{"name": CONTAINER, "environment": environment}]},
        )
        self._tasks += [task["taskArn"] for task in answer["tasks"]]
        if len(answer["tasks"]) < count:
            reasons = sorted({failure.get("reason", "no reason given") for failure in answer["failures"]})
            raise FleetFailed(f"ECS started {len(self._tasks)} workers, and no more: {', '.join(reasons)}")

    def _look(self) -> None:
        """Keep in mind how the tasks are. What AWS does not tell for once, silence will."""
        while True:
            try:
                self._seen = self._ask("describe_tasks", cluster=self._fleet.cluster, tasks=self._tasks)["tasks"]
            except FleetFailed as error:
                self._unseen = str(error)
                log.warning("%s", error)
            gevent.sleep(LOOK_EVERY)

    def _stop(self) -> None:
        for task in self._tasks:
            try:
                self._ask("stop_task", cluster=self._fleet.cluster, task=task, reason="the storm is over")
            except FleetFailed as error:
                log.warning("%s; the worker ends by itself now that its master has gone", error)
        self._tasks = []

    def _ask(self, call: str, **arguments: Any) -> Any:
        try:
            return getattr(self._ecs, call)(**arguments)
        except (BotoCoreError, ClientError) as error:
            raise FleetFailed(f"the fleet of the storm: {error}") from error


def _address(task: Mapping[str, Any]) -> str | None:
    details = (detail for attached in task.get("attachments", ()) for detail in attached.get("details", ()))
    return next((detail["value"] for detail in details if detail["name"] == "privateIPv4Address"), None)


def _why(task: Mapping[str, Any]) -> str:
    ended = [
        container.get("reason") or f"exit code {container['exitCode']}"
        for container in task.get("containers", ())
        if container.get("reason") or container.get("exitCode") is not None
    ]
    return ", ".join(filter(None, [task.get("stoppedReason"), *ended])) or "no reason given"
