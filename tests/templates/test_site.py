"""The stacks of the stages are as they must be, and each check notices the faults that it is there for."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tests.templates import (
    access_checks,
    data_checks,
    edge_checks,
    front_checks,
    schedule_checks,
    service_checks,
    window_checks,
)
from tests.templates.checks import SITE_CHECKS, hold, holds
from tests.templates.faults import (
    Fault,
    add,
    copied,
    drop,
    in_dev,
    in_network,
    put,
    remove,
    without_waiting_for,
)
from tests.templates.inputs import ROOT
from tests.templates.world import PIPELINE, STAGES, SiteCheck, Template, World, only, wordpress

ANYTHING = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
EVERY_SECRET = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
EVERY_MUTE = {"Effect": "Allow", "Action": "cloudwatch:PutAlarmMuteRule", "Resource": "*"}
STATEMENTS = "PolicyDocument.Statement"
EVERYWHERE = [{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}]
STRANGER = {
    "Type": "AWS::SNS::Subscription",
    "Properties": {"Protocol": "email", "Endpoint": "stranger@example.org", "TopicArn": {"Ref": "Topic"}},
}
DISTRIBUTION = {"Type": "AWS::CloudFront::Distribution", "Properties": {}}
FIREWALL = {"Type": "AWS::WAFv2::WebACL", "Properties": {}}
# Positions in lists of the template.
DB_HOST, DB_USER, DB_WORD = (f"Secrets.{place}.ValueFrom" for place in (0, 3, 4))
FIELD, SECRET = "Fn::Join.1.1", "Fn::Join.1.0.Ref"
STAGE, COMMIT, PLACE = "Environment.2.Value", "Environment.3", "Environment.4.Value"
CHILDREN, EDITORS, CLAIMS = (f"Environment.{place}.Value" for place in (9, 10, 11))
BALANCER = "ElasticLoadBalancingV2::LoadBalancer"
GROUP = "ElasticLoadBalancingV2::TargetGroup"
CAPACITY = "ServerlessV2ScalingConfiguration"
PLACEMENT = "NetworkConfiguration.AwsvpcConfiguration"
METRIC = "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification"
RULE = "BackupPlan.BackupPlanRule.0"
CONTENT = "Volumes.0.EFSVolumeConfiguration"


def in_board(old: str, new: str) -> Fault:
    """Replace a part of the dashboard's body."""

    def change(template: Template) -> None:
        board = only(template, "CloudWatch::Dashboard")
        written = json.dumps(board["DashboardBody"])
        spelt = json.dumps(old)[1:-1]
        assert spelt in written, f"the dashboard has no {old}"
        board["DashboardBody"] = json.loads(written.replace(spelt, json.dumps(new)[1:-1]))

    return Fault(f"{old} -> {new} on the dashboard", change)


