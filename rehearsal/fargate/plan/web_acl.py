"""Web ACLs of AWS WAF: rules and statements as the templates describe them; what AWS would refuse is refused here.

What may be in them, and within which bounds, is what the AWS WAF Developer Guide and its API reference say. AWS's own
groups of rules are nobody else's: they are told, and nothing stands in for them.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rehearsal.fargate.desired.statements import (
    AddressMatch,
    Allow,
    Block,
    ByteMatch,
    Count,
    Either,
    Every,
    Firewall,
    FirewallRule,
    ForwardedAddress,
    Not,
    Rate,
    Statement,
)
from rehearsal.fargate.plan.lookup import Found, Lookup, number
from rehearsal.fargate.plan.references import ReadSecret, resolve

WEB_ACL = "AWS::WAFv2::WebACL"
ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
IP_SET = "AWS::WAFv2::IPSet"
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
# The one region that has what stands before CloudFront.
_FRONT_REGION = "us-east-1"
# "AWS Managed Rules rule groups list" in the developer guide.
_MANAGED = (
    *(
        f"AWSManagedRules{name}RuleSet"
        for name in (
            *("Common", "AdminProtection", "KnownBadInputs", "SQLi", "Linux", "Unix", "Windows", "PHP", "WordPress"),
            *("ACFP", "ATP", "BotControl", "AntiDDoS"),
        )
    ),
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesAnonymousIpList",
)
_LIMITS = range(10, 2_000_000_001)
_WINDOW = 300
_LONGEST_TEXT = 200
_LONGEST_BODY = 4096
_STATUSES = range(200, 600)
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTENT_TYPES = {
    "TEXT_PLAIN": "text/plain",
    "TEXT_HTML": "text/html",
    "APPLICATION_JSON": "application/json",
}
_PARTS = {"SingleHeader": "header", "UriPath": "path", "QueryString": "query", "Method": "method"}
_ACTIONS = ("Allow", "Block", "Count")


def firewall_before(balancer: Found, lookup: Lookup, read: ReadSecret) -> Firewall | None:
    """Plan the firewall that an association of any deployed stack puts before a load balancer."""
    found = [each for each in lookup.of_type(ASSOCIATION) if str(each.properties["ResourceArn"]) in balancer.names()]
    if len(found) > 1:
        raise found[1].fault(f"{balancer.where} has a web ACL already, by {found[0].where}.")
    return _associated(found[0], lookup, read) if found else None


def check_firewalls(lookup: Lookup, read: ReadSecret) -> Iterator[str]:
    """Check a stack's own web ACLs and associations, also those that stand before nothing; yield what is not here."""
    for found in lookup.own(WEB_ACL):
        if names := web_acl(found, lookup, read).not_here:
            yield f"{found.where}: AWS's own rules are not in force here: {', '.join(names)}."
    for found in lookup.own(ASSOCIATION):
        lookup.need(str(found.properties["ResourceArn"]), _BALANCER, found, "ResourceArn")
        _associated(found, lookup, read)


def _associated(found: Found, lookup: Lookup, read: ReadSecret) -> Firewall:
    acl = lookup.need(str(found.properties["WebACLArn"]), WEB_ACL, found, "WebACLArn")
    if acl.properties["Scope"] != "REGIONAL":
        raise found.fault(f"WebACLArn names {acl.where}, whose Scope is not REGIONAL.")
    return web_acl(acl, lookup, read)


def web_acl(found: Found, lookup: Lookup, read: ReadSecret) -> Firewall:
    """Plan a web ACL; a text that it looks for may be the value of a secret."""
    return _Reader(found, lookup, read).firewall()


