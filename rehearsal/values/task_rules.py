"""What ECS and Application Auto Scaling refuse in task definitions, services, and what scales them.

Sources: ``RegisterTaskDefinition``, ``CreateService`` and ``RegisterScalableTarget`` with their types in the API
references, "Task definition parameters for Fargate" in the ECS developer guide, and the errors that ECS gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rehearsal.values.as_written import NAME, Properties, certain, mappings, named, number, present, text, within

# "LogConfiguration" in the ECS API reference, of the driver awslogs.
_LOG_OPTIONS: Final = frozenset(
    {
        "awslogs-create-group", "awslogs-region", "awslogs-group", "awslogs-stream-prefix", "awslogs-datetime-format",
        "awslogs-multiline-pattern", "mode", "max-buffer-size",
    }
)  # fmt: skip
_LOG_DRIVERS: Final = frozenset({"awslogs", "splunk", "awsfirelens"})
# A size as Docker reads it, which reads this option.
_SIZE: Final = re.compile(r"\d+(\.\d+)? ?[kmgtp]?i?b?", re.IGNORECASE)
_LEAST_MEMORY: Final = 6  # MiB of a container
_EPHEMERAL: Final = range(21, 201)  # GiB
_LARGEST_ID: Final = 2**31 - 1
# What the log driver splunk cannot do without.
_SPLUNK: Final = ("splunk-token", "splunk-url")
# By which of them a policy says the metric that it tracks.
METRIC_SPECIFICATIONS: Final = ("CustomizedMetricSpecification", "PredefinedMetricSpecification")
_USERS: Final = "user, uid, user:group, uid:gid, user:gid or uid:group"


def task_definition(properties: Properties) -> Iterator[str]:
    """Yield what ECS refuses in a task definition."""
    yield from named(properties, "Family")
    storage = properties.get("EphemeralStorage")
    if isinstance(storage, Mapping):
        yield from within(storage, "SizeInGiB", _EPHEMERAL, "EphemeralStorage.")
    compatibilities = properties.get("RequiresCompatibilities")
    is_fargate = isinstance(compatibilities, list) and "FARGATE" in compatibilities
    for container in mappings(properties.get("ContainerDefinitions")):
        faults = (*_container(container), *(_on_fargate(container, properties) if is_fargate else ()))
        yield from (f"container {container.get('Name')}: {fault}" for fault in faults)
    yield from _unrouted(properties.get("ContainerDefinitions"))


def _unrouted(containers: Any) -> Iterator[str]:
    """Yield a fault where containers log by FireLens, and none of them is its router."""
    known_ones = list(mappings(containers))
    drivers = [each.get("LogConfiguration") for each in known_ones]
    routed = any(isinstance(each, Mapping) and text(each, "LogDriver") == "awsfirelens" for each in drivers)
    if routed and certain(containers) and not any("FirelensConfiguration" in each for each in known_ones):
        yield "its containers log by awsfirelens, and none of them has a FirelensConfiguration"


def _container(container: Properties) -> Iterator[str]:
    if (name := text(container, "Name")) and not NAME.fullmatch(name):
        yield "its Name may have up to 255 letters, digits, hyphens and underscores"
    memory = number(container, "Memory")
    if memory is not None and memory < _LEAST_MEMORY:
        yield f"Memory is {memory:g}; {_LEAST_MEMORY} MiB are the least"
    if any(not str(each.get("Name", "?")).strip() for each in mappings(container.get("Environment"))):
        yield "a variable of its Environment has an empty Name"
    if (user := text(container, "User")) and not _is_user(user):
        yield f"User is {user!r}; {_USERS} are allowed"
    for limit in mappings(container.get("Ulimits")):
        soft, hard = number(limit, "SoftLimit"), number(limit, "HardLimit")
        if soft is not None and hard is not None and soft > hard:
            yield f"the ulimit {limit.get('Name')} has a SoftLimit {soft:g} above its HardLimit {hard:g}"
    paths = [path for each in mappings(container.get("MountPoints")) if (path := text(each, "ContainerPath"))]
    for path in sorted({each for each in paths if paths.count(each) > 1}):
        yield f"two volumes are mounted at {path}"
    logging = container.get("LogConfiguration")
    if isinstance(logging, Mapping) and text(logging, "LogDriver") == "awslogs":
        yield from _awslogs(logging.get("Options", {}))


def _is_user(user: str) -> bool:
    """Return whether ECS's six forms have room for a user: a name or an identifier, a group's beside it or not."""
    parts = user.split(":")
    numbers = [part for part in parts if re.fullmatch(r"[+-]?\d+", part)]
    return len(parts) <= 2 and not re.search(r"\s", user) and all(0 <= int(each) <= _LARGEST_ID for each in numbers)


def _awslogs(options: Any) -> Iterator[str]:
    if not isinstance(options, Mapping):
        return
    for name in ("awslogs-group", "awslogs-region"):
        if name not in options:
            yield f"{name} of the log driver awslogs is missing"
    if unknown := sorted(set(options) - _LOG_OPTIONS):
        yield f"the log driver awslogs has no option {', '.join(unknown)}"
    if (mode := text(options, "mode")) and mode not in {"blocking", "non-blocking"}:
        yield f"mode of the log driver is {mode!r}; blocking or non-blocking are allowed"
    if (size := text(options, "max-buffer-size")) and not _SIZE.fullmatch(size):
        yield f"max-buffer-size of the log driver is {size!r}; a size is wanted, as 8m"


def _on_fargate(container: Properties, properties: Properties) -> Iterator[str]:
    logging = container.get("LogConfiguration")
    driver = text(logging, "LogDriver") if isinstance(logging, Mapping) else None
    if driver and driver not in _LOG_DRIVERS:
        yield f"LogDriver is {driver!r}; Fargate has {', '.join(sorted(_LOG_DRIVERS))}"
    options = logging.get("Options", {}) if isinstance(logging, Mapping) else {}
    if driver == "awslogs" and isinstance(options, Mapping) and "awslogs-stream-prefix" not in options:
        yield "awslogs-stream-prefix of the log driver awslogs is missing; Fargate wants it"
    if driver == "splunk" and isinstance(logging, Mapping):
        yield from _splunk(logging)
    needs = [f"it logs by {driver}"] if driver == "awslogs" else []
    needs += ["it has Secrets"] if present(container, ["Secrets"]) and container["Secrets"] else []
    if needs and "ExecutionRoleArn" not in properties:
        yield f"{' and '.join(needs)}, for which its task definition has no ExecutionRoleArn"


def _splunk(logging: Properties) -> Iterator[str]:
    options, secrets = logging.get("Options", {}), logging.get("SecretOptions", [])
    if not isinstance(options, Mapping) or not (secrets == [] or certain(secrets)):
        return
    named_ones = {*options, *(text(each, "Name") for each in mappings(secrets))}
    for name in _SPLUNK:
        if name not in named_ones:
            yield f"{name} of the log driver splunk is missing"


def service(properties: Properties) -> Iterator[str]:
    """Yield what ECS refuses in a service.

    A grace period without a load balancer was an error once; now it is for the health checks of containers, too.
    """
    yield from named(properties, "ServiceName")
    for name in ("DesiredCount", "HealthCheckGracePeriodSeconds"):
        if (number(properties, name) or 0) < 0:
            yield f"{name} is {properties[name]}, below 0"
    strategy = properties.get("CapacityProviderStrategy")
    providers = list(mappings(strategy))
    if len([each for each in providers if number(each, "Base")]) > 1:
        yield "only one capacity provider of a strategy can have a Base"
    if providers and certain(strategy) and all(number(each, "Weight") == 0 for each in providers):
        yield "no capacity provider of its strategy has a Weight above 0, so none could take a task"
    deployment = properties.get("DeploymentConfiguration")
    if isinstance(deployment, Mapping) and text(properties, "SchedulingStrategy") in {None, "REPLICA"}:
        yield from _percentages(deployment)
    yield from _rebalanced(properties)


def _rebalanced(properties: Properties) -> Iterator[str]:
    """Yield a fault where tasks are to be moved among zones, and no task may be beside those that run."""
    deployment = properties.get("DeploymentConfiguration")
    most = number(deployment, "MaximumPercent") if isinstance(deployment, Mapping) else None
    if text(properties, "AvailabilityZoneRebalancing") == "ENABLED" and most is not None and most <= 100:
        yield f"AvailabilityZoneRebalancing is ENABLED, which wants a MaximumPercent above 100; it is {most:g}"


def _percentages(deployment: Properties) -> Iterator[str]:
    """Yield what ECS says of the two percentages of a deployment; what they mean for a count is the plan's."""
    least, most = number(deployment, "MinimumHealthyPercent"), number(deployment, "MaximumPercent")
    if least is not None and not 0 <= least <= 100:
        yield f"MinimumHealthyPercent is {least:g}; 0 to 100 are allowed"
    if most is not None and most < 100:
        yield f"MaximumPercent is {most:g}; 100 is the least"
    if least == most == 100:
        yield "MinimumHealthyPercent and MaximumPercent are both 100, which would block each deployment"


def scalable_target(properties: Properties) -> Iterator[str]:
    """Yield what Application Auto Scaling refuses in a scalable target."""
    low, high = number(properties, "MinCapacity"), number(properties, "MaxCapacity")
    if low is not None and low < 0:
        yield f"MinCapacity is {low:g}, below 0"
    if low is not None and high is not None and low > high:
        yield f"MinCapacity {low:g} is above MaxCapacity {high:g}"


def scaling_policy(properties: Properties) -> Iterator[str]:
    """Yield what Application Auto Scaling refuses in a policy."""
    tracking = properties.get("TargetTrackingScalingPolicyConfiguration")
    if not isinstance(tracking, Mapping):
        return
    if len(present(tracking, METRIC_SPECIFICATIONS)) > 1:
        yield f"{' and '.join(METRIC_SPECIFICATIONS)} do not go together"
    for name in ("ScaleInCooldown", "ScaleOutCooldown"):
        if (number(tracking, name) or 0) < 0:
            yield f"{name} is {tracking[name]}, below 0"
