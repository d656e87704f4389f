"""What AWS's services refuse and CloudFormation's schemas let pass: a table of plausible values, each named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.values import resource_schema, service_rules
from rehearsal.values.service_rules import faults

EC2, BALANCING = "AWS::EC2::", "AWS::ElasticLoadBalancingV2::"
BALANCER, GROUP = f"{BALANCING}LoadBalancer", f"{BALANCING}TargetGroup"
INGRESS = f"{EC2}SecurityGroupIngress"
TASK, SERVICE, CLUSTER = "AWS::ECS::TaskDefinition", "AWS::ECS::Service", "AWS::RDS::DBCluster"
ALARM, GENERATED = "AWS::CloudWatch::Alarm", "AWS::SecretsManager::Secret"
LISTENER, FILTER, FILES = f"{BALANCING}Listener", "AWS::Logs::MetricFilter", "AWS::EFS::FileSystem"
RULE, BUCKET, INSTANCE = f"{BALANCING}ListenerRule", "AWS::S3::Bucket", "AWS::RDS::DBInstance"
METRIC = {"MetricName": "m", "Namespace": "n", "Period": 60, "Statistic": "Sum"}
PATHS = {"Field": "path-pattern"}
POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
KINDS = ("ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation")
TCP = {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}
FARGATE = {"RequiresCompatibilities": ["FARGATE"]}
SCHEDULE, UNIVERSAL = "AWS::Scheduler::Schedule", "arn:aws:scheduler:::aws-sdk:"
CLOSED = {"PipelineName": "p", "StageName": "Prod", "TransitionType": "Inbound"}
SCALED = {"DbClusterIdentifier": "d"}
OPTIONS = {"awslogs-group": "g", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "p"}


def attributes(owner: str, **values: str) -> dict[str, Any]:
    """Return attributes of a load balancer or a target group; two underscores stand for a dot."""
    return {f"{owner}Attributes": [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]}


def container(**more: Any) -> dict[str, Any]:
    return FARGATE | {"ExecutionRoleArn": "role", "ContainerDefinitions": [{"Name": "web", **more}]}


def logging(**options: str | None) -> dict[str, Any]:
    """Return a container that logs by awslogs; an option that is None is taken away."""
    found = OPTIONS | {key.replace("_", "-"): value for key, value in options.items()}
    kept = {key: value for key, value in found.items() if value is not None}
    return container(LogConfiguration={"LogDriver": "awslogs", "Options": kept})


def without(properties: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != name}


def lifecycle(**rule: Any) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", **rule}]}}


def deployment(**percentages: int | str) -> dict[str, Any]:
    return {"DeploymentConfiguration": percentages}


def transformed(**more: Any) -> dict[str, Any]:
    """Return a filter that makes a metric of each line."""
    return {"FilterPattern": "", "MetricTransformations": [{"MetricName": "m", "MetricValue": "1", **more}]}


def called(action: str, request: dict[str, Any], words: str) -> tuple[str, dict[str, Any], str]:
    """Return a schedule that calls an action of AWS, and what is said of it."""
    return SCHEDULE, {"Target": {"Arn": f"{UNIVERSAL}{action}", "Input": json.dumps(request)}}, words


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
    "two conditions of a kind that a rule has once": (
        f"{BALANCING}ListenerRule",
        {"Conditions": [{"Field": "path-pattern", "Values": ["/a"]}, {"Field": "path-pattern", "Values": ["/b"]}]},
        "it has 2 conditions of path-pattern; one is allowed",
    ),
    "more values than a rule has": (
        f"{BALANCING}ListenerRule",
        {
            "Conditions": [
                {"Field": "source-ip", "SourceIpConfig": {"Values": [f"10.{n}.0.0/16" for n in range(4)]}},
                {
                    "Field": "query-string",
                    "QueryStringConfig": {"Values": [{"Key": "a", "Value": "b"}, {"Value": "c"}]},
                },
            ]
        },
        "its conditions have 6 values together; 5 are allowed",
    ),
    "more wildcards than a rule has": (
        f"{BALANCING}ListenerRule",
        {"Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["*.a??.example.com", "????.b"]}}]},
        "its conditions have 7 wildcards together; 6 are allowed",
    ),
    "a path": (GROUP, {"HealthCheckPath": "healthz"}, "'healthz'; it begins with /"),
    "port of a check": (GROUP, {"HealthCheckPort": "0"}, "HealthCheckPort is 0; 1 to 65535"),
    "a patience above its interval": (
        GROUP,
        {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": "5"},
        "HealthCheckTimeoutSeconds 5 must be below HealthCheckIntervalSeconds 5",
    ),
    "a status": (GROUP, {"Protocol": "HTTP", "Matcher": {"HttpCode": "200,500"}}, "Matcher.HttpCode has 500"),
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
        FARGATE
        | {"ContainerDefinitions": [{"Name": "web", "LogConfiguration": {"LogDriver": "awslogs", "Options": OPTIONS}}]},
        "it logs by awslogs, for which its task definition has no ExecutionRoleArn",
    ),
    "name of a service": (SERVICE, {"ServiceName": "my service"}, "ServiceName is 'my service'"),
    "fewer than none": (SERVICE, {"DesiredCount": -1}, "DesiredCount is -1, below 0"),
    "a grace of less than nothing": (SERVICE, {"HealthCheckGracePeriodSeconds": -1}, "Seconds is -1, below 0"),
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
    "a blank in a name": (GENERATED, {"Name": "a b"}, "letters, digits and /_+=.@!-"),
    "generated too short": (GENERATED, {"GenerateSecretString": {"PasswordLength": 2}}, "too short for one of each"),
    "generated too long": (GENERATED, {"GenerateSecretString": {"PasswordLength": 5000}}, "1 to 4096"),
    "a lifecycle of no day": (
        "AWS::S3::Bucket",
        {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 0}]}},
        "a day is the least",
    ),
    "storage for the rare too soon": (
        BUCKET,
        lifecycle(Transitions=[{"StorageClass": "STANDARD_IA", "TransitionInDays": 7}]),
        "TransitionInDays to STANDARD_IA is 7; 30 days are the least",
    ),
    "an end before its transition": (
        BUCKET,
        lifecycle(ExpirationInDays=20, Transitions=[{"StorageClass": "GLACIER", "TransitionInDays": 30}]),
        "ExpirationInDays 20 of a lifecycle rule is not after its transition at 30",
    ),
    "a lifecycle of nothing": (BUCKET, lifecycle(Prefix="logs/"), "a lifecycle rule has no action"),
    "copies without versions": (
        BUCKET,
        {"ReplicationConfiguration": {"Role": "role", "Rules": []}},
        "without the VersioningConfiguration Enabled",
    ),
    "a list of who may": (BUCKET, {"AccessControl": "PublicRead"}, "S3 takes none without OwnershipControls"),
    "cold for a month": (
        "AWS::Backup::BackupPlan",
        {"BackupPlan": {"BackupPlanRule": [{"Lifecycle": {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 35}}]}},
        "DeleteAfterDays 35 is less than 90 days after MoveToColdStorageAfterDays 7",
    ),
    "much of two kinds": (
        FILES,
        {"ThroughputMode": "elastic", "PerformanceMode": "maxIO"},
        "the PerformanceMode maxIO does not go with the ThroughputMode elastic",
    ),
    "much in one zone": (
        FILES,
        {"AvailabilityZoneName": "eu-central-1a", "PerformanceMode": "maxIO"},
        "maxIO does not go with an AvailabilityZoneName",
    ),
    # Alarms and rules.
    "a metric of nobody": (ALARM, without(METRIC, "Namespace"), "it names a metric without Namespace"),
    "a metric without a period": (ALARM, without(METRIC, "Period"), "it names a metric without Period"),
    "a metric without a statistic": (
        ALARM,
        without(METRIC, "Statistic"),
        "without a Statistic or an ExtendedStatistic",
    ),
    "six to be told": (
        ALARM,
        METRIC | {"OKActions": [f"arn:aws:sns:eu-central-1:222222222222:t{index}" for index in range(6)]},
        "OKActions has 6 actions; 5 are the most",
    ),
    "each day twice": ("AWS::Events::Rule", {"ScheduleExpression": "cron(0 3 * * * *)"}, "day of the week is ?"),
    "no day": ("AWS::Events::Rule", {"ScheduleExpression": "cron(0 3 ? * ? *)"}, "day of the week is ?"),
    # Tasks.
    "zones in balance without room": (
        SERVICE,
        {"AvailabilityZoneRebalancing": "ENABLED", "DeploymentConfiguration": {"MaximumPercent": 100}},
        "wants a MaximumPercent above 100; it is 100",
    ),
    "logs to nowhere": (
        TASK,
        container(LogConfiguration={"LogDriver": "splunk", "Options": {"splunk-url": "https://splunk.example.com"}}),
        "splunk-token of the log driver splunk is missing",
    ),
    "two kinds of a metric": (
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
                "CustomizedMetricSpecification": {"MetricName": "m", "Namespace": "n"},
            }
        },
        "CustomizedMetricSpecification and PredefinedMetricSpecification do not go together",
    ),
    # Databases.
    "a version that does not pause": (
        CLUSTER,
        {
            "Engine": "aurora-mysql",
            "EngineVersion": "8.0.mysql_aurora.3.07.1",
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 1},
        },
        "MinCapacity is 0, which Aurora MySQL takes from 3.08.0 on",
    ),
    "measured by nobody": (
        INSTANCE,
        {"MonitoringInterval": 60},
        "MonitoringInterval is 60 without a MonitoringRoleArn",
    ),
    "measured at odd times": (
        INSTANCE,
        {"MonitoringInterval": 7, "MonitoringRoleArn": "role"},
        "MonitoringInterval is 7; 0, 1, 5, 10, 15, 30, 60 are allowed",
    ),
    "insights without a view": (
        CLUSTER,
        {"DatabaseInsightsMode": "advanced", "PerformanceInsightsRetentionPeriod": 465},
        "advanced without PerformanceInsightsEnabled",
    ),
    "insights of a week": (
        CLUSTER,
        {"DatabaseInsightsMode": "advanced", "PerformanceInsightsEnabled": True},
        "a PerformanceInsightsRetentionPeriod of 465 days is the least",
    ),
    # Networks.
    "addresses of the other kind": (INGRESS, TCP | {"CidrIp": "::/0"}, "no block of addresses of IPv4"),
    "addresses of the older kind": (INGRESS, TCP | {"CidrIpv6": "0.0.0.0/0"}, "no block of addresses of IPv6"),
    "a mask": (INGRESS, TCP | {"CidrIp": "10.0.0.0/255.0.0.0"}, "no block of addresses"),
    "a description that is not ASCII": (INGRESS, TCP | {"Description": "für alle"}, "Description is 'für alle'"),
    "echo of any kind": (INGRESS, {"IpProtocol": "icmp", "CidrIp": "0.0.0.0/0"}, "of a rule of icmp is missing"),
    "a type of ICMP": (INGRESS, TCP | {"IpProtocol": "icmp", "FromPort": 300}, "FromPort is 300; -1 to 255"),
    "all types and one code": (INGRESS, TCP | {"IpProtocol": "icmp", "FromPort": -1}, "all types of ICMP, and ToPort"),
    "the default group": (f"{EC2}SecurityGroup", {"GroupName": "default"}, "each network's own group"),
    "a large network": (f"{EC2}VPC", {"CidrBlock": "10.0.0.0/8"}, "a network has from /16 to /28"),
    "a network of loopback": (f"{EC2}VPC", {"CidrBlock": "127.0.0.0/16"}, "overlaps 127.0.0.0/8"),
    "a zone of another region": (
        f"{EC2}Subnet",
        {"AvailabilityZone": "us-east-1a"},
        "no zone of the region eu-central-1",
    ),
    "a region for a zone": (f"{EC2}Subnet", {"AvailabilityZone": "eu-central-1"}, "no zone of the region"),
    "zones of another region": (CLUSTER, {"AvailabilityZones": ["eu-central-1a", "eu-west-1a"]}, "is 'eu-west-1a'"),
    "a route to two places": (
        f"{EC2}Route",
        {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "NatGatewayId": "nat-1"},
        "it leads to GatewayId and NatGatewayId",
    ),
    # Load balancers.
    "an extra header": (
        BALANCER,
        attributes("LoadBalancer", routing__http__xff_client_port__enabled="yes"),
        "is 'yes'; false, true are allowed",
    ),
    "zones apart": (BALANCER, attributes("LoadBalancer", load_balancing__cross_zone__enabled="false"), "always true"),
    "logs of checks for nobody": (
        BALANCER,
        attributes("LoadBalancer", health_check_logs__s3__enabled="true"),
        "without health_check_logs.s3.bucket",
    ),
    "a policy without encryption": (LISTENER, {"Protocol": "HTTP", "SslPolicy": POLICY}, "with the Protocol HTTP"),
    "a certificate without encryption": (
        LISTENER,
        {"Protocol": "HTTP", "Certificates": [{"CertificateArn": "arn:aws:acm:c"}]},
        "Certificates do not go with the Protocol HTTP",
    ),
    "two certificates": (
        LISTENER,
        {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": each} for each in "ab"]},
        "it has 2 Certificates",
    ),
    "name of a target group": (GROUP, {"Name": "my_group"}, "letters, digits and hyphens"),
    "port of a check by name": (GROUP, {"HealthCheckPort": "http"}, "HealthCheckPort is http"),
    "a patience that nobody wrote": (
        GROUP,
        {"Protocol": "HTTP", "HealthCheckIntervalSeconds": 5},
        "HealthCheckTimeoutSeconds 5 must be below HealthCheckIntervalSeconds 5",
    ),
    # Tasks.
    "a user of three parts": (TASK, container(User="33:33:33"), "User is '33:33:33'; user, uid"),
    "a user below nobody": (TASK, container(User="-1"), "User is '-1'"),
    "a user with a blank": (TASK, container(User="www data"), "User is 'www data'"),
    "a user beyond Linux": (TASK, container(User="4294967296"), "User is '4294967296'"),
    "a variable without a name": (TASK, container(Environment=[{"Name": "", "Value": "1"}]), "an empty Name"),
    "name of a container": (TASK, {"ContainerDefinitions": [{"Name": "my web"}]}, "its Name may have"),
    "nobody who may read secrets": (
        TASK,
        FARGATE | {"ContainerDefinitions": [{"Name": "web", "Secrets": [{"Name": "A", "ValueFrom": "arn"}]}]},
        "it has Secrets, for which",
    ),
    "logs that nobody routes": (
        TASK,
        container(LogConfiguration={"LogDriver": "awsfirelens"}),
        "none of them has a FirelensConfiguration",
    ),
    "more than all": (SERVICE, deployment(MinimumHealthyPercent=150), "MinimumHealthyPercent is 150; 0 to 100"),
    "less than all": (SERVICE, deployment(MaximumPercent="50"), "MaximumPercent is 50; 100 is the least"),
    "nothing may move": (
        SERVICE,
        deployment(MinimumHealthyPercent=100, MaximumPercent=100),
        "are both 100, which would block each deployment",
    ),
    # Databases.
    "version of an engine": (CLUSTER, {"Engine": "aurora-mysql", "EngineVersion": "3.08.2"}, "is no version of"),
    "version of another engine": (
        CLUSTER,
        {"Engine": "aurora-postgresql", "EngineVersion": "8.0.mysql_aurora.3.08.2"},
        "is no version of aurora-postgresql",
    ),
    "a long user": (CLUSTER, {"Engine": "aurora-mysql", "MasterUsername": "a" * 17}, "16 are the most"),
    "two keepers of a word": (
        CLUSTER,
        {"Engine": "aurora-mysql", "MasterUserPassword": "a" * 9, "ManageMasterUserPassword": True},
        "does not go with ManageMasterUserPassword",
    ),
    "a pause of what never pauses": (
        CLUSTER,
        {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 1, "SecondsUntilAutoPause": 300}},
        "for a MinCapacity of 0 alone",
    ),
    "a short window": (CLUSTER, {"PreferredBackupWindow": "23:50-00:10"}, "is of 20 minutes; 30"),
    "a short window of an instance": (
        "AWS::RDS::DBInstance",
        {"PreferredMaintenanceWindow": "sun:23:50-mon:00:10"},
        "is of 20 minutes",
    ),
    "windows at one time": (
        CLUSTER,
        {"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "Mon:03:30-Mon:04:30"},
        "overlaps PreferredMaintenanceWindow",
    ),
    "windows over midnight": (
        CLUSTER,
        {"PreferredBackupWindow": "23:30-00:30", "PreferredMaintenanceWindow": "sun:22:30-mon:00:00"},
        "overlaps PreferredMaintenanceWindow",
    ),
    # What is watched.
    "no threshold": (ALARM, {"ComparisonOperator": "GreaterThanThreshold"}, "has no Threshold"),
    "no band": (ALARM, {"ComparisonOperator": "GreaterThanUpperThreshold", "Threshold": 1}, "has no ThresholdMetricId"),
    "a period of a query": (
        ALARM,
        {"Metrics": [{"Id": "m", "MetricStat": {"Period": 45}}]},
        "Metrics m: Period is 45",
    ),
    "two sources of a query": (ALARM, {"Metrics": [{"Id": "m", "MetricStat": {}, "Expression": "a"}]}, "go together"),
    "a search": (ALARM, {"Metrics": [{"Id": "m", "Expression": "SUM(SEARCH('a', 'Sum'))"}]}, "which no alarm takes"),
    "two queries of one name": (ALARM, {"Metrics": [{"Id": "m"}, {"Id": "m"}]}, "has the Id m more than once"),
    "AWS's own metrics": (FILTER, transformed(MetricNamespace="AWS/ECS"), "what begins with AWS/ is AWS's own"),
    "a default for each": (
        FILTER,
        transformed(DefaultValue=0, Dimensions=[{"Key": "a", "Value": "$.a"}]),
        "takes no DefaultValue",
    ),
    "a dimension that never changes": (
        FILTER,
        transformed(Dimensions=[{"Key": "a", "Value": "web"}]),
        "the dimension a is 'web'",
    ),
    "a pattern of one value": (
        "AWS::Events::Rule",
        {"EventPattern": {"detail": {"state": "FAILED"}}},
        "EventPattern.detail.state is 'FAILED'; a list of values",
    ),
    "a pattern of no value": ("AWS::Events::Rule", {"EventPattern": {"source": []}}, "EventPattern.source is an empty"),
    "one minutes": (
        "AWS::Events::Rule",
        {"ScheduleExpression": "rate(1 minutes)"},
        "is 'rate(1 minutes)'; rate(1 hour)",
    ),
    "five minute": ("AWS::Events::Rule", {"ScheduleExpression": "rate(5 minute)"}, "cron() of six fields is wanted"),
    "a crontab's five fields": ("AWS::Events::Rule", {"ScheduleExpression": "cron(0 3 * * ?)"}, "of six fields"),
    "no pattern": ("AWS::Events::Rule", {"EventPattern": {}}, "EventPattern is empty"),
    # What a schedule calls.
    "characters of a reason": called(
        "codepipeline:disableStageTransition", CLOSED | {"Reason": "at 18:00"}, "the service takes [a-zA-Z0-9!@"
    ),
    "letters of any kind, and a semicolon": called(
        "ecs:tagResource", {"ResourceArn": "arn", "Tags": [{"Key": "größe;", "Value": "5"}]}, "Key is 'größe;'"
    ),
    "a long reason": called(
        "codepipeline:disableStageTransition", CLOSED | {"Reason": "a" * 301}, "has 301 characters; 300 is the most"
    ),
    "another kind of transition": called(
        "codepipeline:enableStageTransition", CLOSED | {"TransitionType": "Both"}, "Inbound, Outbound are allowed"
    ),
    "a transition of nothing": called(
        "codepipeline:enableStageTransition", {"StageName": "Prod"}, "has no pipelineName"
    ),
    "an action that is none": called("codepipeline:closeStageTransition", CLOSED, "codepipeline does not have"),
    "a part that is none": called(
        "rds:modifyDBCluster", SCALED | {"Capacity": 2}, "has Capacity, which the call does not"
    ),
    "a number in quotes": called(
        "rds:modifyDBCluster", SCALED | {"ServerlessV2ScalingConfiguration": {"MinCapacity": "2"}}, "and no double"
    ),
    "units that are no number": called(
        "elasticloadbalancingv2:modifyCapacityReservation",
        {"LoadBalancerArn": "arn", "MinimumLoadBalancerCapacity": {"CapacityUnits": True}},
        "CapacityUnits is True, and no integer",
    ),
    "a list that is none": called("ecs:updateService", {"Service": "s", "LoadBalancers": {}}, "and no list"),
    "a request that is no JSON": (
        SCHEDULE,
        {"Target": {"Arn": f"{UNIVERSAL}rds:modifyDBCluster", "Input": "{"}},
        "Target.Input is no JSON",
    ),
    "a partition that is not known yet": (
        SCHEDULE,
        {
            "Target": {
                "Arn": {
                    "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":scheduler:::aws-sdk:rds:startDBCluster"]]
                },
                "Input": "{}",
            }
        },
        "has no DBClusterIdentifier",
    ),
    # What is stored.
    "a figure without its mode": (FILES, {"ProvisionedThroughputInMibps": 10}, "with the ThroughputMode bursting"),
    "a key without encryption": (FILES, {"KmsKeyId": "k", "Encrypted": False}, "KmsKeyId is given without Encrypted"),
    "two transitions in one": (
        FILES,
        {
            "LifecyclePolicies": [
                {"TransitionToIA": "AFTER_7_DAYS", "TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}
            ]
        },
        "each wants a policy of its own",
    ),
    "an archive of what bursts": (
        FILES,
        {"LifecyclePolicies": [{"TransitionToArchive": "AFTER_90_DAYS"}]},
        "TransitionToArchive wants the ThroughputMode",
    ),
    "versions of no day": (
        "AWS::S3::Bucket",
        {"LifecycleConfiguration": {"Rules": [{"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}]}},
        "NoncurrentDays of a lifecycle rule is 0",
    ),
    "nothing to choose from": (GENERATED, {"GenerateSecretString": dict.fromkeys(KINDS, True)}, "excludes each kind"),
    "a template without a key": (
        GENERATED,
        {"GenerateSecretString": {"SecretStringTemplate": "{}"}},
        "SecretStringTemplate wants GenerateStringKey",
    ),
    "a template that is no JSON": (
        GENERATED,
        {"GenerateSecretString": {"SecretStringTemplate": "{", "GenerateStringKey": "k"}},
        "is no mapping in JSON",
    ),
    "a secret of two sources": (GENERATED, {"SecretString": "a", "GenerateSecretString": {}}, "do not go together"),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in REFUSED])
def test_what_a_service_refuses_is_named(name: str) -> None:
    kind, properties, words = REFUSED[name]
    assert resource_schema.has_schema(kind)
    assert words in "\n".join(faults(kind, properties, "eu-central-1"))


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        pytest.param(INGRESS, TCP | {"CidrIp": "10.0.0.1/8"}, id="bits of a host are taken away"),
        pytest.param(INGRESS, {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}, id="all protocols"),
        pytest.param(ALARM, METRIC, id="an alarm on one metric"),
        pytest.param(ALARM, without(METRIC, "Statistic") | {"ExtendedStatistic": "p99"}, id="an alarm on a percentile"),
        pytest.param(ALARM, METRIC | {"OKActions": ["arn:aws:sns:t"] * 5}, id="five to be told"),
        pytest.param("AWS::Events::Rule", {"ScheduleExpression": "cron(0 3 ? * MON *)"}, id="each Monday"),
        pytest.param(
            RULE,
            {
                "Conditions": [
                    PATHS | {"Values": ["/a/*/b/*", "/?/*"]},
                    *[{"Field": "http-header", "HttpHeaderConfig": {"Values": [each]}} for each in "xyz"],
                ]
            },
            id="five values of several conditions",
        ),
        pytest.param(
            RULE,
            {"Conditions": [PATHS | {"PathPatternConfig": {"RegexValues": ["^/(a|b)*.*?.*?.*?.*$"]}}]},
            id="a pattern that is regular has no wildcards",
        ),
        pytest.param(
            BUCKET,
            lifecycle(ExpirationInDays=60, Transitions=[{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}]),
            id="storage for the rare after a month",
        ),
        pytest.param(
            BUCKET, lifecycle(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}), id="what is broken off"
        ),
        pytest.param(
            BUCKET,
            {
                "AccessControl": "LogDeliveryWrite",
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
            },
            id="a list of who may, of owners of their own",
        ),
        pytest.param(
            BUCKET,
            {"ReplicationConfiguration": {"Rules": []}, "VersioningConfiguration": {"Status": "Enabled"}},
            id="copies of versions",
        ),
        pytest.param(
            "AWS::Backup::BackupPlan",
            {
                "BackupPlan": {
                    "BackupPlanRule": [{"Lifecycle": {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 97}}]
                }
            },
            id="cold for three months",
        ),
        pytest.param(
            TASK,
            container(
                LogConfiguration={
                    "LogDriver": "splunk",
                    "Options": {"splunk-url": "https://splunk.example.com"},
                    "SecretOptions": [{"Name": "splunk-token", "ValueFrom": "arn"}],
                }
            ),
            id="logs to splunk",
        ),
        pytest.param(
            SERVICE,
            {"AvailabilityZoneRebalancing": "ENABLED", "DeploymentConfiguration": {"MaximumPercent": 150}},
            id="zones in balance",
        ),
        pytest.param(
            CLUSTER,
            {
                "Engine": "aurora-mysql",
                "EngineVersion": "8.0.mysql_aurora.3.10.0",
                "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 1},
            },
            id="a version that pauses",
        ),
        pytest.param(INSTANCE, {"MonitoringInterval": 60, "MonitoringRoleArn": "role"}, id="measured by a role"),
        pytest.param(INSTANCE, {"MonitoringInterval": 0}, id="measured never"),
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
        pytest.param(INGRESS, {"IpProtocol": "icmpv6", "CidrIpv6": "::/0"}, id="all of ICMP's newer version"),
        pytest.param(INGRESS, TCP | {"IpProtocol": "ICMP", "FromPort": 8, "ToPort": -1}, id="each code of a type"),
        pytest.param(INGRESS, TCP | {"IpProtocol": "50"}, id="another protocol"),
        pytest.param(f"{EC2}SecurityGroup", {"GroupName": "SG-web"}, id="a name in capital letters"),
        pytest.param(f"{EC2}VPC", {"CidrBlock": "100.64.0.0/28"}, id="a small network of a carrier's addresses"),
        pytest.param(f"{EC2}Subnet", {"AvailabilityZone": "eu-central-1-ham-1a"}, id="a local zone"),
        pytest.param(f"{EC2}Subnet", {"AvailabilityZone": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}}, id="any zone"),
        pytest.param(f"{EC2}Subnet", {"CidrBlock": "10.0.0.7/28"}, id="the smallest subnet"),
        pytest.param(
            f"{EC2}Route",
            {"DestinationIpv6CidrBlock": "::/0", "GatewayId": {"Ref": "AWS::NoValue"}, "NatGatewayId": "nat-1"},
            id="a target that is taken away",
        ),
        pytest.param(f"{EC2}Route", {"DestinationCidrBlock": "0.0.0.0/0", "OdbNetworkArn": "arn"}, id="to Oracle"),
        pytest.param(GROUP, attributes("TargetGroup", slow_start__duration_seconds="0"), id="no slow start"),
        pytest.param(
            GROUP,
            attributes("TargetGroup", load_balancing__cross_zone__enabled="use_load_balancer_configuration"),
            id="zones as the balancer has them",
        ),
        pytest.param(GROUP, {"Protocol": "TCP", "Matcher": {"HttpCode": "200-599"}}, id="statuses behind a network's"),
        pytest.param(
            GROUP, {"Protocol": "HTTP", "HealthCheckIntervalSeconds": 6}, id="an interval above the default patience"
        ),
        pytest.param(GROUP, {"TargetType": "lambda", "HealthCheckTimeoutSeconds": 30}, id="the patience of a function"),
        pytest.param(GROUP, {"HealthCheckPort": "traffic-port", "Name": "a" * 32}, id="the longest name"),
        pytest.param(LISTENER, {"Protocol": "TLS", "SslPolicy": POLICY}, id="a policy of a network's listener"),
        pytest.param(LISTENER, {"Protocol": "HTTP", "Certificates": []}, id="no certificate"),
        pytest.param(
            LISTENER,
            {"Protocol": "HTTP", "Certificates": [{"Fn::If": ["A", {}, {"Ref": "AWS::NoValue"}]}]},
            id="a certificate that may go",
        ),
        pytest.param(
            BALANCER,
            {"Type": "network"} | attributes("LoadBalancer", load_balancing__cross_zone__enabled="false"),
            id="zones apart behind a network's",
        ),
        *(
            pytest.param(TASK, container(User=user), id=f"the user {user}")
            for user in ("www-data", "33", "0", "0:0", "33:www-data", "www-data:33", "www-data:www-data")
        ),
        pytest.param(TASK, container(Environment=[{"Name": "A", "Value": ""}]), id="an empty variable"),
        pytest.param(
            TASK,
            {
                "ContainerDefinitions": [
                    {"Name": "router", "FirelensConfiguration": {"Type": "fluentbit"}},
                    {"Name": "web", "LogConfiguration": {"LogDriver": "awsfirelens"}},
                ]
            },
            id="logs with a router",
        ),
        pytest.param(TASK, logging(max_buffer_size="1.5M"), id="half a megabyte more"),
        pytest.param(
            TASK,
            {
                "RequiresCompatibilities": ["EC2"],
                "ContainerDefinitions": [{"LogConfiguration": {"LogDriver": "syslog"}}],
            },
            id="a log driver of EC2",
        ),
        pytest.param(SERVICE, {"HealthCheckGracePeriodSeconds": 60}, id="a grace for checks of containers"),
        pytest.param(SERVICE, deployment(MinimumHealthyPercent=0, MaximumPercent=100), id="stop before start"),
        pytest.param(SERVICE, deployment(MinimumHealthyPercent=100, MaximumPercent=150), id="start before stop"),
        pytest.param(
            SERVICE,
            {"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Base": 1, "Weight": 0}, {"Fn::If": []}]},
            id="a weight that may be",
        ),
        *(
            pytest.param(CLUSTER, {"Engine": engine, "EngineVersion": version}, id=f"version {version}")
            for engine, version in (
                ("aurora-mysql", "8.0"),
                ("aurora-mysql", "5.7.mysql_aurora.2.04.8.3"),
                ("aurora-mysql", "8.0.mysql_aurora.3.08.2"),
                ("aurora-mysql", "8.4.mysql_aurora.8.4.7"),
                ("aurora-postgresql", "16"),
                ("aurora-postgresql", "16.9-limitless"),
            )
        ),
        *(
            pytest.param("AWS::RDS::DBParameterGroup", {"Family": family}, id=f"family {family}")
            for family in (
                "MySQL8.0",
                "oracle-se2-19",
                "oracle-ee-cdb-21",
                "sqlserver-ex-16.0",
                "custom-oracle-ee-19",
                "db2-se-11.5",
            )
        ),
        pytest.param(
            CLUSTER,
            {"PreferredBackupWindow": "23:30-00:00", "PreferredMaintenanceWindow": "Mon:00:00-Mon:23:30"},
            id="windows side by side",
        ),
        pytest.param(ALARM, {"ExtendedStatistic": "p100.5"}, id="a percentile that CloudWatch takes all the same"),
        pytest.param(ALARM, {"AlarmActions": ["{{resolve:ssm:/topic}}"]}, id="an action from the parameter store"),
        pytest.param(FILTER, transformed(MetricNamespace="AWSome"), id="a name that begins alike"),
        pytest.param(FILTER, transformed(DefaultValue=0), id="a default of no dimension"),
        pytest.param(
            "AWS::Events::Rule",
            {
                "EventPattern": {
                    "source": [{"prefix": "aws."}],
                    "detail": {"$or": [{"a": [1]}, {"b": [{"exists": False}]}]},
                    "account": {"Ref": "Accounts"},
                }
            },
            id="a pattern of operators",
        ),
        *(
            pytest.param("AWS::Events::Rule", {"ScheduleExpression": expression}, id=expression)
            for expression in ("rate(1 day)", "rate(10 minutes)", "rate(12 hours)", "cron(0/5 8-17 ? * MON-FRI *)")
        ),
        pytest.param("AWS::Events::Rule", {"EventPattern": {"source": {"Fn::If": ["A", ["a"], ["b"]]}}}, id="either"),
        pytest.param(FILES, {"ThroughputMode": {"Ref": "Mode"}, "ProvisionedThroughputInMibps": 10}, id="some mode"),
        pytest.param(
            FILES,
            {"LifecyclePolicies": [{"TransitionToIA": "AFTER_7_DAYS", "TransitionToArchive": {"Ref": "AWS::NoValue"}}]},
            id="a transition that is taken away",
        ),
        pytest.param(GENERATED, {"Name": "team/key!1"}, id="an exclamation mark in a name"),
        *(
            pytest.param(*called(action, request, "")[:2], id=f"a call of {action}")
            for action, request in (
                ("codepipeline:disableStageTransition", CLOSED | {"Reason": "2027-02-01 at 17.00 (UTC)"}),
                ("rds:modifyDBCluster", SCALED | {"ServerlessV2ScalingConfiguration": {"MinCapacity": 2}}),
                ("ecs:updateService", {"Cluster": "c", "Service": "s", "TaskDefinition": "t:1"}),
                ("newservice:doWhatBotocoreDoesNotKnow", {"Any": "thing"}),
            )
        ),
        pytest.param(
            SCHEDULE,
            {"State": "DISABLED", "Target": {"Arn": f"{UNIVERSAL}rds:modifyDBCluster", "Input": "{}"}},
            id="a call that is not made",
        ),
        pytest.param(
            SCHEDULE,
            {"Target": {"Arn": {"Fn::GetAtt": ["Cluster", "Arn"]}, "Input": "x"}},
            id="a target that is no call",
        ),
        pytest.param(
            SCHEDULE,
            {"Target": {"Arn": f"{UNIVERSAL}rds:modifyDBCluster", "Input": {"Fn::Join": ["", ["{", {"Ref": "A"}]]}}},
            id="a request that is not known yet",
        ),
        pytest.param(
            GENERATED,
            {"GenerateSecretString": {"SecretStringTemplate": '{"user": "a"}', "GenerateStringKey": "key"}},
            id="a template with its key",
        ),
    ],
)
def test_what_a_service_takes_is_not_refused(kind: str, properties: dict[str, Any]) -> None:
    assert list(faults(kind, properties, "eu-central-1")) == []


def test_each_rule_is_of_a_type_that_a_rehearsal_knows_and_is_tried() -> None:
    from rehearsal.fargate.plan.known import KNOWN_TYPES

    assert set(service_rules._RULES) <= set(KNOWN_TYPES)
    assert {kind for kind, _, _ in REFUSED.values()} >= set(service_rules._RULES) - {"AWS::RDS::DBParameterGroup"}
