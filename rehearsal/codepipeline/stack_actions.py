"""The actions that deploy a stack: what each of them would change, and the deployment itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from containers.client import Client
from containers.errors import EngineError
from rehearsal.aws.cloudformation import deployment
from rehearsal.aws.cloudformation.deployment import Deployment
from rehearsal.aws.cloudformation.generations import Place
from rehearsal.codepipeline.definition import Action, Pipeline
from rehearsal.fargate.deploy import deploy
from rehearsal.fargate.desired.errors import DeploymentFailed
from rehearsal.fargate.desired.key import Key as ResourceKey
from rehearsal.fargate.stand.prune import discard
from rehearsal.progress import Running
from rehearsal.runtime import Runtime
from rehearsal.values import capabilities, changes, template
from rehearsal.values.changes import Action as ChangeAction
from rehearsal.values.changes import Change, Text
from rehearsal.values.exits import ActionFailed, Refused
from rehearsal.values.stack import Stack, sites
from rehearsal.values.state import NEVER_STOOD, Broken, Deployed, Key

KIND = "Deploy/CloudFormation"
# What a template's configuration file may have beside a stack policy; tags change nothing that runs.
_CONFIGURATION = ("Parameters", "Tags")
# Bytes, from "CloudFormation deploy action reference" in the user guide of CodePipeline.
_LONGEST = 1024


@dataclass(frozen=True)
class Order:
    """What a deployment action wants: a stack, its template, and the values of its parameters."""

    key: Key
    template: dict[str, Any]
    parameters: dict[str, str]

    @classmethod
    def of(cls, configuration: Mapping[str, str], region: str, artifacts: Path) -> Order:
        """Read it from an action's resolved configuration, and from the artifacts of its execution."""
        address = configuration.get("TemplateConfiguration")
        extra = _read(artifacts, address) if address else {}
        for name in extra:
            if name not in _CONFIGURATION:
                raise ActionFailed(f"{address} has {name}; the rehearsal knows {' and '.join(_CONFIGURATION)} there")
        overrides = _overrides(configuration.get("ParameterOverrides", "{}"))
        for name, value in overrides.items():
            if isinstance(value, dict):
                raise ActionFailed(
                    f"ParameterOverrides: {name} is {json.dumps(value)}; functions on artifacts are not rehearsed"
                )
        content = _read(artifacts, configuration["TemplatePath"])
        for fault in capabilities.faults(content, configuration.get("Capabilities", "")):
            raise ActionFailed(f"{configuration['StackName']}: {fault}")
        return cls(
            key_of(configuration, region),
            content,
            {**extra.get("Parameters", {}), **overrides},
        )

    def changes(self, standing: Deployed | None) -> list[Change]:
        """Return what it would change in what stands; all is new where nothing does."""
        return changes.between(*self.texts(standing))

    def texts(self, standing: Deployed | None) -> tuple[Text, Text]:
        """Return the template of what stands, which is empty where nothing does, and its own."""
        before = Text({}, {})
        if standing is not None:
            before = Text(standing.template, template.parameters(standing.template, standing.parameters))
        return before, Text(self.template, template.parameters(self.template, self.parameters))


def _overrides(written: str) -> dict[str, Any]:
    """Read an action's ``ParameterOverrides``: values by their parameters' names."""
    if (size := len(written.encode())) > _LONGEST:
        raise ActionFailed(
            f"ParameterOverrides has {size} bytes; {_LONGEST} are the most: TemplateConfiguration takes more"
        )
    overrides = json.loads(written)
    if not isinstance(overrides, dict):
        raise ActionFailed(f"ParameterOverrides is {written}; a mapping of parameters is wanted")
    return overrides


def key_of(configuration: Mapping[str, str], region: str) -> Key:
    """Return the stack that an action deploys."""
    return Key(account=configuration["RoleArn"].split(":")[4], region=region, name=configuration["StackName"])


def deployed_by(pipeline: Pipeline) -> set[Key]:
    """Return the stacks that a pipeline deploys."""
    actions = (action for action in pipeline.actions if action.kind == KIND)
    return {key_of(action.configuration, action.region or pipeline.region) for action in actions}


def announced(
    runtime: Runtime, pipeline: Pipeline, actions: Iterable[Action], artifacts: Path
) -> Iterator[tuple[str, list[Change] | None]]:
    """Yield each stack that ``actions`` deploy, and what changes in it; None for a stack that is not there yet.

    A stack whose template needs what only an earlier action tells is left to CloudFormation.
    """
    for action in actions:
        if action.kind != KIND or "#{" in json.dumps(dict(action.configuration)):
            continue
        order = Order.of(action.configuration, action.region or pipeline.region, artifacts)
        standing = runtime.store.deployed(order.key)
        yield order.key.name, order.changes(standing) if standing else None


def described(stack: str, found: Sequence[Change] | None) -> list[str]:
    """Return lines for the changes of one stack: what loses data first, then what goes, then the rest, counted."""
    if found is None:
        return [f"{stack}: a new stack"]
    if not found:
        return [f"{stack}: no change"]
    counts = [
        f"{number} {action}" for action in ChangeAction if (number := sum(each.action is action for each in found))
    ]
    ordered = sorted(found, key=lambda each: (each.kept or not each.holds_data, not each.goes))
    return [f"{stack}: {', '.join(counts)}", *(f"  {change}" for change in ordered)]


