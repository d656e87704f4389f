"""Templates, deployed to the emulated CloudFormation: this project's own, and small ones with a fault."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.values import cloud_assembly
from rehearsal.values.exits import ActionFailed
from tests.rehearsal.aws.stacks import REGION, a, of, put
from tests.rehearsal.conftest import ROOT, Surroundings, deploy

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

pytestmark = pytest.mark.usefixtures("surroundings")

BUCKET = {"Type": "AWS::S3::Bucket"}
PARAMETER = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "p", "Type": "String", "Value": "1"}}


def test_every_stack_of_the_project_is_completed(cloud: Cloud, cdk_out: Path) -> None:
    cloud.bootstrap(cloud_assembly.expects(cdk_out))
    stacks = {
        artifact.name: deploy(
            artifact.read(), account=artifact.account, region=artifact.region, name=artifact.name, parameters={}
        )
        for artifact in cloud_assembly.stacks(cdk_out)
    }
    for artifact in cloud_assembly.stacks(cdk_out):
        described = cloud.client("cloudformation", artifact.account, artifact.region).describe_stacks(
            StackName=artifact.name
        )
        assert described["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        assert set(stacks[artifact.name].resources) == set(artifact.read()["Resources"])
    for stack in stacks.values():
        for resource in stack.resources.values():
            json.dumps(resource.properties)
            assert "Fn::" not in json.dumps(resource.properties)


def test_plans_for_a_larger_night_are_kept_and_not_carried_out(cloud: Cloud, account: str) -> None:
    planned = [
        {
            "ScheduledActionName": name,
            "Schedule": f"cron({minute} 4 * * ? *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": least, "MaxCapacity": most},
        }
        for name, minute, least, most in (("NightRaised", 15, 2, 20), ("NightDropped", 52, 1, 1))
    ]
    target = {
        "MinCapacity": 1,
        "MaxCapacity": 3,
        "ResourceId": "service/cluster/web",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ServiceNamespace": "ecs",
        "ScheduledActions": planned,
    }
    definition = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "web", "ContainerDefinitions": []}}
    service = {"Cluster": {"Ref": "C"}, "ServiceName": "web", "TaskDefinition": {"Ref": "D"}}
    put(
        of(
            C={"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "cluster"}},
            D=definition,
            S={"Type": "AWS::ECS::Service", "Properties": service},
            T={"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target, "DependsOn": "S"},
        ),
        account,
    )
    client = cloud.client("application-autoscaling", account, REGION)
    kept = client.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    assert [each["ScalableTargetAction"]["MaxCapacity"] for each in kept] == [20, 1]
    assert {each["Timezone"] for each in kept} == {"Europe/Berlin"}
    [stands] = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (stands["MinCapacity"], stands["MaxCapacity"]) == (1, 3)


def test_what_scales_no_more_is_gone(cloud: Cloud, account: str) -> None:
    client = cloud.client("application-autoscaling", account, REGION)

    def names() -> list[str]:
        described = [
            *client.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"],
            *client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"],
            *client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"],
        ]
        return [each.get("ScheduledActionName") or each.get("PolicyName") or each["ResourceId"] for each in described]

    where = {"ResourceId": "service/c/web", "ScalableDimension": "ecs:service:DesiredCount"}
    service = {"Cluster": {"Ref": "C"}, "ServiceName": "web", "TaskDefinition": {"Ref": "D"}}
    stands = {
        "C": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "c"}},
        "D": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "web", "ContainerDefinitions": []}},
        "S": {"Type": "AWS::ECS::Service", "Properties": service},
    }
    actions = [{"ScheduledActionName": name, "Schedule": "cron(15 4 * * ? *)"} for name in ("raise", "drop")]
    bounds = {"MinCapacity": 1, "MaxCapacity": 3, "ServiceNamespace": "ecs", "ScheduledActions": actions, **where}
    tracked = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
    policy = {
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": "T"},
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50, **tracked},
    }
    target = {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": bounds, "DependsOn": "S"}
    scaled = {"T": target, "P": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": policy}}
    put(of(**stands, **scaled), account, "scaled")
    assert sorted(names()) == ["cpu", "drop", "raise", "service/c/web"]
    del actions[1]
    put(of(**stands, **scaled), account, "scaled")
    assert sorted(names()) == ["cpu", "raise", "service/c/web"]
    put(of(**stands), account, "scaled")
    assert names() == []


def test_the_wrong_order_of_stacks_is_a_missing_export(account: str) -> None:
    first = {**of(B=BUCKET), "Outputs": {"O": {"Value": {"Ref": "B"}, "Export": {"Name": "first:B"}}}}
    second = of(P={**PARAMETER, "Properties": {"Name": "p", "Type": "String", "Value": {"Fn::ImportValue": "first:B"}}})
    with pytest.raises(ActionFailed, match="No export named first:B"):
        put(second, account, "second")
    exported = put(first, account, "first").resources["B"].physical_id
    assert put(second, account, "third").resources["P"].properties["Value"] == exported


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param(of(X={"Type": "AWS::Nothing::AtAll"}), "does not know: AWS::Nothing::AtAll", id="unknown type"),
        pytest.param(
            of(X={"Type": "Custom::Thing", "Properties": {}}), "does not know: Custom::Thing", id="custom resource"
        ),
        pytest.param(
            of(
                A=BUCKET,
                P={**PARAMETER, "Properties": {"Name": "p", "Type": "String", "Value": {"Fn::GetAtt": ["A", "Color"]}}},
            ),
            r"P \(AWS::SSM::Parameter\): A \(AWS::S3::Bucket\) has no attribute Color",
            id="unknown attribute",
        ),
        pytest.param(
            of(
                P={**PARAMETER, "Properties": {"Name": "p", "Type": "String", "Value": {"Fn::GetAtt": ["Gone", "Arn"]}}}
            ),
            "names Gone, which the template does not have",
            id="attribute of nothing",
        ),
        pytest.param(
            of(P={**PARAMETER, "Properties": {"Name": "p", "Type": "String", "Value": {"Ref": "Gone"}}}),
            r"P \(AWS::SSM::Parameter\): Ref names Gone, which the template does not have",
            id="reference to nothing",
        ),
        pytest.param(
            of(P={**PARAMETER, "Properties": {"Type": "String", "Value": {"Fn::Sub": "${Gone.Arn} ${!Kept}"}}}),
            r"P \(AWS::SSM::Parameter\): Fn::Sub names Gone, which the template does not have",
            id="nothing in a text",
        ),
        pytest.param(
            of(A={**BUCKET, "DependsOn": ["Gone"]}),
            r"A \(AWS::S3::Bucket\): DependsOn names Gone, which the template does not have",
            id="nothing to wait for",
        ),
        pytest.param(
            of(A={**BUCKET, "Condition": "Gone"}),
            r"A \(AWS::S3::Bucket\): Condition names the condition Gone, which",
            id="a condition that is none",
        ),
        pytest.param(
            of(A=BUCKET) | {"Outputs": {"O": {"Value": {"Ref": "Gone"}}}},
            r"Outputs\.O: Ref names Gone, which the template does not have",
            id="an output of nothing",
        ),
        pytest.param(
            of(A={**BUCKET, "DependsOn": "B"}, B={**BUCKET, "Properties": {"BucketName": {"Fn::Sub": "b-${A}"}}}),
            "A and B refer to one another in a circle",
            id="a circle",
        ),
        pytest.param(of(A={**BUCKET, "DependsOn": "A"}), "A refers to itself", id="a circle of one"),
        pytest.param(of(**{"my-bucket": BUCKET}), "the name 'my-bucket' in Resources has other", id="a hyphen"),
        pytest.param(
            of(A=BUCKET) | {"Outputs": {name: {"Value": "1", "Export": {"Name": "same"}} for name in "OP"}},
            '2 outputs are exported as "same"',
            id="an export that is there twice",
        ),
        pytest.param(
            of(A=BUCKET) | {"Conditions": {"C": {"Fn::Equals": [{"Ref": "A"}, "a"]}}},
            "Conditions.C: Ref names the parameter A, which the template does not have",
            id="a condition of a resource",
        ),
        pytest.param(
            of(A={**BUCKET, "Condition": "C"})
            | {"Conditions": {"C": {"Condition": "D"}, "D": {"Fn::Not": [{"Condition": "C"}]}}},
            "C and D refer to one another in a circle",
            id="a circle of conditions",
        ),
        pytest.param(
            of(A={**BUCKET, "Condition": "C"}, P={**PARAMETER, "Properties": {"Type": "String", "Value": {"Ref": "A"}}})
            | {"Conditions": {"C": {"Fn::Equals": ["a", "b"]}}},
            r"P \(AWS::SSM::Parameter\): Ref names A, whose condition is false",
            id="what is not made",
        ),
        pytest.param(
            of(B=BUCKET, A={**BUCKET, "Condition": "C"})
            | {
                "Conditions": {"C": {"Fn::Equals": ["a", "b"]}},
                "Outputs": {"O": {"Value": {"Fn::GetAtt": ["A", "Arn"]}}},
            },
            r"Unresolved resource dependencies \[A\] in the Outputs block",
            id="an output of what is not made",
        ),
        pytest.param(
            of(P={**PARAMETER, "Properties": {"Type": "String", "Value": {"Ref": "AWS::Colour"}}}),
            "Ref names AWS::Colour, which the template does not have",
            id="a parameter that CloudFormation does not give",
        ),
        pytest.param(
            of(A={**BUCKET, "DeletionPolicy": "Snapshot"}), "which there are none of", id="a bucket's picture"
        ),
        pytest.param(
            of(A={**BUCKET, "Type": "AWS::CloudFormation::Stack"}),
            "does not know: AWS::CloudFormation::Stack",
            id="a nested stack",
        ),
        pytest.param(
            of(A={"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "m", "Sharpness": 3}}),
            r"(?s)A \(AWS::CloudWatch::Alarm\): .*Sharpness",
            id="unknown property",
        ),
        pytest.param(
            {
                "Parameters": {"Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/team/image"}},
                **of(A=BUCKET),
            },
            "Image is read from /team/image of Systems Manager's parameter store, and the account .* has none",
            id="nothing in the parameter store",
        ),
        pytest.param(
            {"Parameters": {"Name": {"Type": "String", "Default": "7", "AllowedPattern": r"\p{L}+"}}, **of(A=BUCKET)},
            r"the parameter Name is '7'; it must match \\p\{L\}\+",
            id="class of letters",
        ),
        pytest.param(
            {"Parameters": {"Name": {"Type": "String", "Default": "a", "AllowedPattern": "["}}, **of(A=BUCKET)},
            r"the AllowedPattern \[ cannot be read: ",
            id="pattern",
        ),
    ],
)
def test_a_faulty_template_fails_and_names_the_fault(account: str, template: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        put(template, account)


ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
}


def trusting(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return {**ROLE, "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}}


def pipeline(role: dict[str, Any]) -> dict[str, Any]:
    kind = {"Category": "Approval", "Owner": "AWS", "Provider": "Manual", "Version": "1"}
    stages = [{"Name": name, "Actions": [{"Name": name, "ActionTypeId": kind}]} for name in ("One", "Two")]
    properties = {
        "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "ArtifactStore": {"Type": "S3", "Location": "bucket"},
        "Stages": stages,
    }
    return of(Role=role, Pipeline={"Type": "AWS::CodePipeline::Pipeline", "Properties": properties})


def test_a_pipelines_role_must_trust_codepipeline(account: str) -> None:
    put(pipeline(trusting("codepipeline.amazonaws.com")), account, "right")
    with pytest.raises(ActionFailed, match="not authorized to perform AssumeRole"):
        put(pipeline(trusting("codebuild.amazonaws.com")), account, "wrong")


def subnet(number: int, zone: str) -> dict[str, Any]:
    block = f"10.0.{number}.0/24"
    return {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": block, "AvailabilityZone": zone},
    }


def database(*zones: str) -> dict[str, Any]:
    subnets = {f"Subnet{number}": subnet(number, zone) for number, zone in enumerate(zones)}
    secret = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "GenerateSecretString": {
                "SecretStringTemplate": '{"username": "admin"}',
                "GenerateStringKey": "password",
                "ExcludePunctuation": True,
            }
        },
    }
    password = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:password::}}"]]}
    return of(
        Secret=secret,
        Vpc={"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        **subnets,
        Group={
            "Type": "AWS::RDS::DBSubnetGroup",
            "Properties": {
                "DBSubnetGroupDescription": "d",
                "SubnetIds": [{"Ref": name} for name in subnets],
            },
        },
        Cluster={
            "Type": "AWS::RDS::DBCluster",
            "Properties": {
                "Engine": "aurora-mysql",
                "DatabaseName": "wordpress",
                "MasterUsername": "admin",
                "MasterUserPassword": password,
                "DBSubnetGroupName": {"Ref": "Group"},
            },
        },
        Writer={
            "Type": "AWS::RDS::DBInstance",
            "Properties": {
                "DBClusterIdentifier": {"Ref": "Cluster"},
                "DBInstanceClass": "db.serverless",
                "Engine": "aurora-mysql",
            },
        },
        Attachment={
            "Type": "AWS::SecretsManager::SecretTargetAttachment",
            "Properties": {
                "SecretId": {"Ref": "Secret"},
                "TargetId": {"Ref": "Cluster"},
                "TargetType": "AWS::RDS::DBCluster",
            },
        },
    )


def test_a_databases_secret_tells_where_it_is(cloud: Cloud, account: str) -> None:
    stack = put(database(f"{REGION}a", f"{REGION}b"), account)
    secret = json.loads(cloud.secret(account, REGION, stack.resources["Secret"].physical_id))
    assert len(secret.pop("password")) == 32
    assert secret == {
        "username": "admin",
        "engine": "mysql",
        "host": stack.resources["Cluster"].attributes["Endpoint.Address"],
        "port": 3306,
        "dbname": "wordpress",
        "dbClusterIdentifier": stack.resources["Cluster"].physical_id,
    }
    assert stack.resources["Attachment"].physical_id == stack.resources["Secret"].physical_id


def test_what_cloudformation_sets_by_other_calls_is_taken(account: str) -> None:
    template = database(f"{REGION}a", f"{REGION}b")
    template["Resources"]["Cluster"]["Properties"] |= {
        "PerformanceInsightsEnabled": True,
        "DBInstanceParameterGroupName": "default.aurora-mysql8.0",
        "DeleteAutomatedBackups": True,
    }
    template["Resources"]["Writer"]["Properties"] |= {"AllowMajorVersionUpgrade": True, "DeleteAutomatedBackups": True}
    template["Resources"]["Build"] = {
        "Type": "AWS::CodeBuild::Project",
        "Properties": {
            "ServiceRole": f"arn:aws:iam::{account}:role/r",
            "Source": {"Type": "NO_SOURCE", "BuildSpec": "{}"},
            "Artifacts": {"Type": "NO_ARTIFACTS"},
            "Environment": {"Type": "LINUX_CONTAINER", "Image": "i", "ComputeType": "BUILD_GENERAL1_SMALL"},
            "Visibility": "PUBLIC_READ",
        },
    }
    assert set(put(template, account).resources) == set(template["Resources"])


def test_a_parameter_may_have_tags_and_be_read_by_another_stack(account: str) -> None:
    tagged = {**PARAMETER["Properties"], "Tags": {"team": "web"}}  # type: ignore[dict-item]
    put(of(P={**PARAMETER, "Properties": tagged}), account)
    value = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "p"}
    again = {**PARAMETER, "Properties": {"Name": "q", "Type": "String", "Value": {"Ref": "Found"}}}
    stack = put({"Parameters": {"Found": value}, **of(Q=again)}, account, "second")
    assert stack.resources["Q"].properties["Value"] == "1"


def test_a_database_in_one_zone_is_refused(account: str) -> None:
    with pytest.raises(ActionFailed, match="at least two availability zones"):
        put(database(f"{REGION}a", f"{REGION}a"), account)


LIFE = """
import json, sys
from pathlib import Path
import rehearsal.aws  # before moto, whose import is two seconds shorter then
if sys.argv[3:]:
    from moto.cloudformation.parsing import get_name_type_map
    get_name_type_map()
