"""Finds resources by what templates call them: a physical id or an attribute, within one account and region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.key import Key
from rehearsal.values.stack import Resource, Stack, World
from rehearsal.values.template_values import whole

IDENTITIES = (
    "Arn",
    "GroupId",
    "FileSystemId",
    "AccessPointId",
    "TargetGroupArn",
    "ListenerArn",
    "LoadBalancerArn",
    "Id",
)


@dataclass(frozen=True)
class Found:
    """A resource and the stack it stands in; reads its properties and says where a fault is."""

    stack: Stack
    resource: Resource

    @property
    def key(self) -> Key:
        """The resource's lasting name."""
        return Key.of(self.stack, self.resource)

    @property
    def where(self) -> str:
        """The resource as a message names it."""
        return f"{self.stack.name}/{self.resource.logical_id} ({self.resource.type})"

    def fault(self, problem: str) -> PlanError:
        """Make an error about this resource."""
        return PlanError(f"{self.where}: {problem}")

    @property
    def properties(self) -> Mapping[str, Any]:
        """What the template says of it."""
        return self.resource.properties

    def names(self) -> Iterator[str]:
        """Yield everything that another resource may call this one."""
        yield self.resource.physical_id
        yield from (self.resource.attributes[name] for name in IDENTITIES if name in self.resource.attributes)


class Lookup:
    """The resources of every stack in one stack's account and region, that stack's own newest version included."""

    def __init__(self, world: World, stack: Stack) -> None:
        others = (s for s in world.stacks if (s.account, s.region) == (stack.account, stack.region))
        self.stack = stack
        self.stacks = (stack, *(s for s in others if s.name != stack.name))

    def of_type(self, resource_type: str) -> Iterator[Found]:
        """Yield all resources of one type."""
        for stack in self.stacks:
            for resource in stack.of_type(resource_type):
                yield Found(stack, resource)

    def own(self, resource_type: str) -> Iterator[Found]:
        """Return the resources of one type in the stack that is being deployed."""
        return (Found(self.stack, r) for r in self.stack.of_type(resource_type))

    def find(self, identifier: str, resource_type: str) -> Found | None:
        """Find the resource of that type that ``identifier`` names; None where there is none."""
        return next((f for f in self.of_type(resource_type) if identifier in f.names()), None)

    def need(self, identifier: str, resource_type: str, asked_by: Found, what: str) -> Found:
        """Find it as ``find`` does, but a missing one is a fault of the resource that asked for it."""
        found = self.find(identifier, resource_type)
        if found is None:
            raise asked_by.fault(
                f"{what} names {identifier!r}, and no deployed stack in this account and region has it."
            )
        return found

    def network(self, vpc: str | None, subnets: Iterable[str], groups: Iterable[str], asked_by: Found) -> str:
        """Return a lasting name of the VPC that ``vpc``, the subnets and the security groups lead to: one and the same.

        What no deployed stack has leads nowhere.
        """
        there = {"": vpc} if vpc else {}
        for identifier, resource_type in (
            *((s, "AWS::EC2::Subnet") for s in subnets),
            *((g, "AWS::EC2::SecurityGroup") for g in groups),
        ):
            found = self.find(identifier, resource_type)
            if found and found.properties.get("VpcId"):
                there[identifier] = str(found.properties["VpcId"])
        if not there:
            raise asked_by.fault(
                "neither its subnets nor its security groups are in a deployed stack, so its VPC is unknown."
            )
        if len(set(there.values())) > 1:
            places = ", ".join(f"{name or 'it'} in {place}" for name, place in there.items())
            raise asked_by.fault(f"what it names is in several VPCs: {places}.")
        [chosen] = set(there.values())
        found = self.find(chosen, "AWS::EC2::VPC")
        return str(found.key) if found else f"{self.stack.account}/{self.stack.region}/{chosen}"


def number(found: Found, name: str, value: object) -> int:
    """Read a whole number that a template may write as text."""
    try:
        return whole(value)
    except ValueError:
        raise found.fault(f"{name} is {value!r}; a whole number is wanted.") from None


def truth(value: object) -> bool:
    """Read a boolean that a template may write as text."""
    return str(value).lower() == "true"


def pairs(found: Found, name: str, entries: Iterable[Mapping[str, Any]], label: str = "Key") -> dict[str, str]:
    """Read a template's list of ``{Key, Value}`` (or ``{Name, Value}``) as a dictionary.

    A key given twice is a fault.
    """
    result: dict[str, str] = {}
    for entry in entries:
        key = str(entry[label])
        if key in result:
            raise found.fault(f"{name} gives {key!r} twice.")
        result[key] = str(entry.get("Value", ""))
    return result


def attributes_of(
    found: Found, name: str, defaults: Mapping[str, str], without_effect: Sequence[str]
) -> dict[str, str]:
    """Read a list of attributes over their ``defaults``; those that begin as ``without_effect`` says are left out."""
    result = dict(defaults)
    for key, value in pairs(found, name, found.properties.get(name, ())).items():
        if key in defaults:
            result[key] = value
        elif not key.startswith(tuple(without_effect)):
            raise found.fault(f"the rehearsal does not know how to honour the attribute {key}.")
    return result
