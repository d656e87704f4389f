"""What the defaults do not show: a domain, a network that exists already, a stage in another region."""

from __future__ import annotations

from typing import Any, Literal

import aws_cdk as cdk
import pytest

import app as entry
from pipeline.gates import storm_timeout
from settings import Domain, Network, Settings
from stages.stage import SiteStage
from tests.templates.conftest import COMMIT, Synthesize, read
from tests.templates.world import PIPELINE, Template, World, containers, name_of, of_type, only, referred, text

NETWORK = Network(
    vpc_id="vpc-0123456789abcdef0",
    availability_zones=["eu-central-1a", "eu-central-1b"],
    public_subnet_ids=["subnet-0000000000000000a", "subnet-0000000000000000b"],
    private_subnet_ids=["subnet-0000000000000001a", "subnet-0000000000000001b"],
    isolated_subnet_ids=["subnet-0000000000000002a", "subnet-0000000000000002b"],
)
DOMAIN = Domain(name="www.example.com", hosted_zone_id="Z0123456789ABCDEFGHIJ", hosted_zone_name="example.com")


@pytest.fixture(scope="module")
def variant(synthesize: Synthesize, settings: Settings) -> World:
    """Production with both."""

    def fill(app: cdk.App) -> None:
        stage: Literal["prod"] = "prod"
        changed = settings.prod.model_copy(update={"network": NETWORK, "domain": DOMAIN})
        SiteStage(
            app,
            "Prod",
            name="site",
            stage=stage,
            settings=changed,
            site=settings.site,
            commit=COMMIT,
            emails=["a@example.com"],
        )

    return read(synthesize(fill))


@pytest.fixture
def site(variant: World) -> Template:
    return variant["Prod/WordPress"]


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
    assert certificate["DomainValidationOptions"][0]["HostedZoneId"] == DOMAIN.hosted_zone_id


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


def test_existing_network_is_used_and_left_alone(variant: World, site: Template) -> None:
    # A stack without resources cannot be deployed, so there is none.
    assert list(variant) == ["Prod/WordPress"]
    placement = only(site, "ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert placement["Subnets"] == NETWORK.private_subnet_ids
    assert only(site, "ElasticLoadBalancingV2::LoadBalancer")["Subnets"] == NETWORK.public_subnet_ids
    assert only(site, "RDS::DBSubnetGroup")["SubnetIds"] == NETWORK.isolated_subnet_ids
    assert {each["SubnetId"] for each in of_type(site, "EFS::MountTarget").values()} == set(NETWORK.isolated_subnet_ids)
    assert {each["VpcId"] for each in of_type(site, "EC2::SecurityGroup").values()} == {NETWORK.vpc_id}


def test_people_are_told(site: Template) -> None:
    assert (only(site, "SNS::Subscription")["Protocol"], only(site, "SNS::Subscription")["Endpoint"]) == (
        "email",
        "a@example.com",
    )
    assert text(only(site, "SNS::Subscription")["TopicArn"]) == f"<{name_of(site, 'SNS::Topic')}>"


def test_stage_may_be_in_another_region(synthesize: Synthesize, settings: Settings) -> None:
    dev = settings.dev.model_copy(update={"region": "us-east-1"})
    elsewhere = settings.model_copy(update={"dev": dev})
    templates = read(synthesize(lambda app: entry.build(app, settings=elsewhere, commit=COMMIT)))
    stores = only(templates[PIPELINE], "CodePipeline::Pipeline")["ArtifactStores"]
    assert {store["Region"] for store in stores} == {"eu-central-1", "us-east-1"}
    assert ":us-east-1:" in str(templates[f"{PIPELINE}/Dev/WordPress"])


@pytest.mark.parametrize(("recovery", "minutes"), [(20, 17), (21, 18), (80, 18), (81, 19)])
def test_a_storm_of_any_length_has_a_timeout_in_whole_minutes(settings: Settings, recovery: int, minutes: int) -> None:
    phases = {"warm_up": 15, "before": 15, "opening": 10, "open": 60, "recovery": recovery}
    assert storm_timeout(settings.storm.model_copy(update=phases)).to_minutes() == minutes
