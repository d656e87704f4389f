"""A pipeline as CloudFormation deployed it: stages of actions, in the order in which they run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from rehearsal.codepipeline import event_rules, known
from rehearsal.codepipeline.variables import namespaces
from rehearsal.values import call_rules, honoured, resource_schema
from rehearsal.values.exits import ActionFailed, Refused
from rehearsal.values.stack import Resource, Stack

TYPE = "AWS::CodePipeline::Pipeline"


@dataclass(frozen=True)
class Action:
    """One action: ``kind`` is category and provider (``Build/CodeBuild``), the rest is as the template says it.

    Those of one stage and ``order`` are side by side.
    """

    stage: str
    name: str
    kind: str
    configuration: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    namespace: str | None
    role: str | None
    region: str | None
    order: int = 1

    def __str__(self) -> str:
        return f"{self.stage} / {self.name}"


@dataclass(frozen=True)
class Pipeline:
    """A pipeline and the account and region that it runs in.

    ``rolls_back`` names the stages that go back to their last success when they fail. ``structure`` is another one
    whenever the pipeline's definition is.
    """

    name: str
    account: str
    region: str
    role: str
    actions: tuple[Action, ...]
    restarts: bool
    rolls_back: frozenset[str]
    structure: str = field(compare=False)


def template_of(templates: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the one stack that has a pipeline among ``templates`` (by stack name)."""
    found = [
        name
        for name, template in templates.items()
        if any(resource["Type"] == TYPE for resource in template["Resources"].values())
    ]
    if len(found) != 1:
        these = f" ({', '.join(sorted(found))})" if found else ""
        raise Refused(
            f"the synthesized app has {len(found)} stacks with a pipeline{these}: a rehearsal runs exactly one"
        )
    return found[0]


def read(stack: Stack) -> Pipeline:
    """Read the pipeline in ``stack``; raise ``ActionFailed`` naming what of it is not understood."""
    pipelines = list(stack.of_type(TYPE))
    if len(pipelines) != 1:
        raise ActionFailed(f"the stack {stack.name} has {len(pipelines)} pipelines: a rehearsal runs exactly one")
    [resource] = pipelines
    properties = resource.properties
    for fault in (
        *resource_schema.faults(TYPE, properties, resolved=True),
        *call_rules.faults(TYPE, properties),
        *honoured.faults(known.PROPERTIES, TYPE, properties),
        *_faults(properties["Stages"]),
        *_type_faults(properties),
        *_source_faults(properties["Stages"]),
        *_trigger_faults(properties),
        *_region_faults(properties, stack.region),
    ):
        raise ActionFailed(f"the pipeline {resource.physical_id}: {fault}")
    event_rules.check(stack)
    actions = tuple(_actions(properties))
    for action in actions:
        _check(action)
    for fault in (*_variable_faults(properties["Stages"]), *_place_faults(properties["Stages"])):
        raise ActionFailed(f"the pipeline {resource.physical_id}: {fault}")
    return Pipeline(
        name=resource.physical_id,
        account=stack.account,
        region=stack.region,
        role=properties["RoleArn"],
        actions=actions,
        restarts=bool(properties.get("RestartExecutionOnUpdate", False)),
        rolls_back=frozenset(each["Name"] for each in properties["Stages"] if _rolls_back(each)),
        structure=hashlib.sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest(),
    )


def _rolls_back(stage: Mapping[str, Any]) -> bool:
    return bool(stage.get("OnFailure", {}).get("Result") == "ROLLBACK")


