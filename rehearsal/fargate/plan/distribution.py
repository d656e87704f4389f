"""Distributions of CloudFront: names, origins, behaviours and what they keep, as the templates describe them.

What the stand-in cannot do as CloudFront does is refused by its name: of times to live those alone that leave the word
to ``Cache-Control``, of errors those alone that are kept no longer than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.desired.front import Behaviour, CachePolicy, Front, Origin
from rehearsal.fargate.desired.statements import Firewall
from rehearsal.fargate.plan.dns import aliases, balancer_of, covers
from rehearsal.fargate.plan.load_balancer import load_balancer
from rehearsal.fargate.plan.lookup import Found, Lookup, number, truth
from rehearsal.fargate.plan.references import ReadSecret, resolve
from rehearsal.fargate.plan.web_acl import WEB_ACL, web_acl
from rehearsal.values.stack import World

# Where CloudFront takes certificates and firewalls from.
_REGION = "us-east-1"
# Policies that AWS keeps for everybody ("Use managed cache policies" and "… origin request policies" in the CloudFront
# Developer Guide), as far as they are honoured.
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_OWN_HOST: Mapping[str, bool] = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": True,  # AllViewer
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": False,  # AllViewerExceptHostHeader
}
_YEAR = 31_536_000
_READS = ("GET", "HEAD")
_METHODS = (_READS, (*_READS, "OPTIONS"), (*_READS, "OPTIONS", "PUT", "POST", "PATCH", "DELETE"))
# What CloudFront keeps for ten seconds where nothing else is said, even what says that it must not be kept.
_KEPT_ERRORS = (404, 414, 500, 501, 502, 503, 504)
_ERROR_SECONDS = 10
_TLS: Mapping[str, tuple[str, ...]] = {"TLSv1.3": ("TLSv1.3",), "TLSv1.2": ("TLSv1.2", "TLSv1.3")}
_VIEWERS = ("allow-all", "https-only", "redirect-to-https")


def distribution(found: Found, world: World, lookup: Lookup, read: ReadSecret) -> Front:
    """Plan a distribution, given all that stands: its origins may be in another region."""
    config = found.properties["DistributionConfig"]
    if not truth(config.get("Enabled")):
        raise found.fault("it is not enabled: CloudFront would answer nobody.")
    names = tuple(aliases(found))
    if not names:
        raise found.fault("it has no Aliases; the rehearsal knows a distribution by the names that lead to it.")
    oldest = _certificate(found, config, lookup, names)
    _check_errors(found, config)
    origins = {
        str(each["Id"]): _origin(found, each, config, world, read) for each in config.get("Origins", ())
    }  # fmt: skip
    behaviours = (
        *(
            _behaviour(found, each, str(each["PathPattern"]), origins, lookup)
            for each in config.get("CacheBehaviors", ())
        ),
        _behaviour(found, config["DefaultCacheBehavior"], "*", origins, lookup),
    )
    return Front(
        key=found.key,
        address=str(found.resource.attributes.get("DomainName", "")),
        names=names,
        tls=_TLS[oldest],
        http2=config.get("HttpVersion", "http2") != "http1.1",
        behaviours=behaviours,
        firewall=_firewall(found, config, lookup, read),
    )


def differences(found: Found) -> Iterator[str]:
    """Yield what a distribution offers in AWS, and does not here."""
    if "3" in str(found.properties["DistributionConfig"].get("HttpVersion", "")):
        yield f"{found.where} offers HTTP/3 in AWS; here it speaks HTTP/2 and HTTP/1.1."


def _firewall(found: Found, config: Mapping[str, Any], lookup: Lookup, read: ReadSecret) -> Firewall | None:
    if not (arn := config.get("WebACLId")):
        return None
    acl = lookup.need(str(arn), WEB_ACL, found, "WebACLId")
    if acl.properties.get("Scope") != "CLOUDFRONT":
        raise found.fault(f"WebACLId names {acl.where}, whose Scope is not CLOUDFRONT.")
    return web_acl(acl, lookup, read)


def _check_errors(found: Found, config: Mapping[str, Any]) -> None:
    kept = dict.fromkeys(_KEPT_ERRORS, _ERROR_SECONDS)
    for each in config.get("CustomErrorResponses", ()):
        kept[number(found, "ErrorCode", each["ErrorCode"])] = number(
            found, "ErrorCachingMinTTL", each.get("ErrorCachingMinTTL", _ERROR_SECONDS)
        )
    for status, seconds in sorted(kept.items()):
        if seconds:
            raise found.fault(
                f"CloudFront would keep a {status} for {seconds} s, whatever it says; "
                "the rehearsal honours an ErrorCachingMinTTL of 0 alone."
            )


def _certificate(found: Found, config: Mapping[str, Any], lookup: Lookup, names: tuple[str, ...]) -> str:
    """Return the oldest TLS that visitors may speak; the certificate must be there, and for the names."""
    viewer = config.get("ViewerCertificate", {})
    arn = str(viewer.get("AcmCertificateArn", ""))
    if arn.split(":")[3:4] != [_REGION]:
        raise found.fault(f"AcmCertificateArn is {arn!r}; CloudFront wants a certificate of {_REGION}.")
    certificate = lookup.find(arn, "AWS::CertificateManager::Certificate")
    if certificate:
        good = [str(certificate.properties["DomainName"])]
        good += map(str, certificate.properties.get("SubjectAlternativeNames", ()))
        for name in names:
            if not any(covers(each, name) for each in good):
                raise found.fault(f"the certificate is for {', '.join(good)}, and not for {name}.")
    version = str(viewer.get("MinimumProtocolVersion", "TLSv1"))
    if version.partition("_")[0] not in _TLS:
        raise found.fault(f"MinimumProtocolVersion is {version!r}; the rehearsal honours TLS 1.2 and 1.3.")
    return version.partition("_")[0]


def _origin(found: Found, each: Mapping[str, Any], config: Mapping[str, Any], world: World, read: ReadSecret) -> Origin:
    host, custom = str(each["DomainName"]).lower(), each.get("CustomOriginConfig")
    if custom is None:
        raise found.fault(
            f"the origin {host} has no CustomOriginConfig; the rehearsal knows load balancers as origins."
        )
    behind = balancer_of(world, host)
    if behind is None:
        raise found.fault(
            f"no record leads the origin {host} to a load balancer that stands: CloudFront would answer 502."
        )
    balancer = load_balancer(behind, Lookup(world, behind.stack), read)
    policy = custom.get("OriginProtocolPolicy")
    if policy not in ("https-only", "http-only"):
        raise found.fault(f"OriginProtocolPolicy is {policy!r}; the rehearsal honours https-only and http-only.")
    tls = policy == "https-only"
    port = number(found, "port", custom.get("HTTPSPort", 443) if tls else custom.get("HTTPPort", 80))
    if not any((listener.port, listener.tls) == (port, tls) for listener in balancer.listeners):
        raise found.fault(
            f"{behind.where} has no listener of {'HTTPS' if tls else 'HTTP'} on port {port}: CloudFront would say 502."
        )
    if tls:
        _check_name(found, host, aliases(found), balancer, config)
    headers: dict[str, str] = {}
    for header in each.get("OriginCustomHeaders", ()):
        name = str(header["HeaderName"])
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise found.fault(f"HeaderName is {name!r}; letters, digits and hyphens are wanted.")
        headers[name] = resolve(found, f"the header {name}", str(header["HeaderValue"]), read)
    return Origin(
        balancer=balancer.key,
        network=balancer.network,
        host=host,
        port=port,
        tls=tuple(str(version) for version in custom.get("OriginSSLProtocols", ("TLSv1.2",))) if tls else (),
        headers=headers,
        connect_timeout=number(found, "ConnectionTimeout", each.get("ConnectionTimeout", 10)),
        read_timeout=number(found, "OriginReadTimeout", custom.get("OriginReadTimeout", 30)),
        keep_alive=number(found, "OriginKeepaliveTimeout", custom.get("OriginKeepaliveTimeout", 5)),
    )


def _check_name(
    found: Found, host: str, names: list[str], balancer: LoadBalancer, config: Mapping[str, Any]
) -> None:  # fmt: skip
    """Check that the load balancer's certificate is for its own name, or for each that CloudFront passes on."""
    passed_on = any(
        _OWN_HOST.get(str(each.get("OriginRequestPolicyId")))
        for each in (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ()))
    )
    for name in names if passed_on else [host]:
        if not any(covers(each, name) or covers(each, host) for each in balancer.certified):
            raise found.fault(
                f"the load balancer's certificate is for {', '.join(balancer.certified) or 'no name that is known'}, "
                f"and neither for {name} nor for {host}: CloudFront would answer 502."
            )


