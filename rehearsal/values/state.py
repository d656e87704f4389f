"""What a rehearsal keeps between runs, all of it under ``.rehearsal/`` of the checkout.

==========================  ===========================================================================================
``state.json``              what stands, which execution waits, the ports: written atomically
``secrets.json``            the secrets that resources generated (mode 0600): a database keeps its password
``stacks/``                 each standing stack: its template, parameters, commit, and its resolved resources
``executions/N/``           one execution of the pipeline: ``record.json``, a log per action, artifacts, reports
``build/PROJECT/``          the working directory of a CodeBuild project, with its caches
``clock.json``              how the rehearsal's clock is set, where it is not the machine's
``scaling.json``            how many tasks each service has that is scaled, and what was done to it
``sizes.json``              what scheduled calls have set of the size of what stands
``clocks/``                 what the clock keeps for each stack, with its tasks' secrets (mode 0600)
``alarms.json``             the state of each standing alarm; ``mailbox/`` a file for each message that one sent
``charts/``                 a stack's alarms and dashboards as they are drawn, and their lines' last data points
``aws.log``                 what the AWS emulation itself complains of
``s3/BUCKET/``              the objects of the emulated buckets
==========================  ===========================================================================================
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from rehearsal.values.cloud_assembly import Bootstrapped
from rehearsal.values.execution_record import ExecutionRecord, Status
from rehearsal.values.exits import Refused
from rehearsal.values.replaced_file import write
from rehearsal.values.stack import Resource, Stack

T = TypeVar("T", bound=BaseModel)


class Key(BaseModel):
    """Names one stack among all accounts and regions."""

    model_config = ConfigDict(frozen=True)

    account: str
    region: str
    name: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}/{self.name}"


class Deployed(BaseModel):
    """A standing stack: what was deployed, from which commit, when (seconds since the epoch), and what came of it.

    ``generations`` tells of those resources that have been replaced, or are gone, how often they were made.
    """

    key: Key
    template: dict[str, Any]
    parameters: dict[str, str]
    commit: str
    at: float
    outputs: dict[str, str]
    resources: dict[str, dict[str, Any]]
    generations: dict[str, int] = {}

    @classmethod
    def of(
        cls, stack: Stack, template: dict[str, Any], parameters: dict[str, str], *, commit: str, at: float,
        generations: dict[str, int],
    ) -> Deployed:  # fmt: skip
        """Make it from a stack that has just been deployed."""
        return cls(
            key=Key(account=stack.account, region=stack.region, name=stack.name),
            template=template,
            parameters=parameters,
            commit=commit,
            at=at,
            outputs=dict(stack.outputs),
            resources={name: vars(resource) for name, resource in stack.resources.items()},
            generations=generations,
        )

    def stack(self) -> Stack:
        """Return the stack as whatever runs it sees it."""
        resources = {name: Resource(**resource) for name, resource in self.resources.items()}
        return Stack(self.key.name, self.key.account, self.key.region, resources, self.outputs)


class Waiting(BaseModel):
    """An execution that waits for an approval: where it goes on, and what its actions have told so far."""

    execution: int
    identity: str
    commit: str
    stage: str
    action: str
    variables: dict[str, dict[str, str]]
    evidence: str


class Outcome(StrEnum):
    """How an execution of the pipeline ended, if it did not fail: then its outcome names the action."""

    PROMOTED = "promoted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    RESTARTED = "restarted: the pipeline changed itself"
    ROLLED_BACK = "a rollback: it brought back what the stage had before"


class Succeeded(BaseModel):
    """The last success of a stage, for a rollback to go back to: ``structure`` is the pipeline's at that time."""

    execution: int
    commit: str
    structure: str
    variables: dict[str, dict[str, str]]


class UnderWay(BaseModel):
    """The execution that runs now, or that ran when its process was killed, and how far it is."""

    execution: int
    commit: str
    action: str


class Past(BaseModel):
    """How an execution ended."""

    execution: int
    commit: str
    outcome: str
    at: float


# The states of a stack whose creation failed: deleted, it can be created anew.
NEVER_STOOD = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})


class Broken(BaseModel):
    """A stack to which nothing can be deployed before somebody acts: its status in CloudFormation, and why."""

    key: Key
    status: str
    reason: str


class State(BaseModel):
    """The contents of ``state.json``."""

    model_config = ConfigDict(extra="forbid")

    executions: int = 0
    pipeline: Key | None = None
    standing: list[Key] = []
    broken: list[Broken] = []
    ports: dict[str, int] = {}
    bootstrapped: list[tuple[str, str, str, str]] = []
    images: list[str] = []
    under_way: UnderWay | None = None
    waiting: Waiting | None = None
    succeeded: dict[str, Succeeded] = {}
    history: list[Past] = []