from rehearsal.aws.cloud import Cloud
from rehearsal.aws.cloudformation.deployment import deploy
from rehearsal.aws.cloudformation.patches import install
from rehearsal.values.state import Store
from tests.rehearsal.conftest import Surroundings
folder = Path(sys.argv[1])
cloud = Cloud(folder / "log")
install(Surroundings(cloud, Store(folder)))
for service in sys.argv[3:]:
    cloud.client(service, "222222222222", "eu-central-1").meta
stack = deploy(json.loads(sys.argv[2]), account="222222222222", region="eu-central-1", name="s", parameters={})
secret = cloud.secret("222222222222", "eu-central-1", stack.resources["Secret"].physical_id)
cloud.close()
later = Cloud(folder / "log").client("cloudformation", "222222222222", "eu-central-1").list_stacks()["StackSummaries"]
print(json.dumps({
    "resources": {name: r.physical_id for name, r in stack.resources.items()}, "secret": secret, "later": later
}))
"""


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What became of a stack in two processes, one after the other, and what an AWS after it in the same one has."""
    folder, template = tmp_path_factory.mktemp("lives"), json.dumps(database(f"{REGION}a", f"{REGION}b"))
    printed = [
        subprocess.run(
            [sys.executable, "-c", LIFE, str(folder), template, *used],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for used in ([], ["ec2", "secretsmanager"])  # what has been asked before must make no difference
    ]
    return [json.loads(text) for text in printed]


def test_a_stack_that_is_put_back_keeps_its_identifiers_and_secrets(lives: list[dict[str, Any]]) -> None:
    assert lives[0] == lives[1]


def test_an_emulated_aws_starts_empty(lives: list[dict[str, Any]]) -> None:
    assert [life["later"] for life in lives] == [[], []]


@pytest.mark.parametrize(
    ("recipe", "alphabet", "length"),
    [
        pytest.param({}, None, 32, id="default"),
        pytest.param(
            {"PasswordLength": 64, "ExcludePunctuation": True}, "abcABC012", 64, id="long without punctuation"
        ),
        pytest.param(
            {"ExcludeCharacters": "abc", "ExcludeUppercase": True, "ExcludeNumbers": True, "ExcludePunctuation": True},
            "de",
            32,
            id="excluded characters",
        ),
        pytest.param(
            {"PasswordLength": 8, "IncludeSpace": True, "RequireEachIncludedType": False},
            None,
            8,
            id="short with spaces",
        ),
    ],
)
def test_secrets_are_generated_as_described(recipe: dict[str, Any], alphabet: str | None, length: int) -> None:
    from rehearsal.aws.cloudformation.secretsmanager import generate

    secret = generate(recipe)
    assert len(secret) == length
    assert secret != generate(recipe)
    assert not set(recipe.get("ExcludeCharacters", "")) & set(secret)
    assert alphabet is None or secret.isalnum()


def test_a_load_balancer_is_reached_on_loopback(account: str) -> None:
    template = {
        **of(
            Vpc={"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            A=subnet(0, f"{REGION}a"),
            B=subnet(1, f"{REGION}b"),
            Alb={
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"Subnets": [{"Ref": "A"}, {"Ref": "B"}], "Type": "application"},
            },
        ),
        "Outputs": {"Url": {"Value": {"Fn::Join": ["", ["http://", {"Fn::GetAtt": ["Alb", "DNSName"]}]]}}},
    }
    assert put(template, account).outputs == {"Url": "http://localhost:9000"}


def test_an_update_keeps_what_stays_and_registers_new_exports(account: str, surroundings: Surroundings) -> None:
    template = of(Role=trusting("ecs.amazonaws.com"), B=BUCKET)
    before = put(template, account)
    changed = {
        **of(Role=trusting("ec2.amazonaws.com"), B=BUCKET, P=PARAMETER),
        "Outputs": {
            "O": {"Value": {"Ref": "P"}, "Export": {"Name": "new"}},
        },
    }
    after = put(changed, account)
    assert set(after.resources) == {"Role", "B", "P"}
    assert after.resources["B"].physical_id == before.resources["B"].physical_id
    exports = surroundings.client("cloudformation", account, REGION).list_exports()["Exports"]
    assert [export["Name"] for export in exports] == ["new"]


EXPORTING = {**of(B=BUCKET), "Outputs": {"O": {"Value": "1", "Export": {"Name": "shared"}}}}
IMPORTING = of(P={**PARAMETER, "Properties": {"Name": "p", "Type": "String", "Value": {"Fn::ImportValue": "shared"}}})


def test_an_export_in_use_cannot_be_removed(account: str) -> None:
    put(EXPORTING, account, "first")
    put(of(B=BUCKET), account, "second")
    put(of(B=BUCKET), account, "first")
    put(EXPORTING, account, "first")
    put(IMPORTING, account, "second")
    put(EXPORTING, account, "first")
    with pytest.raises(ActionFailed, match="export shared cannot be deleted as it is in use by second"):
        put(of(B=BUCKET), account, "first")


def test_a_bucket_that_wants_encryption_in_transit_can_be_written(cloud: Cloud, account: str) -> None:
    deny = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Principal": "*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [deny]}},
    }
    bucket = put(of(B=BUCKET, Policy=policy), account).resources["B"].physical_id
    cloud.client("s3", account, REGION).put_object(Bucket=bucket, Key="k", Body=b"b")


