"""What an update would change: a table of edits, and what CloudFormation makes of each."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.values import changes
from rehearsal.values.changes import Action, Text
from tests.rehearsal.aws.stacks import a, of


def between(before: dict[str, Any], after: dict[str, Any], *parameters: dict[str, str]) -> list[tuple[str, str, str]]:
    old, new = parameters or ({}, {})
    return [
        (change.logical_id, str(change.action), ",".join(change.because or change.properties))
        for change in changes.between(Text(before, old), Text(after, new))
    ]


VPC = a("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")
SUBNET = a("AWS::EC2::Subnet", VpcId={"Ref": "V"}, CidrBlock="10.0.0.0/24")
GROUP = a("AWS::EC2::SecurityGroup", GroupDescription="d", VpcId={"Fn::GetAtt": ["V", "VpcId"]})
MAPPED = a("AWS::S3::Bucket", BucketName={"Fn::FindInMap": ["M", "a", "b"]})
CLUSTER = a("AWS::RDS::DBCluster", Engine="aurora-mysql", DatabaseName="w")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(of(V=VPC), of(V=VPC), [], id="nothing"),
        pytest.param(of(), of(V=VPC), [("V", "added", "")], id="a new resource"),
        pytest.param(of(V=VPC), of(), [("V", "removed", "")], id="a resource less"),
        pytest.param(
            of(V=VPC),
            of(V=a("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsSupport=True)),
            [("V", "changed", "EnableDnsSupport")],
            id="a property that can change",
        ),
        pytest.param(
            of(V=VPC, S=SUBNET, G=GROUP),
            of(V=a("AWS::EC2::VPC", CidrBlock="10.1.0.0/16"), S=SUBNET, G=GROUP),
            [("V", "replaced", "CidrBlock"), ("S", "replaced", "VpcId"), ("G", "changed", "VpcId")],
            id="what is set at a creation, and all that names it",
        ),
        pytest.param(
            of(V=VPC, P=a("AWS::SSM::Parameter", Type="String", Value={"Fn::Sub": "vpc ${V}"})),
            of(
                V=a("AWS::EC2::VPC", CidrBlock="10.1.0.0/16"),
                P=a("AWS::SSM::Parameter", Type="String", Value={"Fn::Sub": "vpc ${V}"}),
            ),
            [("V", "replaced", "CidrBlock"), ("P", "changed", "Value")],
            id="a text that names what is replaced",
        ),
        pytest.param(
            of(X=a("AWS::SNS::Topic")), of(X=a("AWS::SQS::Queue")), [("X", "replaced", "Type")], id="another type"
        ),
        pytest.param(
            of(X=a("AWS::S3::Bucket")),
            of(X=a("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})),
            [("X", "changed", "DeletionPolicy")],
            id="a policy alone",
        ),
        pytest.param(
            of(X={**a("AWS::S3::Bucket"), "Metadata": {"aws:cdk:path": "a"}, "DependsOn": []}),
            of(X={**a("AWS::S3::Bucket"), "Metadata": {"aws:cdk:path": "b"}, "DependsOn": ["X"]}),
            [],
            id="what is no property",
        ),
        pytest.param(
            of(X=a("AWS::Lambda::Function", VpcConfig={"SubnetIds": ["a"]}, Code={"S3Key": "k"}, Role="r")),
            of(X=a("AWS::Lambda::Function", VpcConfig={"SubnetIds": ["b"]}, Code={"S3Key": "k"}, Role="r")),
            [("X", "changed", "VpcConfig")],
            id="a nested property",
        ),
        pytest.param(
            {**of(X=MAPPED), "Mappings": {"M": {"a": {"b": "1"}}}},
            {**of(X=MAPPED), "Mappings": {"M": {"a": {"b": "2"}}}},
            [("X", "replaced", "BucketName")],
            id="a mapping",
        ),
        pytest.param(
            {**of(X={**a("AWS::SNS::Topic"), "Condition": "C"}), "Conditions": {"C": {"Fn::Equals": ["a", "a"]}}},
            {**of(X={**a("AWS::SNS::Topic"), "Condition": "C"}), "Conditions": {"C": {"Fn::Equals": ["a", "b"]}}},
            [("X", "removed", "")],
            id="a condition",
        ),
    ],
)  # fmt: skip
def test_what_an_edit_of_a_template_changes(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert between(before, after) == expected


def test_an_attribute_of_what_is_replaced_may_be_what_it_was() -> None:
    before, after = of(V=VPC, G=GROUP), of(V=a("AWS::EC2::VPC", CidrBlock="10.1.0.0/16"), G=GROUP)
    [_, group] = changes.between(Text(before, {}), Text(after, {}))
    assert (group.dynamic, str(group)) == (
        ("VpcId",),
        "changed G AWS::EC2::SecurityGroup (VpcId); AWS may replace it for VpcId",
    )
    [_, group] = changes.between(Text(before, {}), Text(after, {}), {"G"})
    assert (group.action, group.because, group.dynamic) == (Action.REPLACE, ("VpcId",), ())


DB_CLUSTER, DB_INSTANCE = "AWS::RDS::DBCluster", "AWS::RDS::DBInstance"


def units(least: float, most: float) -> dict[str, Any]:
    return a(DB_CLUSTER, ServerlessV2ScalingConfiguration={"MinCapacity": least, "MaxCapacity": most})


@pytest.mark.parametrize(
    ("before", "after", "waiting"),
    [
        pytest.param(units(1, 4), units(1, 8), "ServerlessV2ScalingConfiguration.MaxCapacity", id="larger"),
        pytest.param(units(1, 4), units(2, 4), "", id="another minimum"),
        pytest.param(
            a(DB_CLUSTER), a(DB_CLUSTER, DBClusterParameterGroupName="g"), "DBClusterParameterGroupName", id="a group"
        ),
        pytest.param(
            a(DB_INSTANCE, DBParameterGroupName="g"),
            a(DB_INSTANCE, DBParameterGroupName="h"),
            "DBParameterGroupName",
            id="another group of an instance",
        ),
    ],
)
def test_what_a_database_heeds_after_a_reboot_alone_is_said(
    before: dict[str, Any], after: dict[str, Any], waiting: str
) -> None:
    [change] = changes.between(Text(of(D=before), {}), Text(of(D=after), {}))
    assert change.action is Action.MODIFY
    words = f"; {waiting}: its instances keep their limit of connections and their parameters until somebody reboots"
    assert (words in str(change)) == bool(waiting)
    assert ("reboots" in str(change)) == bool(waiting)


BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
PROTECTED = {"Key": "deletion_protection.enabled", "Value": "true"}


def vault(**policies: str) -> dict[str, Any]:
    return {**a("AWS::Backup::BackupVault", BackupVaultName="v"), **policies}


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        pytest.param(of(), of(V=vault(DeletionPolicy="Retain")), ["V"], id="new, retained, named"),
        pytest.param(of(), of(V=vault(DeletionPolicy="RetainExceptOnCreate")), [], id="kept from deletions alone"),
        pytest.param(of(), of(V=vault()), [], id="deleted"),
        pytest.param(of(), of(L={**a("AWS::Logs::LogGroup"), "DeletionPolicy": "Retain"}), [], id="named by AWS"),
        pytest.param(of(V=vault()), of(V=vault(DeletionPolicy="Retain")), [], id="stood before"),
        pytest.param(of(), of(C=a(DB_CLUSTER, DeletionProtection=True)), ["C"], id="a protected cluster"),
        pytest.param(of(), of(C=a(DB_CLUSTER, DeletionProtection=False)), [], id="an unprotected cluster"),
        pytest.param(of(), of(B=a(BALANCER, LoadBalancerAttributes=[PROTECTED])), ["B"], id="a protected balancer"),
    ],
)
def test_what_a_failed_deployment_leaves_in_the_way_is_said(
    before: dict[str, Any], after: dict[str, Any], left: list[str]
) -> None:
    sentences = list(changes.in_the_way(Text(before, {}), Text(after, {})))
    assert [each.partition(" ")[0] for each in sentences] == left
    words = {"V": "its BackupVaultName until somebody deletes it", "C": "cannot be rolled back", "B": "ROLLBACK_FAILED"}
    assert all(words[each[0]] in each for each in sentences)


def test_a_parameter_changes_what_uses_it() -> None:
    template = {**of(T=a("AWS::SNS::Topic", TopicName={"Ref": "P"}, DisplayName={"Fn::If": ["C", "a", "b"]}))}
    template["Conditions"] = {"C": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Q"}, "1"]}]}}
    kept = {"P": "x", "Q": "1"}
    assert between(template, template, kept, kept) == []
    assert between(template, template, kept, {**kept, "Q": "2"}) == [("T", "changed", "DisplayName")]
    assert between(template, template, kept, {**kept, "P": "y"}) == [("T", "replaced", "TopicName")]


GUARDED = {**CLUSTER["Properties"], "DeletionProtection": True}


@pytest.mark.parametrize(
    ("policies", "action", "words"),
    [
        pytest.param({}, Action.REPLACE, "ITS DATA IS DELETED", id="replaced without a policy"),
        pytest.param({"DeletionPolicy": "Retain"}, Action.REPLACE, "ITS DATA IS DELETED", id="another policy"),
        pytest.param({"UpdateReplacePolicy": "Snapshot"}, Action.REPLACE, "stays as a snapshot", id="snapshot"),
        pytest.param({"UpdateReplacePolicy": "Retain"}, Action.REPLACE, "stays, out of the stack", id="retained"),
        pytest.param({}, Action.REMOVE, "stays as a snapshot", id="a cluster removed without a policy"),
        pytest.param({"DeletionPolicy": "Delete"}, Action.REMOVE, "ITS DATA IS DELETED", id="removed"),
        pytest.param(
            {"Properties": GUARDED}, Action.REPLACE, "AWS cannot delete the old one", id="protected, replaced"
        ),
        pytest.param({"Properties": GUARDED}, Action.REMOVE, "AWS cannot delete the old one", id="protected, removed"),
    ],
)
def test_what_becomes_of_a_databases_data_is_said(policies: dict[str, Any], action: Action, words: str) -> None:
    after = of(C=a("AWS::RDS::DBCluster", Engine="aurora-mysql", DatabaseName="other"))
    if action is Action.REMOVE:
        after = of()
    [change] = changes.between(Text(of(C={**CLUSTER, **policies}), {}), Text(after, {}))
    assert change.action is action
    assert words in str(change)
    assert change.kept == ("DELETED" not in words)


def test_what_begins_with_a_snapshot_is_not_called_empty() -> None:
    restored = a("AWS::RDS::DBCluster", Engine="aurora-mysql", SnapshotIdentifier="before")
    [change] = changes.between(
        Text(of(C=a("AWS::RDS::DBCluster", Engine="aurora-mysql")), {}), Text(of(C=restored), {})
    )
    assert change.action is Action.REPLACE
    assert str(change).endswith("ITS DATA IS DELETED, and the new one begins with before")


def test_an_instance_of_a_cluster_holds_no_data_of_its_own() -> None:
    instance = {"I": a("AWS::RDS::DBInstance", DBClusterIdentifier={"Ref": "C"})}
    other = a("AWS::RDS::DBCluster", Engine="aurora-mysql", DatabaseName="other")
    [cluster, of_cluster] = changes.between(Text(of(C=CLUSTER, **instance), {}), Text(of(C=other, **instance), {}))
    assert str(cluster).endswith("ITS DATA IS DELETED, and the new one begins EMPTY")
    assert str(of_cluster) == "replaced I AWS::RDS::DBInstance (DBClusterIdentifier)"


def test_a_resource_that_the_template_names_itself_cannot_be_replaced_under_its_name() -> None:
    def cluster(**more: Any) -> dict[str, Any]:
        return of(C=a("AWS::RDS::DBCluster", Engine="aurora-mysql", DBClusterIdentifier="site", **more))

    found = changes.between(Text(cluster(), {}), Text(cluster(DatabaseName="w"), {}))
    [refusal] = changes.named(found, cluster(DatabaseName="w"))
    assert "custom-named" in refusal
    assert "DatabaseName" in refusal
    other = of(C=a("AWS::RDS::DBCluster", Engine="aurora-mysql", DBClusterIdentifier="site2", DatabaseName="w"))
    assert not list(changes.named(changes.between(Text(cluster(), {}), Text(other, {})), other))