FAULTS: dict[SiteCheck, list[Fault]] = {
    schedule_checks.site_is_larger_for_the_night_only: [
        in_dev(put("ApplicationAutoScaling::ScalableTarget", "ScheduledActions", [{"Schedule": "rate(1 day)"}])),
        in_dev(
            put(
                "Scheduler::Schedule",
                "Target",
                {"Arn": "arn:aws:scheduler:::aws-sdk:rds:modifyDBCluster", "EcsParameters": {}},
            )
        ),
    ],
    window_checks.prod_is_larger_in_windows_only: [
        put("ApplicationAutoScaling::ScalableTarget", "ScheduledActions", [{"Schedule": "rate(1 day)"}]),
        put(
            "Scheduler::Schedule",
            "Target",
            {"Arn": "arn:aws:scheduler:::aws-sdk:rds:modifyDBCluster", "EcsParameters": {}},
        ),
    ],
    window_checks.calls_are_what_services_take: [
        put("Scheduler::Schedule", "Target", {"Arn": "arn:aws:scheduler:::aws-sdk:rds:modifyDBCluster"}),
        in_dev(put("Scheduler::Schedule", "Target", {"Arn": "arn:aws:scheduler:::aws-sdk:rds:modifyDbCluster"})),
    ],
    service_checks.requests_reach_nginx: [
        put("ECS::Service", "LoadBalancers.0.ContainerName", "wordpress"),
        put("container/nginx", "Name", "web"),
        put("ECS::Service", "LoadBalancers.0.ContainerPort", 80),
        put("container/nginx", "PortMappings.0.ContainerPort", 80),
        put(GROUP, "TargetType", "instance"),
        put(GROUP, "Port", 80),
    ],
    service_checks.health_check_leaves_php_alone: [
        put(GROUP, "HealthCheckPath", "/"),
        put(GROUP, "Matcher.HttpCode", "200-499"),
        put(GROUP, "HealthCheckTimeoutSeconds", 30),
    ],
    edge_checks.world_reaches_the_load_balancer: [
        put("EC2::SecurityGroup/Edge", "SecurityGroupIngress", []),
        put("EC2::SecurityGroup/Edge", "SecurityGroupIngress.0.CidrIp", "10.0.0.0/8"),
        put("ElasticLoadBalancingV2::Listener", "Port", 8080),
        put(BALANCER, "Scheme", "internal"),
        drop(BALANCER, "Subnets.1"),
    ],
    access_checks.only_needed_ways_are_open: [
        remove("EC2::SecurityGroupIngress/Database"),
        remove("EC2::SecurityGroupIngress/Storage"),
        remove("EC2::SecurityGroupIngress/Service"),
        remove("EC2::SecurityGroupEgress/Edge"),
        put("EC2::SecurityGroup/Database", "SecurityGroupEgress", EVERYWHERE),
        put("EC2::SecurityGroup/Service", "SecurityGroupEgress", EVERYWHERE),
        put("EC2::SecurityGroup/Database", "SecurityGroupIngress", EVERYWHERE),
        put("RDS::DBCluster", "VpcSecurityGroupIds.0", {"Ref": "Another"}),
    ],
    access_checks.ways_can_be_described: [
        put("EC2::SecurityGroup/Service", "SecurityGroupEgress.0.Description", "AWS's services"),
        put("EC2::SecurityGroupIngress/Database", "Description", "Tasks → database"),
        put("EC2::SecurityGroup/Storage", "GroupDescription", "s" * 256),
    ],
    access_checks.secrets_have_the_fields_that_they_need: [
        put("container/wordpress", f"{DB_HOST}.{FIELD}", ":hostname::"),
        put("container/install", f"{DB_WORD}.{FIELD}", "::"),
        put("container/wordpress", f"{DB_HOST}.{SECRET}", "CredentialsSaltFA02F2BB"),
        put("container/wordpress", f"{DB_USER}.{FIELD}", ":user::"),
        put("container/wordpress", f"{DB_USER}.{SECRET}", "DatabaseClusterSecretAttachmentDC8466C0"),
        put("container/wordpress", f"{DB_WORD}.{SECRET}", "CredentialsAdministrator"),
        add("container/wordpress", "Secrets", {"Name": "DB_MASTER_PASSWORD", "ValueFrom": {"Ref": "Cluster"}}),
        add("container/wordpress", "Secrets", {"Name": "WP_ADMIN_PASSWORD", "ValueFrom": {"Ref": "Administrator"}}),
        drop("container/install", "Secrets.6"),
        put("SecretsManager::Secret/SiteUser", "GenerateSecretString.GenerateStringKey", "secret"),
        put("SecretsManager::Secret/Salt", "GenerateSecretString.PasswordLength", 8),
        put("SecretsManager::Secret/Salt", "GenerateSecretString.SecretStringTemplate", "{}"),
        put("SecretsManager::Secret/Administrator", "GenerateSecretString.GenerateStringKey", "secret"),
        add("container/wordpress", "Secrets", {"Name": "STORM_TOKEN", "ValueFrom": {"Ref": "Token"}}),
        in_dev(drop("container/wordpress", "Secrets.6")),
        put("container/cron", f"{DB_HOST}.{FIELD}", ":hostname::"),
        add("container/cron", "Secrets", {"Name": "WP_ADMIN_PASSWORD", "ValueFrom": {"Ref": "Administrator"}}),
        in_dev(drop("container/nginx", "Secrets")),
        put("container/nginx", "Secrets", [{"Name": "STORM_TOKEN", "ValueFrom": {"Ref": "Token"}}]),
        in_dev(put("container/nginx", "Secrets.0.ValueFrom", {"Ref": "CredentialsSaltFA02F2BB"})),
    ],
    access_checks.no_secret_is_plain: [
        add("container/wordpress", "Environment", {"Name": "DB_PASSWORD", "Value": "hunter2"}),
        put("container/nginx", "Environment", [{"Name": "SEED", "Value": {"Ref": "CredentialsSaltFA02F2BB"}}]),
    ],
    service_checks.environment_is_complete: [
        drop("container/wordpress", COMMIT),
        put("container/install", STAGE, "dev"),
        put("container/wordpress", "Environment.0.Value", "http://localhost"),
        put("container/wordpress", "Environment.1.Value", "Another"),
        put("container/install", PLACE, "image"),
        put("container/install", "Environment.7.Value", "1"),
        put("container/install", "Environment.8.Value", "2027-02-01T18:00:00+00:00"),
    ],
    service_checks.containers_start_in_order: [
        drop("container/wordpress", "DependsOn"),
        put("container/wordpress", "DependsOn.0.Condition", "START"),
        put("container/nginx", "DependsOn.0.Condition", "START"),
        put("container/install", "Essential", True),
        put("container/wordpress", "Essential", False),
        drop("container/nginx", "HealthCheck"),
        drop("container/install", "Command"),
    ],
    service_checks.containers_are_locked_down: [
        put("container/nginx", "User", "0:0"),
        put("container/wordpress", "ReadonlyRootFilesystem", False),
        put("container/nginx", "LinuxParameters.Capabilities.Drop", ["NET_RAW"]),
        drop("container/cron", "LinuxParameters"),
        put("container/nginx", "MountPoints.0.ReadOnly", False),
        put("container/wordpress", "MountPoints.0.ReadOnly", True),
        put("container/wordpress", "MountPoints.1.SourceVolume", "nginx-tmp"),
        put("container/nginx", "MountPoints.2.ReadOnly", False),
        put("container/nginx", "MountPoints.2.SourceVolume", "nginx-tmp"),
        drop("container/wordpress", "MountPoints.2"),
        put("container/cron", "ReadonlyRootFilesystem", False),
    ],
    service_checks.logs_are_kept_and_end: [
        drop("Logs::LogGroup", "RetentionInDays"),
        in_dev(put("Logs::LogGroup/ServiceTask!", "DeletionPolicy", "Delete")),
        put("container/nginx", "LogConfiguration.Options.mode", "blocking"),
        put("container/nginx", "LogConfiguration.Options.awslogs-group", {"Ref": "Another"}),
        in_network(drop("Logs::LogGroup", "RetentionInDays")),
    ],
    service_checks.service_deploys_safely: [
        put("ECS::Service", "DeploymentConfiguration.DeploymentCircuitBreaker.Rollback", False),
        put("ECS::Service", "DeploymentConfiguration.MinimumHealthyPercent", 50),
        put("ECS::Service", "DeploymentConfiguration.Alarms.Rollback", False),
        put("ECS::Service", "DeploymentConfiguration.Alarms.AlarmNames.0", "misspelt"),
        put("ECS::Service", "DesiredCount", 2),
        put("ECS::Service", "PlatformVersion", "1.3.0"),
        put("ECS::Service", "EnableExecuteCommand", True),
        put("ECS::Service", f"{PLACEMENT}.AssignPublicIp", "ENABLED"),
        drop("ECS::Service", f"{PLACEMENT}.Subnets.1"),
    ],
    service_checks.failures_of_wordpress_are_told: [
        put("Logs::MetricFilter/ServicePhpErrors", "FilterPattern", '{ $.status = "500" }'),
        put("Logs::MetricFilter/ServicePhpErrors", "FilterPattern", '{ $.php_status = "*50*" }'),
        put("Logs::MetricFilter/ServicePhpErrors", "LogGroupName", {"Ref": "Another"}),
        put("Logs::MetricFilter/ServicePhpErrors", "MetricTransformations.0.MetricName", "another"),
        put("CloudWatch::Alarm/Failing", "Threshold", 500),
        put("ECS::Service", "DeploymentConfiguration.Alarms.AlarmNames.2", "floodgate-prod-slow"),
    ],
    service_checks.service_waits_for_what_it_needs: [
        in_dev(put("ECS::Service!", "DependsOn", ["DatabaseClusterWriterD43085C6"])),
        drop("ECS::Service!", "DependsOn"),
        without_waiting_for("ExecutionRoleDefaultPolicy"),
        without_waiting_for("TaskRoleDefaultPolicy"),
    ],
    service_checks.task_fits_its_size: [
        put("container/wordpress", CHILDREN, "50"),
        put("container/wordpress", EDITORS, "1"),
        put("container/wordpress", CLAIMS, "60"),
        put("container/nginx", "Environment.0.Value", "4096"),
        drop("container/nginx", "Environment.1"),
        put("ApplicationAutoScaling::ScalableTarget", "MaxCapacity", 100),
        put("ECS::TaskDefinition", "Memory", "9216"),
        put("ECS::TaskDefinition", "Memory", "4096"),
        put("RDS::DBCluster", f"{CAPACITY}.MaxCapacity", 2),
    ],
    data_checks.database_is_serverless_v2: [
        put("RDS::DBCluster", "EngineMode", "serverless"),
        put("RDS::DBCluster", "EngineVersion", "8.0.mysql_aurora.3.07.1"),
        in_dev(put("RDS::DBCluster", f"{CAPACITY}.MinCapacity", 0.5)),
        put("RDS::DBCluster", f"{CAPACITY}.MinCapacity", 0),
        in_dev(drop("RDS::DBCluster", f"{CAPACITY}.SecondsUntilAutoPause")),
        in_dev(put("RDS::DBClusterParameterGroup", "Parameters.wait_timeout", "28800")),
        in_dev(put("RDS::DBClusterParameterGroup", "Parameters.max_connect_errors", "100")),
        in_dev(put("RDS::DBClusterParameterGroup", "Parameters.require_secure_transport", "OFF")),
        in_dev(drop("RDS::DBCluster", "DBClusterParameterGroupName")),
        put("RDS::DBInstance", "DBInstanceClass", "db.t3.medium"),
        put("RDS::DBInstance", "PubliclyAccessible", True),
        remove("RDS::DBInstance/Standby"),
    ],
    data_checks.data_is_kept: [
        put("RDS::DBCluster", "StorageEncrypted", False),
        put("RDS::DBCluster", "DeletionProtection", False),
        put("RDS::DBCluster", "BackupRetentionPeriod", 1),
        put("RDS::DBCluster!", "UpdateReplacePolicy", "Delete"),
        put("RDS::DBInstance!", "UpdateReplacePolicy", "Retain"),
        put("EFS::FileSystem!", "DeletionPolicy", "Delete"),
        put("EFS::FileSystem", "Encrypted", False),
        put("Backup::BackupVault!", "DeletionPolicy", "Delete"),
        drop("Backup::BackupVault", "LockConfiguration"),
        put("Backup::BackupVault", "LockConfiguration.ChangeableForDays", 3),
        put("Backup::BackupPlan", f"{RULE}.Lifecycle.DeleteAfterDays", 1),
        put("Backup::BackupPlan", f"{RULE}.ScheduleExpression", "cron(0 18 * * ? *)"),
        put("Backup::BackupPlan", f"{RULE}.CopyActions", [{"DestinationBackupVaultArn": "arn", "Lifecycle": {}}]),
        drop("Backup::BackupSelection", "BackupSelection.Resources.0"),
        drop("Backup::BackupSelection", "BackupSelection.Resources.1"),
        remove("Backup::BackupSelection"),
        remove("CloudWatch::Alarm/NotBackedUp"),
        put("CloudWatch::Alarm/NotBackedUp", "TreatMissingData", "notBreaching"),
        put("CloudWatch::Alarm/NotBackedUp", "Threshold", 1),
        put("CloudWatch::Alarm/NotBackedUp", "Dimensions.0.Value", "another"),
    ],
    data_checks.restored_data_is_what_the_stage_begins_with: [
        put("RDS::DBCluster", "SnapshotIdentifier", "another"),
        put("EFS::AccessPoint", "RootDirectory.Path", "/aws-backup-restore_x/wp-content"),
        in_dev(drop("RDS::DBCluster", "MasterUsername")),
    ],
    data_checks.database_is_asked_by_operators_and_maintained_in_quiet: [
        drop("RDS::DBCluster", "EnableHttpEndpoint"),
        put("RDS::DBCluster", "PreferredMaintenanceWindow", "mon:17:00-mon:17:30"),
        in_dev(put("RDS::DBInstance", "PreferredMaintenanceWindow", "sun:05:00-sun:05:30")),
        drop("RDS::DBCluster", "PreferredBackupWindow"),
        put("RDS::DBCluster", "PreferredBackupWindow", "05:15-05:45"),
    ],
    data_checks.data_lives_in_two_isolated_subnets: [
        drop("RDS::DBSubnetGroup", "SubnetIds.1"),
        put("RDS::DBSubnetGroup", "SubnetIds.0", {"Fn::ImportValue": "PublicSubnet1"}),
        remove("EFS::MountTarget"),
    ],
    data_checks.volume_needs_tls_and_a_role: [
        put("ECS::TaskDefinition", f"{CONTENT}.TransitEncryption", "DISABLED"),
        put("ECS::TaskDefinition", f"{CONTENT}.AuthorizationConfig.IAM", "DISABLED"),
        put("ECS::TaskDefinition", f"{CONTENT}.AuthorizationConfig.AccessPointId", {"Ref": "Another"}),
        put("EFS::FileSystem", "FileSystemPolicy.Statement.0.Effect", "Allow"),
        put("EFS::AccessPoint", "PosixUser.Uid", "1000"),
    ],
    access_checks.roles_are_narrow: [
        add("IAM::Policy/ServiceTaskDefinitionTaskRole", STATEMENTS, EVERY_SECRET),
        drop(
            "IAM::Policy/ServiceTaskDefinitionTaskRole",
            f"{STATEMENTS}.0.Condition.StringEquals.elasticfilesystem:AccessPointArn",
        ),
        add("IAM::Policy/ServiceTaskDefinitionExecutionRole", STATEMENTS, EVERY_SECRET),
        add("IAM::Policy/ServiceTaskDefinitionExecutionRole", STATEMENTS, ANYTHING),
        add("IAM::Policy/ScheduledWorkTaskDefinitionTaskRole", STATEMENTS, ANYTHING),
        add("IAM::Policy/ScheduledWorkTaskDefinitionExecutionRole", STATEMENTS, EVERY_SECRET),
        put(
            "IAM::Role/ServiceTaskDefinitionTaskRole",
            "ManagedPolicyArns",
            ["arn:aws:iam::aws:policy/AdministratorAccess"],
        ),
    ],
    access_checks.storm_may_little: [
        in_dev(drop("IAM::Role/StormRole", "AssumeRolePolicyDocument.Statement.0.Condition.ArnLike.aws:PrincipalArn")),
        in_dev(put("IAM::Role/StormRole", "AssumeRolePolicyDocument.Statement.0.Principal.AWS", "*")),
        in_dev(add("IAM::Policy/StormRole", STATEMENTS, EVERY_SECRET)),
        in_dev(add("IAM::Policy/StormRole", STATEMENTS, EVERY_MUTE)),
        in_dev(put("CloudWatch::Alarm/Slow", "AlarmName", "floodgate-dev-slower")),
        put("IAM::Role/ServiceTaskDefinitionTaskRole", "RoleName", "floodgate-prod-storm"),
    ],
    access_checks.templates_are_read_by_builds_only: [
        put("IAM::Role/ReaderRole", "RoleName", "another-prod-reader"),
        drop("IAM::Role/ReaderRole", "AssumeRolePolicyDocument.Statement.0.Condition.ArnLike.aws:PrincipalArn"),
        put("IAM::Role/ReaderRole", "AssumeRolePolicyDocument.Statement.0.Principal.AWS", "*"),
        add("IAM::Policy/ReaderRole", STATEMENTS, EVERY_SECRET),
        drop("IAM::Policy/ReaderRole", f"{STATEMENTS}.0.Resource.1"),
    ],
    service_checks.tasks_follow_requests: [
        put(
            "ApplicationAutoScaling::ScalingPolicy", f"{METRIC}.PredefinedMetricType", "ECSServiceAverageCPUUtilization"
        ),
        put("ApplicationAutoScaling::ScalableTarget", "MaxCapacity", 2),
        put("ApplicationAutoScaling::ScalableTarget", "MinCapacity", 1),
    ],
    edge_checks.edge_is_safe: [
        put(BALANCER, "LoadBalancerAttributes.0.Value", "false"),
        put(BALANCER, "LoadBalancerAttributes.1.Value", "60"),
        put(BALANCER, "LoadBalancerAttributes.2.Value", "false"),
        put(BALANCER, "LoadBalancerAttributes.3.Value", "false"),
        put(BALANCER, "Name", "Floodgate"),
    ],
    edge_checks.buckets_are_private: [
        remove("S3::BucketPolicy"),
        put("S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", False),
        drop("S3::Bucket", "BucketEncryption"),
    ],
    edge_checks.alarms_reach_people: [
        put("CloudWatch::Alarm", "AlarmActions", []),
        put("CloudWatch::Alarm/Broken", "TreatMissingData", "breaching"),
        drop("SNS::TopicPolicy", f"{STATEMENTS}.1"),
        put("Resources", "Stranger", STRANGER),
    ],
    edge_checks.dashboard_shows_the_minute: [
        put("CloudWatch::Dashboard", "DashboardName", "another"),
        in_board("HealthyHostCount", "HealthyHosts"),
        in_board('"period":60', '"period":300'),
        in_board('"value":20', '"value":21'),
        in_board("-php-asked", "-php-asks"),
    ],
    edge_checks.network_has_three_kinds_of_subnets: [
        in_network(put("EC2::Subnet", "AvailabilityZone", "eu-central-1a")),
        in_network(put("EC2::Route", "RouteTableId.Ref", "VpcIsolatedSubnet1RouteTable4771E3E5")),
        in_network(remove("EC2::NatGateway")),
        in_network(remove("EC2::FlowLog")),
        in_network(put("EC2::VPCEndpoint", "VpcEndpointType", "Interface")),
    ],
    edge_checks.resources_are_tagged: [put("ECS::Cluster", "Tags", []), in_network(drop("EC2::VPC", "Tags.1"))],
    schedule_checks.work_is_started_by_the_clock: [
        put("Scheduler::Schedule", "ScheduleExpression", "rate(1 hour)"),
        in_dev(put("Scheduler::Schedule", "ScheduleExpression", "rate(1 minute)")),
        put("Scheduler::Schedule", "State", "DISABLED"),
        put("Scheduler::Schedule!", "DependsOn", []),
        put("Scheduler::Schedule", "Target.Arn", {"Ref": "Another"}),
        put("Scheduler::Schedule", f"Target.EcsParameters.{PLACEMENT}.SecurityGroups", []),
        put("Scheduler::Schedule", f"Target.EcsParameters.{PLACEMENT}.AssignPublicIp", "ENABLED"),
        put("Scheduler::Schedule", "Target.EcsParameters.TaskCount", 2),
    ],
    schedule_checks.work_is_small_and_of_the_same_image: [
        put("container/cron", "Command", ["floodgate-install"]),
        put("container/cron", "Image", "another"),
        put("container/cron", "Environment.0.Value", "http://localhost"),
        drop("container/cron", "Environment.4"),
        put("ECS::TaskDefinition/ScheduledWork", "Memory", "1024"),
    ],
    schedule_checks.clock_may_start_this_task_only: [
        add("IAM::Policy/ScheduledWorkClock", STATEMENTS, ANYTHING),
        put("IAM::Policy/ScheduledWorkClock", f"{STATEMENTS}.0.Resource", "*"),
        drop("IAM::Policy/ScheduledWorkClock", f"{STATEMENTS}.0.Resource.0"),
        put("IAM::Policy/ScheduledWorkClock", f"{STATEMENTS}.1.Condition", {}),
        put("IAM::Role/ScheduledWorkClock", "AssumeRolePolicyDocument.Statement.0.Principal", {"AWS": "*"}),
        drop("IAM::Role/ScheduledWorkClock", "AssumeRolePolicyDocument.Statement.0.Condition"),
    ],
    schedule_checks.work_undone_is_told: [
        put("Logs::MetricFilter/ScheduledWork", "FilterPattern", '"another word"'),
        put("Logs::MetricFilter/ScheduledWork", "MetricTransformations.0.MetricName", "another"),
        put("Logs::MetricFilter/ScheduledWork", "LogGroupName", {"Ref": "Another"}),
        put("CloudWatch::Alarm/WorkUndone", "TreatMissingData", "notBreaching"),
        put("CloudWatch::Alarm/WorkUndone", "Period", 86400),
    ],
    # Where the settings name none of it; test_front.py has the faults of what they name.
    front_checks.front_is_cloudfront_by_the_sites_rules: [put("Resources", "Front", DISTRIBUTION)],
    front_checks.front_reaches_the_site_and_shows_its_key: [
        in_dev(add("container/nginx", "Secrets", {"Name": "FRONT_KEY", "ValueFrom": {"Ref": "Another"}})),
    ],
    front_checks.load_balancer_answers_whom_the_settings_let_in: [
        put("ElasticLoadBalancingV2::Listener", "DefaultActions.0.Type", "fixed-response"),
    ],
    front_checks.firewall_is_as_the_settings_say: [put("Resources", "Firewall", FIREWALL)],
    edge_checks.outputs_are_there: [
        put("Outputs", "SiteUrl.Value", "http://example.com"),
        drop("Outputs", "ExternalDNSName"),
    ],
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("check", SITE_CHECKS, ids=lambda check: check.__name__)
def test_holds(world: World, stage: str, check: SiteCheck) -> None:
    hold(check, world, stage)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("check", SITE_CHECKS, ids=lambda check: check.__name__)
def test_holds_for_the_tests_own_settings(reference: World, stage: str, check: SiteCheck) -> None:
    hold(check, reference, stage)


@pytest.mark.parametrize(
    ("check", "fault"),
    [(check, fault) for check, faults in FAULTS.items() for fault in faults],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)
def test_fault_is_noticed(reference: World, check: SiteCheck, fault: Fault) -> None:
    if not holds(check, reference, fault.stage):
        pytest.skip("the check itself does not hold: test_holds_for_the_tests_own_settings tells why")
    stack = f"{PIPELINE}/{fault.stage}/{fault.stack}"
    template = copied(reference.templates[stack])
    fault.change(template)
    assert template != reference.templates[stack]
    faulty = replace(reference, templates={**reference.templates, stack: template})
    with pytest.raises((AssertionError, KeyError)):
        check(faulty, fault.stage)


def test_every_check_has_a_fault() -> None:
    assert set(FAULTS) == set(SITE_CHECKS)


@pytest.mark.parametrize("page", [pytest.param(name, id=name) for name in ("settings.toml", "docs/restore.md")])
def test_a_logical_id_that_a_page_names_is_the_templates(page: str, reference: World) -> None:
    """Whoever writes it as it stands there means what holds data."""
    names = re.findall(r'loses_data = \["(\w+)"\]', (ROOT / page).read_text(encoding="utf-8"))
    assert names
    assert [name for name in names if name not in wordpress(reference, "Prod")["Resources"]] == []
