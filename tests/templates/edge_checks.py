"""What must hold around the site: load balancer, network, alarms, tags, outputs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.templates.world import (
    SiteCheck,
    World,
    chosen,
    closed_buckets,
    name_of,
    network,
    of_type,
    only,
    referred,
    subnets_are,
    templates,
    text,
    wordpress,
)


def world_reaches_the_load_balancer(world: World, stage: str) -> None:
    """Check for a load balancer that faces the internet.

    It is in public subnets, with a security group that lets visitors in.
    """
    site = wordpress(world, stage)
    balancer = only(site, "ElasticLoadBalancingV2::LoadBalancer")
    assert balancer["Scheme"] == "internet-facing"
    subnets_are(world, stage, balancer["Subnets"], "public")
    [group] = map(referred, balancer["SecurityGroups"])
    ingress = of_type(site, "EC2::SecurityGroup")[group]["SecurityGroupIngress"]
    ports = {each["Port"] for each in of_type(site, "ElasticLoadBalancingV2::Listener").values()}
    assert ports == ({80, 443} if chosen(world, stage).domain else {80})
    assert {(each["CidrIp"], each["FromPort"]) for each in ingress} == {("0.0.0.0/0", port) for port in ports}


ROOT = Path(__file__).parents[2]


def keep_alive_of_nginx() -> int:
    """Return the seconds for which the image's nginx keeps an idle connection."""
    match = re.search(r"keepalive_timeout (\d+)s;", (ROOT / "src/nginx/conf/nginx.conf").read_text())
    assert match
    return int(match[1])


def edge_is_safe(world: World, stage: str) -> None:
    """Check that the edge is safe.

    Odd headers dropped, access logged, uploads given their time, and production's not deleted by mistake.
    """
    site = wordpress(world, stage)
    balancer = only(site, "ElasticLoadBalancingV2::LoadBalancer")
    attributes = {each["Key"]: each["Value"] for each in balancer["LoadBalancerAttributes"]}
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["access_logs.s3.enabled"] == "true"
    assert referred(attributes["access_logs.s3.bucket"]) in of_type(site, "S3::Bucket")
    assert 600 < int(attributes["idle_timeout.timeout_seconds"]) < keep_alive_of_nginx(), "nginx hangs up first: 502"
    assert attributes["deletion_protection.enabled"] == ("true" if stage == "Prod" else "false")
    assert balancer["Name"] == balancer["Name"].lower(), "capitals in the address do not come back from browsers"


def buckets_are_private(world: World, stage: str) -> None:
    """Check that each bucket of the site is encrypted, closed to the public, and refuses plain HTTP."""
    closed_buckets(wordpress(world, stage))


