"""Where packets leave a subnet to: what a task needs to come to its image, and a load balancer to the internet.

From "Amazon ECR interface VPC endpoints" in the ECR user guide, "Fargate task networking" in that of ECS.
A subnet is believed whose table of routes no deployed stack has, such as one that the team brings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto

from rehearsal.fargate.plan.lookup import Found, Lookup

_EVERYWHERE = "0.0.0.0/0"
# Without a way out, a task comes to its image by these endpoints alone; S3 has the image's layers.
_ENDPOINTS = ("ecr.api", "ecr.dkr", "s3")


class WayOut(Enum):
    """Where a subnet's default route leads."""

    UNKNOWN = auto()
    NOWHERE = auto()
    # The internet, for who has a public address.
    INTERNET = auto()
    # A NAT gateway, or something else that goes on by itself.
    BEYOND = auto()


class Routes:
    """The tables of routes and the endpoints that deployed stacks give to subnets."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def way_out(self, subnet: str) -> WayOut:
        """Return where a subnet's default route leads."""
        if self._table(subnet) is None:
            return WayOut.UNKNOWN
        route = self._default(subnet)
        if route is None:
            return WayOut.NOWHERE
        return WayOut.INTERNET if "GatewayId" in route.properties else WayOut.BEYOND

    def lacking(self, subnet: str, needed: Iterable[str] = ()) -> list[str]:
        """Return the endpoints that a task of a subnet without a way out lacks; ``needed`` are further ones."""
        there = {service for _, service in self._endpoints(subnet)}
        return [each for each in (*_ENDPOINTS, *needed) if each not in there]

    def gateway(self, subnet: str) -> Found | None:
        """Return the NAT gateway that a subnet's default route leads to, if a deployed stack has it."""
        route = self._default(subnet)
        identifier = str(route.properties["NatGatewayId"]) if route and "NatGatewayId" in route.properties else None
        return self._lookup.find(identifier, "AWS::EC2::NatGateway") if identifier else None

    def interfaces(self, subnet: str) -> list[Found]:
        """Return the endpoints of a subnet's network that have addresses in subnets of it."""
        return [found for found, _ in self._endpoints(subnet) if "SubnetIds" in found.properties]

    def _default(self, subnet: str) -> Found | None:
        table = self._table(subnet)
        for route in self._lookup.of_type("AWS::EC2::Route"):
            properties = route.properties
            if str(properties.get("RouteTableId")) == table and properties.get("DestinationCidrBlock") == _EVERYWHERE:
                return route
        return None

    def _table(self, subnet: str) -> str | None:
        for found in self._lookup.of_type("AWS::EC2::SubnetRouteTableAssociation"):
            if str(found.properties.get("SubnetId")) == subnet:
                return str(found.properties.get("RouteTableId"))
        return None

    def _endpoints(self, subnet: str) -> Iterator[tuple[Found, str]]:
        """Yield the endpoints of a subnet with their services: a gateway is its table's, others are its network's."""
        table, own = self._table(subnet), self._lookup.find(subnet, "AWS::EC2::Subnet")
        for found in self._lookup.of_type("AWS::EC2::VPCEndpoint"):
            properties = found.properties
            # com.amazonaws.REGION.SERVICE
            service = str(properties.get("ServiceName")).split(".", 3)[-1]
            if properties.get("VpcEndpointType", "Gateway") == "Gateway":
                if table in {str(each) for each in properties.get("RouteTableIds", ())}:
                    yield found, service
            elif own and properties.get("VpcId") == own.properties.get("VpcId"):
                yield found, service


def check_reach(found: Found, subnets: Iterable[str], routes: Routes, *, public: bool, needed: Iterable[str]) -> None:
    """Raise PlanError where a task in some of its subnets could not come to its image, its logs or its secrets.

    ``public``: it has a public address. ``needed`` are the services beside those of images.
    """
    wanted = tuple(needed)
    for subnet in subnets:
        match routes.way_out(subnet):
            case WayOut.INTERNET if not public and (lacking := routes.lacking(subnet, wanted)):
                raise found.fault(
                    f"its subnet {subnet} leads to the internet, and AssignPublicIp is not ENABLED: without an address "
                    f"there, or endpoints for {', '.join(lacking)}, a task does not come to its image."
                )
            case WayOut.NOWHERE if lacking := routes.lacking(subnet, wanted):
                raise found.fault(
                    f"its subnet {subnet} has no way out, and its network no endpoint for {', '.join(lacking)}: "
                    "a task does not come to its image."
                )


def check_open(found: Found, subnets: Iterable[str], routes: Routes) -> None:
    """Raise PlanError where a load balancer faces the internet in a subnet that has no route there."""
    for subnet in subnets:
        if routes.way_out(subnet) not in {WayOut.UNKNOWN, WayOut.INTERNET}:
            raise found.fault(f"it faces the internet, and its subnet {subnet} has no route to an internet gateway.")
