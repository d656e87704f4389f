"""Updates of stacks in the emulated CloudFormation: what is replaced, refused, rolled back, and what is put back."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.values import cloud_assembly
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Stack
from tests.rehearsal.aws.stacks import REGION, a, of, put
from tests.rehearsal.conftest import deploy, forget

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

pytestmark = pytest.mark.usefixtures("surroundings")


def files(policies: Mapping[str, str] | None = None, *, encrypted: bool = False) -> dict[str, Any]:
    return {**a("AWS::EFS::FileSystem", Encrypted=encrypted), **(policies or {})}


def file_systems(cloud: Cloud, account: str) -> set[str]:
    found = cloud.client("efs", account, REGION).describe_file_systems()["FileSystems"]
    return {each["FileSystemId"] for each in found}


def vpc(block: str = "10.0") -> dict[str, dict[str, Any]]:
    return {
        "Vpc": a("AWS::EC2::VPC", CidrBlock=f"{block}.0.0/16"),
        "Net": a("AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock=f"{block}.0.0/24"),
        "Group": a("AWS::EC2::SecurityGroup", GroupDescription="d", VpcId={"Fn::GetAtt": ["Vpc", "VpcId"]}),
        "Beside": a("AWS::SSM::Parameter", Name="net", Type="String", Value={"Ref": "Net"}),
    }


def test_what_only_a_creation_sets_is_replaced_with_all_that_names_it(cloud: Cloud, account: str) -> None:
    before = put(of(**vpc()), account)
    after = put(of(**vpc("10.1")), account)
    for name in ("Vpc", "Net", "Group"):
        assert after.resources[name].physical_id != before.resources[name].physical_id, name
        assert after.resources[name].generation == 2
    assert after.resources["Beside"].generation == 1
    ssm, ec2 = (cloud.client(service, account, REGION) for service in ("ssm", "ec2"))
    assert ssm.get_parameter(Name="net")["Parameter"]["Value"] == after.resources["Net"].physical_id
    # What was replaced is gone.
    assert before.resources["Vpc"].physical_id not in {each["VpcId"] for each in ec2.describe_vpcs()["Vpcs"]}


def test_what_names_an_attribute_that_stays_is_left_alone(cloud: Cloud, account: str) -> None:
    def database(name: str) -> dict[str, Any]:
        properties = {"MasterUsername": "admin", "MasterUserPassword": account, "DatabaseName": name}
        port = {"Fn::GetAtt": ["C", "Endpoint.Port"]}
        rule = {"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        return of(
            C=a("AWS::RDS::DBCluster", Engine="aurora-mysql", **properties),
            In=a("AWS::EC2::SecurityGroupIngress", CidrIp="10.0.0.0/8", **rule),
            Out=a("AWS::EC2::SecurityGroupEgress", CidrIp="10.0.0.0/8", **rule),
            **vpc(),
        )

    before = put(database("one"), account)
    after = put(database("other"), account)
    assert after.resources["C"].generation == 2
    for name in ("In", "Out"):
        assert after.resources[name] == before.resources[name]


def test_a_stack_that_is_deleted_leaves_nothing_of_itself(cloud: Cloud, cdk_out: Path) -> None:
    forget(cloud)
    cloud.bootstrap(cloud_assembly.expects(cdk_out))
    artifacts = [each for each in cloud_assembly.stacks(cdk_out) if "dev" in each.name]
    for artifact in artifacts:
        deploy(artifact.read(), account=artifact.account, region=artifact.region, name=artifact.name, parameters={})
    account, region = artifacts[0].account, artifacts[0].region
    ec2, ecs, elb = (cloud.client(service, account, region) for service in ("ec2", "ecs", "elbv2"))
    formation = cloud.client("cloudformation", account, region)
    for artifact in reversed(artifacts):
        formation.delete_stack(StackName=artifact.name)
    left = {
        "vpcs": [each for each in ec2.describe_vpcs()["Vpcs"] if not each["IsDefault"]],
        "gateways": ec2.describe_internet_gateways()["InternetGateways"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "endpoints": [e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["State"] != "deleted"],
        "flow logs": ec2.describe_flow_logs()["FlowLogs"],
        "clusters": [
            each
            for each in ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
            if each["status"] != "INACTIVE"
        ],
        "tasks": ecs.list_task_definitions()["taskDefinitionArns"],
        "load balancers": elb.describe_load_balancers()["LoadBalancers"],
        "target groups": elb.describe_target_groups()["TargetGroups"],
        "databases": cloud.client("rds", account, region).describe_db_clusters()["DBClusters"],
        "roles": [
            each["RoleName"]
            for each in cloud.client("iam", account, region).list_roles()["Roles"]
            if not each["RoleName"].startswith("cdk-")
        ],
    }
    assert {name: found for name, found in left.items() if found} == {}


def test_a_change_in_place_keeps_what_a_resource_is(account: str) -> None:
    before = put(of(**vpc()), account)
    changed = vpc()
    changed["Vpc"]["Properties"]["EnableDnsHostnames"] = True
    after = put(of(**changed), account)
    assert {name: each.physical_id for name, each in after.resources.items()} == {
        name: each.physical_id for name, each in before.resources.items()
    }


@pytest.mark.parametrize(
    ("policies", "stays"),
    [
        pytest.param({}, False, id="no policy"),
        pytest.param({"UpdateReplacePolicy": "Retain"}, True, id="retained"),
        pytest.param({"DeletionPolicy": "Retain"}, False, id="retained at a deletion only"),
    ],
)
def test_what_is_replaced_stays_where_its_policy_says_so(
    cloud: Cloud, account: str, policies: dict[str, str], stays: bool
) -> None:
    before = put(of(T=files(policies)), account).resources["T"].physical_id
    after = put(of(T=files(policies, encrypted=True)), account).resources["T"].physical_id
    assert file_systems(cloud, account) == ({before, after} if stays else {after})


BROKEN = a("AWS::SSM::Parameter", Name="q", Type="String", Value={"Fn::GetAtt": ["T", "Nothing"]})


def test_an_update_that_fails_leaves_what_was(cloud: Cloud, account: str) -> None:
    first = of(T=files(), **vpc())
    before = put(first, account)
    failing = of(T=files(encrypted=True), New=a("AWS::SNS::Topic"), Broken=BROKEN, **vpc("10.1"))
    with pytest.raises(ActionFailed, match=r"Broken \(AWS::SSM::Parameter\): T .* has no attribute Nothing"):
        put(failing, account)
    client = cloud.client("cloudformation", account, REGION)
    assert client.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert file_systems(cloud, account) == {before.resources["T"].physical_id}
    assert cloud.client("sns", account, REGION).list_topics()["Topics"] == []
    assert put(first, account).resources == before.resources
    # The next one goes on from there.
    del failing["Resources"]["Broken"]
    assert put(failing, account).resources["T"].generation == 2


ROLE = a("AWS::IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": []})


def may(action: str) -> dict[str, Any]:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
    }
    return of(R=ROLE, P=a("AWS::IAM::Policy", PolicyName="p", PolicyDocument=document, Roles=[{"Ref": "R"}]))


def test_a_policy_that_iam_refuses_leaves_the_one_before(cloud: Cloud, account: str) -> None:
    role = put(may("s3:GetObject"), account).resources["R"].physical_id
    with pytest.raises(
        ActionFailed, match=r"P \(AWS::IAM::Policy\): .*Actions/Conditions must be prefaced by a vendor"
    ):
        put(may("GetObject"), account)
    client = cloud.client("cloudformation", account, REGION)
    assert client.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    put(may("s3:PutObject"), account)
    policy = cloud.client("iam", account, REGION).get_role_policy(RoleName=role, PolicyName="p")
    assert policy["PolicyDocument"]["Statement"][0]["Action"] == "s3:PutObject"


def test_a_security_group_that_changes_keeps_the_rules_of_others(cloud: Cloud, account: str) -> None:
    def group(port: int, **rule: str) -> dict[str, Any]:
        found = of(**vpc())
        own = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "10.0.0.0/8"}
        found["Resources"]["Group"]["Properties"]["SecurityGroupIngress"] = [own]
        other = {"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 25, "ToPort": 25, "CidrIp": "10.0.0.0/8"}
        found["Resources"]["Out"] = a("AWS::EC2::SecurityGroupEgress", **other, **rule)
        return found

    before = put(group(80), account).resources["Group"].physical_id
    assert put(group(81), account).resources["Group"].physical_id == before
    put(group(82, Description="to the mail server"), account)
    ec2 = cloud.client("ec2", account, REGION)
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [before]}])["SecurityGroupRules"]
    assert sorted((rule["IsEgress"], rule.get("FromPort")) for rule in rules if rule.get("FromPort") != -1) == [
        (False, 82),
        (True, 25),
    ]


def test_the_subnets_of_a_database_change_with_their_tags(cloud: Cloud, account: str) -> None:
    def subnets(description: str) -> dict[str, Any]:
        zones = {
            f"Zone{zone}": a(
                "AWS::EC2::Subnet",
                VpcId={"Ref": "Vpc"},
                CidrBlock=f"10.0.{index}.0/24",
                AvailabilityZone=f"{REGION}{zone}",
            )
            for index, zone in enumerate("ab", 1)
        }
        group = a(
            "AWS::RDS::DBSubnetGroup",
            DBSubnetGroupDescription=description,
            SubnetIds=[{"Ref": zone} for zone in zones],
            Tags=[{"Key": "stage", "Value": "dev"}],
        )
        return of(**vpc(), **zones, Subnets=group)

    put(subnets("one"), account)
    put(subnets("another"), account)
    [found] = cloud.client("rds", account, REGION).describe_db_subnet_groups()["DBSubnetGroups"]
    assert found["DBSubnetGroupDescription"] == "another"


def test_an_error_around_a_deployment_rolls_it_back(account: str) -> None:
    from rehearsal.aws.cloudformation import deployment
    from rehearsal.aws.cloudformation.generations import Place

    place = Place(account, REGION, "stack")
    before = put(of(T=files()), account)
    with (
        pytest.raises(ZeroDivisionError),
        deployment.deploying(of(T=files(encrypted=True)), place=place, parameters={}) as under_way,
    ):
        assert under_way.stack.resources["T"].physical_id != before.resources["T"].physical_id
        raise ZeroDivisionError
    assert deployment.find(*place) == before


def test_a_creation_that_fails_leaves_a_name_to_which_nothing_can_be_deployed(cloud: Cloud, account: str) -> None:
    with pytest.raises(ActionFailed, match="has no attribute Nothing"):
        put(of(T=files(), Broken=BROKEN), account)
    assert file_systems(cloud, account) == set()
    with pytest.raises(ActionFailed, match=r"ROLLBACK_COMPLETE state .*`make delete-stack STACK=stack`"):
        put(of(T=files()), account)


def protected_balancer(**more: dict[str, Any]) -> dict[str, Any]:
    zones = {
        f"In{zone}": a(
            "AWS::EC2::Subnet", VpcId={"Ref": "Vpc"}, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )
        for n, zone in enumerate("ab", 1)
    }
    attributes = [{"Key": "deletion_protection.enabled", "Value": {"Ref": "Protected"}}]
    balancer = a(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        Subnets=[{"Ref": zone} for zone in zones],
        LoadBalancerAttributes=attributes,
    )
    return of(B=balancer, Vpc=vpc()["Vpc"], **zones, **more) | {
        "Parameters": {"Protected": {"Type": "String", "Default": "true"}}
    }


def balancers(cloud: Cloud, account: str) -> list[str]:
    found = cloud.client("elbv2", account, REGION).describe_load_balancers()["LoadBalancers"]
    return [each["LoadBalancerArn"] for each in found]


def test_what_is_protected_stays_of_a_creation_that_fails(cloud: Cloud, account: str) -> None:
    with pytest.raises(ActionFailed, match="has no attribute Nothing"):
        put(protected_balancer(T=files(), Broken=BROKEN), account)
    assert file_systems(cloud, account) == set()
    assert len(balancers(cloud, account)) == 1
    with pytest.raises(ActionFailed, match=r"in ROLLBACK_FAILED state .* protected .*`make delete-stack STACK=stack`"):
        put(protected_balancer(), account)


def test_what_is_protected_stays_where_its_place_in_the_template_is_gone(cloud: Cloud, account: str) -> None:
    from rehearsal.aws.cloudformation import deployment
    from rehearsal.aws.cloudformation.generations import Place

    put(protected_balancer(), account)
    without = protected_balancer()
    del without["Resources"]["B"]
    with deployment.deploying(without, place=Place(account, REGION, "stack"), parameters={}) as under_way:
        pass
    [left] = under_way.left
    assert left.startswith("B (")
    assert "could not be deleted and stays, out of the stack: it is protected" in left
    assert len(balancers(cloud, account)) == 1
    assert "B" not in under_way.stack.resources


def exporting(block: str) -> dict[str, Any]:
    return {**of(**vpc(block)), "Outputs": {"O": {"Value": {"Ref": "Net"}, "Export": {"Name": "net"}}}}


def test_what_another_stack_imports_cannot_be_replaced(account: str) -> None:
    put(exporting("10.0"), account, "first")
    put(of(P=a("AWS::SSM::Parameter", Name="p", Type="String", Value={"Fn::ImportValue": "net"})), account, "second")
    with pytest.raises(ActionFailed, match="export net cannot be updated as it is in use by second"):
        put(exporting("10.1"), account, "first")
    assert put(exporting("10.0"), account, "first").resources["Vpc"].generation == 1


@pytest.mark.parametrize(
    ("policy", "protection", "left"),
    [
        pytest.param("Snapshot", {}, {"clusters": 1, "snapshots": 1}, id="a snapshot"),
        pytest.param("Delete", {}, {"clusters": 1, "snapshots": 0}, id="deleted"),
        pytest.param("Retain", {}, {"clusters": 2, "snapshots": 0}, id="retained"),
        pytest.param("Delete", {"DeletionProtection": True}, {"clusters": 2, "snapshots": 0}, id="protected"),
        pytest.param("Snapshot", {"DeletionProtection": True}, {"clusters": 2, "snapshots": 0}, id="no snapshot of it"),
    ],
)
def test_what_becomes_of_a_replaced_cluster(
    cloud: Cloud, account: str, policy: str, protection: dict[str, bool], left: dict[str, int]
) -> None:
    def database(name: str) -> dict[str, Any]:
        properties = {"MasterUsername": "admin", "MasterUserPassword": account, "DatabaseName": name, **protection}
        cluster = {**a("AWS::RDS::DBCluster", Engine="aurora-mysql", **properties), "UpdateReplacePolicy": policy}
        member = a("AWS::RDS::DBInstance", Engine="aurora-mysql", DBInstanceClass="db.serverless")
        member["Properties"]["DBClusterIdentifier"] = {"Ref": "C"}
        return of(C=cluster, M=member)

    put(database("one"), account)
    put(database("other"), account)
    rds = cloud.client("rds", account, REGION)
    # Others are automated: RDS's own backups of each cluster.
    snapshots = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    assert {"clusters": len(rds.describe_db_clusters()["DBClusters"]), "snapshots": len(snapshots)} == left


def test_a_name_that_the_template_gives_stands_in_the_way_of_a_replacement(account: str) -> None:
    def cluster(database: str) -> dict[str, Any]:
        properties = {"MasterUsername": "admin", "MasterUserPassword": account, "DatabaseName": database}
        return of(C=a("AWS::RDS::DBCluster", Engine="aurora-mysql", DBClusterIdentifier="seats", **properties))

    put(cluster("one"), account)
    with pytest.raises(ActionFailed, match=r"custom-named resource requires replacing: C .* its DBClusterIdentifier"):
        put(cluster("other"), account)


def test_the_cdks_own_update_of_a_stack_replaces_too(cloud: Cloud, account: str) -> None:
    client = cloud.client("cloudformation", account, REGION)
    for kind, encrypted in (("CREATE", False), ("UPDATE", True)):
        client.create_change_set(
            StackName="s",
            ChangeSetName=kind,
            ChangeSetType=kind,
            TemplateBody=json.dumps(of(T=files(encrypted=encrypted))),
        )
        client.execute_change_set(StackName="s", ChangeSetName=kind)
    [name] = file_systems(cloud, account)
    [described] = client.describe_stack_resources(StackName="s")["StackResources"]
    assert described["PhysicalResourceId"] == name


# What is the matter of each edit of the project's own templates: a type, a property, and its new value.
EDITS: Mapping[str, tuple[str, Any]] = {
    "AWS::EC2::VPC": ("EnableDnsHostnames", False),
    "AWS::EC2::SecurityGroup": ("GroupDescription", "another"),
    "AWS::EC2::SecurityGroupIngress": ("Description", "another"),
    "AWS::EFS::FileSystem": ("ThroughputMode", "bursting"),
    "AWS::RDS::DBCluster": ("BackupRetentionPeriod", 3),
    "AWS::RDS::DBInstance": ("PromotionTier", 3),
    "AWS::ECS::Service": ("HealthCheckGracePeriodSeconds", 77),
    "AWS::ECS::TaskDefinition": ("Cpu", "4096"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("IpAddressType", "ipv4"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("HealthCheckIntervalSeconds", 11),
    "AWS::ElasticLoadBalancingV2::Listener": ("Port", 81),
    "AWS::IAM::Role": ("Description", "another"),
    "AWS::Logs::LogGroup": ("RetentionInDays", 3),
    "AWS::Scheduler::Schedule": ("Description", "another"),
    "AWS::CloudWatch::Alarm": ("Threshold", 77),
    "AWS::SecretsManager::Secret": ("Description", "another"),
    "AWS::S3::Bucket": ("VersioningConfiguration", {"Status": "Suspended"}),
    "AWS::KMS::Key": ("Description", "another"),
    "AWS::SNS::Topic": ("DisplayName", "another"),
    "AWS::CodeBuild::Project": ("Description", "another"),
}


def edited(template: dict[str, Any], kinds: Mapping[str, tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    for name, definition in template["Resources"].items():
        if edit := kinds.get(definition["Type"]):
            definition.setdefault("Properties", {})[edit[0]] = edit[1]
            yield name, definition["Type"]


def test_an_update_of_the_project_leaves_what_is_put_back(cloud: Cloud, cdk_out: Path) -> None:
    """Two lives: one in which each stack is updated, and one into which what came of it is put back."""
    from rehearsal.aws.cloudformation import deployment

    forget(cloud)
    cloud.bootstrap(cloud_assembly.expects(cdk_out))
    kinds: set[str] = set()
    left: list[tuple[dict[str, Any], Stack, dict[str, int]]] = []
    artifacts = cloud_assembly.stacks(cdk_out)
    for artifact in artifacts:
        deploy(artifact.read(), account=artifact.account, region=artifact.region, name=artifact.name, parameters={})
    for artifact in artifacts:
        template = copy.deepcopy(artifact.read())
        kinds |= {kind for _, kind in edited(template, EDITS)}
        stack = deploy(template, account=artifact.account, region=artifact.region, name=artifact.name, parameters={})
        left.append((template, stack, deployment.source(stack.account, stack.region, stack.name)[2]))
    assert kinds == set(EDITS)
    assert any(made for _, _, made in left)
    forget(cloud)
    cloud.bootstrap(cloud_assembly.expects(cdk_out))
    for template, stack, made in left:
        put_back = deployment.deploy(
            template, account=stack.account, region=stack.region, name=stack.name, parameters={}, made=made
        )
        for name, resource in stack.resources.items():
            assert put_back.resources[name] == resource, name
