"""Some two hundred ordinary changes of a team, and what a rehearsal makes of each: it runs, it is kept, or it is refused by name.

*Runs*: what the containers, or the pipeline, do is another. *Kept*: it stands in the emulated AWS, and its type or its
property is one that knowingly has no effect on what runs. *Refused*: with a sentence that names it. Anything else (an
error of another kind, a change that nothing shows) is wrong, and fails here.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.codebuild import project
from rehearsal.codepipeline import definition
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.plan.known import KNOWN_TYPES
from rehearsal.fargate.plan.make import make_plan
from rehearsal.values import cloud_assembly
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Stack, World
from rehearsal.values.state import Store
from tests.rehearsal.aws.stacks import a
from tests.rehearsal.conftest import Surroundings, deploy, forget
from tests.templates.faults import copied

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud
    from rehearsal.aws.cloudformation.deployment import Deployment

Template = dict[str, Any]
Edit = Callable[[Template], None]

RUNS, KEPT = "runs", "kept"
WORDPRESS, NETWORK, PIPELINE, TEAM = "floodgate-dev-wordpress", "floodgate-dev-network", "FloodgatePipeline", "team"


class _Undone(Exception):
    """What was tried is rolled back."""


def _undo() -> None:
    raise _Undone


@dataclass(frozen=True)
class Region:
    """The project's stacks as they stand, with their templates, and what runs for those that were asked for."""

    cloud: Cloud
    world: World
    templates: dict[str, Template]
    standing: dict[str, object] = field(default_factory=dict)

    def outcome(self, name: str, edit: Edit) -> str:
        """Return what becomes of an edit of a stack's template, or of a new stack: runs, kept, or the refusal."""
        template = copied(self.templates.get(name, {"Resources": {}}))
        edit(template)
        standing = next((stack for stack in self.world.stacks if stack.name == name), None)
        try:
            with self.tried(name, template) as deployment:
                stack = deployment.stack
                if standing is None:
                    return RUNS if self.runs(stack) else KEPT
                if name not in self.standing:
                    self.standing[name] = self.runs(standing)
                return RUNS if self.runs(stack) != self.standing[name] else KEPT
        except (ActionFailed, PlanError) as refusal:
            return str(refusal)

    @contextmanager
    def tried(self, name: str, template: Template) -> Iterator[Deployment]:
        from rehearsal.aws.cloudformation import deployment
        from rehearsal.aws.cloudformation.generations import Place

        near = next(stack for stack in self.world.stacks if stack.name in {name, WORDPRESS})
        near = next((stack for stack in self.world.stacks if stack.name == name), near)
        try:
            with deployment.deploying(template, place=Place(near.account, near.region, name), parameters={}) as tried:
                yield tried
                _undo()
        except _Undone:
            pass

    def runs(self, stack: Stack) -> object:
        """Return what runs for a stack: its plan, its pipeline with the projects."""
        if any(stack.of_type(definition.TYPE)):
            projects = stack.of_type("AWS::CodeBuild::Project")
            return replace(definition.read(stack), structure=""), [
                project.read(each, stack.account, stack.region) for each in projects
            ]
        others = tuple(each for each in self.world.stacks if each.name != stack.name)
        plan = make_plan(World((*others, stack)), stack, cache(self.cloud.secret))
        parts = (plan.balancers, plan.databases, plan.services, plan.schedules, plan.networks, plan.scalings)
        # A new revision of a task definition is not yet another task.
        return re.sub(r"generation=\d+", "", repr(parts)) if any(parts) else None


@pytest.fixture(scope="module")
def region(cloud: Cloud, cdk_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Region:
    from rehearsal.aws.cloudformation.patches import install

    forget(cloud)
    install(Surroundings(cloud, Store(tmp_path_factory.mktemp("store"))))
    cloud.bootstrap(cloud_assembly.expects(cdk_out))
    artifacts = cloud_assembly.stacks(cdk_out)
    stacks = [
        deploy(each.read(), account=each.account, region=each.region, name=each.name, parameters={})
        for each in artifacts
    ]
    return Region(cloud, World(tuple(stacks)), {each.name: each.read() for each in artifacts})


def of_type(template: Template, resource_type: str, part: str = "") -> Template:
    """Return the properties of the first resource of a type whose logical id has a part."""
    return next(
        each.setdefault("Properties", {})
        for name, each in template["Resources"].items()
        if each["Type"] == resource_type and part in name
    )


def site(resource_type: str, *path: Any, part: str = "") -> Edit:
    """Set a property of the site's template: a type, a path in its properties, and the value."""
    *parents, last, value = path

    def edit(template: Template) -> None:
        place: Any = of_type(template, resource_type, part)
        for step in parents:
            place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
        place[last] = value

    return edit


def more(**resources: Template) -> Edit:
    """Add resources to a template."""
    return lambda template: template["Resources"].update(copy.deepcopy(resources))


def container(**properties: Any) -> Edit:
    """Set properties of php-fpm's container."""

    def edit(template: Template) -> None:
        definitions = of_type(template, "AWS::ECS::TaskDefinition", "ServiceTask")["ContainerDefinitions"]
        next(each for each in definitions if each["Name"] == "wordpress").update(properties)

    return edit


def sidecar(template: Template) -> None:
    definitions = of_type(template, "AWS::ECS::TaskDefinition", "ServiceTask")["ContainerDefinitions"]
    image = next(each["Image"] for each in definitions if each["Name"] == "nginx")
    definitions.append({"Name": "metrics", "Image": image, "Essential": False, "Command": ["true"]})


def second_service(template: Template) -> None:
    service = next(name for name, each in template["Resources"].items() if each["Type"] == "AWS::ECS::Service")
    second = copy.deepcopy(template["Resources"][service])
    for key in ("LoadBalancers", "ServiceName", "HealthCheckGracePeriodSeconds"):
        second["Properties"].pop(key, None)
    second["Properties"]["DesiredCount"] = 1
    second["Properties"]["DeploymentConfiguration"].pop("Alarms", None)
    template["Resources"]["Worker"] = second


def reader(template: Template) -> None:
    writer = next(name for name, each in template["Resources"].items() if each["Type"] == "AWS::RDS::DBInstance")
    template["Resources"]["Reader"] = {**copy.deepcopy(template["Resources"][writer]), "DependsOn": [writer]}
    template["Resources"]["Reader"]["Properties"].pop("DBInstanceIdentifier", None)


def spot(template: Template) -> None:
    service = of_type(template, "AWS::ECS::Service")
    service.pop("LaunchType", None)
    service["CapacityProviderStrategy"] = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]
    providers = {"CapacityProviders": ["FARGATE", "FARGATE_SPOT"], "DefaultCapacityProviderStrategy": []}
    template["Resources"]["Providers"] = a(
        "AWS::ECS::ClusterCapacityProviderAssociations", Cluster=service["Cluster"], **providers
    )