class _Reader:
    def __init__(self, found: Found, lookup: Lookup, read: ReadSecret) -> None:
        self._found, self._lookup, self._read = found, lookup, read
        self._bodies: Mapping[str, Mapping[str, Any]] = found.properties.get("CustomResponseBodies", {})

    def firewall(self) -> Firewall:
        properties = self._found.properties
        if properties["Scope"] == "CLOUDFRONT" and self._found.stack.region != _FRONT_REGION:
            raise self._found.fault(f"its Scope is CLOUDFRONT: it has to be in {_FRONT_REGION}.")
        for key, body in self._bodies.items():
            length = len(str(body["Content"]).encode())
            if not 1 <= length <= _LONGEST_BODY:
                raise self._found.fault(f"its body {key} has {length} bytes; 1 to {_LONGEST_BODY} are wanted.")
        default = self._action("its default action", properties["DefaultAction"])
        if isinstance(default, Count):
            raise self._found.fault("its default action is Count; Allow or Block is wanted.")
        rules, not_here, priorities = list[FirewallRule](), list[str](), dict[int, str]()
        for each in properties.get("Rules", ()):
            name, priority = str(each["Name"]), number(self._found, "Priority", each["Priority"])
            if name in priorities.values():
                raise self._found.fault(f"two of its rules are called {name}.")
            if priority in priorities:
                raise self._found.fault(f"its rules {priorities[priority]} and {name} have the priority {priority}.")
            priorities[priority] = name
            kind, content = self._only(f"its rule {name}", each["Statement"], "statement")
            if kind == "ManagedRuleGroupStatement":
                not_here.append(self._managed(name, each, content))
            else:
                rules.append(self._rule(name, priority, each, kind, content))
        return Firewall(tuple(sorted(rules, key=lambda each: each.priority)), default, tuple(not_here))

    def _managed(self, name: str, rule: Mapping[str, Any], group: Mapping[str, Any]) -> str:
        vendor, group_name = str(group["VendorName"]), str(group["Name"])
        if vendor != "AWS":
            raise self._found.fault(f"its rule {name} is the group {group_name} of {vendor}, which nobody has here.")
        if group_name not in _MANAGED:
            raise self._found.fault(
                f"its rule {name} is the group {group_name}; AWS has {', '.join(sorted(_MANAGED))}."
            )
        if "Action" in rule or "OverrideAction" not in rule:
            raise self._found.fault(f"its rule {name} is a group: it has to have OverrideAction, and no Action.")
        return group_name

    def _rule(self, name: str, priority: int, rule: Mapping[str, Any], kind: str, content: Any) -> FirewallRule:
        where = f"its rule {name}"
        if "OverrideAction" in rule or "Action" not in rule:
            raise self._found.fault(f"{where} has to have an Action, and no OverrideAction: it is no group.")
        action = self._action(where, rule["Action"])
        if kind != "RateBasedStatement":
            return FirewallRule(name, priority, self._statement(where, {kind: content}), action)
        if isinstance(action, Allow):
            raise self._found.fault(f"{where} counts a rate: AWS takes no Allow there.")
        return FirewallRule(name, priority, self._rate(where, content), action)

    def _action(self, where: str, action: Mapping[str, Any]) -> Allow | Block | Count:
        kind, content = self._only(where, action, "action")
        if kind not in _ACTIONS:
            raise self._found.fault(f"{where} has the action {kind}; the rehearsal honours {', '.join(_ACTIONS)}.")
        if kind != "Block":
            return Allow() if kind == "Allow" else Count()
        response = content.get("CustomResponse")
        if response is None:
            return Block()
        status = number(self._found, "ResponseCode", response["ResponseCode"])
        if status not in _STATUSES:
            raise self._found.fault(f"{where} answers {status}; {_STATUSES[0]} to {_STATUSES[-1]} is wanted.")
        headers = {str(each["Name"]): str(each["Value"]) for each in response.get("ResponseHeaders", ())}
        for header, value in headers.items():
            if not _HEADER.fullmatch(header) or not (value.isascii() and value.isprintable()):
                raise self._found.fault(f"{where} answers with the header {header!r}: {value!r}, which is none.")
        key = response.get("CustomResponseBodyKey")
        if key is None:
            return Block(status, headers=headers)
        if key not in self._bodies:
            raise self._found.fault(f"{where} answers with the body {key!r}, which CustomResponseBodies do not have.")
        body = self._bodies[key]
        if body["ContentType"] not in _CONTENT_TYPES:
            raise self._found.fault(
                f"its body {key} is {body['ContentType']!r}; {', '.join(_CONTENT_TYPES)} is wanted."
            )
        return Block(status, _CONTENT_TYPES[body["ContentType"]], str(body["Content"]), headers)

    def _statement(self, where: str, statement: Mapping[str, Any]) -> Statement:
        kind, content = self._only(where, statement, "statement")
        match kind:
            case "ByteMatchStatement":
                return self._byte_match(where, content)
            case "IPSetReferenceStatement":
                return self._addresses(where, content)
            case "NotStatement":
                return Not(self._statement(where, content["Statement"]))
            case "AndStatement":
                return Every(self._statements(where, kind, content))
            case "OrStatement":
                return Either(self._statements(where, kind, content))
            case "RateBasedStatement" | "ManagedRuleGroupStatement":
                raise self._found.fault(f"{where} has a {kind} within another statement, where AWS takes none.")
            case other:
                raise self._found.fault(f"{where}: the rehearsal does not know how to honour {other}.")

    def _statements(self, where: str, kind: str, content: Mapping[str, Any]) -> tuple[Statement, ...]:
        statements = tuple(self._statement(where, each) for each in content["Statements"])
        if len(statements) < 2:
            raise self._found.fault(f"{where} has a {kind} of {len(statements)}; two statements at least are wanted.")
        return statements

    def _byte_match(self, where: str, content: Mapping[str, Any]) -> ByteMatch:
        part, field = self._only(where, content["FieldToMatch"], "field")
        if part not in _PARTS:
            raise self._found.fault(f"{where} looks at {part}; the rehearsal honours {', '.join(_PARTS)}.")
        header = str(field["Name"]) if part == "SingleHeader" else ""
        if part == "SingleHeader" and not _HEADER.fullmatch(header):
            raise self._found.fault(f"{where} looks at the header {header!r}, which is none.")
        text = resolve(self._found, where, str(content["SearchString"]), self._read)
        if not 1 <= len(text.encode()) <= _LONGEST_TEXT or "\0" in text:
            raise self._found.fault(f"{where} looks for {len(text)} letters; 1 to {_LONGEST_TEXT} bytes are wanted.")
        transformations = sorted(
            (number(self._found, "Priority", each["Priority"]), str(each["Type"]))
            for each in content["TextTransformations"]
        )
        if not transformations:
            raise self._found.fault(f"{where} has no TextTransformations; NONE is one.")
        for (priority, _), (following, _) in itertools.pairwise(transformations):
            if priority == following:
                raise self._found.fault(f"{where} has two TextTransformations of the priority {priority}.")
        done = tuple(kind for _, kind in transformations if kind != "NONE")
        return ByteMatch(_PARTS[part], header, str(content["PositionalConstraint"]), text, done)

    def _addresses(self, where: str, content: Mapping[str, Any]) -> AddressMatch:
        ip_set = self._lookup.need(str(content["Arn"]), IP_SET, self._found, where)
        if ip_set.properties["Scope"] != self._found.properties["Scope"]:
            raise self._found.fault(f"{where} names {ip_set.where}, whose Scope is another.")
        version = {"IPV4": 4, "IPV6": 6}[str(ip_set.properties["IPAddressVersion"])]
        networks = tuple(map(str, ip_set.properties["Addresses"]))
        for each in networks:
            if not _is_network(each, version):
                raise ip_set.fault(f"{each!r} is no network of IPv{version} that AWS takes; as 192.0.2.0/24.")
        config = content.get("IPSetForwardedIPConfig")
        return AddressMatch(networks, self._forwarded(where, config) if config else None)

    def _rate(self, where: str, content: Mapping[str, Any]) -> Rate:
        limit = number(self._found, "Limit", content["Limit"])
        if limit not in _LIMITS:
            raise self._found.fault(f"{where} has the Limit {limit}; {_LIMITS[0]} to {_LIMITS[-1]} is wanted.")
        counted_by, scope = str(content["AggregateKeyType"]), content.get("ScopeDownStatement")
        config = content.get("ForwardedIPConfig")
        if (config is not None) != (counted_by == "FORWARDED_IP"):
            raise self._found.fault(f"{where} counts by {counted_by}; ForwardedIPConfig belongs to FORWARDED_IP.")
        if counted_by == "CONSTANT" and scope is None:
            raise self._found.fault(f"{where} counts by CONSTANT: AWS wants a ScopeDownStatement there.")
        return Rate(
            limit,
            number(self._found, "EvaluationWindowSec", content.get("EvaluationWindowSec", _WINDOW)),
            counted_by,
            self._forwarded(where, config) if config else None,
            self._statement(where, scope) if scope else None,
        )

    def _forwarded(self, where: str, config: Mapping[str, Any]) -> ForwardedAddress:
        header = str(config["HeaderName"])
        if not _HEADER.fullmatch(header):
            raise self._found.fault(f"{where} reads addresses from the header {header!r}, which is none.")
        # Where nothing else is said, AWS takes the first.
        position = str(config.get("Position", "FIRST"))
        return ForwardedAddress(header, position, config["FallbackBehavior"] == "MATCH")

    def _only(self, where: str, mapping: Mapping[str, Any], what: str) -> tuple[str, Any]:
        if len(mapping) != 1:
            kinds: Sequence[str] = sorted(mapping)
            raise self._found.fault(f"{where} has to have one {what}; it has {', '.join(kinds) or 'none'}.")
        [(kind, content)] = mapping.items()
        return kind, content


def _is_network(text: str, version: int) -> bool:
    if not re.fullmatch(r"[^/]+/\d+", text):
        return False
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    # AWS takes networks of any length but 0.
    return network.version == version and network.prefixlen > 0
