"""The lists of subnets: a plan in which one keeps the site from what it needs is refused, and names it."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.fargate.desired.errors import PlanError
from tests.rehearsal.fargate.site_changes import Change, add, all_of, endpoints, plan, routed, site

ALL = ("0.0.0.0/0", 0, 65535)
PEOPLE = ("0.0.0.0/0", 80, 80)
ANSWERS = ("0.0.0.0/0", 1024, 65535)
# The addresses of subnet-b, where the list of subnet-a lets packets come from and go to.
BESIDE = "10.0.1.0/24"


def entry(ports: tuple[str, int, int], *, allows: bool = True, protocol: int = 6) -> dict[str, Any]:
    """Return an entry of a list; ``ports`` are addresses, and the first and last port."""
    cidr, first, last = ports
    action = "allow" if allows else "deny"
    return {
        "Protocol": protocol,
        "RuleAction": action,
        "CidrBlock": cidr,
        "PortRange": {"From": first, "To": last},
    }


def listed(inward: dict[int, Any], outward: dict[int, Any], subnet: str = "subnet-a") -> Change:
    """Give a subnet a list of its own."""
    return all_of(
        add("List", "AWS::EC2::NetworkAcl", VpcId="vpc-1"),
        add("Listed", "AWS::EC2::SubnetNetworkAclAssociation", SubnetId=subnet, NetworkAclId="List"),
        *(
            add(
                f"{'Out' if egress else 'In'}{number}",
                "AWS::EC2::NetworkAclEntry",
                **{"NetworkAclId": "List", "RuleNumber": number, "Egress": egress, **rule},
            )
            for egress, rules in ((False, inward), (True, outward))
            for number, rule in rules.items()
        ),
    )


def everything(**more: Any) -> dict[int, Any]:
    """Return the rules that let everything through, and others before them."""
    return {int(number): rule for number, rule in more.items()} | {900: entry(ALL)}


# A subnet of its own for a gateway or for endpoints.
APART = add("Subnetc", "AWS::EC2::Subnet", VpcId="vpc-1", CidrBlock="10.0.9.0/24")
GATEWAY = all_of(routed(NatGatewayId="nat-1"), APART, add("nat-1", "AWS::EC2::NatGateway", SubnetId="Subnetc"))
ENDPOINTS = all_of(endpoints("ecr.api", "ecr.dkr", "secretsmanager", "s3", SubnetIds=["Subnetc"]), APART)


def through_a_gateway(inward: dict[int, Any], outward: dict[int, Any]) -> Change:
    """Lead the tasks' subnets to a NAT gateway, whose subnet has a list."""
    return all_of(GATEWAY, listed(inward, outward, "Subnetc"))


def through_endpoints(inward: dict[int, Any], outward: dict[int, Any]) -> Change:
    """Leave the tasks' subnets without a way out, with endpoints in a subnet that has a list."""
    return all_of(ENDPOINTS, listed(inward, outward, "Subnetc"))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(listed(everything(), everything()), id="everything"),
        pytest.param(
            listed({100: entry(PEOPLE), 200: entry(ANSWERS)}, {100: entry(ANSWERS)}), id="people, and ports above 1023"
        ),
        pytest.param(
            listed(everything(**{"100": entry(("203.0.113.0/24", 0, 65535), allows=False)}), everything()),
            id="not from somebody's addresses",
        ),
        pytest.param(
            listed(everything() | {950: entry(ALL, allows=False)}, everything()), id="a denial behind what allows"
        ),
        pytest.param(
            listed(everything(**{"100": entry(ALL, allows=False, protocol=17)}), everything()), id="a denial of UDP"
        ),
        pytest.param(
            listed(everything(**{"50": entry(("0.0.0.0/0", 3389, 3389), allows=False)}), everything()),
            id="nobody to an administrator's port",
        ),
        pytest.param(
            listed(
                {
                    100: entry(PEOPLE),
                    200: entry(("10.0.1.0/25", 1024, 65535)),
                    300: entry(("10.0.1.128/25", 1024, 2000)),
                    400: entry(("10.0.1.128/25", 2001, 65535)),
                },
                everything(),
            ),
            id="by parts of addresses and ports",
        ),
        pytest.param(
            listed({100: {**entry(ALL, protocol=-1), "PortRange": {"From": 80, "To": 80}}}, everything()),
            id="all protocols, whatever the ports",
        ),
        pytest.param(
            through_a_gateway({100: entry(("10.0.0.0/16", 443, 443)), 200: entry(ANSWERS)}, everything()),
            id="through a gateway",
        ),
        pytest.param(
            through_endpoints({100: entry(("10.0.0.0/16", 443, 443))}, {100: entry(("10.0.0.0/16", 32768, 60999))}),
            id="to endpoints",
        ),
    ],
)
def test_a_list_lets_through_what_the_site_needs(change: Change) -> None:
    planned = plan(change(site()))
    assert planned.services
    assert "list" not in "\n".join(planned.notes)