def test_what_no_rehearsal_asks_for_is_not_read(cloud: Cloud) -> None:
    from moto.ec2.models import instance_types

    assert not instance_types.INSTANCE_TYPES
    assert cloud.client("ec2", "222222222222", REGION).describe_instance_types()["InstanceTypes"] == []


def test_credentials_are_those_of_the_roles_account(cloud: Cloud) -> None:
    keys = cloud.credentials("arn:aws:iam::222222222222:role/some", REGION)
    assert keys["AWS_REGION"] == REGION
    assert cloud.client("sts", "333333333333", REGION).get_caller_identity()["Account"] == "333333333333"


BESIDE: dict[str, dict[str, Any]] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Subnet0": subnet(0, f"{REGION}a"),
    "Acl": {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": {"Ref": "Vpc"}}},
    "Entry": {
        "Type": "AWS::EC2::NetworkAclEntry",
        "Properties": {
            "NetworkAclId": {"Ref": "Acl"},
            "RuleNumber": 100,
            "Protocol": 6,
            "RuleAction": "allow",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 443, "To": 443},
        },
    },
    "Association": {
        "Type": "AWS::EC2::SubnetNetworkAclAssociation",
        "Properties": {"SubnetId": {"Ref": "Subnet0"}, "NetworkAclId": {"Ref": "Acl"}},
    },
    "Cluster": {"Type": "AWS::ECS::Cluster"},
    "Providers": {
        "Type": "AWS::ECS::ClusterCapacityProviderAssociations",
        "Properties": {
            "Cluster": {"Ref": "Cluster"},
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}],
        },
    },
    "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}},
    "Rotation": {
        "Type": "AWS::SecretsManager::RotationSchedule",
        "Properties": {"SecretId": {"Ref": "Secret"}, "RotationRules": {"AutomaticallyAfterDays": 30}},
    },
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Mails": {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": "site"}},
    "Rule": {
        "Type": "AWS::CodeStarNotifications::NotificationRule",
        "Properties": {
            "Name": "n",
            "DetailType": "BASIC",
            "EventTypeIds": ["codepipeline-pipeline-pipeline-execution-failed"],
            "Resource": "arn:aws:codepipeline:eu-central-1:111111111111:p",
            "Targets": [{"TargetAddress": {"Ref": "Topic"}, "TargetType": "SNS"}],
        },
    },
    "Composite": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "ALARM(a)"}},
    "Firewall": {
        "Type": "AWS::WAFv2::WebACL",
        "Properties": {
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": {
                "CloudWatchMetricsEnabled": True, "MetricName": "m", "SampledRequestsEnabled": True,
            },
        },
    },
    "Addresses": {
        "Type": "AWS::WAFv2::IPSet",
        "Properties": {"Scope": "REGIONAL", "IPAddressVersion": "IPV4", "Addresses": ["192.0.2.0/24"]},
    },
    "Before": {
        "Type": "AWS::WAFv2::WebACLAssociation",
        "Properties": {
            "WebACLArn": {"Fn::GetAtt": ["Firewall", "Arn"]},
            "ResourceArn": "arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/app/x/1",
        },
    },
}  # fmt: skip