def _behaviour(
    found: Found, each: Mapping[str, Any], path: str, origins: Mapping[str, Origin], lookup: Lookup
) -> Behaviour:  # fmt: skip
    origin = origins.get(str(each["TargetOriginId"]))
    if origin is None:
        raise found.fault(
            f"the behaviour of {path} names the origin {each['TargetOriginId']!r}, which it does not have."
        )
    methods = tuple(str(method) for method in each.get("AllowedMethods", _READS))
    if set(methods) not in [set(known) for known in _METHODS]:
        raise found.fault(
            f"AllowedMethods of {path} are {', '.join(methods)}; CloudFront takes one of its three lists."
        )
    if set(each.get("CachedMethods", _READS)) != set(_READS):
        raise found.fault(f"CachedMethods of {path} are not GET and HEAD, which alone the rehearsal keeps.")
    if each["ViewerProtocolPolicy"] not in _VIEWERS:
        raise found.fault(
            f"ViewerProtocolPolicy of {path} is {each['ViewerProtocolPolicy']!r}; {', '.join(_VIEWERS)} is wanted."
        )
    request = str(each.get("OriginRequestPolicyId", ""))
    if request not in _OWN_HOST:
        raise found.fault(
            f"OriginRequestPolicyId of {path} is {request!r}; the rehearsal honours AWS's own AllViewer and "
            "AllViewerExceptHostHeader."
        )
    return Behaviour(
        path=path,
        origin=origin,
        viewers=str(each["ViewerProtocolPolicy"]),
        methods=methods,
        policy=_policy(found, str(each.get("CachePolicyId", "")), lookup),
        compressed=truth(each.get("Compress", False)),
        own_host=_OWN_HOST[request],
    )


