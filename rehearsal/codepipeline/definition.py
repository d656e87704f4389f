"""A pipeline as CloudFormation deployed it: stages of actions, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.values.exits import ActionFailed, Refused
from rehearsal.values.stack import Resource, Stack

TYPE = "AWS::CodePipeline::Pipeline"


@dataclass(frozen=True)
class Action:
    """One action: ``kind`` is category and provider (``Build/CodeBuild``), the rest is as the template says it."""

    stage: str
    name: str
    kind: str
    configuration: Mapping[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    namespace: str | None
    role: str | None
    region: str | None

    def __str__(self) -> str:
        return f"{self.stage} / {self.name}"


@dataclass(frozen=True)
class Pipeline:
    """A pipeline and the account and region that it runs in."""

    name: str
    account: str
    region: str
    role: str
    actions: tuple[Action, ...]
    restarts: bool


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
    if properties.get("ArtifactStores"):
        raise ActionFailed(f"the pipeline {resource.physical_id} has artifact stores in several regions: not rehearsed")
    for stage in properties["Stages"]:
        if conditions := sorted(set(stage) - {"Name", "Actions", "Blockers", "OnFailure"}):
            raise ActionFailed(f"the stage {stage['Name']} has {', '.join(conditions)}: not rehearsed")
    return Pipeline(
        name=resource.physical_id,
        account=stack.account,
        region=stack.region,
        role=properties["RoleArn"],
        actions=tuple(_actions(properties)),
        restarts=bool(properties.get("RestartExecutionOnUpdate", False)),
    )


def changed(before: Resource, after: Resource) -> bool:
    """Return whether CloudFormation would update the pipeline, which restarts its execution."""
    return before.properties != after.properties


def resource(stack: Stack) -> Resource:
    """Return the pipeline's own resource."""
    return next(stack.of_type(TYPE))


def _actions(properties: Mapping[str, Any]) -> Iterator[Action]:
    for stage in properties["Stages"]:
        # Actions of one run order are side by side in AWS; here they follow one another, which needs one machine only.
        for action in sorted(stage["Actions"], key=lambda action: int(action.get("RunOrder", 1))):
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
            )
