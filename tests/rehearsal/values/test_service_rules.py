"""What AWS's services refuse and CloudFormation's schemas let pass: a table of plausible values, each named."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.values import resource_schema, service_rules
from rehearsal.values.service_rules import faults

EC2, BALANCING = "AWS::EC2::", "AWS::ElasticLoadBalancingV2::"
BALANCER, GROUP = f"{BALANCING}LoadBalancer", f"{BALANCING}TargetGroup"
INGRESS = f"{EC2}SecurityGroupIngress"
TASK, SERVICE, CLUSTER = "AWS::ECS::TaskDefinition", "AWS::ECS::Service", "AWS::RDS::DBCluster"
ALARM, GENERATED = "AWS::CloudWatch::Alarm", "AWS::SecretsManager::Secret"
TCP = {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}
OPTIONS = {"awslogs-group": "g", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "p"}


def attributes(owner: str, **values: str) -> dict[str, Any]:
    """Return attributes of a load balancer or a target group; two underscores stand for a dot."""
    return {f"{owner}Attributes": [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]}


def container(**more: Any) -> dict[str, Any]:
    return {"ExecutionRoleArn": "role", "ContainerDefinitions": [{"Name": "web", **more}]}


def logging(**options: str | None) -> dict[str, Any]:
    """Return a container that logs by awslogs; an option that is None is taken away."""
    found = OPTIONS | {key.replace("_", "-"): value for key, value in options.items()}
    kept = {key: value for key, value in found.items() if value is not None}
    return container(LogConfiguration={"LogDriver": "awslogs", "Options": kept})


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "ports upside down": (INGRESS, TCP | {"FromPort": 90}, "FromPort 90 is above ToPort 80"),
    "no port": (
        f"{EC2}SecurityGroupEgress",
        {"IpProtocol": "udp", "CidrIp": "0.0.0.0/0"},
        "FromPort and ToPort of a rule of udp is missing",
    ),
    "one port": (INGRESS, {"IpProtocol": "6", "FromPort": 1}, "ToPort of a rule of 6 is missing"),
    "no such port": (INGRESS, TCP | {"ToPort": 70000}, "ToPort is 70000; 0 to 65535"),
    "no such protocol": (INGRESS, TCP | {"IpProtocol": "https"}, "IpProtocol is 'https'"),
    "half an address": (INGRESS, TCP | {"CidrIp": "10.0.0/8"}, "no block of addresses"),
    "no prefix": (INGRESS, TCP | {"CidrIp": "10.0.0.1"}, "no block of addresses"),
    "an odd address": (INGRESS, TCP | {"CidrIpv6": "10.0.0.x/8"}, "CidrIpv6 is"),
    "a rule within a group": (
        f"{EC2}SecurityGroup",
        {"SecurityGroupEgress": [TCP, TCP | {"ToPort": 1}]},
        "SecurityGroupEgress[1]: FromPort 80 is above ToPort 1",
    ),
    "name of a group": (f"{EC2}SecurityGroup", {"GroupName": "sg-web"}, "may not begin with sg-"),
    "names without their service": (
        f"{EC2}VPC",
        {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True, "EnableDnsSupport": False},
        "EnableDnsHostnames is true without EnableDnsSupport",
    ),
    "a small subnet": (f"{EC2}Subnet", {"CidrBlock": "10.0.0.0/29"}, "from /16 to /28"),
    "no subnet": (f"{EC2}Subnet", {"CidrBlock": "10.0.0.0"}, "no block of addresses"),
    "a route to nowhere": (f"{EC2}Route", {"DestinationCidrBlock": "0.0.0.0/0"}, "it leads nowhere"),
    "a route from nowhere": (
        f"{EC2}Route",
        {"DestinationCidrBlock": "0.0.0.0", "GatewayId": "igw-1"},
        "DestinationCidrBlock is '0.0.0.0'",
    ),
    "an idle time": (
        BALANCER,
        attributes("LoadBalancer", idle_timeout__timeout_seconds="0"),
        "idle_timeout.timeout_seconds is 0; 1 to 4000",
    ),
    "a kept connection": (BALANCER, attributes("LoadBalancer", client_keep_alive__seconds="30"), "60 to 604800"),
    "maybe": (
        BALANCER,
        attributes("LoadBalancer", routing__http__drop_invalid_header_fields__enabled="maybe"),
        "is 'maybe'; false, true are allowed",
    ),
    "mode of a header": (
        BALANCER,
        attributes("LoadBalancer", routing__http__xff_header_processing__mode="keep"),
        "append, preserve, remove",
    ),
    "logs for nobody": (
        BALANCER,
        attributes("LoadBalancer", access_logs__s3__enabled="true"),
        "without access_logs.s3.bucket",
    ),
    "name of a balancer": (BALANCER, {"Name": "my_site"}, "letters, digits and hyphens"),
    "a reserved name": (BALANCER, {"Name": "internal-site"}, "may not begin with internal-"),
    "a policy": (f"{BALANCING}Listener", {"SslPolicy": "TLS-1-3"}, "AWS's own begin with ELBSecurityPolicy-"),
    "no condition": (f"{BALANCING}ListenerRule", {"Conditions": []}, "it has no condition"),
    "a path": (GROUP, {"HealthCheckPath": "healthz"}, "'healthz'; it begins with /"),
    "port of a check": (GROUP, {"HealthCheckPort": "0"}, "HealthCheckPort is 0; 1 to 65535"),
    "a patience above its interval": (
        GROUP,
        {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": "5"},
        "HealthCheckTimeoutSeconds 5 must be below HealthCheckIntervalSeconds 5",
    ),
    "a status": (GROUP, {"Matcher": {"HttpCode": "200,500"}}, "Matcher.HttpCode has 500"),
    "statuses upside down": (GROUP, {"Matcher": {"HttpCode": "299-200"}}, "has 299-200"),
    "a long farewell": (GROUP, attributes("TargetGroup", deregistration_delay__timeout_seconds="5000"), "0 to 3600"),
    "a slow start of ten seconds": (GROUP, attributes("TargetGroup", slow_start__duration_seconds="10"), "30 to 900"),
    "a slow start by load": (
        GROUP,
        attributes(
            "TargetGroup",
            slow_start__duration_seconds="30",
            load_balancing__algorithm__type="least_outstanding_requests",
        ),
        "does not go with the algorithm least_outstanding_requests",
    ),
    "an algorithm": (GROUP, attributes("TargetGroup", load_balancing__algorithm__type="random"), "is 'random'"),
    "mitigation without weights": (
        GROUP,
        attributes("TargetGroup", load_balancing__algorithm__anomaly_mitigation="on"),
        "only the algorithm weighted_random has",
    ),
    "a family": (TASK, {"Family": "my family"}, "Family is 'my family'"),
    "a disk": (TASK, {"EphemeralStorage": {"SizeInGiB": 500}}, "EphemeralStorage.SizeInGiB is 500; 21 to 200"),
    "no memory": (TASK, container(Memory=3), "container web: Memory is 3; 6 MiB are the least"),
    "limits upside down": (
        TASK,
        container(Ulimits=[{"Name": "nofile", "SoftLimit": 2, "HardLimit": 1}]),
        "SoftLimit 2 above its HardLimit 1",
    ),
    "two volumes at one place": (
        TASK,
        container(MountPoints=[{"SourceVolume": name, "ContainerPath": "/data"} for name in "ab"]),
        "two volumes are mounted at /data",
    ),
    "a log driver": (TASK, container(LogConfiguration={"LogDriver": "syslog"}), "LogDriver is 'syslog'; Fargate has"),
    "no log group": (TASK, logging(awslogs_group=None), "awslogs-group of the log driver awslogs is missing"),
    "no stream": (TASK, logging(awslogs_stream_prefix=None), "awslogs-stream-prefix of the log driver awslogs"),
    "a log option": (TASK, logging(awslogs_colour="red"), "has no option awslogs-colour"),
    "a log mode": (TASK, logging(mode="nonblocking"), "blocking or non-blocking"),
    "a log buffer": (TASK, logging(max_buffer_size="8 megs"), "max-buffer-size of the log driver is '8 megs'"),
    "nobody who may log": (
        TASK,
        {"ContainerDefinitions": [{"Name": "web", "LogConfiguration": {"LogDriver": "awslogs", "Options": OPTIONS}}]},
        "wants an ExecutionRoleArn",
    ),
    "name of a service": (SERVICE, {"ServiceName": "my service"}, "ServiceName is 'my service'"),
    "fewer than none": (SERVICE, {"DesiredCount": -1}, "DesiredCount is -1, below 0"),
    "grace for nobody": (
        SERVICE,
        {"HealthCheckGracePeriodSeconds": 60, "LoadBalancers": []},
        "is for services with load balancers",
    ),
    "two bases": (
        SERVICE,
        {"CapacityProviderStrategy": [{"CapacityProvider": each, "Base": 1} for each in ("FARGATE", "FARGATE_SPOT")]},
        "only one capacity provider of a strategy can have a Base",
    ),
    "no weight": (
        SERVICE,
        {"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 0}]},
        "none could take a task",
    ),
    "bounds upside down": (
        "AWS::ApplicationAutoScaling::ScalableTarget",
        {"MinCapacity": 5, "MaxCapacity": "4"},
        "MinCapacity 5 is above MaxCapacity 4",
    ),
    "a cooldown": (
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {"TargetTrackingScalingPolicyConfiguration": {"ScaleInCooldown": -1}},
        "ScaleInCooldown is -1, below 0",
    ),
    "name of a database": (CLUSTER, {"DatabaseName": "flood-gate"}, "DatabaseName is 'flood-gate'"),
    "port of a database": (CLUSTER, {"Port": 80}, "Port is 80; 1150 to 65535"),
    "a user of RDS": (CLUSTER, {"MasterUsername": "rdsadmin"}, "which is RDS's own"),
    "a word that RDS does not take": (
        CLUSTER,
        {"Engine": "aurora-mysql", "MasterUserPassword": "/" * 9},
        "without /, @",
    ),
    "a window": (CLUSTER, {"PreferredBackupWindow": "3am-4am"}, "hh:mm-hh:mm is wanted"),
    "a window of a week": (CLUSTER, {"PreferredMaintenanceWindow": "mon:03:00-mon"}, "ddd:hh:mm-ddd:hh:mm is wanted"),
    "log of a database": (
        CLUSTER,
        {"Engine": "aurora-mysql", "EnableCloudwatchLogsExports": ["slow"]},
        "EnableCloudwatchLogsExports has 'slow'",
    ),
    "a family of parameters": ("AWS::RDS::DBClusterParameterGroup", {"Family": "mysql8"}, "none of RDS's"),
    "provisioned without a figure": (
        "AWS::EFS::FileSystem",
        {"ThroughputMode": "provisioned"},
        "without ProvisionedThroughputInMibps",
    ),
    "a period": (ALARM, {"Period": 45}, "Period is 45; 10, 20, 30 and multiples of 60"),
    "a long look back": (ALARM, {"Period": 60, "EvaluationPeriods": 5000}, "86400 s are the longest"),
    "a percentile": (ALARM, {"ExtendedStatistic": "p105"}, "p0 to p100"),
    "an alarm by name": (ALARM, {"AlarmActions": ["me@example.com"]}, "which is no ARN"),
    "name of a dashboard": ("AWS::CloudWatch::Dashboard", {"DashboardName": "my dashboard"}, "DashboardName is"),
    "an open brace": ("AWS::Logs::MetricFilter", {"FilterPattern": "{ $.a = 1"}, "does not end so"),
    "a pattern that is no JSON": ("AWS::Events::Rule", {"EventPattern": '{"source"'}, "EventPattern is no JSON"),
    "a pattern that is a list": ("AWS::Events::Rule", {"EventPattern": "[]"}, "a mapping is wanted"),
    "a blank in a name": (GENERATED, {"Name": "a b"}, "letters, digits and /_+=.@-"),
    "generated too short": (GENERATED, {"GenerateSecretString": {"PasswordLength": 2}}, "too short for one of each"),
    "generated too long": (GENERATED, {"GenerateSecretString": {"PasswordLength": 5000}}, "1 to 4096"),
    "a lifecycle of no day": (
        "AWS::S3::Bucket",
        {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 0}]}},
        "a day is the least",
    ),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in REFUSED])
def test_what_a_service_refuses_is_named(name: str) -> None:
    kind, properties, words = REFUSED[name]
    assert resource_schema.has_schema(kind)
    assert words in "\n".join(faults(kind, properties))


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        pytest.param(INGRESS, TCP | {"CidrIp": "10.0.0.1/8"}, id="bits of a host are taken away"),
        pytest.param(INGRESS, {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}, id="all protocols"),
        pytest.param(INGRESS, TCP | {"FromPort": -1, "ToPort": -1}, id="all ports"),
        pytest.param(INGRESS, TCP | {"FromPort": {"Ref": "Port"}}, id="a port that the deployment knows"),
        pytest.param(f"{EC2}SecurityGroup", {"SecurityGroupIngress": [{"Fn::If": ["A", TCP, TCP]}]}, id="a condition"),
        pytest.param(f"{EC2}VPC", {"CidrBlock": {"Ref": "Cidr"}, "EnableDnsSupport": {"Ref": "Dns"}}, id="a network"),
        pytest.param(
            BALANCER,
            {
                "LoadBalancerAttributes": [
                    {"Key": "access_logs.s3.enabled", "Value": "true"},
                    {"Key": "access_logs.s3.bucket", "Value": {"Ref": "Bucket"}},
                ]
            },
            id="a bucket that the deployment knows",
        ),
        pytest.param(GROUP, {"Matcher": {"HttpCode": "200-299,301"}}, id="statuses"),
        pytest.param(TASK, logging(max_buffer_size="8388608b", mode="non-blocking"), id="log options of the CDK"),
        pytest.param(CLUSTER, {"MasterUserPassword": "{{resolve:secretsmanager:a/b}}"}, id="a dynamic reference"),
        pytest.param(ALARM, {"Period": 86400, "EvaluationPeriods": 7}, id="a week"),
        pytest.param(
            GENERATED,
            {"GenerateSecretString": {"PasswordLength": 2, "RequireEachIncludedType": False}},
            id="two characters of any kind",
        ),
    ],
)
def test_what_a_service_takes_is_not_refused(kind: str, properties: dict[str, Any]) -> None:
    assert list(faults(kind, properties)) == []


def test_each_rule_is_of_a_type_that_a_rehearsal_knows_and_is_tried() -> None:
    from rehearsal.fargate.plan.known import KNOWN_TYPES

    assert set(service_rules._RULES) <= set(KNOWN_TYPES)
    assert {kind for kind, _, _ in REFUSED.values()} >= set(service_rules._RULES) - {"AWS::RDS::DBParameterGroup"}
