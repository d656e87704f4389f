"""Public names: which load balancer, or which distribution, the records of all stacks lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.plan.lookup import Found
from rehearsal.values.stack import World

# At any of its addresses CloudFront looks for the distribution that has the name which is asked for.
_CLOUDFRONT = ".cloudfront.net"


def leads(world: World) -> Mapping[str, Key]:
    """Return what each public name leads to; a name that leads to nothing that stands is left out."""
    return {name: found.key for name, target in _records(world) if (found := _behind(world, name, target))}


def balancer_of(world: World, name: str) -> Found | None:
    """Return the load balancer that a public name leads to."""
    return next(
        (found for each, target in _records(world) if each == name if (found := _balancer(world, target))), None
    )


def covers(certified: str, name: str) -> bool:
    """Return whether a certificate for a name, or for ``*.`` and a name, is good for another."""
    return certified == name or (certified.startswith("*.") and certified[1:] == name[name.find(".") :])


def aliases(found: Found) -> list[str]:
    """Return the names of a distribution."""
    return [str(name).lower() for name in found.properties["DistributionConfig"].get("Aliases", ())]


def _records(world: World) -> Iterator[tuple[str, str]]:
    for stack in world.stacks:
        for record in stack.of_type("AWS::Route53::RecordSet"):
            target = str(record.properties.get("AliasTarget", {}).get("DNSName", ""))
            yield str(record.properties["Name"]).rstrip(".").lower(), target.removeprefix("dualstack.").rstrip(".")


def _behind(world: World, name: str, target: str) -> Found | None:
    if not target.endswith(_CLOUDFRONT):
        return _balancer(world, target)
    return next((each for each in _of_type(world, "AWS::CloudFront::Distribution") if name in aliases(each)), None)


def _balancer(world: World, target: str) -> Found | None:
    balancers = _of_type(world, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    return next((each for each in balancers if each.resource.attributes.get("DNSName") == target), None)


def _of_type(world: World, resource_type: str) -> Iterator[Found]:
    return (Found(stack, resource) for stack in world.stacks for resource in stack.of_type(resource_type))
