"""A deployed CloudFormation stack as plain values: what the emulated CloudFormation hands to whatever runs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """One resource of a stack.

    ``properties`` are the template's, with every intrinsic function resolved to what CloudFormation would have seen;
    ``physical_id`` is what ``Ref`` gives; ``attributes`` are what ``Fn::GetAtt`` gives, as far as the resource has any.
    ``generation`` is 2 for what has replaced the first resource of its logical id, and so on.
    """

    logical_id: str
    type: str
    physical_id: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, str]
    generation: int = 1


@dataclass(frozen=True)
class Stack:
    """One deployed stack in one account and region."""

    name: str
    account: str
    region: str
    resources: Mapping[str, Resource]
    outputs: Mapping[str, str]

    @property
    def place(self) -> str:
        """Its name among all accounts and regions: what the key of each of its resources begins with."""
        return f"{self.account}/{self.region}/{self.name}"

    def of_type(self, resource_type: str) -> Iterator[Resource]:
        """Return the stack's resources of one CloudFormation type, in template order."""
        return (r for r in self.resources.values() if r.type == resource_type)


@dataclass(frozen=True)
class World:
    """All stacks deployed so far: references across stacks resolve by physical id within one account and region."""

    stacks: tuple[Stack, ...]


def sites(stack: Stack) -> list[str]:
    """Return the addresses of the stack's load balancers."""
    balancers = stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    return [f"http://{balancer.attributes['DNSName']}" for balancer in balancers]