def test_what_stands_beside_a_service_is_made_changed_and_removed(cloud: Cloud, account: str) -> None:
    put(of(**BESIDE), account, "beside")
    ecs, ec2 = cloud.client("ecs", account, REGION), cloud.client("ec2", account, REGION)
    [cluster] = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    assert cluster["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    changed = json.loads(json.dumps(BESIDE))
    changed["Entry"]["Properties"]["PortRange"] = {"From": 80, "To": 80}
    stack = put(of(**changed), account, "beside")
    [acl] = ec2.describe_network_acls(NetworkAclIds=[stack.resources["Acl"].physical_id])["NetworkAcls"]
    assert [entry["PortRange"]["From"] for entry in acl["Entries"] if entry["RuleNumber"] == 100] == [80]
    assert [each["SubnetId"] for each in acl["Associations"]] == [stack.resources["Subnet0"].physical_id]
    without_list = {name: each for name, each in changed.items() if name not in {"Acl", "Association", "Entry"}}
    subnet_id = put(of(**without_list), account, "beside").resources["Subnet0"].physical_id
    [own] = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet_id]}])["NetworkAcls"]
    assert own["IsDefault"]
    assert "Association" in put(of(**changed), account, "beside").resources


def test_an_output_of_a_number_is_a_text(account: str) -> None:
    outputs = {"Number": {"Value": 1}, "Truth": {"Value": True}}
    assert put(of(B=BUCKET) | {"Outputs": outputs}, account, "numbers").outputs == {"Number": "1", "Truth": "true"}


