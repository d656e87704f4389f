"""What a team's account has already, and its templates name by identity, is there when they are deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.values.cloud_assembly import Bootstrapped, brought
from tests.rehearsal.conftest import deploy

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

pytestmark = pytest.mark.usefixtures("surroundings")
REGION = "eu-west-1"

RESOURCES: dict[str, Any] = {
    "Group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "d", "VpcId": "vpc-0123456789abcdef0"},
    },
    "Balancer": {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"Subnets": ["subnet-00000000a", "subnet-00000000b"], "SecurityGroups": [{"Ref": "Group"}]},
    },
    "Mount": {
        "Type": "AWS::EFS::MountTarget",
        "Properties": {"FileSystemId": {"Ref": "Files"}, "SubnetId": "subnet-00000000b", "SecurityGroups": []},
    },
    "Files": {"Type": "AWS::EFS::FileSystem"},
    "Record": {
        "Type": "AWS::Route53::RecordSet",
        "Properties": {
            "HostedZoneId": "Z0123456789ABC",
            "Name": "www.example.com.",
            "Type": "A",
            "AliasTarget": {
                "DNSName": {"Fn::Join": ["", ["dualstack.", {"Fn::GetAtt": ["Balancer", "DNSName"]}]]},
                "HostedZoneId": {"Fn::GetAtt": ["Balancer", "CanonicalHostedZoneID"]},
            },
        },
    },
}


def test_what_a_template_names_by_its_identity_is_found() -> None:
    found = [(each.kind, each.name) for each in brought("1", REGION, RESOURCES)]
    assert found == [
        ("vpc", "vpc-0123456789abcdef0"),
        ("subnet", "vpc-0123456789abcdef0/subnet-00000000a/0"),
        ("subnet", "vpc-0123456789abcdef0/subnet-00000000b/1"),
        ("hosted-zone", "Z0123456789ABC/example.com"),
    ]


@pytest.mark.parametrize(
    ("name", "path"), [pytest.param("/site/key", "/site/key", id="a path"), pytest.param("key", "/key", id="a word")]
)
def test_a_parameter_is_read_that_a_stack_makes_and_stood_in_for_where_none_does(
    cloud: Cloud, account: str, name: str, path: str
) -> None:
    arn = f"arn:aws:ssm:{REGION}:{account}:parameter{path}"
    value = cloud.secret(account, "us-east-1", arn)
    assert len(value) == 32
    assert value == cloud.secret(account, REGION, arn)
    assert value != cloud.secret(account, REGION, f"{arn}2")
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": "the site's"}}
    deploy({"Resources": {"P": parameter}}, account=account, region=REGION, name="stack", parameters={})
    assert cloud.secret(account, "us-east-1", arn) == "the site's", "the region is the ARN's"


def test_a_stack_is_deployed_into_what_the_account_has(cloud: Cloud, account: str) -> None:
    things: list[Bootstrapped] = list(brought(account, REGION, RESOURCES))
    cloud.bootstrap(things)
    cloud.bootstrap(things)
    stack = deploy({"Resources": RESOURCES}, account=account, region=REGION, name="stack", parameters={})
    assert stack.resources["Balancer"].attributes["DNSName"].startswith("localhost:")
    ec2 = cloud.client("ec2", account, REGION)
    subnets = ec2.describe_subnets(SubnetIds=["subnet-00000000a", "subnet-00000000b"])["Subnets"]
    assert [each["AvailabilityZone"] for each in subnets] == [f"{REGION}a", f"{REGION}b"]
    [zone] = cloud.client("route53", account, REGION).list_hosted_zones()["HostedZones"]
    assert zone["Id"] == "/hostedzone/Z0123456789ABC"