def alarms_reach_people(world: World, stage: str) -> None:
    """Check that every alarm has an action, and that CloudWatch may publish to those whom the settings name."""
    site = wordpress(world, stage)
    topic = name_of(site, "SNS::Topic")
    receivers = {
        (each["Protocol"], each["Endpoint"], referred(each["TopicArn"]))
        for each in of_type(site, "SNS::Subscription").values()
    }
    assert receivers == {("email", address, topic) for address in world.settings.pipeline.notify}
    for name, alarm in of_type(site, "CloudWatch::Alarm").items():
        assert [referred(action) for action in alarm["AlarmActions"]] == [topic], name
        # Silence is good, but where the alarm waits for good news; and what comes once a day is no news in between.
        waits = alarm["ComparisonOperator"] == "LessThanThreshold"
        wanted = "ignore" if alarm.get("MetricName") == "DaysToExpiry" else "breaching" if waits else "notBreaching"
        assert alarm["TreatMissingData"] == wanted, name
    mail = world.settings.site.mail
    returned = [each for each in of_type(site, "CloudWatch::Alarm").values() if each.get("Namespace") == "AWS/SES"]
    assert len(returned) == (mail is not None and mail.host is None), "mails that come back are watched where SES tells"
    for alarm in returned:
        [dimension] = alarm["Dimensions"]
        assert dimension["Value"] == only(site, "SES::ConfigurationSet")["Name"]
        assert (alarm["MetricName"], alarm["Threshold"]) == ("Reputation.BounceRate", 0.05)
    allowed = [
        each["Principal"]["Service"]
        for each in only(site, "SNS::TopicPolicy")["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    ]
    assert "cloudwatch.amazonaws.com" in allowed


def dashboard_shows_the_minute(world: World, stage: str) -> None:
    """Check that the stage's dashboard shows what an operator reads in the minute, with this stage's own metrics.

    Each alarm of the stage is on it; the limits that the settings set are drawn.
    """
    site = wordpress(world, stage)
    board = only(site, "CloudWatch::Dashboard")
    assert board["DashboardName"] == f"{world.settings.name}-{stage.lower()}"
    body = json.loads(text(board["DashboardBody"]))
    drawn, limits = set[str](), set[float]()
    for widget in body["widgets"]:
        properties = widget["properties"]
        if widget["type"] == "alarm":
            assert len(properties["alarms"]) == len(of_type(site, "CloudWatch::Alarm")) - (stage == "Prod")
            continue
        rows = [*properties["metrics"]]
        drawn |= {row[1] for row in rows if isinstance(row[0], str)}
        assert {row[-1].get("period", 60) for row in rows} == {60}, properties["title"]
        limits |= {each["value"] for each in properties.get("annotations", {}).get("horizontal", ())}
    name = board["DashboardName"]
    assert drawn == {
        *("TargetResponseTime", "HTTPCode_ELB_5XX_Count", "RequestCount", "HealthyHostCount"),
        *(f"HTTPCode_Target_{kind}XX_Count" for kind in range(2, 6)),
        *("DesiredTaskCount", "RunningTaskCount", "PeakLCUs", "ReservedLCUs"),
        *("ServerlessDatabaseCapacity", "DatabaseConnections"),
        *(f"{name}-php-{what}" for what in ("errors", "asked", "seconds")),
    }
    size = chosen(world, stage)
    assert {size.task.min, size.task.max, size.database.max_acu} <= limits


def network_has_three_kinds_of_subnets(world: World, stage: str) -> None:
    """Check for two zones, found by CloudFormation; isolated subnets have no way out. An existing VPC needs no stack.

    An existing VPC needs no stack.
    """
    if chosen(world, stage).network:
        # One without resources could not be deployed.
        assert templates(world, stage) == [wordpress(world, stage)]
        return
    net = network(world, stage)
    subnets = of_type(net, "EC2::Subnet")
    kinds = sorted(name.removeprefix("Vpc").split("Subnet")[0] for name in subnets)
    assert kinds == ["Isolated"] * 2 + ["Private"] * 2 + ["Public"] * 2
    zones = {repr(subnet["AvailabilityZone"]) for subnet in subnets.values()}
    assert len(zones) == 2 and all("Fn::GetAZs" in zone for zone in zones)
    ways_out = {referred(route["RouteTableId"]) for route in of_type(net, "EC2::Route").values()}
    tables = {
        referred(each["SubnetId"]): referred(each["RouteTableId"])
        for each in of_type(net, "EC2::SubnetRouteTableAssociation").values()
    }
    for name in subnets:
        assert (tables[name] in ways_out) is ("Isolated" not in name), name
    assert len(of_type(net, "EC2::NatGateway")) == (2 if stage == "Prod" else 1)
    assert of_type(net, "EC2::FlowLog")
    assert only(net, "EC2::VPCEndpoint")["VpcEndpointType"] == "Gateway"


def resources_are_tagged(world: World, stage: str) -> None:
    """Check that whatever can carry tags says what it belongs to."""
    wanted = {"project": world.settings.name, "stage": stage.lower()}
    for template in templates(world, stage):
        for name, resource in template["Resources"].items():
            for key in ("Tags", "FileSystemTags", "AccessPointTags"):
                if key in resource.get("Properties", {}):
                    tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"][key]}
                    assert tags.items() >= wanted.items(), name
        assert sum("Tags" in resource.get("Properties", {}) for resource in template["Resources"].values()) > 2


def outputs_are_there(world: World, stage: str) -> None:
    """Check for what gates, people and the rehearsal read."""
    site = wordpress(world, stage)
    address = f"<{name_of(site, 'ElasticLoadBalancingV2::LoadBalancer')}.DNSName>"
    domain = chosen(world, stage).domain
    assert text(site["Outputs"]["SiteUrl"]["Value"]) == (f"https://{domain.name}" if domain else f"http://{address}")
    assert text(site["Outputs"]["ExternalDNSName"]["Value"]) == address


CHECKS: tuple[SiteCheck, ...] = (
    world_reaches_the_load_balancer,
    edge_is_safe,
    buckets_are_private,
    alarms_reach_people,
    dashboard_shows_the_minute,
    network_has_three_kinds_of_subnets,
    resources_are_tagged,
    outputs_are_there,
)