def test_an_output_that_cannot_be_takes_an_update_back(account: str) -> None:
    put(of(B=BUCKET), account, "output")
    conditions = {"C": {"Fn::Equals": ["a", "b"]}}
    parts = {"Conditions": conditions, "Outputs": {"O": {"Value": {"Ref": "A"}}}}
    with pytest.raises(ActionFailed, match="Ref names A, whose condition is false"):
        put(of(B=BUCKET, A={**BUCKET, "Condition": "C"}) | parts, account, "output")
    assert set(put(of(B=BUCKET, P=PARAMETER), account, "output").resources) == {"B", "P"}


def test_a_rule_of_a_security_group_names_what_ec2_knows(cloud: Cloud, account: str) -> None:
    """Blocks of addresses of both kinds, prefix lists and groups, in either direction; a rule that is gone is gone."""
    group = {"Fn::GetAtt": ["G", "GroupId"]}
    network = {"Vpc": a("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")}
    network["G"] = a("AWS::EC2::SecurityGroup", GroupDescription="g", VpcId={"Ref": "Vpc"})
    sides: dict[str, list[dict[str, Any]]] = {
        "Source": [{"CidrIpv6": "2001:db8::/32"}, {"SourcePrefixListId": "pl-1"}, {"SourceSecurityGroupId": group}],
        "Destination": [{"CidrIp": "10.0.0.0/8"}, {"CidrIpv6": "::/0"}, {"DestinationPrefixListId": "pl-1"}],
    }
    ports = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 9000, "ToPort": 9000}
    kinds = {"Source": "AWS::EC2::SecurityGroupIngress", "Destination": "AWS::EC2::SecurityGroupEgress"}
    rules = {f"{side}{i}": a(kinds[side], **ports, **each) for side in sides for i, each in enumerate(sides[side])}
    stack = put(of(**network, **rules), account, "rules")
    ec2 = cloud.client("ec2", account, REGION)

    def of_port() -> list[list[dict[str, Any]]]:
        [found] = ec2.describe_security_groups(GroupIds=[stack.resources["G"].physical_id])["SecurityGroups"]
        kept = ("IpPermissions", "IpPermissionsEgress")
        return [[each for each in found[name] if each.get("FromPort") == 9000] for name in kept]

    inward, outward = of_port()
    assert [each["CidrIpv6"] for rule in inward for each in rule["Ipv6Ranges"]] == ["2001:db8::/32"]
    assert [each["PrefixListId"] for rule in inward for each in rule["PrefixListIds"]] == ["pl-1"]
    assert [each["GroupId"] for rule in inward for each in rule["UserIdGroupPairs"]] == [
        stack.resources["G"].physical_id
    ]
    assert [each["CidrIp"] for rule in outward for each in rule["IpRanges"]] == ["10.0.0.0/8"]
    assert [each["CidrIpv6"] for rule in outward for each in rule["Ipv6Ranges"]] == ["::/0"]
    assert [each["PrefixListId"] for rule in outward for each in rule["PrefixListIds"]] == ["pl-1"]
    put(of(**network), account, "rules")
    assert of_port() == [[], []]