def _policy(asked_by: Found, identity: str, lookup: Lookup) -> CachePolicy:
    if identity == _CACHING_DISABLED:
        return CachePolicy(keeps=False)
    found = lookup.find(identity, "AWS::CloudFront::CachePolicy")
    if found is None:
        raise asked_by.fault(
            f"CachePolicyId names {identity!r}; the rehearsal knows policies of deployed stacks, and CachingDisabled."
        )
    config = found.properties["CachePolicyConfig"]
    shortest, usual, longest = (number(found, f"{name}TTL", config[f"{name}TTL"]) for name in ("Min", "Default", "Max"))
    if shortest or usual or (longest and longest < _YEAR):
        raise found.fault(
            f"MinTTL, DefaultTTL and MaxTTL are {shortest}, {usual} and {longest}; the rehearsal honours 0, 0, and 0 "
            f"or a year at least ({_YEAR}): what Cache-Control says."
        )
    parts = config["ParametersInCacheKeyAndForwardedToOrigin"]
    cookies, headers = parts["CookiesConfig"], parts["HeadersConfig"]
    query = parts["QueryStringsConfig"]["QueryStringBehavior"]
    for name, value, honoured in (
        ("CookieBehavior", cookies["CookieBehavior"], ("none", "whitelist", "all")),
        ("HeaderBehavior", headers["HeaderBehavior"], ("none", "whitelist")),
        ("QueryStringBehavior", query, ("none", "all")),
    ):
        if value not in honoured:
            raise found.fault(f"{name} is {value!r}; the rehearsal honours {', '.join(honoured)}.")
    encodings = (("br", "EnableAcceptEncodingBrotli"), ("gzip", "EnableAcceptEncodingGzip"))
    listed = {"none": (), "all": ("*",)}.get(cookies["CookieBehavior"], tuple(map(str, cookies.get("Cookies", ()))))
    return CachePolicy(
        keeps=longest > 0,
        cookies=listed,
        headers=tuple(map(str, headers.get("Headers", ()))) if headers["HeaderBehavior"] == "whitelist" else (),
        query=query == "all",
        encodings=tuple(name for name, switch in encodings if truth(parts[switch])),
    )