NO_RULE = "no rule of it allows it"
BALANCER = "site-test/Balancer (AWS::ElasticLoadBalancingV2::LoadBalancer)"
SERVICE = "site-test/Service (AWS::ECS::Service)"
DATABASE = "site-test/Database (AWS::RDS::DBCluster)"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            listed({}, {}),
            f"let TCP 80 from the internet to {BALANCER} into the subnet subnet-a: {NO_RULE}",
            id="an empty list",
        ),
        pytest.param(
            listed(everything(), {100: entry(("10.0.0.0/16", 0, 65535))}),
            f"answers from {BALANCER} to the internet, TCP 1024 to 65535, out of the subnet subnet-a: {NO_RULE}",
            id="no answers to people",
        ),
        pytest.param(
            listed(everything(**{"50": entry((BESIDE, 8080, 8080), allows=False)}), everything()),
            f"let TCP 8080 from {BALANCER} to {SERVICE} into the subnet subnet-a: its rule 50 denies it",
            id="not to the tasks' port",
        ),
        pytest.param(
            listed(everything(), everything(**{"50": entry(("10.0.0.0/8", 3306, 3306), allows=False)})),
            f"let TCP 3306 from {SERVICE} to {DATABASE} out of the subnet subnet-a: its rule 50 denies it",
            id="not to the database",
        ),
        pytest.param(
            listed(everything(), everything(**{"50": entry((BESIDE, 2049, 2049), allows=False)})),
            "let TCP 2049 from site-test/Service",
            id="not to the file system",
        ),
        pytest.param(
            listed(everything(**{"50": entry((BESIDE, 30000, 40000), allows=False)}), everything()),
            "TCP 1024 to 65535, into the subnet subnet-a: its rule 50 denies it",
            id="not to ten thousand ports of answers",
        ),
        pytest.param(
            listed({100: entry(PEOPLE), 200: entry((BESIDE, 1024, 60999))}, everything()),
            f"let the answers from {SERVICE} to {BALANCER}, TCP 1024 to 65535, into the subnet subnet-a: {NO_RULE}",
            id="answers to a task's ports alone",
        ),
        pytest.param(
            listed({100: entry(PEOPLE), 200: entry(("10.0.1.0/25", 1024, 65535))}, everything()),
            NO_RULE,
            id="half of the subnet beside",
        ),
        pytest.param(
            all_of(routed(NatGatewayId="nat-1"), listed(everything(), {100: entry(("10.0.0.0/16", 0, 65535))})),
            f"let TCP 443 from {SERVICE} to the internet out of the subnet subnet-a: {NO_RULE}",
            id="no way to the image",
        ),
        pytest.param(
            through_a_gateway({100: entry(ANSWERS)}, everything()),
            f"let TCP 443 from {SERVICE} to site-test/nat-1 (AWS::EC2::NatGateway) into the subnet Subnetc: {NO_RULE}",
            id="not to the gateway",
        ),
        pytest.param(
            through_a_gateway({100: entry(("10.0.0.0/16", 443, 443))}, everything()),
            "let the answers from the internet to site-test/nat-1 (AWS::EC2::NatGateway), TCP 1024 to 65535, into",
            id="no answers to the gateway",
        ),
        pytest.param(
            through_endpoints(everything(), {}),
            f"let the answers from site-test/ecr.api (AWS::EC2::VPCEndpoint) to {SERVICE}, TCP 32768 to 60999, out of",
            id="no answers from endpoints",
        ),
    ],
)
def test_a_list_that_keeps_the_site_from_what_it_needs_is_named(change: Change, words: str) -> None:
    with pytest.raises(PlanError) as error:
        plan(change(site()))
    assert "site-test/List (AWS::EC2::NetworkAcl) does not let " in str(error.value)
    assert words in str(error.value)


def test_a_list_of_nobody_is_noted() -> None:
    part = add("Listed", "AWS::EC2::SubnetNetworkAclAssociation", SubnetId="subnet-a", NetworkAclId="acl-1")
    notes = "\n".join(plan(part(site())).notes)
    assert "no deployed stack has the list acl-1, so whether it lets the site's packets through is not judged" in notes
