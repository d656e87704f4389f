"""Changes of a small site's stack, and its plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.plan.make import make_plan
from rehearsal.values.stack import Resource, Stack, World
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.templates import changed, without

Change = Callable[[Stack], Stack]


def site() -> Stack:
    return templates.stack(templates.web(image="app:1", port=8080, count=2))


def plan(stack: Stack, *others: Stack) -> Plan:
    return make_plan(World((*others, stack)), stack, templates.Secrets())


def edit(logical: str, *path: str | int, to: Any) -> Change:
    return lambda stack: changed(stack, logical, path, to)


def add(logical: str, kind: str, **properties: Any) -> Change:
    return lambda stack: templates.with_resource(stack, Resource(logical, kind, logical, properties, {}))


def drop(*logical: str) -> Change:
    return lambda stack: without(stack, *logical)


def all_of(*changes: Change) -> Change:
    """Make one change after another."""
    return lambda stack: reduce(lambda before, change: change(before), changes, stack)


def routed(**target: str) -> Change:
    """Give the subnets of an internal site tables of routes; everything leads to ``target``, if that is said."""

    def change(stack: Stack) -> Stack:
        stack = edit("Balancer", "Scheme", to="internal")(stack)
        for zone in "ab":
            table = f"rtb-{zone}"
            stack = add(
                f"Table{zone}", "AWS::EC2::SubnetRouteTableAssociation", SubnetId=f"subnet-{zone}", RouteTableId=table
            )(stack)
            if target:
                stack = add(
                    f"Route{zone}", "AWS::EC2::Route", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target
                )(stack)
        return stack

    return change


def endpoints(*services: str, **interface: Any) -> Change:
    """Leave the subnets without a way out, with endpoints for some services; ``interface`` is what more they have."""

    def change(stack: Stack) -> Stack:
        stack = routed()(stack)
        for service in services:
            kind = (
                {"RouteTableIds": ["rtb-a", "rtb-b"]}
                if service == "s3"
                else {"VpcEndpointType": "Interface", **interface}
            )
            name = f"com.amazonaws.{templates.REGION}.{service}"
            stack = add(service, "AWS::EC2::VPCEndpoint", VpcId="vpc-1", ServiceName=name, **kind)(stack)
        return stack

    return change
