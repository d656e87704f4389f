"""ECS services: how many tasks, how they are rolled, where they are registered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rehearsal.fargate.desired.service import Service, Target
from rehearsal.fargate.desired.task import TaskDefinition
from rehearsal.fargate.plan.lookup import Found, Lookup, number, truth
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.fargate.plan.target_group import target_group
from rehearsal.fargate.plan.task_definition import task_definition

# Where a circuit breaker says nothing of it, and where there is none.
DEFAULT_THRESHOLD = {"Type": "BOUNDED_PERCENT", "Value": 50}


def service(found: Found, lookup: Lookup, read: ReadSecret) -> Service:
    """Plan a service; what ECS would refuse is a PlanError."""
    properties = found.properties
    for name, wanted, default in (
        ("SchedulingStrategy", "REPLICA", "REPLICA"),
        ("PlatformVersion", ("LATEST", "1.4.0"), "LATEST"),
    ):
        if properties.get(name, default) not in wanted:
            raise found.fault(f"{name} is {properties[name]!r}; the rehearsal has {wanted}.")
    _check_launch(found, properties)
    if properties.get("DeploymentController", {}).get("Type", "ECS") != "ECS":
        raise found.fault("only the ECS deployment controller is honoured by the rehearsal.")
    if truth(properties.get("ServiceConnectConfiguration", {}).get("Enabled", False)):
        raise found.fault("ServiceConnectConfiguration is not honoured by the rehearsal.")
    definition = lookup.need(str(properties.get("TaskDefinition")), "AWS::ECS::TaskDefinition", found, "TaskDefinition")
    task = task_definition(definition, lookup, read)
    deployment = properties.get("DeploymentConfiguration", {})
    if deployment.get("Strategy", "ROLLING") != "ROLLING":
        raise found.fault(f"the deployment strategy {deployment['Strategy']!r} is not honoured by the rehearsal.")
    breaker = deployment.get("DeploymentCircuitBreaker", {})
    threshold = {**DEFAULT_THRESHOLD, **breaker.get("ThresholdConfiguration", {})}
    minimum = number(found, "MinimumHealthyPercent", deployment.get("MinimumHealthyPercent", 100))
    maximum = number(found, "MaximumPercent", deployment.get("MaximumPercent", 200))
    count = _count(found, lookup)
    if count and count * maximum // 100 <= count and -(-count * minimum // 100) >= count:
        raise found.fault(
            f"with MinimumHealthyPercent {minimum} and MaximumPercent {maximum} "
            f"none of {count} task(s) can ever be replaced."
        )
    subnets, groups = task_network(properties)
    network = lookup.network(None, subnets, groups, found)
    alarms = deployment.get("Alarms", {})
    return Service(
        key=found.key,
        network=network,
        task=task,
        count=count,
        minimum_percent=minimum,
        maximum_percent=maximum,
        circuit_breaker=truth(breaker.get("Enable", False)),
        rollback=truth(breaker.get("Rollback", False)),
        failure_threshold=failure_threshold(count, str(threshold["Type"]), number(found, "Value", threshold["Value"])),
        failures_reset=truth(breaker.get("ResetOnHealthyTask", True)),
        grace_period=number(found, "HealthCheckGracePeriodSeconds", properties.get("HealthCheckGracePeriodSeconds", 0)),
        targets=tuple(_target(found, lookup, task, entry, network) for entry in properties.get("LoadBalancers", ())),
        alarms=tuple(str(a) for a in alarms["AlarmNames"]) if truth(alarms.get("Enable", False)) else (),
        alarm_rollback=truth(alarms.get("Rollback", False)),
    )


def failure_threshold(count: int, kind: str, value: int) -> int:
    """Return after how many failed tasks the deployment circuit breaker trips: 1 at least.

    A percentage is one of the tasks that are wanted; bounded, it gives 3 at least and 200 at most. From
    "ThresholdConfiguration" in the ECS API reference.
    """
    if kind == "COUNT":
        return max(1, value)
    share = math.ceil(count * value / 100)
    return min(200, max(3, share)) if kind == "BOUNDED_PERCENT" else max(1, share)


def task_network(properties: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return a service's subnets and security groups, or a schedule's."""
    network = properties.get("NetworkConfiguration", {}).get("AwsvpcConfiguration", {})
    return [str(s) for s in network.get("Subnets", ())], [str(g) for g in network.get("SecurityGroups", ())]


def _check_launch(found: Found, properties: Mapping[str, Any]) -> None:
    providers = [str(p.get("CapacityProvider")) for p in properties.get("CapacityProviderStrategy", ())]
    launch = properties.get("LaunchType")
    if launch and providers:
        raise found.fault("it has a LaunchType and a CapacityProviderStrategy; ECS takes one of them.")
    if launch != "FARGATE" and not (providers and set(providers) <= {"FARGATE", "FARGATE_SPOT"}):
        raise found.fault(f"it is launched on {launch or providers or 'EC2 (the default)'}; the rehearsal has FARGATE.")
    check_network(found, properties)


def check_network(found: Found, properties: Mapping[str, Any]) -> None:
    """Raise PlanError where tasks would have nowhere to run."""
    if not task_network(properties)[0]:
        raise found.fault("NetworkConfiguration names no subnet, and awsvpc needs one.")


def target_of(service: Found, lookup: Lookup) -> Found | None:
    """Return the scalable target of a service; bounds that cannot be are a PlanError."""
    names = {service.resource.physical_id.rpartition("/")[2], service.resource.attributes.get("Name", "")}
    for found in lookup.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        properties = found.properties
        if (
            properties.get("ScalableDimension") == "ecs:service:DesiredCount"
            and str(properties.get("ResourceId")).rpartition("/")[2] in names
        ):
            minimum = number(found, "MinCapacity", properties["MinCapacity"])
            if minimum > number(found, "MaxCapacity", properties["MaxCapacity"]):
                raise found.fault(f"MinCapacity {minimum} is above MaxCapacity {properties['MaxCapacity']}.")
            return found
    return None


def _count(found: Found, lookup: Lookup) -> int:
    target = target_of(found, lookup)
    minimum = number(target, "MinCapacity", target.properties["MinCapacity"]) if target else 0
    desired = found.properties.get("DesiredCount")
    return max(minimum, number(found, "DesiredCount", 1 if desired is None else desired))


def _target(found: Found, lookup: Lookup, task: TaskDefinition, entry: Mapping[str, Any], network: str) -> Target:
    name, port = str(entry.get("ContainerName")), number(found, "ContainerPort", entry.get("ContainerPort"))
    names = [c.name for c in task.containers]
    if name not in names:
        raise found.fault(f"its load balancer names the container {name!r}; the task has {', '.join(names)}.")
    ports = task.container(name).ports
    if port not in ports:
        raise found.fault(
            f"its load balancer names port {port} of {name}, which maps {', '.join(map(str, ports)) or 'none'}."
        )
    group = lookup.need(
        str(entry.get("TargetGroupArn")), "AWS::ElasticLoadBalancingV2::TargetGroup", found, "LoadBalancers"
    )
    if (vpc := group.properties.get("VpcId")) and lookup.network(str(vpc), (), (), group) != network:
        raise found.fault(f"its target group {group.key.logical_id} is in another VPC, {vpc}.")
    return Target(target_group(group), name, port)
