"""CloudFront, the firewall and a dev that is closed to strangers, where the settings ask for them."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from pydantic import ValidationError

from promotion.cost import Prices, month
from tests.templates.checks import check_all
from tests.templates.faults import Fault, add, copied, drop, put, remove
from tests.templates.synthesis import Make
from tests.templates.variants import ALL_AT_ONCE, FRONT, Changes, domain, over, variant
from tests.templates.world import World, of_type, sole

DEV, PROD, CLOUDFRONT = (f"FloodgatePipeline/{path}" for path in ("Dev/WordPress", "Prod/WordPress", "Prod/Front"))
DISTRIBUTION = "CloudFront::Distribution"
CONFIG = "DistributionConfig"
POLICY = "CachePolicyConfig"
KEYED = f"{POLICY}.ParametersInCacheKeyAndForwardedToOrigin"
LISTENER, RULE = "ElasticLoadBalancingV2::Listener/Http", "ElasticLoadBalancingV2::ListenerRule"
ACL, LIMIT = "WAFv2::WebACL", "Rules.0.Statement.RateBasedStatement"
UNCONDITIONED = {"Limit": 30000, "AggregateKeyType": "IP"}


@pytest.fixture(scope="module")
def fronted(make: Make) -> World:
    """Prod behind CloudFront alone, and dev for some networks."""
    return make(variant(FRONT))


def test_all_checks_hold(fronted: World) -> None:
    check_all(fronted)


def test_a_rule_that_comes_never_has_the_priority_of_one_that_goes(fronted: World) -> None:
    # CloudFormation makes the new one first. Between them the two stages have every rule that a stage can have.
    rules = [
        (name, each["Properties"]["Priority"])
        for stage in (DEV, PROD)
        for name, each in fronted.templates[stage]["Resources"].items()
        if each["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule"
    ]
    assert len(rules) == 4
    assert len({priority for _, priority in rules}) == 4, rules


def test_the_key_is_looked_up_again_where_the_firewall_goes_or_comes(make: Make, fronted: World) -> None:
    """CloudFormation looks a secret up only where it changes the resource that holds it (docs/front.md)."""

    def distribution(firewall: Changes | None) -> object:
        changed = over(FRONT, {"prod": {"firewall": firewall}})
        return sole(of_type(make(variant(changed)).templates[CLOUDFRONT], DISTRIBUTION).values())

    standing = sole(of_type(fronted.templates[CLOUDFRONT], DISTRIBUTION).values())
    assert distribution({"requests": 6000}) == standing
    assert distribution(None) != standing


@pytest.mark.parametrize("changes", [pytest.param({}, id="as usual"), pytest.param(FRONT, id="behind CloudFront")])
def test_a_month_counts_each_secret_in_each_region_that_knows_it(make: Make, changes: Changes) -> None:
    world = make(variant(changes))
    price = Prices(**dict.fromkeys((field.name for field in fields(Prices)), 1))
    for path, stage in ((DEV, world.settings.dev), (PROD, world.settings.prod)):
        secrets = of_type(world.templates[path], "SecretsManager::Secret").values()
        charged = sum(1 + len(secret.get("ReplicaRegions", ())) for secret in secrets)
        items = month(stage, price, storm=path == DEV)
        assert [item.dollars for item in items if item.name == "secrets"] == [charged], path


@pytest.mark.parametrize(
    ("stack", "fault"),
    [
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.Aliases", [])),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.HttpVersion", "http2")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.IPV6Enabled", True)),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.Enabled", False)),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.ViewerCertificate.MinimumProtocolVersion", "TLSv1")),
        (CLOUDFRONT, put("CertificateManager::Certificate", "DomainName", "another.example.com")),
        (CLOUDFRONT, put("CloudFront::CachePolicy", f"{POLICY}.MinTTL", 1)),
        (CLOUDFRONT, put("CloudFront::CachePolicy", f"{POLICY}.DefaultTTL", 86400)),
        (CLOUDFRONT, put("CloudFront::CachePolicy", f"{KEYED}.EnableAcceptEncodingBrotli", False)),
        (CLOUDFRONT, drop("CloudFront::CachePolicy", f"{KEYED}.CookiesConfig.Cookies.0")),
        (CLOUDFRONT, put("CloudFront::CachePolicy", f"{KEYED}.QueryStringsConfig.QueryStringBehavior", "none")),
        (CLOUDFRONT, put("CloudFront::CachePolicy", f"{KEYED}.HeadersConfig.Headers", ["Origin"])),
        (CLOUDFRONT, drop(DISTRIBUTION, f"{CONFIG}.CacheBehaviors.0")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.CacheBehaviors.1.CachePolicyId", "another")),
        (CLOUDFRONT, drop(DISTRIBUTION, f"{CONFIG}.DefaultCacheBehavior.OriginRequestPolicyId")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.DefaultCacheBehavior.AllowedMethods", ["GET", "HEAD"])),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.DefaultCacheBehavior.ViewerProtocolPolicy", "allow-all")),
        (CLOUDFRONT, drop(DISTRIBUTION, f"{CONFIG}.CustomErrorResponses.9")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.CustomErrorResponses.9.ErrorCachingMinTTL", 10)),
        (CLOUDFRONT, drop(DISTRIBUTION, f"{CONFIG}.WebACLId")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.Origins.0.DomainName", "www.example.com")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.Origins.0.CustomOriginConfig.OriginProtocolPolicy", "http-only")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.Origins.0.OriginCustomHeaders.0.HeaderName", "X-Another")),
        (CLOUDFRONT, put(DISTRIBUTION, f"{CONFIG}.Origins.0.OriginCustomHeaders.0.HeaderValue", "in clear")),
        (CLOUDFRONT, drop("Outputs", "FrontAddress")),
        (CLOUDFRONT, put(ACL, "Scope", "REGIONAL")),
        (CLOUDFRONT, put(ACL, "DefaultAction", {"Block": {}})),
        (CLOUDFRONT, put(ACL, f"{LIMIT}.Limit", 50)),
        (CLOUDFRONT, put(ACL, f"{LIMIT}.ScopeDownStatement", {"NotStatement": {}})),
        (CLOUDFRONT, put(ACL, "Rules.0.Action", {"Count": {}})),
        (CLOUDFRONT, put(ACL, "Rules.1.OverrideAction", {"Count": {}})),
        (CLOUDFRONT, drop(ACL, "Rules.4")),
        (CLOUDFRONT, drop(ACL, "Rules.3.Statement.ManagedRuleGroupStatement.RuleActionOverrides.0")),
        (PROD, put("SecretsManager::Secret/FrontKey", "Name", "another")),
        (PROD, drop("SecretsManager::Secret/FrontKey", "ReplicaRegions")),
        (PROD, put("SecretsManager::Secret/FrontKey", "GenerateSecretString.PasswordLength", 8)),
        (PROD, put("container/nginx", "Secrets.0.Name", "ANOTHER")),
        (PROD, put("Route53::RecordSet/EdgeAlias", "AliasTarget.DNSName", "d2.cloudfront.net")),
        (PROD, remove("Route53::RecordSet/EdgeOrigin")),
        (PROD, put("ElasticLoadBalancingV2::Listener/Https", "DefaultActions.0.Type", "forward")),
        (PROD, remove(RULE)),
        (PROD, put(RULE, "Conditions.0.HttpHeaderConfig.Values", ["known"])),
        (PROD, put(RULE, "Conditions.0.HttpHeaderConfig.HttpHeaderName", "X-Another")),
        (PROD, drop("IAM::Policy/ReaderRole", "PolicyDocument.Statement.0.Resource.2")),
        (DEV, remove(f"{RULE}/Visitors5")),
        (DEV, add(f"{RULE}/Visitors0", "Conditions.0.SourceIpConfig.Values", "0.0.0.0/0")),
        (DEV, remove(f"{RULE}/EdgeLoadBalancerHttpxfloodgatestorm")),
        (DEV, put(LISTENER, "DefaultActions.0.FixedResponseConfig.StatusCode", "200")),
        (DEV, remove("WAFv2::WebACLAssociation")),
        (DEV, put("WAFv2::WebACLAssociation", "ResourceArn", {"Ref": "Another"})),
        (DEV, put(ACL, LIMIT, UNCONDITIONED)),
        (DEV, put(ACL, f"{LIMIT}.ScopeDownStatement.NotStatement.Statement.ByteMatchStatement.SearchString", "")),
    ],
    ids=str,
)
def test_fault_is_noticed(fronted: World, stack: str, fault: Fault) -> None:
    template = copied(fronted.templates[stack])
    fault.change(template)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        check_all(replace(fronted, templates={**fronted.templates, stack: template}))


@pytest.mark.parametrize(
    "fault",
    [
        put("SecretsManager::Secret/StormToken", "Name", "another"),
        put("SecretsManager::Secret/FrontKey", "ReplicaRegions", [{"Region": "us-east-1"}]),
        put("Route53::RecordSet/EdgeAlias", "AliasTarget.DNSName", "d2.cloudfront.net"),
    ],
    ids=str,
)
def test_fault_beside_cloudfronts_own_region_is_noticed(make: Make, fault: Fault) -> None:
    world = make(variant(*ALL_AT_ONCE))
    template = copied(world.templates[DEV])
    fault.change(template)
    with pytest.raises(AssertionError):
        check_all(replace(world, templates={**world.templates, DEV: template}))


NAMED = {"insecure": False, "domain": domain("www.example.com")}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"prod": {"front": {}}}, "needs a certificate", id="no domain"),
        pytest.param({"prod": {**NAMED, "front": {"only": True}}}, "refuse everybody", id="nobody could come"),
        pytest.param({"prod": {**NAMED, "front": {"distribution": "www.example.com"}}}, "cloudfront.net", id="no name"),
        pytest.param({"prod": {**NAMED, "firewall": {"requests": 10}}}, "from 1000", id="people would be shut out"),
        pytest.param({"dev": {"visitors": ["10.0.0.1/8"]}}, "networks of IPv4", id="bits behind the network"),
        pytest.param({"dev": {"visitors": ["203.0.113.7"]}}, "networks of IPv4", id="an address alone"),
        pytest.param({"dev": {"visitors": ["203.0.113.0/255.255.255.0"]}}, "networks of IPv4", id="a mask"),
        pytest.param({"dev": {"visitors": ["203.0.113.0/24"] * 2}}, "different", id="one twice"),
        pytest.param(
            {"dev": {"domain": domain("dev.example.com"), "front": {}, "visitors": ["203.0.113.0/24"]}},
            "CloudFront's addresses alone",
            id="visitors behind CloudFront",
        ),
    ],
)
def test_what_could_not_work_is_refused(changes: Changes, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        variant(changes)