def test_an_endpoint_of_a_network_need_not_name_route_tables(account: str) -> None:
    network = {"Vpc": a("AWS::EC2::VPC", CidrBlock="10.0.0.0/16")}
    name = f"com.amazonaws.{REGION}.s3"
    endpoint = a("AWS::EC2::VPCEndpoint", VpcId={"Ref": "Vpc"}, ServiceName=name, VpcEndpointType="Gateway")
    assert "E" in put(of(**network, E=endpoint), account, "endpoint").resources


def test_what_is_retained_outlives_its_place_in_the_stack(cloud: Cloud, account: str) -> None:
    kept = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}
    before = put(of(Kept=kept, Gone=BUCKET, Other=PARAMETER), account, "retains")
    after = put(of(Other=PARAMETER), account, "retains")
    assert set(after.resources) == {"Other"}
    buckets = {bucket["Name"] for bucket in cloud.client("s3", account, REGION).list_buckets()["Buckets"]}
    assert before.resources["Kept"].physical_id in buckets
    assert before.resources["Gone"].physical_id not in buckets


def test_a_stack_whose_creation_failed_is_no_stack_to_update(cloud: Cloud, account: str) -> None:
    faulty = {**PARAMETER, "Properties": {"Type": "String", "Value": {"Fn::ImportValue": "nobodys"}}}
    with pytest.raises(ActionFailed, match="No export named nobodys"):
        put(of(P=faulty), account, "failed")
    [stack] = cloud.client("cloudformation", account, REGION).describe_stacks(StackName="failed")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    with pytest.raises(ActionFailed, match="ROLLBACK_COMPLETE state and can not be updated"):
        put(of(P=PARAMETER), account, "failed")