def _faults(stages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what CodePipeline refuses: a name given twice, an artifact that nobody makes before it is wanted."""
    names, namespaces, made = set[str](), set[str](), dict[str, str]()
    for stage in stages:
        if stage["Name"] in names:
            yield f"two stages have the name {stage['Name']}"
        names.add(stage["Name"])
        yield from _rollback_faults(stage)
        own = set[str]()
        for side_by_side in _together(stage):
            for action in side_by_side:
                where = f"the action {stage['Name']} / {action['Name']}"
                if action["Name"] in own:
                    yield f"two actions of the stage {stage['Name']} have the name {action['Name']}"
                own.add(action["Name"])
                if (namespace := action.get("Namespace")) is not None:
                    if namespace in namespaces:
                        yield f"two actions have the namespace {namespace}"
                    namespaces.add(namespace)
                for artifact in action.get("InputArtifacts", ()):
                    if artifact["Name"] not in made:
                        yield f"{where} wants the artifact {artifact['Name']}, which no action makes before it"
            for action in side_by_side:
                for artifact in action.get("OutputArtifacts", ()):
                    if artifact["Name"] in made:
                        yield f"{made[artifact['Name']]} and {action['Name']} both make the artifact {artifact['Name']}"
                    made[artifact["Name"]] = action["Name"]


def _type_faults(properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a pipeline of the first type, which is what CloudFormation makes unasked, does not have."""
    if properties.get("PipelineType", "V1") == "V1":
        for stage in properties["Stages"]:
            if "OnFailure" in stage:
                name = stage["Name"]
                yield f"its type is V1, in which the stage {name} can have no OnFailure: PipelineType V2 is wanted"
        if "Triggers" in properties:
            yield "its type is V1, which has no Triggers: PipelineType V2 is wanted"


def _sources(stages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [action for stage in stages for action in stage["Actions"] if action["ActionTypeId"]["Category"] == "Source"]


def _source_faults(stages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each source after the first: of a rehearsal's sources one is at hand, the checkout."""
    for action in _sources(stages)[1:]:
        yield f"the action {action['Name']} is a second source; the rehearsal has one checkout, which is the first's"


def _trigger_faults(properties: Mapping[str, Any]) -> Iterator[str]:
    """Yield each trigger of a source that the pipeline does not have."""
    sources = {action["Name"] for action in _sources(properties["Stages"])}
    for trigger in properties.get("Triggers", ()):
        name = trigger.get("GitConfiguration", {}).get("SourceActionName")
        if name not in sources:
            yield f"a trigger is of the source {name}, which it does not have; it has {', '.join(sorted(sources))}"


def _region_faults(properties: Mapping[str, Any], own: str) -> Iterator[str]:
    """Yield each action of a region in which the pipeline keeps no artifacts."""
    stores = {str(each.get("Region")) for each in properties.get("ArtifactStores", ())} or {own}
    for stage in properties["Stages"]:
        for action in stage["Actions"]:
            region = action.get("Region", own)
            if region not in stores:
                yield (
                    f"the action {stage['Name']} / {action['Name']} is of the region {region}, "
                    "for which it has no entry among ArtifactStores"
                )


def _variable_faults(stages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each action that wants a variable of an action that has not ended when it starts: of one beside it, too."""
    filled = {"codepipeline"}
    for stage in stages:
        for side_by_side in _together(stage):
            for action in side_by_side:
                texts = {name: str(value) for name, value in action.get("Configuration", {}).items()}
                for namespace in sorted(namespaces(texts) - filled):
                    yield (
                        f"the action {stage['Name']} / {action['Name']} wants a variable of the namespace {namespace}, "
                        "which no action before it has: of those of one RunOrder none comes before another"
                    )
            filled |= {action["Namespace"] for action in side_by_side if "Namespace" in action}


def _place_faults(stages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each action where CodePipeline does not take it: sources are in the first stage, and alone there."""
    for index, stage in enumerate(stages):
        for action in stage["Actions"]:
            is_source = action["ActionTypeId"]["Category"] == "Source"
            if is_source and index:
                yield f"the action {stage['Name']} / {action['Name']} is a source outside of the first stage"
            if not is_source and not index:
                yield f"the first stage, {stage['Name']}, has the action {action['Name']}, which is no source"


def _rollback_faults(stage: Mapping[str, Any]) -> Iterator[str]:
    if not _rolls_back(stage):
        return
    categories = {action["ActionTypeId"]["Category"] for action in stage["Actions"]}
    if "Source" in categories:
        yield f"the stage {stage['Name']} has a source, and is to be rolled back when it fails"
    if "Approval" in categories:
        yield (
            f"the stage {stage['Name']} is to be rolled back when it fails, and holds an approval, for which its "
            "rollback would wait again: an approval before it needs a stage of its own"
        )


def _check(action: Action) -> None:
    """Raise ``ActionFailed`` at a kind of action that is not known, and at a configuration that is not honoured."""
    if action.kind not in known.CONFIGURATION:
        kinds = ", ".join(known.CONFIGURATION)
        raise ActionFailed(f"{action}: actions of the type {action.kind} are not rehearsed; known are {kinds}")
    properties = known.CONFIGURATION[action.kind]
    for name, value in action.configuration.items():
        if not properties.knows(name):
            raise ActionFailed(f"{action}: {name} of its configuration is not rehearsed")
        if values := properties.instead_of(name, value):
            raise ActionFailed(f"{action}: {name} is {value}; known is {values}")
    for fault in _shape_faults(action, known.NEEDS[action.kind]):
        raise ActionFailed(f"{action}: {fault}")


def _shape_faults(action: Action, needs: known.Needs) -> Iterator[str]:
    """Yield what an action of its kind must have and this one has not, or has too much of."""
    for name in needs.required:
        if name not in action.configuration:
            yield f"its configuration has no {name}"
    for word, artifacts, (least, most) in (
        ("input", action.inputs, needs.inputs),
        ("output", action.outputs, needs.outputs),
    ):
        if not least <= len(artifacts) <= most:
            allowed = str(least) if least == most else f"{least} to {most}"
            yield f"it has {len(artifacts)} {word} artifacts; {allowed} are allowed for {action.kind}"
    if "PrimarySource" in needs.of_inputs and len(action.inputs) > 1 and "PrimarySource" not in action.configuration:
        yield f"it has the inputs {', '.join(action.inputs)}, and no PrimarySource says which has the build spec"
    for name in needs.of_inputs:
        artifact = action.configuration.get(name, "").partition("::")[0]
        if artifact and artifact not in action.inputs:
            yield f"{name} names the artifact {artifact}, which is none of its inputs"


def _together(stage: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield a stage's actions in their order, those of one run order at once."""
    for _, side_by_side in groupby(sorted(stage["Actions"], key=_run_order), key=_run_order):
        yield list(side_by_side)


def _run_order(action: Mapping[str, Any]) -> int:
    return int(action.get("RunOrder", 1))


def changed(before: Resource, after: Resource) -> bool:
    """Return whether CloudFormation would update the pipeline, which restarts its execution."""
    return before.properties != after.properties


def followed(stack: Stack) -> tuple[str, str]:
    """Return the branch that the pipeline in ``stack`` follows, and why no push to it starts it, if that is so."""
    properties = resource(stack).properties
    for stage in properties["Stages"]:
        for action in stage["Actions"]:
            if action["ActionTypeId"]["Category"] == "Source":
                configuration = action["Configuration"]
                still = ""
                if str(configuration.get("DetectChanges", True)).lower() != "true":
                    still = (
                        "the pipeline's source does not detect changes (DetectChanges: false): a push starts nothing"
                    )
                if properties.get("Triggers"):
                    still = (
                        "the pipeline starts by its Triggers, whose filters are not rehearsed: a push starts nothing "
                        "here, and `make rehearse` takes a commit through"
                    )
                return str(configuration["BranchName"]), still
    raise ActionFailed(f"the pipeline in the stack {stack.name} has no source action")


def resource(stack: Stack) -> Resource:
    """Return the pipeline's own resource."""
    return next(stack.of_type(TYPE))


def _actions(properties: Mapping[str, Any]) -> Iterator[Action]:
    for stage in properties["Stages"]:
        # Actions of one run order are side by side in AWS; here they follow one another, which needs one machine only,
        # and each of them runs, whether another fails or not.
        for action in sorted(stage["Actions"], key=_run_order):
            kind = action["ActionTypeId"]
            yield Action(
                stage=stage["Name"],
                name=action["Name"],
                kind=f"{kind['Category']}/{kind['Provider']}",
                configuration={name: str(value) for name, value in action.get("Configuration", {}).items()},
                inputs=tuple(artifact["Name"] for artifact in action.get("InputArtifacts", [])),
                outputs=tuple(artifact["Name"] for artifact in action.get("OutputArtifacts", [])),
                namespace=action.get("Namespace"),
                role=action.get("RoleArn"),
                region=action.get("Region"),
                order=_run_order(action),
            )