def perform(runtime: Runtime, order: Order, commit: str, running: Running) -> tuple[str, Mapping[str, str]]:
    """Deploy a stack, with what runs for it; return its figure, and its outputs.

    Raise ``ActionFailed`` where CloudFormation refuses it, or new tasks do not come up. What stood before stands then,
    or, where not even that can be had back, the stack takes no deployment until somebody acts: as in AWS.
    """
    key, standing = order.key, runtime.store.deployed(order.key)
    place = Place(key.account, key.region, key.name)
    try:
        with deployment.deploying(order.template, place=place, parameters=order.parameters) as under_way:
            _tell(under_way, standing, running)
            _run(runtime, under_way.stack, running)
    except ActionFailed as error:
        if key in {broken.key for broken in runtime.store.state.broken}:
            raise
        left: list[str] = []
        if isinstance(error.__cause__, DeploymentFailed | EngineError):
            _undo(runtime, key, standing, running)
            left = list(changes.in_the_way(*order.texts(standing)))
            for sentence in left:
                running.say(f"CloudFormation: {sentence}")
        if standing is None and not isinstance(error, deployment.TemplateRefused):
            status = deployment.status(place) or "ROLLBACK_COMPLETE"
            runtime.store.breaks(key, status, "; ".join([str(error), *left]))
        raise
    for sentence in under_way.left:
        running.say(f"CloudFormation: {sentence}")
    made = Deployed.of(
        under_way.stack, order.template, order.parameters,
        commit=commit, at=time.time(), generations=under_way.generations,
    )  # fmt: skip
    runtime.store.stands(made)
    _discard(runtime, under_way, standing, running)
    change = "created" if standing is None else "updated" if under_way.changes else "unchanged"
    figure = "  ".join([f"{len(under_way.stack.resources)} resources, {change}", *sites(under_way.stack)])
    return figure, under_way.stack.outputs


def delete(runtime: Runtime, broken: Broken) -> str:
    """Let a stack go of which nothing could be made."""
    if broken.status not in NEVER_STOOD:
        raise Refused(f"{broken.key.name} stands, in {broken.status}: `make continue-rollback` is what it needs")
    _mended(runtime, broken.key)
    return "deleted: the next deployment creates it"


def continue_rollback(runtime: Runtime, broken: Broken, running: Running) -> str:
    """Try again to bring back what stood; raise ``ActionFailed`` where that fails again."""
    standing = runtime.store.deployed(broken.key)
    if standing is None:
        raise Refused(f"{broken.key.name} is in {broken.status}: `make delete-stack` is what it needs")
    _undo(runtime, broken.key, standing, running)
    [left] = [each for each in runtime.store.state.broken if each.key == broken.key]
    if left is not broken:
        raise ActionFailed(f"the rollback of {broken.key.name} failed again: {left.reason}", running.log)
    _mended(runtime, broken.key)
    return "rolled back: it stands as it did before"


def _mended(runtime: Runtime, key: Key) -> None:
    deployment.usable(Place(key.account, key.region, key.name))
    runtime.store.mended(key)


def _tell(under_way: Deployment, standing: Deployed | None, running: Running) -> None:
    if standing is not None:
        for line in described(under_way.stack.name, under_way.changes):
            running.say(f"CloudFormation: {line}")
    running.say(f"CloudFormation: {under_way.stack.name} is complete, {len(under_way.stack.resources)} resources")


def _run(runtime: Runtime, stack: Stack, running: Running) -> None:
    try:
        deploy(runtime.world(stack), stack, replace(runtime.context, say=running.say))
    except (DeploymentFailed, EngineError) as error:
        if error.log_tail:
            running.say(error.log_tail)
        raise ActionFailed(f"the stack {stack.name} failed: {error.message}", running.log) from error


def _undo(runtime: Runtime, key: Key, standing: Deployed | None, running: Running) -> None:
    """Bring what runs for a stack back to what stood before, or remove it where nothing did."""
    running.say(f"CloudFormation: {key.name} is rolled back")
    stack = standing.stack() if standing else Stack(key.name, key.account, key.region, {}, {})
    context = replace(runtime.context, say=running.say)
    try:
        deploy(runtime.world(stack), stack, context)
    except (DeploymentFailed, EngineError) as error:
        runtime.store.breaks(key, "UPDATE_ROLLBACK_FAILED", error.message)
        running.say(f"CloudFormation: the rollback failed as well: {error.message}")
        return
    made = standing.generations if standing else {}
    discard(Client(context), stack, lambda resource: unfinished(resource, stack, made))


def _discard(runtime: Runtime, under_way: Deployment, standing: Deployed | None, running: Running) -> None:
    """Remove the data of what was replaced or removed, where its policy does not keep it."""
    if standing is not None and (gone := lost(standing.stack(), under_way.changes)):
        discard(Client(replace(runtime.context, say=running.say)), under_way.stack, gone.__contains__)


def lost(before: Stack, found: Iterable[Change]) -> set[ResourceKey]:
    """Return the resources of a stack whose data an update lets go: its own, and none that an earlier one has kept."""
    return {
        ResourceKey.of(before, before.resources[change.logical_id])
        for change in found
        if change.holds_data and not change.kept and change.logical_id in before.resources
    }


def unfinished(resource: ResourceKey, stack: Stack, generations: Mapping[str, int]) -> bool:
    """Return whether a deployment that failed made a resource: no other has come as far as its generation.

    ``stack`` is what stands after the rollback, and ``generations`` what there has been of its resources.
    """
    stands = stack.resources.get(resource.logical_id)
    return resource.generation >= (stands.generation + 1 if stands else generations.get(resource.logical_id, 1))


def _read(artifacts: Path, address: str) -> dict[str, Any]:
    """Read a JSON file in an artifact, by ``ARTIFACT::PATH``."""
    artifact, _, path = address.partition("::")
    file = artifacts / artifact / path
    if not file.is_file():
        raise ActionFailed(f"{address}: the artifact has no such file")
    content: dict[str, Any] = json.loads(file.read_text())
    return content
