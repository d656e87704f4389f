"""What must hold for who stands before the site: CloudFront, the firewall, and whom the load balancer answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from settings.development import Development
from settings.managed_rules import RULES
from tests.templates.world import (
    PIPELINE,
    Properties,
    SiteCheck,
    Template,
    World,
    chosen,
    containers,
    name_of,
    of_type,
    only,
    referred,
    text,
    wordpress,
)

ROOT = Path(__file__).parents[2]
KEY, STORM = "X-Floodgate-Front", "x-floodgate-storm"
NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's policy CachingDisabled
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"  # AWS's policy AllViewer
# What CloudFront keeps for ten seconds unless it is told another time ("How CloudFront caches HTTP 4xx and 5xx status
# codes", 2026-11).
KEPT_ERRORS = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}


def front(world: World, stage: str) -> Template | None:
    """Return the template of a stage's front, where it has one."""
    return world.templates.get(f"{PIPELINE}/{stage}/Front")


def resolved(secret: str) -> str:
    """Return what stands in a template for the value of a secret."""
    return f"{{{{resolve:secretsmanager:{secret}:SecretString:::}}}}"


def front_is_cloudfront_by_the_sites_rules(world: World, stage: str) -> None:
    """Check that CloudFront stands before the site where the settings say so, and keeps what the site allows.

    Nothing of it is kept longer, no error at all, and what is personal is passed on.
    """
    size, found = chosen(world, stage), front(world, stage)
    assert not of_type(wordpress(world, stage), "CloudFront::Distribution")
    if size.front is None or size.domain is None:
        assert found is None
        return
    assert found is not None
    config = only(found, "CloudFront::Distribution")["DistributionConfig"]
    assert config["Enabled"] is True
    assert config["Aliases"] == [size.domain.name]
    assert (config["HttpVersion"], config["IPV6Enabled"]) == ("http2and3", False)
    viewer = config["ViewerCertificate"]
    assert referred(viewer["AcmCertificateArn"]) == name_of(found, "CertificateManager::Certificate")
    assert viewer["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert only(found, "CertificateManager::Certificate")["DomainName"] == size.domain.name
    pages = config["DefaultCacheBehavior"]
    kept = only(found, "CloudFront::CachePolicy")["CachePolicyConfig"]
    assert referred(pages["CachePolicyId"]) == name_of(found, "CloudFront::CachePolicy")
    assert (kept["MinTTL"], kept["DefaultTTL"]) == (0, 0)
    parts = kept["ParametersInCacheKeyAndForwardedToOrigin"]
    assert parts["EnableAcceptEncodingBrotli"] is parts["EnableAcceptEncodingGzip"] is True
    assert parts["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert parts["HeadersConfig"]["Headers"] == ["Authorization"]
    assert parts["CookiesConfig"]["CookieBehavior"] == "whitelist"
    assert {cookie.rstrip("*") for cookie in parts["CookiesConfig"]["Cookies"]} == personal_cookies()
    passed_on = {each["PathPattern"]: each["CachePolicyId"] for each in config["CacheBehaviors"]}
    assert passed_on == dict.fromkeys(("/floodgate/*", "/wp-admin/*", "/wp-json/*", "/wp-login.php"), NO_CACHE)
    for each in (pages, *config["CacheBehaviors"]):
        assert each["OriginRequestPolicyId"] == ALL_VIEWER, "the name asked for is not passed on"
        assert each["ViewerProtocolPolicy"] == "redirect-to-https"
        assert "POST" in each["AllowedMethods"] and "DELETE" in each["AllowedMethods"]
        assert "POST" not in each.get("CachedMethods", ())
        assert "LambdaFunctionAssociations" not in each and "FunctionAssociations" not in each
    errors = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in config["CustomErrorResponses"]}
    assert errors == dict.fromkeys(KEPT_ERRORS, 0), "a waiting page would be everybody's"
    assert "WebACLId" in config if size.firewall else "WebACLId" not in config


def personal_cookies() -> set[str]:
    """Return what the names of those cookies begin with that make a page somebody's own, as nginx has them."""
    rules = (ROOT / "src/nginx/conf/client.conf").read_text()
    match = re.search(r"map \$http_cookie \$personal_cookie \{.*?~\*\(([a-z_|-]+)\)", rules, re.DOTALL)
    assert match
    return set(match[1].split("|"))


def front_reaches_the_site_and_shows_its_key(world: World, stage: str) -> None:
    """Check that CloudFront asks the load balancer by TLS, by a name of its own, with the key that nginx knows."""
    site, size, found = wordpress(world, stage), chosen(world, stage), front(world, stage)
    nginx = {each["Name"]: each["ValueFrom"] for each in containers(site)["nginx"]["Secrets"]} if site_has(site) else {}
    if found is None or size.domain is None or size.front is None:
        assert "FRONT_KEY" not in nginx
        return
    name = f"{world.settings.name}-{stage.lower()}-front"
    key = referred(nginx["FRONT_KEY"])
    secret = of_type(site, "SecretsManager::Secret")[key]
    assert secret["Name"] == name
    assert secret["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
    elsewhere = size.region != "us-east-1"
    assert [each["Region"] for each in secret.get("ReplicaRegions", [])] == ["us-east-1"] * elsewhere
    [origin] = only(found, "CloudFront::Distribution")["DistributionConfig"]["Origins"]
    assert origin["DomainName"] == f"origin.{size.domain.name}"
    assert origin["OriginCustomHeaders"] == [{"HeaderName": KEY, "HeaderValue": resolved(name)}]
    connection = origin["CustomOriginConfig"]
    assert (connection["OriginProtocolPolicy"], connection["OriginSSLProtocols"]) == ("https-only", ["TLSv1.2"])
    records = {each["Name"]: each["AliasTarget"]["DNSName"] for each in of_type(site, "Route53::RecordSet").values()}
    balancer = f"dualstack.<{name_of(site, 'ElasticLoadBalancingV2::LoadBalancer')}.DNSName>"
    assert text(records.pop(f"origin.{size.domain.name}.")) == balancer
    leads_to = records.pop(f"{size.domain.name}.")
    assert text(leads_to) == (size.front.distribution or balancer)
    assert not records
    assert "FrontAddress" in found["Outputs"], "nobody learns what to write into the settings"


def site_has(site: Template) -> bool:
    """Return whether nginx of a site has secrets at all."""
    return "Secrets" in containers(site)["nginx"]


def load_balancer_answers_whom_the_settings_let_in(world: World, stage: str) -> None:
    """Check that everybody is answered, or those networks, CloudFront and the storm that the settings let in."""
    site, size = wordpress(world, stage), chosen(world, stage)
    [listener] = [
        each
        for each in of_type(site, "ElasticLoadBalancingV2::Listener").values()
        if each["Port"] == (443 if size.domain else 80)
    ]
    [default] = listener["DefaultActions"]
    rules = sorted(of_type(site, "ElasticLoadBalancingV2::ListenerRule").values(), key=lambda each: each["Priority"])
    visitors = size.visitors if isinstance(size, Development) else []
    wanted = set[str]()
    if size.front and size.front.only:
        wanted.add(KEY)
    if visitors and stage == "Dev":
        wanted.add(STORM)
    headers, networks = dict[str, str](), list[str]()
    for rule in rules:
        [action], [condition] = rule["Actions"], rule["Conditions"]
        assert action["Type"] == "forward"
        assert referred(action["TargetGroupArn"]) == name_of(site, "ElasticLoadBalancingV2::TargetGroup")
        if condition["Field"] == "http-header":
            config = condition["HttpHeaderConfig"]
            [value] = map(text, config["Values"])
            headers[config["HttpHeaderName"]] = value
        else:
            assert len(condition["SourceIpConfig"]["Values"]) <= 5
            networks += condition["SourceIpConfig"]["Values"]
    assert (set(headers), networks) == (wanted, visitors)
    for name, value in headers.items():
        variable = {KEY: "FRONT_KEY", STORM: "STORM_TOKEN"}[name]
        [held] = [each["ValueFrom"] for each in containers(site)["nginx"]["Secrets"] if each["Name"] == variable]
        assert value == resolved(f"<{referred(held)}>"), "nginx knows another one"
    closed = bool(wanted or visitors)
    assert default["Type"] == ("fixed-response" if closed else "forward")
    if closed:
        assert default["FixedResponseConfig"]["StatusCode"] == "403"


def firewall_is_as_the_settings_say(world: World, stage: str) -> None:
    """Check AWS's rules and one address's bound, on CloudFront or else on the load balancer; a storm is let off."""
    site, size, before = wordpress(world, stage), chosen(world, stage), front(world, stage)
    holder = before or site
    for template in {id(each): each for each in (site, holder)}.values():
        expected = int(size.firewall is not None and template is holder)
        assert len(of_type(template, "WAFv2::WebACL")) == expected
    associations = list(of_type(site, "WAFv2::WebACLAssociation").values())
    if size.firewall is None:
        assert not associations
        return
    acl = only(holder, "WAFv2::WebACL")
    assert acl["DefaultAction"] == {"Allow": {}}
    if before:
        assert (acl["Scope"], associations) == ("CLOUDFRONT", [])
        config = only(before, "CloudFront::Distribution")["DistributionConfig"]
        assert referred(config["WebACLId"]) == name_of(before, "WAFv2::WebACL")
    else:
        [association] = associations
        assert acl["Scope"] == "REGIONAL"
        assert referred(association["WebACLArn"]) == name_of(site, "WAFv2::WebACL")
        assert referred(association["ResourceArn"]) == name_of(site, "ElasticLoadBalancingV2::LoadBalancer")
    assert len(acl["Rules"]) == RULES
    rate, *managed = sorted(acl["Rules"], key=lambda each: each["Priority"])
    assert rate["Action"] == {"Block": {}}
    counted = rate["Statement"]["RateBasedStatement"]
    assert (counted["Limit"], counted["AggregateKeyType"]) == (size.firewall.requests, "IP")
    _storm_is_let_off(world, stage, counted)
    overridden = dict[str, set[str]]()
    for rule in managed:
        assert rule["OverrideAction"] == {"None": {}}
        group = rule["Statement"]["ManagedRuleGroupStatement"]
        assert group["VendorName"] == "AWS"
        assert all(each["ActionToUse"] == {"Count": {}} for each in group["RuleActionOverrides"])
        overridden[group["Name"]] = {each["Name"] for each in group["RuleActionOverrides"]}
    names = ("AmazonIpReputationList", "KnownBadInputsRuleSet", "CommonRuleSet", "WordPressRuleSet")
    assert set(overridden) == {f"AWSManagedRules{name}" for name in names}
    # A form of a course may have twenty answers of a thousand characters, an editor's page is longer yet.
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY"} <= overridden["AWSManagedRulesCommonRuleSet"]
    assert not overridden["AWSManagedRulesKnownBadInputsRuleSet"]


def _storm_is_let_off(world: World, stage: str, counted: Properties) -> None:
    if stage == "Prod":
        assert "ScopeDownStatement" not in counted, "somebody in prod is let off"
        return
    match: Any = counted["ScopeDownStatement"]["NotStatement"]["Statement"]["ByteMatchStatement"]
    assert match["FieldToMatch"] == {"SingleHeader": {"Name": STORM}}
    assert match["PositionalConstraint"] == "EXACTLY"
    site = wordpress(world, stage)
    [held] = [each["ValueFrom"] for each in containers(site)["nginx"]["Secrets"] if each["Name"] == "STORM_TOKEN"]
    token = of_type(site, "SecretsManager::Secret")[referred(held)]
    if front(world, stage):
        elsewhere = chosen(world, stage).region != "us-east-1"
        assert [each["Region"] for each in token.get("ReplicaRegions", [])] == ["us-east-1"] * elsewhere
        assert match["SearchString"] == resolved(token["Name"])
    else:
        assert text(match["SearchString"]) == resolved(f"<{referred(held)}>")


CHECKS: tuple[SiteCheck, ...] = (
    front_is_cloudfront_by_the_sites_rules,
    front_reaches_the_site_and_shows_its_key,
    load_balancer_answers_whom_the_settings_let_in,
    firewall_is_as_the_settings_say,
)