def rule(*conditions: Template, action: Template | None = None) -> Edit:
    def edit(template: Template) -> None:
        listener = next(
            name
            for name, each in template["Resources"].items()
            if each["Type"] == "AWS::ElasticLoadBalancingV2::Listener"
        )
        template["Resources"]["Rule"] = a(
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            ListenerArn={"Ref": listener},
            Priority=5,
            Conditions=list(conditions),
            Actions=[action or FIXED],
        )

    return edit


def path(*patterns: str) -> Template:
    return {"Field": "path-pattern", "PathPatternConfig": {"Values": list(patterns)}}


def header(name: str) -> Template:
    return {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": name, "Values": ["1"]}}


def weightless(template: Template) -> None:
    groups = [{"TargetGroupArn": {"Ref": logical_id(template, GROUP)}, "Weight": 0}]
    rule(path("/x"), action={"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})(template)


def rewritten(template: Template) -> None:
    rule(path("/x"))(template)
    rewrites = {"Rewrites": [{"Regex": "^/x", "Replace": "/y"}]}
    template["Resources"]["Rule"]["Properties"]["Transforms"] = [{"Type": "url-rewrite", "UrlRewriteConfig": rewrites}]


def attribute(owner: str, key: str, value: str) -> Edit:
    """Set an attribute of the load balancer or of its target group."""

    def edit(template: Template) -> None:
        attributes = of_type(template, owner)[f"{owner.rpartition('::')[2]}Attributes"]
        attributes[:] = [each for each in attributes if each["Key"] != key] + [{"Key": key, "Value": value}]

    return edit


def secret(field: str) -> Edit:
    """Give php-fpm what a field of the database's secret holds, or one of its versions."""

    def edit(template: Template) -> None:
        parts = ["", [{"Ref": logical_id(template, "AWS::SecretsManager::Secret")}, f":{field}"]]
        container(Secrets=[{"Name": "KEY", "ValueFrom": {"Fn::Join": parts}}])(template)

    return edit


def isolated(template: Template) -> None:
    """Put the tasks where the database is."""
    subnets = of_type(template, "AWS::RDS::DBSubnetGroup")["SubnetIds"]
    of_type(template, SERVICE)["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"] = subnets


def volume(**properties: Any) -> Edit:
    return lambda t: of_type(t, TASKS, "ServiceTask")["Volumes"].append({"Name": "more", **properties})


def of_volume(name: str, value: str) -> Edit:
    return site(TASKS, "Volumes", 0, "EFSVolumeConfiguration", name, value, part="ServiceTask")


def again(resource_type: str, **properties: Any) -> Edit:
    """Add a resource as another one of its type is, but for some properties."""

    def edit(template: Template) -> None:
        same = copy.deepcopy(template["Resources"][logical_id(template, resource_type)])
        same["Properties"].update(properties)
        template["Resources"]["Again"] = same

    return edit


def scheduled(schedule: str, **action: Any) -> Edit:
    """Have the number of tasks raised at a time."""
    bounds = {"MinCapacity": action.pop("least", 2)}
    entry = {"ScheduledActionName": "a", "Schedule": schedule, "ScalableTargetAction": bounds, **action}
    return site(TARGET, "ScheduledActions", [entry])


def alarm(**properties: Any) -> Edit:
    """Add an alarm; a property that is None is left out."""
    usual = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 3, "Threshold": 1}
    of_metric = {"MetricName": "m", "Namespace": "n", "Period": 60, "Statistic": "Sum"}
    properties = {key: value for key, value in (usual | of_metric | properties).items() if value is not None}
    return more(A=a("AWS::CloudWatch::Alarm", **properties))


def lifecycle(**rule: Any) -> Edit:
    """Add a bucket whose objects grow old."""
    return more(B=a("AWS::S3::Bucket", LifecycleConfiguration={"Rules": [{"Status": "Enabled", **rule}]}))


def listed(template: Template) -> None:
    """Give a subnet a list of its own of what passes."""
    network, subnet = (logical_id(template, f"AWS::EC2::{each}") for each in ("VPC", "Subnet"))
    more(
        List=a("AWS::EC2::NetworkAcl", VpcId={"Ref": network}),
        Listed=a("AWS::EC2::SubnetNetworkAclAssociation", NetworkAclId={"Ref": "List"}, SubnetId={"Ref": subnet}),
    )(template)


def stage(name: str, *actions: Template, **more: Any) -> Edit:
    """Add a stage behind the last one."""

    def edit(template: Template) -> None:
        of_type(template, definition.TYPE)["Stages"].append({"Name": name, "Actions": list(actions), **more})

    return edit


def act(kind: str, name: str, configuration: Template, **more: Any) -> Template:
    category, provider = kind.split("/")
    identity = {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"}
    return {"Name": name, "ActionTypeId": identity, "Configuration": configuration, "RunOrder": 1, **more}


def nightly_task(template: Template) -> None:
    """Run the task of the scheduled work by a rule, as the CDK's ScheduledFargateTask does."""
    started = of_type(template, "AWS::Scheduler::Schedule")["Target"]
    run = dict(started["EcsParameters"])
    run["NetworkConfiguration"] = {"AwsVpcConfiguration": run["NetworkConfiguration"]["AwsvpcConfiguration"]}
    target = {
        "Arn": started["Arn"],
        "Id": "Target0",
        "Input": "{}",
        "EcsParameters": run,
        "RoleArn": started["RoleArn"],
    }
    more(R=a("AWS::Events::Rule", ScheduleExpression="cron(0 3 * * ? *)", Targets=[target]))(template)


def second_source(template: Template) -> None:
    """Add another repository's source beside the pipeline's own."""
    actions = of_type(template, definition.TYPE)["Stages"][0]["Actions"]
    own = copy.deepcopy(actions[0])
    own["Configuration"]["FullRepositoryId"] = "example/other"
    actions.append(own | {"Name": "Other", "Namespace": "Other", "OutputArtifacts": [{"Name": "Other"}]})


def staging(template: Template) -> None:
    """Copy the stage Dev, its stacks under other names, as a second call of ``add_stage`` does."""
    stages = of_type(template, definition.TYPE)["Stages"]
    dev = next(each for each in stages if each["Name"] == "Dev")
    text = json.dumps(dev).replace("floodgate-dev", "floodgate-staging").replace('"Name": "Dev"', '"Name": "Staging"')
    copied = json.loads(text)
    for action in copied["Actions"]:
        if "Namespace" in action:
            action["Namespace"] += "Staging"
        for output in action.get("OutputArtifacts", ()):
            output["Name"] += "Staging"
    text = json.dumps(copied)
    for action in dev["Actions"]:
        if "Namespace" in action:
            text = text.replace(f"#{{{action['Namespace']}.", f"#{{{action['Namespace']}Staging.")
    stages.insert(stages.index(dev) + 1, json.loads(text))


def of_pipeline(**properties: Any) -> Edit:
    return lambda template: of_type(template, definition.TYPE).update(properties)


def of_dev(**properties: Any) -> Edit:
    def edit(template: Template) -> None:
        stages = of_type(template, definition.TYPE)["Stages"]
        next(each for each in stages if each["Name"] == "Dev").update(properties)

    return edit


def build(**properties: Any) -> Edit:
    return lambda template: of_type(template, "AWS::CodeBuild::Project", "LoadTest").update(properties)


def build_environment(**properties: Any) -> Edit:
    return lambda template: of_type(template, "AWS::CodeBuild::Project", "LoadTest")["Environment"].update(properties)


def parameter(name: str, value: str) -> Edit:
    """Set a parameter of the database's cluster."""
    return site("AWS::RDS::DBClusterParameterGroup", "Parameters", name, value)


def logical_id(template: Template, resource_type: str) -> str:
    return next(str(name) for name, each in template["Resources"].items() if each["Type"] == resource_type)


def ingress(**peer: Any) -> Edit:
    """Let somebody in by a rule beside a security group."""

    def edit(template: Template) -> None:
        group = {"Fn::GetAtt": [logical_id(template, "AWS::EC2::SecurityGroup"), "GroupId"]}
        ports = {"IpProtocol": "tcp", "FromPort": 9000, "ToPort": 9000}
        more(In=a("AWS::EC2::SecurityGroupIngress", GroupId=group, **ports, **peer))(template)

    return edit


def endpoint(**properties: Any) -> Edit:
    def edit(template: Template) -> None:
        network = {"Ref": logical_id(template, "AWS::EC2::VPC")}
        more(Endpoint=a("AWS::EC2::VPCEndpoint", VpcId=network, **properties))(template)

    return edit


def tasks_by_parameter(template: Template) -> None:
    template.setdefault("Parameters", {})["Tasks"] = {"Type": "Number", "Default": 7, "MinValue": 1}
    of_type(template, "AWS::ECS::Service")["DesiredCount"] = {"Ref": "Tasks"}


def size_by_condition(template: Template) -> None:
    template.setdefault("Conditions", {})["Large"] = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-central-1"]}
    task = of_type(template, "AWS::ECS::TaskDefinition", "ServiceTask")
    task.update(Cpu={"Fn::If": ["Large", "2048", "1024"]}, Memory={"Fn::If": ["Large", "4096", "2048"]})


def export(template: Template) -> None:
    balancer = logical_id(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    value = {"Fn::GetAtt": [balancer, "DNSName"]}
    template.setdefault("Outputs", {})["Address"] = {"Value": value, "Export": {"Name": "team:address"}}


def renamed(template: Template) -> None:
    """Give a target group another logical id, in all that refers to it."""
    group = logical_id(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    changed = json.loads(json.dumps(template).replace(f'"{group}"', '"AnotherGroup"'))
    template.clear()
    template.update(changed)


def depends_on_nothing(template: Template) -> None:
    template["Resources"][logical_id(template, "AWS::ECS::Service")]["DependsOn"] = ["Nothing"]


HOST = {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example.com"]}}
INSTANCE, TARGET = "AWS::RDS::DBInstance", "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY, MOUNT = "AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::EFS::MountTarget"
LAMBDA = a("AWS::Lambda::Function", Role="arn:aws:iam::222222222222:role/r", Code={"ZipFile": "x"}, Handler="i.h")
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
SERVICE, TASKS, ALB = "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::ElasticLoadBalancingV2::LoadBalancer"
GROUP, LISTENER = "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::Listener"
CLUSTER, FILES = "AWS::RDS::DBCluster", "AWS::EFS::FileSystem"

CHANGES: dict[str, tuple[str, Edit, str]] = {
    # The site's tasks.
    "larger tasks": (WORDPRESS, lambda t: of_type(t, TASKS, "ServiceTask").update(Cpu="2048", Memory="4096"), RUNS),
    "a size that Fargate does not have": (WORDPRESS, site(TASKS, "Cpu", "1000", part="ServiceTask"), "1000"),
    "more tasks": (WORDPRESS, site(SERVICE, "DesiredCount", 7), RUNS),
    "a sidecar": (WORDPRESS, sidecar, RUNS),
    "another variable": (WORDPRESS, container(Environment=[{"Name": "TEAM", "Value": "1"}]), RUNS),
    "another command": (WORDPRESS, container(Command=["php-fpm", "--nodaemonize"]), RUNS),
    "another health check": (WORDPRESS, container(HealthCheck={"Command": ["CMD", "true"]}), RUNS),
    "more open files": (WORDPRESS, container(Ulimits=[{"Name": "nofile", "SoftLimit": 9000, "HardLimit": 9000}]), RUNS),
    "more processes": (WORDPRESS, container(Ulimits=[{"Name": "nproc", "SoftLimit": 9, "HardLimit": 9}]), "nproc"),
    "a longer stop": (WORDPRESS, container(StopTimeout=77), RUNS),
    "logs to another service": (WORDPRESS, container(LogConfiguration={"LogDriver": "splunk", "Options": {"splunk-url": "https://splunk.example.com", "splunk-token": "t"}}), KEPT),
    "logs to another service without an address": (WORDPRESS, container(LogConfiguration={"LogDriver": "splunk"}), "splunk-token of the log driver"),
    "a privileged container": (WORDPRESS, container(Privileged=True), "Privileged"),
    "a GPU": (WORDPRESS, container(ResourceRequirements=[{"Type": "GPU", "Value": "1"}]), "ResourceRequirements"),
    "a shell into tasks": (WORDPRESS, site(SERVICE, "EnableExecuteCommand", True), KEPT),
    "tasks on ARM": (WORDPRESS, site(TASKS, "RuntimePlatform", "CpuArchitecture", "ARM64", part="ServiceTask"), "ARM64"),
    "Spot": (WORDPRESS, spot, KEPT),
    "a second service": (WORDPRESS, second_service, RUNS),
    "a blue and green deployment": (WORDPRESS, site(SERVICE, "DeploymentController", "Type", "CODE_DEPLOY"), "only the ECS deployment controller"),
    "ECS's own blue and green": (WORDPRESS, site(SERVICE, "DeploymentConfiguration", "Strategy", "BLUE_GREEN"), "BLUE_GREEN"),
    "Service Connect": (WORDPRESS, site(SERVICE, "ServiceConnectConfiguration", {"Enabled": True}), "ServiceConnect"),
    "public addresses": (WORDPRESS, site(SERVICE, "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp", "ENABLED"), KEPT),
    # In front of it.
    "another health path": (WORDPRESS, site(GROUP, "HealthCheckPath", "/floodgate/ready"), RUNS),
    "sticky sessions": (WORDPRESS, site(GROUP, "TargetGroupAttributes", [{"Key": "stickiness.enabled", "Value": "true"}]), "stickiness"),
    "a rule for a path": (WORDPRESS, rule(path("/old/*")), RUNS),
    "a login by Cognito": (WORDPRESS, rule(path("/x"), action={"Type": "authenticate-cognito"}), "authenticate-cognito"),
    "a listener on another port": (WORDPRESS, site(LISTENER, "Port", 8000), "8000"),
    "an internal load balancer": (WORDPRESS, site(ALB, "Scheme", "internal"), RUNS),
    "a network load balancer": (WORDPRESS, site(ALB, "Type", "network"), "network"),
    "a longer idle time": (WORDPRESS, site(ALB, "LoadBalancerAttributes", [{"Key": "idle_timeout.timeout_seconds", "Value": "5"}]), RUNS),
    # Behind it.
    "a larger database": (WORDPRESS, site(CLUSTER, "ServerlessV2ScalingConfiguration", "MaxCapacity", 8), RUNS),
    "a reader": (WORDPRESS, reader, KEPT),
    "another engine": (WORDPRESS, site(CLUSTER, "Engine", "aurora-postgresql"), "aurora-postgresql"),
    "a parameter of the database": (WORDPRESS, parameter("wait_timeout", "77"), RUNS),
    "a parameter that nobody knows": (WORDPRESS, parameter("innodb_monitor_disable", "all"), "innodb_monitor_disable"),
    "backups for longer": (WORDPRESS, site(CLUSTER, "BackupRetentionPeriod", 30), KEPT),
    "another database name": (WORDPRESS, site(CLUSTER, "DatabaseName", "another"), RUNS),
    "elastic throughput": (WORDPRESS, site(FILES, "ThroughputMode", "elastic"), KEPT),
    "files that grow old": (WORDPRESS, site(FILES, "LifecyclePolicies", [{"TransitionToIA": "AFTER_7_DAYS"}]), KEPT),
    # Beside it.
    "an alarm": (WORDPRESS, more(A=a("AWS::CloudWatch::Alarm", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m", Namespace="n", Period=60, Statistic="Sum", Threshold=1)), KEPT),
    "a queue with a function": (TEAM, more(Q=a("AWS::SQS::Queue"), F=LAMBDA, M=a("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "F"}, EventSourceArn={"Fn::GetAtt": ["Q", "Arn"]})), "AWS::Lambda"),
    "a topic": (TEAM, more(T=a("AWS::SNS::Topic", Subscription=[{"Protocol": "email", "Endpoint": "a@example.com"}])), KEPT),
    "a bucket": (TEAM, more(B=a("AWS::S3::Bucket", VersioningConfiguration={"Status": "Enabled"})), KEPT),
    "a table": (TEAM, more(T=a("AWS::DynamoDB::Table", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "i", "AttributeType": "S"}], KeySchema=[{"AttributeName": "i", "KeyType": "HASH"}])), "AWS::DynamoDB::Table"),
    "CloudFront": (TEAM, more(D=a("AWS::CloudFront::Distribution", DistributionConfig={"Enabled": True, "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"}})), "AWS::CloudFront::Distribution"),
    "a Redis": (TEAM, more(C=a("AWS::ElastiCache::ServerlessCache", Engine="redis", ServerlessCacheName="c")), "AWS::ElastiCache::ServerlessCache"),
    "a backup plan": (TEAM, more(P=a("AWS::Backup::BackupPlan", BackupPlan={"BackupPlanName": "p", "BackupPlanRule": []})), KEPT),
    "a budget": (TEAM, more(B=a("AWS::Budgets::Budget", Budget={"BudgetType": "COST", "TimeUnit": "MONTHLY"})), "AWS::Budgets::Budget"),
    "a custom resource": (TEAM, more(X=a("Custom::Thing", ServiceToken="arn:aws:lambda:eu-central-1:222222222222:function:f")), "Custom::Thing"),
    "a dashboard": (TEAM, more(D=a("AWS::CloudWatch::Dashboard", DashboardBody='{"widgets": []}')), KEPT),
    "a task that a rule runs each night": (WORDPRESS, nightly_task, RUNS),
    "a rule of a topic": (WORDPRESS, more(R=a("AWS::Events::Rule", ScheduleExpression="rate(1 hour)", Targets=[{"Arn": "arn:aws:sns:eu-central-1:222222222222:t", "Id": "t"}])), KEPT),
    "a parameter with tags": (WORDPRESS, more(P=a("AWS::SSM::Parameter", Type="String", Value="1", Tags={"team": "web"})), KEPT),
    "a secret of the team's in a variable": (WORDPRESS, container(Environment=[{"Name": "KEY", "Value": "{{resolve:secretsmanager:team/key:SecretString:::}}"}]), "KEY names the secret team/key, which does not exist"),
    # The pipeline.
    "a staging stage": (PIPELINE, staging, RUNS),
    "a second approval": (PIPELINE, stage("Again", act("Approval/Manual", "Ask", {"CustomData": "Sure?"})), RUNS),
    "a function in the pipeline": (PIPELINE, stage("Call", act("Invoke/Lambda", "Call", {"FunctionName": "f"})), "Invoke/Lambda"),
    "a copy to a bucket": (PIPELINE, stage("Copy", act("Deploy/S3", "Copy", {"BucketName": "b"}, InputArtifacts=[{"Name": "Synth_Output"}])), "Deploy/S3"),
    "executions in a queue": (PIPELINE, of_pipeline(ExecutionMode="QUEUED"), "ExecutionMode"),
    "a closed transition": (PIPELINE, of_pipeline(DisableInboundStageTransitions=[{"StageName": "Prod", "Reason": "r"}]), "DisableInboundStageTransitions"),
    "a retry of a stage": (PIPELINE, of_dev(OnFailure={"Result": "RETRY"}), "OnFailure"),
    "a rollback of a stage": (PIPELINE, of_dev(OnFailure={"Result": "ROLLBACK"}), RUNS),
    "a push of tags": (PIPELINE, of_pipeline(Triggers=[{"ProviderType": "CodeStarSourceConnection", "GitConfiguration": {"SourceActionName": "GitHub", "Push": [{"Tags": {"Includes": ["v*"]}}]}}]), KEPT),
    "another repository beside it": (PIPELINE, second_source, "is a second source"),
    "a longer build": (PIPELINE, build(TimeoutInMinutes=99), RUNS),
    "a build that may run containers": (PIPELINE, build_environment(PrivilegedMode=True), RUNS),
    "a build in a VPC": (PIPELINE, build(VpcConfig={"VpcId": "vpc-1", "Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}), RUNS),
    "a build on Windows": (PIPELINE, build_environment(Type="WINDOWS_SERVER_2022_CONTAINER"), "WINDOWS"),
    # Further ones: the template's own parts, the network, what watches, and single properties.
    "a parameter of the template": (WORDPRESS, tasks_by_parameter, RUNS),
    "a size by a condition": (WORDPRESS, size_by_condition, RUNS),
    "an export": (WORDPRESS, export, KEPT),
    "another name for a resource": (WORDPRESS, renamed, RUNS),
    "a dependency on nothing": (WORDPRESS, depends_on_nothing, "DependsOn names Nothing"),
    "a variable of nothing": (WORDPRESS, container(Environment=[{"Name": "A", "Value": {"Ref": "Nobody"}}]), "Ref names Nobody"),
    "topics in a circle": (TEAM, more(A=a("AWS::SNS::Topic", {"DependsOn": "B"}), B=a("AWS::SNS::Topic", {"DependsOn": "A"})), "in a circle"),
    "a nested stack": (TEAM, more(S=a("AWS::CloudFormation::Stack", TemplateURL="https://example.com/t.json")), "AWS::CloudFormation::Stack"),
    "a macro": (TEAM, lambda t: t.update(Transform="AWS::Serverless-2016-10-31", Resources={"T": a("AWS::SNS::Topic")}), "Transform"),
    "an endpoint for S3": (NETWORK, endpoint(VpcEndpointType="Gateway", ServiceName="com.amazonaws.eu-central-1.s3"), KEPT),
    "a subnet in another region": (NETWORK, lambda t: of_type(t, "AWS::EC2::Subnet").update(AvailabilityZone="us-east-1a"), "no zone of the region"),
    "a list of an office's addresses": (WORDPRESS, ingress(SourcePrefixListId="pl-1"), KEPT),
    "an office in IPv6": (WORDPRESS, ingress(CidrIpv6="2001:db8::/32"), KEPT),
    "a user of the container": (WORDPRESS, container(User="www-data"), RUNS),
    "a user that is none": (WORDPRESS, container(User="33:33:33"), "User is '33:33:33'"),
    "a folder to begin in": (WORDPRESS, container(WorkingDirectory="/tmp"), RUNS),
    "logs by a router that is not there": (WORDPRESS, container(LogConfiguration={"LogDriver": "awsfirelens"}), "FirelensConfiguration"),
    "a larger disk": (WORDPRESS, site(TASKS, "EphemeralStorage", {"SizeInGiB": 30}, part="ServiceTask"), KEPT),
    "no circuit breaker": (WORDPRESS, site(SERVICE, "DeploymentConfiguration", "DeploymentCircuitBreaker", {"Enable": False, "Rollback": False}), RUNS),
    "nothing may move": (WORDPRESS, lambda t: of_type(t, SERVICE)["DeploymentConfiguration"].update(MinimumHealthyPercent=100, MaximumPercent=100), "are both 100"),
    "a longer grace": (WORDPRESS, site(SERVICE, "HealthCheckGracePeriodSeconds", 120), RUNS),
    "requests to who has the fewest": (WORDPRESS, site(GROUP, "TargetGroupAttributes", [{"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"}]), RUNS),
    "a health check each five seconds": (WORDPRESS, lambda t: of_type(t, GROUP).update(HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=5), "must be below"),
    "a policy without encryption": (WORDPRESS, site(LISTENER, "SslPolicy", "ELBSecurityPolicy-TLS13-1-2-2021-06"), "does not go with the Protocol HTTP"),
    "a rule for a host": (WORDPRESS, rule(HOST), RUNS),
    "another version of the engine": (WORDPRESS, site(CLUSTER, "EngineVersion", "8.0.mysql_aurora.3.10.0"), KEPT),
    "a newer major version": (WORDPRESS, site(CLUSTER, "EngineVersion", "8.4.mysql_aurora.8.4.7"), "is a group of the family aurora-mysql8.0"),
    "a version of Aurora's alone": (WORDPRESS, site(CLUSTER, "EngineVersion", "3.10.0"), "is no version of aurora-mysql"),
    "a parameter in minutes": (WORDPRESS, parameter("wait_timeout", "5m"), "a whole number is wanted"),
    "a metric in AWS's name": (WORDPRESS, lambda t: of_type(t, "AWS::Logs::MetricFilter")["MetricTransformations"][0].update(MetricNamespace="AWS/ECS"), "AWS's own"),
    "a rate of one minutes": (TEAM, more(R=a("AWS::Events::Rule", ScheduleExpression="rate(1 minutes)")), "rate\\(1 minutes\\)"),
    # Sixty more: of the site's tasks,
    "a check of several words for the shell": (WORDPRESS, container(HealthCheck={"Command": ["CMD-SHELL", "curl", "-f", "localhost"]}), RUNS),
    "variables in a file": (WORDPRESS, container(EnvironmentFiles=[{"Type": "s3", "Value": "arn:aws:s3:::b/x.env"}]), "EnvironmentFiles"),
    "volumes of another container": (WORDPRESS, container(VolumesFrom=[{"SourceContainer": "nginx"}]), "VolumesFrom"),
    "another name for the host": (WORDPRESS, container(Hostname="web"), "Hostname"),
    "names in the hosts file": (WORDPRESS, container(ExtraHosts=[{"Hostname": "a", "IpAddress": "192.0.2.1"}]), "ExtraHosts"),
    "another resolver": (WORDPRESS, container(DnsServers=["192.0.2.1"]), "DnsServers"),
    "a disk in memory": (WORDPRESS, container(LinuxParameters={"Tmpfs": [{"ContainerPath": "/t", "Size": 64}]}), "Tmpfs"),
    "a registry with a password": (WORDPRESS, container(RepositoryCredentials={"CredentialsParameter": "arn:aws:secretsmanager:eu-central-1:222222222222:secret:x"}), "RepositoryCredentials"),
    "a longer queue of connections": (WORDPRESS, container(SystemControls=[{"Namespace": "net.core.somaxconn", "Value": "4096"}]), RUNS),
    "another limit of the kernel": (WORDPRESS, container(SystemControls=[{"Namespace": "kernel.msgmax", "Value": "1"}]), "kernel.msgmax"),
    "a container that is started again": (WORDPRESS, container(RestartPolicy={"Enabled": True}), "RestartPolicy"),
    "logs to a group of nobody": (WORDPRESS, container(LogConfiguration={"LogDriver": "awslogs", "Options": {"awslogs-group": "/ecs/web", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "web"}}), "/ecs/web, which no deployed stack"),
    "a capability less": (WORDPRESS, container(LinuxParameters={"Capabilities": {"Drop": ["NET_RAW"]}}), RUNS),
    "a container that may end": (WORDPRESS, container(Essential=False), RUNS),
    "a stop of minutes": (WORDPRESS, container(StopTimeout=200), "more than Fargate's 120 s"),
    "containers in a circle": (WORDPRESS, container(DependsOn=[{"ContainerName": "nginx", "Condition": "START"}]), "in a circle"),
    "a secret of a bucket": (WORDPRESS, container(Secrets=[{"Name": "A", "ValueFrom": "arn:aws:s3:::team/key"}]), "ECS takes ARNs of Secrets Manager"),
    "a field that a secret does not have": (WORDPRESS, secret("pin::"), "wants the field 'pin'"),
    "a secret as it was": (WORDPRESS, secret(":AWSPREVIOUS:"), "asks for a version"),
    "zones out of balance": (WORDPRESS, site(SERVICE, "AvailabilityZoneRebalancing", "DISABLED"), KEPT),
    "zones in balance without room": (WORDPRESS, lambda t: of_type(t, SERVICE)["DeploymentConfiguration"].update(MinimumHealthyPercent=50, MaximumPercent=100), "wants a MaximumPercent above 100"),
    "hooks of a deployment": (WORDPRESS, site(SERVICE, "DeploymentConfiguration", "LifecycleHooks", []), "LifecycleHooks"),
    "a name of Cloud Map": (WORDPRESS, site(SERVICE, "ServiceRegistries", [{"RegistryArn": "arn:aws:servicediscovery:eu-central-1:222222222222:service/srv-1"}]), "ServiceRegistries"),
    "an older platform": (WORDPRESS, site(SERVICE, "PlatformVersion", "1.3.0"), "1.3.0"),
    "a size in words": (WORDPRESS, lambda t: of_type(t, TASKS, "ServiceTask").update(Cpu="1 vCPU", Memory="2 GB"), RUNS),
    "a folder of the host": (WORDPRESS, volume(Host={"SourcePath": "/srv"}), "no host to mount from"),
    "files in the clear": (WORDPRESS, of_volume("TransitEncryption", "DISABLED"), "needs TransitEncryption ENABLED"),
    "files for their owner alone": (WORDPRESS, site("AWS::EFS::AccessPoint", "RootDirectory", "CreationInfo", "Permissions", "0700"), RUNS),
    "files as another user": (WORDPRESS, site("AWS::EFS::AccessPoint", "PosixUser", "Uid", "1000"), "PosixUser's Uid 1000"),
    "tasks beside the database": (WORDPRESS, isolated, "has no way out, and its network no endpoint for ecr.api"),
    # of its load balancer,
    "two conditions of a path": (WORDPRESS, rule(path("/a"), path("/b")), "2 conditions of path-pattern"),
    "six paths of a rule": (WORDPRESS, rule(path("/a", "/b", "/c", "/d", "/e", "/f")), "6 values together; 5 are allowed"),
    "a rule for two headers of a host": (WORDPRESS, rule(HOST, header("X-A"), header("X-B")), RUNS),
    "a group of no weight": (WORDPRESS, weightless, "its only target group has the Weight 0"),
    "paths that are rewritten": (WORDPRESS, rewritten, "Transforms"),
    "a path that leads elsewhere": (WORDPRESS, rule(path("/a"), action={"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Path": "/b"}}), RUNS),
    "no HTTP/2": (WORDPRESS, attribute(ALB, "routing.http2.enabled", "false"), RUNS),
    "the port of the client": (WORDPRESS, attribute(ALB, "routing.http.xff_client_port.enabled", "true"), "xff_client_port"),
    "no word of the server": (WORDPRESS, site(LISTENER, "ListenerAttributes", [{"Key": "routing.http.response.server.enabled", "Value": "false"}]), "ListenerAttributes"),
    "a check of another port": (WORDPRESS, site(GROUP, "HealthCheckPort", "8081"), "lets TCP 8081 out"),
    "tasks that speak HTTP/2": (WORDPRESS, site(GROUP, "ProtocolVersion", "HTTP2"), "ProtocolVersion is 'HTTP2'"),
    "any answer is well": (WORDPRESS, site(GROUP, "Matcher", {"HttpCode": "200-399"}), RUNS),
    "a slow start": (WORDPRESS, attribute(GROUP, "slow_start.duration_seconds", "60"), RUNS),
    "a short farewell": (WORDPRESS, attribute(GROUP, "deregistration_delay.timeout_seconds", "5"), RUNS),
    # of its database and its files,
    "a pause of an older version": (WORDPRESS, site(CLUSTER, "EngineVersion", "8.0.mysql_aurora.3.05.2"), "MinCapacity is 0, which Aurora MySQL takes from 3.08.0 on"),
    "measured by nobody": (WORDPRESS, site(INSTANCE, "MonitoringInterval", 60), "without a MonitoringRoleArn"),
    "an instance of a class": (WORDPRESS, site(INSTANCE, "DBInstanceClass", "db.t4g.medium"), "db.t4g.medium"),
    "a password of RDS's own": (WORDPRESS, site(CLUSTER, "ManageMasterUserPassword", True), "ManageMasterUserPassword"),
    "a login by IAM": (WORDPRESS, site(CLUSTER, "EnableIAMDatabaseAuthentication", True), KEPT),
    "slow queries are kept": (WORDPRESS, parameter("slow_query_log", "1"), RUNS),
    "no backups": (WORDPRESS, site(CLUSTER, "BackupRetentionPeriod", 0), "BackupRetentionPeriod is 0"),
    "files in a zone twice": (WORDPRESS, again(MOUNT), "already exists in this AZ"),
    "much of two kinds": (WORDPRESS, lambda t: of_type(t, FILES).update(ThroughputMode="elastic", PerformanceMode="maxIO"), "maxIO does not go with the ThroughputMode elastic"),
    # of what scales and watches it,
    "a longer cooldown": (WORDPRESS, site(POLICY, "TargetTrackingScalingPolicyConfiguration", "ScaleInCooldown", 900), RUNS),
    "a second policy of the same metric": (WORDPRESS, again(POLICY, PolicyName="again"), "takes one policy of each"),
    "tasks for a morning": (WORDPRESS, scheduled("cron(0 9 * * ? *)", Timezone="Europe/Berlin"), RUNS),
    "a morning nowhere": (WORDPRESS, scheduled("cron(0 9 * * ? *)", Timezone="Europe/Berlinn"), "no time zone is called"),
    "each day of each week": (WORDPRESS, scheduled("cron(0 9 * * * *)"), "day of the week is \\?"),
    "two of three periods": (WORDPRESS, alarm(DatapointsToAlarm=2), KEPT),
    "four of three periods": (WORDPRESS, alarm(DatapointsToAlarm=4), "CloudWatch takes 1 to EvaluationPeriods"),
    "missing data in other letters": (WORDPRESS, alarm(TreatMissingData="notbreaching"), "notBreaching"),
    "an alarm without a period": (WORDPRESS, alarm(Period=None), "names a metric without Period"),
    "what is unusual": (WORDPRESS, alarm(MetricName=None, Namespace=None, Period=None, Statistic=None, Threshold=None, ComparisonOperator="GreaterThanUpperThreshold", ThresholdMetricId="b", Metrics=[{"Id": "m", "MetricStat": {"Metric": {"MetricName": "m", "Namespace": "n"}, "Period": 60, "Stat": "Sum"}}, {"Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}]), KEPT),
    "an alarm of alarms": (WORDPRESS, more(C=a("AWS::CloudWatch::CompositeAlarm", AlarmName="c", AlarmRule="ALARM(a)")), KEPT),
    # of the pipeline and its builds,
    "a blank in a stage's name": (PIPELINE, stage("A stage", act("Approval/Manual", "Ask", {})), "Name is 'A stage'; the service takes"),
    "a thousandth action": (PIPELINE, stage("Again", act("Approval/Manual", "Ask", {}, RunOrder=1000)), "RunOrder is 1000"),
    "an approval of an hour": (PIPELINE, stage("Again", act("Approval/Manual", "Ask", {}, TimeoutInMinutes=60)), "TimeoutInMinutes"),
    "a stage in another region": (PIPELINE, stage("Away", act("Approval/Manual", "Ask", {}, Region="sa-east-1")), "no entry among ArtifactStores"),
    "a push of a source that is not there": (PIPELINE, of_pipeline(Triggers=[{"ProviderType": "CodeStarSourceConnection", "GitConfiguration": {"SourceActionName": "Other", "Push": [{"Branches": {"Includes": ["main"]}}]}}]), "a trigger is of the source Other"),
    "a push of some files": (PIPELINE, of_pipeline(Triggers=[{"ProviderType": "CodeStarSourceConnection", "GitConfiguration": {"SourceActionName": "GitHub", "Push": [{"Branches": {"Includes": ["main"]}, "FilePaths": {"Includes": ["src/**"]}}]}}]), KEPT),
    "variables of the pipeline": (PIPELINE, of_pipeline(Variables=[{"Name": "x", "DefaultValue": "1"}]), "Variables"),
    "a condition before a stage": (PIPELINE, of_dev(BeforeEntry={"Conditions": []}), "BeforeEntry"),
    "a pipeline of the first type": (PIPELINE, of_pipeline(PipelineType="V1"), "its type is V1"),
    "commands for an action": (PIPELINE, stage("Say", {**act("Compute/Commands", "Say", {}), "Commands": ["ls"]}), "Commands"),
    "a cache of images alone": (PIPELINE, build(Cache={"Type": "LOCAL", "Modes": ["LOCAL_DOCKER_LAYER_CACHE"]}), RUNS),
    "a cache in no bucket": (PIPELINE, build(Cache={"Type": "S3"}), "Cache has no Location"),
    "a larger build": (PIPELINE, build_environment(ComputeType="BUILD_GENERAL1_LARGE"), KEPT),
    "a build on ARM": (PIPELINE, build_environment(Type="ARM_CONTAINER"), "ARM_CONTAINER"),
    "files of EFS in a build": (PIPELINE, build(FileSystemLocations=[]), "FileSystemLocations"),
    "a build of two minutes": (PIPELINE, build(TimeoutInMinutes=2), "TimeoutInMinutes is 2"),
    # and beside it.
    "storage for the rare after a week": (TEAM, lifecycle(Transitions=[{"StorageClass": "STANDARD_IA", "TransitionInDays": 7}]), "30 days are the least"),
    "a bucket for all the world": (TEAM, more(B=a("AWS::S3::Bucket", AccessControl="PublicRead")), "OwnershipControls"),
    "backups that are cold for a month": (TEAM, more(P=a("AWS::Backup::BackupPlan", BackupPlan={"BackupPlanName": "p", "BackupPlanRule": [{"RuleName": "r", "TargetBackupVault": "v", "Lifecycle": {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 35}}]})), "less than 90 days after"),
    "a queue": (TEAM, more(Q=a("AWS::SQS::Queue")), "AWS::SQS::Queue"),
    "a rule of every day twice": (TEAM, more(R=a("AWS::Events::Rule", ScheduleExpression="cron(0 3 * * * *)")), "day of the week is \\?"),
    "a secret that turns": (TEAM, more(S=a("AWS::SecretsManager::Secret"), R=a("AWS::SecretsManager::RotationSchedule", SecretId={"Ref": "S"}, RotationRules={"ScheduleExpression": "rate(4 hours)"})), KEPT),
    "a second route": (NETWORK, again("AWS::EC2::Route"), "already exists"),
    "a list for a subnet": (NETWORK, listed, KEPT),
}  # fmt: skip


def test_there_are_a_hundred_and_fifty() -> None:
    assert len(CHANGES) >= 150


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CHANGES])
def test_a_change_runs_is_kept_or_is_refused_by_name(region: Region, name: str) -> None:
    stack, edit, expected = CHANGES[name]
    if stack == TEAM:
        stack += f"-{list(CHANGES).index(name)}"  # a name of its own, since nothing is deployed to one that failed
    outcome = region.outcome(stack, edit)
    if expected in {RUNS, KEPT}:
        assert outcome == expected
    else:
        assert outcome not in {RUNS, KEPT}
        assert re.search(expected, outcome), outcome
        assert outcome.startswith(
            (f"the stack {stack}", f"{stack}/", "the pipeline ", "the project ", "Call / ", "Copy / ")
        )


def test_a_list_of_the_network_is_judged_when_the_site_is_deployed(region: Region) -> None:
    [site_stack] = [stack for stack in region.world.stacks if stack.name == WORDPRESS]
    template = copied(region.templates[NETWORK])
    listed(template)
    with region.tried(NETWORK, template) as tried:
        others = (stack for stack in region.world.stacks if stack.name != NETWORK)
        with pytest.raises(PlanError, match=rf"{NETWORK}/List \(AWS::EC2::NetworkAcl\) does not let TCP \d+ from "):
            make_plan(World((*others, tried.stack)), site_stack, cache(region.cloud.secret))


def test_what_is_kept_of_a_type_is_known_to_have_no_effect() -> None:
    """A resource that stands and runs nothing is one of those of which the page of what is honoured says so."""
    for resource_type in ("AWS::SNS::Topic", "AWS::S3::Bucket", "AWS::CloudWatch::Alarm"):
        assert KNOWN_TYPES[resource_type]
