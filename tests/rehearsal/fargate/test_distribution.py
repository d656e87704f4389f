"""What a distribution of CloudFront says is planned and configured, or refused by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.front import Front
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.plan.dns import leads
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand import front_firewall
from rehearsal.fargate.stand.nginx import render, revision
from rehearsal.values.stack import Resource, Stack
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.templates import NAME, ORIGIN, changed, without

CONFIG = "DistributionConfig"
DEFAULT = (CONFIG, "DefaultCacheBehavior")
SITE = (CONFIG, "Origins", 0)
ASKED = (*SITE, "CustomOriginConfig")
KEPT = ("CachePolicyConfig", "ParametersInCacheKeyAndForwardedToOrigin")

Change = Callable[[Stack], Stack]


def site(*names: str, leads_to: str = "") -> Stack:
    return templates.behind_tls(
        templates.stack(templates.web(image="app", port=8080)), *(names or (ORIGIN,)), leads=leads_to
    )


def planned(*changes: Change, behind: Stack | None = None) -> Plan:
    stack = templates.front()
    for change in changes:
        stack = change(stack)
    return make_plan(templates.world(behind or site(), stack), stack, templates.Secrets())


def front(*changes: Change) -> Front:
    [planned_front] = planned(*changes).fronts
    return planned_front


def configuration(*changes: Change, walled: bool = False) -> str:
    firewall = () if walled else (of((CONFIG, "WebACLId"), ...),)
    return render(front(*firewall, *changes), lambda key: key.short.lower())


def put(resource: str, path: tuple[str | int, ...], value: Any) -> Change:
    return lambda stack: changed(stack, resource, path, value)


def of(path: tuple[str | int, ...], value: Any) -> Change:
    return put("Distribution", path, value)


def kept(path: tuple[str | int, ...], value: Any) -> Change:
    return put("Policy", path, value)


def test_what_the_template_says_is_planned() -> None:
    plan = planned()
    [made] = plan.fronts
    assert (made.names, made.address, made.tls, made.http2) == (
        (NAME,),
        "d1.cloudfront.net",
        ("TLSv1.2", "TLSv1.3"),
        True,
    )
    [origin] = made.origins
    assert (origin.balancer.short, origin.host, origin.port, origin.tls) == ("Balancer", ORIGIN, 443, ("TLSv1.2",))
    assert origin.headers == {"X-Key": templates.Secrets().front_key}
    assert templates.Secrets().front_key not in repr(plan), "a key that a message could show"
    assert [(each.path, each.policy.keeps) for each in made.behaviours] == [("/own/*", False), ("*", True)]
    assert plan.networks == (origin.network,)
    assert any("HTTP/3" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(of((CONFIG, "HttpVersion"), "http1.1"), "http2 off;", id="no HTTP/2"),
        pytest.param(
            of((CONFIG, "ViewerCertificate", "MinimumProtocolVersion"), "TLSv1.3_2025"),
            " ssl_protocols TLSv1.3;",
            id="newest TLS alone",
        ),
        pytest.param(of((*ASKED, "OriginReadTimeout"), 7), "proxy_read_timeout 7s;", id="patience with the site"),
        pytest.param(of((*ASKED, "OriginKeepaliveTimeout"), 9), "keepalive_timeout 9s;", id="kept connections"),
        pytest.param(of((*SITE, "ConnectionTimeout"), 3), "proxy_connect_timeout 3s;", id="patience with a connection"),
        pytest.param(
            of((*ASKED, "OriginProtocolPolicy"), "http-only"), "proxy_pass http://origin_0;", id="the site without TLS"
        ),
        pytest.param(
            of((*DEFAULT, "ViewerProtocolPolicy"), "https-only"),
            "if ($asked_scheme = http) { return 403; }",
            id="TLS or nothing",
        ),
        pytest.param(
            of((*DEFAULT, "AllowedMethods"), ["GET", "HEAD"]), "!~ ^(GET|HEAD)$) { return 403; }", id="reads alone"
        ),
        pytest.param(
            of((*DEFAULT, "OriginRequestPolicyId"), "b689b0a8-53d0-40ab-baf2-68738e2966ac"),
            f'proxy_set_header Host "{ORIGIN}";',
            id="the load balancer's own name",
        ),
        pytest.param(
            of((*SITE, "OriginCustomHeaders", 0, "HeaderValue"), 'a "b" \\ $c'),
            r'proxy_set_header X-Key "a \"b\" \\ ${dollar}c";',
            id="a header with odd signs",
        ),
        pytest.param(
            kept((*KEPT, "CookiesConfig"), {"CookieBehavior": "all"}), '(?:[^=;]*)=" $http_cookie', id="every cookie"
        ),
        pytest.param(
            kept((*KEPT, "HeadersConfig", "Headers"), ["X-Kind"]), "$http_x_kind", id="another header that tells apart"
        ),
        pytest.param(
            kept((*KEPT, "EnableAcceptEncodingBrotli"), False), "Accept-Encoding $takes_gzip_0;", id="gzip alone"
        ),
    ],
)
def test_what_the_template_says_is_configured(change: Change, line: str) -> None:
    assert line not in configuration()
    assert line in configuration(change)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(of((*DEFAULT, "Compress"), False), "brotli on;", id="not compressed"),
        pytest.param(kept(("CachePolicyConfig", "MaxTTL"), 0), "proxy_cache kept;", id="nothing kept"),
        pytest.param(
            of((*DEFAULT, "CachePolicyId"), templates.CACHING_DISABLED), "proxy_cache kept;", id="kept by none"
        ),
        pytest.param(
            kept((*KEPT, "QueryStringsConfig", "QueryStringBehavior"), "none"), "$args", id="the query tells nothing"
        ),
        pytest.param(
            kept((*KEPT, "CookiesConfig"), {"CookieBehavior": "none"}), "$cookies_0", id="cookies tell nothing"
        ),
        pytest.param(
            kept((*KEPT, "HeadersConfig"), {"HeaderBehavior": "none"}), "$http_authorization", id="headers tell nothing"
        ),
    ],
)
def test_what_the_template_does_not_say_is_not_configured(change: Change, line: str) -> None:
    assert line in configuration()
    assert line not in configuration(change)


def test_a_firewall_has_the_address_and_the_certificate_in_nginxs_place() -> None:
    bare, walled = configuration(), configuration(walled=True)
    assert "listen 443 ssl default_server;" in bare and "proxy_protocol" not in bare
    assert "listen 8443 proxy_protocol default_server;" in walled and "ssl_certificate" not in walled
    before = front_firewall.render(front(), "nginx-of-the-front")
    for words in ("ssl-min-ver TLSv1.2", "alpn h2,http/1.1", "nginx-of-the-front:8443", "timeout server 75s"):
        assert words in before
    assert "alpn http/1.1" in front_firewall.render(front(of((CONFIG, "HttpVersion"), "http1.1")), "nginx")


def test_behaviours_are_tried_in_their_order() -> None:
    first, last = (configuration().index(f'location ~ "(?s)^/?{path}') for path in ("own/", ".*"))
    assert first < last


def test_another_configuration_calls_itself_otherwise() -> None:
    assert revision(configuration()) != revision(configuration(of((*ASKED, "OriginReadTimeout"), 7)))


ERRORS = [{"ErrorCode": status, "ErrorCachingMinTTL": 0} for status in (404, 414, 500, 501, 502, 504)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(of((CONFIG, "Enabled"), False), "not enabled", id="switched off"),
        pytest.param(of((CONFIG, "Aliases"), []), "no Aliases", id="no name"),
        pytest.param(
            of((CONFIG, "Aliases"), ["other.example.com"]),
            "not for other.example.com",
            id="a name without a certificate",
        ),
        pytest.param(of((CONFIG, "HttpVersion"), "http3"), "HttpVersion is 'http3'", id="HTTP/3 and no HTTP/2"),
        pytest.param(
            of((CONFIG, "ViewerCertificate", "AcmCertificateArn"), "arn:aws:acm:eu-central-1:1:certificate/1"),
            "wants a certificate of us-east-1",
            id="a certificate of another region",
        ),
        pytest.param(
            of((CONFIG, "ViewerCertificate", "MinimumProtocolVersion"), "TLSv1"), "MinimumProtocolVersion", id="old TLS"
        ),
        pytest.param(
            of((CONFIG, "WebACLId"), "arn:other"), "WebACLId names 'arn:other'", id="a firewall that is not there"
        ),
        pytest.param(put("Acl", ("Scope",), "REGIONAL"), "not CLOUDFRONT", id="a firewall of load balancers"),
        pytest.param(of((CONFIG, "Logging"), {"Bucket": "b"}), "Logging", id="a log"),
        pytest.param(of((CONFIG, "DefaultRootObject"), "index.html"), "DefaultRootObject", id="a page of its own"),
        pytest.param(
            of((CONFIG, "Restrictions"), {"GeoRestriction": {"RestrictionType": "none"}}),
            "Restrictions",
            id="countries",
        ),
        pytest.param(of((CONFIG, "CustomErrorResponses"), ERRORS), "keep a 503 for 10 s", id="waiting pages kept"),
        pytest.param(
            of((CONFIG, "CustomErrorResponses"), [{"ErrorCode": 403, "ErrorCachingMinTTL": 5}]),
            "keep a 403 for 5 s",
            id="refusals kept",
        ),
        pytest.param(
            of((CONFIG, "CustomErrorResponses", 0, "ResponsePagePath"), "/sorry"),
            "ResponsePagePath",
            id="its own error pages",
        ),
        pytest.param(
            of((*SITE, "DomainName"), "else.example.com"),
            "no record leads the origin",
            id="an origin that is not there",
        ),
        pytest.param(of((*SITE, "CustomOriginConfig"), ...), "no CustomOriginConfig", id="an origin of another kind"),
        pytest.param(of((*SITE, "OriginPath"), "/x"), "OriginPath", id="a path before all paths"),
        pytest.param(of((*SITE, "OriginShield"), {"Enabled": True}), "OriginShield", id="a shield"),
        pytest.param(of((*ASKED, "OriginProtocolPolicy"), "match-viewer"), "match-viewer", id="as the visitor asks"),
        pytest.param(
            of((*ASKED, "HTTPSPort"), 8443), "no listener of HTTPS on port 8443", id="a port without a listener"
        ),
        pytest.param(
            of((*SITE, "OriginCustomHeaders", 0, "HeaderValue"), "{{resolve:secretsmanager:other:SecretString:::}}"),
            "names the secret other, which does not exist",
            id="a key that is not in the region",
        ),
        pytest.param(
            of((*SITE, "OriginCustomHeaders", 0, "HeaderName"), "X Key"), "HeaderName is 'X Key'", id="an odd header"
        ),
        pytest.param(
            of((*DEFAULT, "TargetOriginId"), "other"), "which it does not have", id="an origin without a name"
        ),
        pytest.param(
            of((*DEFAULT, "AllowedMethods"), ["GET", "HEAD", "POST"]), "one of its three lists", id="odd methods"
        ),
        pytest.param(of((*DEFAULT, "CachedMethods"), ["GET", "HEAD", "OPTIONS"]), "CachedMethods", id="questions kept"),
        pytest.param(
            of((CONFIG, "CacheBehaviors", 0, "ViewerProtocolPolicy"), "any"), "ViewerProtocolPolicy", id="an odd policy"
        ),
        pytest.param(of((*DEFAULT, "OriginRequestPolicyId"), ...), "AllViewer", id="nothing passed on"),
        pytest.param(
            of((*DEFAULT, "CachePolicyId"), "other"), "CachePolicyId names 'other'", id="a policy that is not there"
        ),
        pytest.param(of((*DEFAULT, "ForwardedValues"), {"QueryString": True}), "ForwardedValues", id="the older kind"),
        pytest.param(of((*DEFAULT, "FunctionAssociations"), []), "FunctionAssociations", id="a function"),
        pytest.param(
            of((*DEFAULT, "ResponseHeadersPolicyId"), "p"), "ResponseHeadersPolicyId", id="headers of its own"
        ),
        pytest.param(kept(("CachePolicyConfig", "MinTTL"), 1), "1, 0 and 31536000", id="kept whatever it says"),
        pytest.param(
            kept(("CachePolicyConfig", "DefaultTTL"), 60), "0, 60 and 31536000", id="kept where it says nothing"
        ),
        pytest.param(kept(("CachePolicyConfig", "MaxTTL"), 60), "0, 0 and 60", id="kept for less than it says"),
        pytest.param(
            kept((*KEPT, "CookiesConfig", "CookieBehavior"), "allExcept"),
            "CookieBehavior is 'allExcept'",
            id="all cookies but some",
        ),
        pytest.param(
            kept((*KEPT, "HeadersConfig", "HeaderBehavior"), "all"), "HeaderBehavior is 'all'", id="all headers"
        ),
        pytest.param(
            kept((*KEPT, "QueryStringsConfig"), {"QueryStringBehavior": "whitelist", "QueryStrings": ["a"]}),
            "QueryStrings",
            id="some of the query",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_its_name(change: Change, words: str) -> None:
    with pytest.raises(PlanError) as refused:
        planned(change)
    assert words in refused.value.message


def test_a_load_balancers_certificate_must_be_for_what_it_is_asked() -> None:
    behind = changed(site(), "Certificate", ("DomainName",), "other.example.com")
    with pytest.raises(PlanError, match=f"neither for {NAME} nor for {ORIGIN}"):
        planned(behind=behind)
    planned(behind=changed(site(), "Certificate", ("DomainName",), "*.example.com"))
    planned(behind=changed(site(), "Certificate", ("DomainName",), ORIGIN))


@pytest.mark.parametrize(
    ("names", "cloudfront", "resource"),
    [
        pytest.param((ORIGIN, NAME), "", "Balancer", id="first the load balancer"),
        pytest.param((ORIGIN,), "d1.cloudfront.net", "Distribution", id="then CloudFront"),
        pytest.param((ORIGIN,), "d9.cloudfront.net.", "Distribution", id="any address of CloudFront's"),
    ],
)
def test_the_name_leads_where_its_record_does(names: tuple[str, ...], cloudfront: str, resource: str) -> None:
    led = leads(templates.world(site(*names, leads_to=cloudfront), templates.front()))
    assert {name: key.short for name, key in led.items()} == {ORIGIN: "Balancer", NAME: resource}


def test_a_name_of_which_no_distribution_knows_leads_nowhere() -> None:
    behind = site(ORIGIN, leads_to="d1.cloudfront.net")
    nameless = changed(templates.front(), "Distribution", (CONFIG, "Aliases"), ["other.example.com"])
    assert NAME not in leads(templates.world(behind, nameless))
    assert NAME not in leads(templates.world(behind, without(templates.front(), "Distribution")))
    other = Resource(
        "Other", "AWS::Route53::RecordSet", "r", {"Name": "x.example.com", "ResourceRecords": ["1.2.3.4"]}, {}
    )
    assert "x.example.com" not in leads(templates.world(templates.with_resource(behind, other)))


def test_a_stack_of_another_region_knows_its_own_load_balancers() -> None:
    elsewhere = replace(site(), region="eu-west-1", name="another")
    [origin] = planned(behind=elsewhere).fronts[0].origins
    assert origin.balancer.region == "eu-west-1"