class Store:
    """The folder and what is in it; every change is on disk when its method returns."""

    def __init__(self, folder: Path, *, reading: bool = False) -> None:
        """Read ``folder``, or begin an empty one; raise ``Refused`` where its contents cannot be read.

        Who only reads, beside another process, leaves ``state.json`` as it is.
        """
        self.folder = folder
        self._reading = reading
        self._records: dict[int, ExecutionRecord] = {}
        file = folder / "state.json"
        self.state = _read(State, file) if file.exists() else State()

    def save(self) -> None:
        """Write ``state.json``."""
        if self._reading:
            return
        write(self.folder / "state.json", self.state.model_dump_json(indent=1))

    def execution(self, number: int) -> Path:
        """Return the folder of one execution; 0 is the first deployment of the pipeline."""
        return self.executions(self.folder, number)

    @staticmethod
    def executions(folder: Path, number: int) -> Path:
        """Return where below a state's folder an execution keeps what it leaves."""
        return folder / "executions" / (str(number) if number else "first")

    def record(self, number: int) -> ExecutionRecord | None:
        """Return what an execution told of itself; None where it told nothing yet."""
        file = self.execution(number) / "record.json"
        if number not in self._records and file.exists():
            self._records[number] = _read(ExecutionRecord, file)
        return self._records.get(number)

    def keep_record(self, record: ExecutionRecord) -> None:
        """Write what an execution tells of itself."""
        self._records[record.execution] = record
        write(self.execution(record.execution) / "record.json", record.model_dump_json())

    def begin_action(self, record: ExecutionRecord, index: int) -> Callable[[str, str], None]:
        """Write that an action runs; return what writes how it ended (a status, and the figure of its line)."""
        record.action_begins(index)
        self.keep_record(record)

        def end(status: str, figure: str) -> None:
            record.action_ends(index, Status(status), figure)
            self.keep_record(record)

        return end

    def past(self, execution: int, commit: str, outcome: str) -> None:
        """Put an execution among the past ones: it is not under way, nor does it wait, any more."""
        self.state.history.append(Past(execution=execution, commit=commit, outcome=outcome, at=time.time()))
        if self.state.under_way and self.state.under_way.execution == execution:
            self.state.under_way = None
        if self.state.waiting and self.state.waiting.execution == execution:
            self.state.waiting = None
        self.save()
        if record := self.record(execution):
            record.end(outcome)
            self.keep_record(record)

    def bootstrapped(self) -> list[Bootstrapped]:
        """Return what earlier runs bootstrapped."""
        return [Bootstrapped(*entry) for entry in self.state.bootstrapped]

    def remember_bootstrapped(self, things: list[Bootstrapped]) -> None:
        """Keep ``things`` to be bootstrapped when the next run starts."""
        known = dict.fromkeys(self.state.bootstrapped)
        known.update(dict.fromkeys((t.account, t.region, t.kind, t.name) for t in things))
        self.state.bootstrapped = list(known)
        self.save()

    def deployed(self, key: Key) -> Deployed | None:
        """Return a standing stack, or None."""
        if key not in self.state.standing:
            return None
        return _read(Deployed, self.stack_file(key))

    def standing(self) -> list[Deployed]:
        """Return all standing stacks in the order of their first deployment."""
        return [_read(Deployed, self.stack_file(key)) for key in self.state.standing]

    def stands(self, deployed: Deployed) -> None:
        """Note that a stack stands as given."""
        write(self.stack_file(deployed.key), deployed.model_dump_json())
        if deployed.key not in self.state.standing:
            self.state.standing.append(deployed.key)
        self.save()

    def breaks(self, key: Key, status: str, reason: str) -> None:
        """Note that nothing can be deployed to a stack any more; one that could not be made does not stand."""
        self.mended(key)
        self.state.broken.append(Broken(key=key, status=status, reason=reason))
        self.save()

    def mended(self, key: Key) -> None:
        """Note that a stack can be deployed to again."""
        self.state.broken = [broken for broken in self.state.broken if broken.key != key]
        self.save()

    def generated(self, account: str, region: str, stack: str, logical_id: str, make: Callable[[], str]) -> str:
        """Return the secret of one resource: kept, or made now and kept from now on."""
        file = self.folder / "secrets.json"
        kept = _read(RootModel[dict[str, str]], file).root if file.exists() else {}
        name = f"{account}/{region}/{stack}/{logical_id}"
        if name not in kept:
            kept[name] = make()
            write(file, json.dumps(kept, indent=1))
        return kept[name]

    def stack_file(self, key: Key) -> Path:
        """Return where a standing stack is kept."""
        return self.folder / "stacks" / f"{key.account}-{key.region}-{key.name}.json"


def _read(kind: type[T], file: Path) -> T:
    try:
        return kind.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "it is gone"
        raise Refused(
            f"{file} cannot be read ({why}): `make down` removes it with all that the rehearsal made"
        ) from None
