"""What the example does not show: a domain, a network that exists already, a stage in another region."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.templates.checks import check_all
from tests.templates.faults import Fault, copied, drop, put, remove, without_waiting_for
from tests.templates.synthesis import Make
from tests.templates.variants import ALL_AT_ONCE, FLEET, WINDOWS, Changes, variant
from tests.templates.world import Template, World, containers, name_of, of_type, only, referred, wordpress

DEV = "FloodgatePipeline/Dev/WordPress"
PROD = "FloodgatePipeline/Prod/WordPress"
TASKS = "ApplicationAutoScaling::ScalableTarget"
CAPACITY = "ServerlessV2ScalingConfiguration"
BROUGHT = "arn:aws:secretsmanager:us-east-1:420000000002:secret:{}:username::"
SUBNETS = "NetworkConfiguration.AwsvpcConfiguration.Subnets"


@pytest.fixture(scope="module")
def changed(make: Make) -> World:
    """All of it at once."""
    return make(variant(*ALL_AT_ONCE))


@pytest.mark.parametrize(
    ("changes", "line"), [pytest.param((), "6.8", id="Debian's"), pytest.param(ALL_AT_ONCE, "7.1", id="newer")]
)
def test_both_images_hold_the_line_of_wordpress_that_is_set(make: Make, changes: Sequence[Changes], line: str) -> None:
    world = make(variant(*changes))
    assert world.settings.site.wordpress == line
    images = [
        image["source"]
        for manifest in world.assembly.rglob("*.assets.json")
        for image in json.loads(manifest.read_text()).get("dockerImages", {}).values()
    ]
    held = {image["dockerFile"]: image["dockerBuildArgs"]["WORDPRESS"] for image in images}
    assert held == {"wordpress/Dockerfile": line, "nginx/Dockerfile": line}


@pytest.mark.parametrize(
    ("stack", "fault"),
    [
        ("cross-region-stack-410000000001:us-east-1", put("KMS::Key", "EnableKeyRotation", False)),
        ("cross-region-stack-410000000001:us-east-1", put("S3::Bucket", "BucketName", "another")),
        ("FloodgatePipeline", drop("CodePipeline::Pipeline", "ArtifactStores.0")),
        ("FloodgatePipeline/Dev/WordPress", put("RDS::DBCluster", f"{CAPACITY}.SecondsUntilAutoPause", 600)),
        ("FloodgatePipeline/Prod/WordPress", put("ECS::Service", f"{SUBNETS}.0", "subnet-0000000000000000a")),
        (PROD, drop("RDS::DBCluster", "SnapshotIdentifier")),
        (PROD, put("RDS::DBCluster", "MasterUsername", "wordpress")),
        (PROD, put("EFS::AccessPoint", "RootDirectory.Path", "/wp-content")),
        (PROD, drop("Backup::BackupPlan", "BackupPlan.BackupPlanRule.0.CopyActions.0")),
        (PROD, remove("Events::Rule/CopyFailed")),
        (PROD, put("Events::Rule/CopyFailed", "EventPattern.detail.state.0", "COMPLETED")),
        (PROD, put("Events::Rule/CopyFailed", "Targets.0.Arn", {"Ref": "Another"})),
        (DEV, put(TASKS, "ScheduledActions.0.ScalableTargetAction.MaxCapacity", 6)),
        (DEV, put(TASKS, "ScheduledActions.0.Schedule", "cron(29 4 ? * MON-FRI *)")),
        (DEV, put(TASKS, "ScheduledActions.1.Schedule", "cron(0 5 ? * MON-FRI *)")),
        (DEV, put(TASKS, "ScheduledActions.1.Schedule", "cron(59 5 ? * * *)")),
        (DEV, drop(TASKS, "ScheduledActions.2")),
        (DEV, drop(TASKS, "ScheduledActions.1.Timezone")),
        (DEV, put("ECS::Service", "CapacityProviderStrategy.0.CapacityProvider", "FARGATE")),
        (DEV, remove("ECS::ClusterCapacityProviderAssociations")),
        (DEV, without_waiting_for("ServiceCluster")),
        (DEV, remove("Scheduler::Schedule/NightDropped")),
        (DEV, remove("Scheduler::Schedule/NightDroppedTasks")),
        (DEV, put("ECS::TaskDefinition/NightTask", "Cpu", "512")),
        (DEV, put("ECS::TaskDefinition/NightTask", "ContainerDefinitions.2.Environment.0.Value", "512")),
        (DEV, put("ECS::TaskDefinition/NightTask", "ContainerDefinitions.1.ReadonlyRootFilesystem", False)),
        (DEV, put("Scheduler::Schedule/NightRaisedTasks", "ScheduleExpressionTimezone", "UTC")),
        (DEV, drop("Outputs", "ScaledService")),
        (DEV, drop("Outputs", "StormService")),
        (DEV, put("Scheduler::Schedule/NightDropped", "State", "DISABLED")),
        (DEV, put("Scheduler::Schedule/NightRaised", "Target.RetryPolicy.MaximumEventAgeInSeconds", 86400)),
        (DEV, put("Scheduler::Schedule/NightRaised", "Target.Input", '{"DbClusterIdentifier": "another"}')),
        ("FloodgatePipeline/Prod/WordPress", put(TASKS, "ScheduledActions", [{"Schedule": "rate(1 day)"}])),
        ("FloodgatePipeline/Prod/WordPress", put("RDS::DBSubnetGroup", "SubnetIds.1", "subnet-0000000000000001b")),
        ("FloodgatePipeline/Prod/WordPress", put("Outputs", "SiteUrl.Value", "http://www.example.com")),
        ("FloodgatePipeline/Prod/WordPress", remove("ElasticLoadBalancingV2::Listener/Https")),
        ("FloodgatePipeline/Prod/WordPress", remove("SNS::Subscription")),
        (DEV, put("container/wordpress", "Environment.5.Value", "stranger@example.org")),
        (DEV, drop("container/wordpress", "Environment.6")),
        (DEV, put("container/wordpress", "Secrets.6.ValueFrom", BROUGHT.format("another"))),
        (DEV, drop("container/wordpress", "Secrets.7")),
        (DEV, drop("EC2::SecurityGroup/Service", "SecurityGroupEgress.1")),
        (DEV, put("EC2::SecurityGroup/Service", "SecurityGroupEgress.1.FromPort", 25)),
        (DEV, put("SES::ConfigurationSet", "Name", "another")),
        (DEV, remove("CloudWatch::Alarm/MailsReturned")),
    ],
    ids=str,
)
def test_fault_is_noticed(changed: World, stack: str, fault: Fault) -> None:
    template = copied(changed.templates[stack])
    fault.change(template)
    with pytest.raises((AssertionError, KeyError)):
        check_all(replace(changed, templates={**changed.templates, stack: template}))


def test_of_the_linters_rules_two_are_let_off_each_at_one_place(changed: World) -> None:
    """The user beside a password, which RDS takes from the snapshot; what a pipeline waits for."""
    templates = [json.loads(file.read_text()) for file in changed.assembly.rglob("*.template.json")]
    exempt = {
        (resource["Type"], *resource["Metadata"]["cfn-lint"]["config"]["ignore_checks"])
        for template in templates
        for resource in template["Resources"].values()
        if "cfn-lint" in resource.get("Metadata", {})
    }
    # The pipeline also refers to the role that it waits for.
    assert exempt == {("AWS::RDS::DBCluster", "E3021"), ("AWS::CodePipeline::Pipeline", "W3005")}


@pytest.fixture
def site(changed: World) -> Template:
    return wordpress(changed, "Prod")


def test_all_checks_hold(changed: World) -> None:
    check_all(changed)


# As long as what people name may be: what the templates make of it has bounds in AWS.
LONG_NAMES: Sequence[Changes] = (
    *(FLEET, WINDOWS),
    {
        "name": "a" * 20,
        "repository": {"name": f"{'o' * 39}/{'r.' * 26}r", "branch": "b" * 255},
        "storm": {"kill_task": True, "people_file": f"{'folder/' * 30}people.toml", "profile": "p" * 64},
        "dev": {"task": {"min": 2, "max": 3}},
    },
)


def test_all_checks_hold_however_long_the_names_are(make: Make) -> None:
    check_all(make(variant(*LONG_NAMES)))


def listener(site: Template, port: int) -> Any:
    [found] = [each for each in of_type(site, "ElasticLoadBalancingV2::Listener").values() if each["Port"] == port]
    return found


def test_domain_is_served_by_https(site: Template) -> None:
    secure = listener(site, 443)
    assert secure["Protocol"] == "HTTPS"
    assert "TLS13" in secure["SslPolicy"]
    assert secure["DefaultActions"][0]["Type"] == "forward"
    assert referred(secure["Certificates"][0]["CertificateArn"]) == name_of(site, "CertificateManager::Certificate")
    certificate = only(site, "CertificateManager::Certificate")
    assert certificate["DomainName"] == "www.example.com"
    assert certificate["DomainValidationOptions"][0]["HostedZoneId"] == "Z0123456789ABCDEFGHIJ"


def test_plain_http_only_redirects(site: Template) -> None:
    [action] = listener(site, 80)["DefaultActions"]
    assert action["Type"] == "redirect"
    assert action["RedirectConfig"] == {"Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"}


def test_both_ports_are_open(site: Template) -> None:
    edge = referred(only(site, "ElasticLoadBalancingV2::LoadBalancer")["SecurityGroups"][0])
    ingress = of_type(site, "EC2::SecurityGroup")[edge]["SecurityGroupIngress"]
    assert {(each["CidrIp"], each["FromPort"]) for each in ingress} == {("0.0.0.0/0", 80), ("0.0.0.0/0", 443)}


def test_name_leads_to_the_load_balancer(site: Template) -> None:
    record = only(site, "Route53::RecordSet")
    assert (record["Name"], record["Type"]) == ("www.example.com.", "A")
    assert referred(record["AliasTarget"]["DNSName"]) == name_of(site, "ElasticLoadBalancingV2::LoadBalancer")


def test_wordpress_knows_its_address(site: Template) -> None:
    assert site["Outputs"]["SiteUrl"]["Value"] == "https://www.example.com"
    for name in ("install", "wordpress"):
        assert {"Name": "SITE_URL", "Value": "https://www.example.com"} in containers(site)[name]["Environment"]


def test_existing_network_is_used_for_every_security_group(site: Template) -> None:
    assert {each["VpcId"] for each in of_type(site, "EC2::SecurityGroup").values()} == {"vpc-0123456789abcdef0"}


@pytest.mark.parametrize(
    ("recovery", "storms", "minutes"),
    [
        pytest.param(20, 1, 17, id="short"),
        pytest.param(21, 1, 18, id="a second longer"),
        pytest.param(80, 1, 18, id="as long as a minute holds"),
        pytest.param(81, 1, 19, id="a second more"),
        pytest.param(81, 3, 25, id="three storms"),
    ],
)
def test_storms_of_any_length_have_a_timeout_in_whole_minutes(recovery: int, storms: int, minutes: int) -> None:
    from pipeline.gates import storm_timeout

    phases = {"warm_up": 15, "before": 15, "opening": 10, "open": 60, "recovery": recovery}
    assert storm_timeout(variant({"storm": phases}).storm, storms=storms).to_minutes() == minutes
