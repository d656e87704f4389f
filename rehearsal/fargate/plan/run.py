"""What RunTask asks for, as a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.service import Run
from rehearsal.fargate.plan.lookup import Lookup
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.task_definition import task_definition
from rehearsal.values.stack import Stack, World


def plan_run(
    world: World,
    stack: Stack,
    read: ReadSecret,
    *,
    definition: str,
    overrides: Mapping[str, Mapping[str, str]],
    subnets: Sequence[str],
    groups: Sequence[str],
) -> Run:
    """Plan what RunTask asks for; ``overrides`` are variables by container.

    Raise PlanError for what ECS would refuse.
    """
    lookup = Lookup(world, stack)
    own = lookup.own("AWS::ECS::TaskDefinition")
    found = next((each for each in own if family(each.resource.physical_id) == family(definition)), None)
    if found is None:
        raise PlanError(f"{stack.name} has no task definition {definition}.")
    task = task_definition(found, lookup, read)
    strange = sorted(set(overrides) - {container.name for container in task.containers})
    if strange:
        raise found.fault(f"the overrides name the container {strange[0]!r}, which it does not have.")
    containers = tuple(
        replace(each, environment={**each.environment, **overrides.get(each.name, {})}) for each in task.containers
    )
    network = lookup.network(None, subnets, groups, found)
    return Run(key=found.key, network=network, task=replace(task, containers=containers))


def family(definition: str) -> str:
    """Return a task definition's ARN without its revision, which is counted anew when a stack is put back."""
    return definition.rpartition(":")[0]
