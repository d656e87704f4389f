"""What stands before a site, rehearsed as it is synthesized: an allow-list, a key, and CloudFront that shows it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from rehearsal.fargate.plan.dns import leads
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.haproxy import render
from rehearsal.fargate.stand.nginx import render as render_front
from rehearsal.values import cloud_assembly
from rehearsal.values.stack import Stack, World
from tests.rehearsal.conftest import Surroundings, deploy
from tests.rehearsal.fargate import templates
from tests.templates.synthesis import Make
from tests.templates.variants import FRONT, variant

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud


def test_a_closed_site_and_its_front_are_rehearsed(cloud: Cloud, surroundings: Surroundings, make: Make) -> None:
    from stages.front import COOKIES, PERSONAL

    assembly = make(variant(FRONT)).assembly
    artifacts = {artifact.name: artifact for artifact in cloud_assembly.stacks(assembly)}
    cloud.bootstrap(cloud_assembly.expects(assembly))

    def stack(name: str) -> Stack:
        each = artifacts[name]
        return deploy(each.read(), account=each.account, region=each.region, name=name, parameters={})

    def read(account: str, region: str, secret: str) -> str:
        client = surroundings.client("secretsmanager", account, region)
        text: str = client.get_secret_value(SecretId=secret)["SecretString"]
        return text

    standing = []
    for stage, header in (("dev", "x-floodgate-storm"), ("prod", "X-Floodgate-Front")):
        standing += [stack(f"floodgate-{stage}-network"), stack(f"floodgate-{stage}-wordpress")]
        [balancer] = make_plan(World(tuple(standing)), standing[-1], read).balancers
        [listener] = [each for each in balancer.listeners if each.tls == (stage == "prod")]
        keys = [each for rule in listener.rules for each in rule.conditions if each.field == "http-header"]
        [(condition, [key])] = [(each, each.values) for each in keys]
        assert condition.header == header
        assert key.isalnum() and len(key) == 64, "not the key itself"
        assert f'acl rule-0-0 req.fhdr({header}) -i -m reg -- "^{key}\\$"' in render(balancer, {})
        if stage == "dev":
            assert f'acl firewall_1 req.fhdr({header}) -m str -- "{key}"' in render(balancer, {})
            assert "track-sc0 src table rate_0 if !firewall_1\n" in render(balancer, {})
        assert (balancer.firewall is None) == (stage == "prod"), "prod's stands before CloudFront"
    standing.append(stack("floodgate-prod-front"))
    account, key_id = standing[-1].account, "floodgate-prod-front"
    client = surroundings.client("secretsmanager", account, "us-east-1")
    assert client.get_secret_value(SecretId=key_id)["SecretString"] == key, "another key than the load balancer's"
    plan = make_plan(World(tuple(standing)), standing[-1], read)
    [front] = plan.fronts
    [origin] = front.origins
    assert origin.headers == {header: key} and key not in repr(plan)
    assert (front.names, origin.balancer) == (("www.example.com",), balancer.key)
    assert [each.path for each in front.behaviours if not each.policy.keeps] == [*PERSONAL]
    text = render_front(front, lambda key: "balancer")
    assert f'proxy_set_header {header} "{key}";' in text
    assert all(f"{cookie.removesuffix('*')}" in text.replace("\\", "") for cookie in COOKIES)
    assert front.firewall and [rate.limit for rate in front.firewall.rates] == [5000]
    assert "AWSManagedRulesWordPressRuleSet" in front.firewall.not_here
    assert leads(World(tuple(standing)))["www.example.com"] == front.key


def test_a_front_outlives_its_key(surroundings: Surroundings, account: str) -> None:
    front = templates.front().resources["Distribution"]
    template = {"Resources": {"D": {"Type": front.type, "Properties": dict(front.properties)}}}
    made = deploy(template, account=account, region="us-east-1", name="front", parameters={}).resources["D"]
    assert made.physical_id.startswith("E") and made.attributes["DomainName"].endswith(".cloudfront.net")
    assert "{{resolve:" in str(made.properties), "the key itself"


def test_a_secret_follows_its_replicas(cloud: Cloud, surroundings: Surroundings, account: str) -> None:
    def regions(*replicas: str) -> list[str]:
        properties = {"Name": "key", "SecretString": "k", "ReplicaRegions": [{"Region": each} for each in replicas]}
        template = {"Resources": {"Key": {"Type": "AWS::SecretsManager::Secret", "Properties": properties}}}
        deploy(template, account=account, region="eu-central-1", name="keys", parameters={})
        found = []
        for region in ("us-east-1", "eu-west-1"):
            with suppress(KeyError):
                found += [region] if cloud.secret(account, region, "key") == "k" else []
        return found

    assert regions("us-east-1") == ["us-east-1"]
    assert regions("us-east-1", "eu-west-1") == ["us-east-1", "eu-west-1"]
    assert regions("eu-west-1") == ["eu-west-1"]
    assert regions() == []
