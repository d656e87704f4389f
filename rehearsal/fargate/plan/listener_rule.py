"""Rules and actions of an application load balancer's listeners; what it would refuse in them is refused here."""

from __future__ import annotations

import ipaddress
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rehearsal.fargate.desired.balancer import Action, FixedResponse, Forward, Redirect, Rule, RuleCondition
from rehearsal.fargate.plan.lookup import Found, Lookup, number, truth
from rehearsal.fargate.plan.references import ReadSecret, resolve
from rehearsal.fargate.plan.target_group import target_group

# What each condition's values may be, from "Condition types for listener rules" in the user guide.
CONDITION_FIELDS: Final[Mapping[str, str]] = {
    "path-pattern": r"[A-Za-z0-9_.$/~\"'@:+&*?-]{1,128}",
    "host-header": r"[A-Za-z0-9.*?-]{1,128}",
    "http-request-method": r"[A-Z_-]{1,40}",
    "source-ip": r".+",
    "http-header": r"[ -~]{1,128}",
    "query-string": r"[ -~]{1,128}",
}
CONFIGS: Final[Mapping[str, str]] = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "source-ip": "SourceIpConfig",
    "http-header": "HttpHeaderConfig",
    "query-string": "QueryStringConfig",
}
REGULAR: Final = frozenset({"path-pattern", "host-header", "http-header"})
HEADER: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
CONTENT_TYPES: Final = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
LONGEST_BODY: Final = 1024
LONGEST_PART: Final = 128
PLACEHOLDER: Final = re.compile(r"#\{(protocol|host|port|path|query)\}")
_UNCHANGED: Final = {
    "Protocol": "#{protocol}",
    "Host": "#{host}",
    "Port": "#{port}",
    "Path": "/#{path}",
    "Query": "#{query}",
}


def rule(found: Found, lookup: Lookup, read: ReadSecret) -> Rule:
    """Plan a listener rule; a condition may hold the value of a secret."""
    properties = found.properties
    priority = number(found, "Priority", properties["Priority"])
    if not 1 <= priority <= 50000:
        raise found.fault(f"its priority is {priority}; 1 to 50000 is wanted.")
    return Rule(
        priority,
        tuple(_condition(found, condition, read) for condition in properties["Conditions"]),
        action(found, properties["Actions"], lookup),
    )


def _condition(found: Found, condition: Mapping[str, Any], read: ReadSecret) -> RuleCondition:
    field = str(condition.get("Field"))
    if field not in CONDITION_FIELDS:
        raise found.fault(f"the condition {field!r} is not among those honoured: {', '.join(CONDITION_FIELDS)}.")
    if others := sorted(name for name in condition if name.endswith("Config") and name != CONFIGS[field]):
        raise found.fault(f"its condition {field} has {others[0]}, which is another condition's.")
    config: Mapping[str, Any] = condition.get(CONFIGS[field], {})
    # What a fault says of them is as the template has it: in their places secrets may stand.
    written = {
        name: [value for place in (config, condition) for value in place.get(name, ())]
        for name in ("Values", "RegexValues")
    }
    keys: tuple[str, ...] = ()
    if field == "query-string":
        keys = _keys(found, pairs := written["Values"])
        written["Values"] = [pair["Value"] for pair in pairs]
    # A value may stand there twice, under two keys.
    values, patterns = (
        [(str(value), resolve(found, f"its condition {field}", str(value), read)) for value in each]
        for each in written.values()
    )
    if bool(values) == bool(patterns):
        raise found.fault(f"its condition {field} has to have Values or RegexValues, one of them.")
    if patterns and field not in REGULAR:
        raise found.fault(f"its condition {field} has RegexValues, which {' and '.join(sorted(REGULAR))} take.")
    for text, value in values:
        if not re.fullmatch(CONDITION_FIELDS[field], value) or (field == "source-ip" and not _is_network(value)):
            raise found.fault(f"its condition {field} has the value {text!r}, which a load balancer does not take.")
    for text, pattern in patterns:
        try:
            with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of what Python may read otherwise
                re.compile(pattern)
        except re.error as error:
            raise found.fault(f"its condition {field} has the pattern {text!r}: {error}.") from None
        if not pattern.isascii() or not pattern.isprintable():
            raise found.fault(f"its condition {field} has the pattern {text!r}; printable ASCII is wanted.")
    header = str(config.get("HttpHeaderName", ""))
    if field == "http-header" and not HEADER.fullmatch(header):
        raise found.fault(
            f"its condition {field} looks at the header {header!r}; letters, digits, _ and - are wanted, 40 at most."
        )
    compared = tuple(value for _, value in values or patterns)
    return RuleCondition(field, compared, regular=bool(patterns), header=header, keys=keys)


def _keys(found: Found, pairs: Sequence[Any]) -> tuple[str, ...]:
    """Return the keys of a query string's pairs; raise a fault where they are none."""
    for pair in pairs:
        key = pair.get("Key", "") if isinstance(pair, Mapping) and "Value" in pair else None
        if not isinstance(key, str) or not re.fullmatch(r"[ -~]{0,128}", key):
            raise found.fault(f"its condition query-string has {pair!r}; a Value is wanted, and perhaps a Key.")
    return tuple(pair.get("Key", "") for pair in pairs)


def _is_network(value: str) -> bool:
    # An address without the length of its network is refused.
    if not re.fullmatch(r"[^/]+/\d+", value):
        return False
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def action(found: Found, actions: Sequence[Mapping[str, Any]], lookup: Lookup) -> Action:
    """Plan what a listener or a rule does with a request."""
    if len(actions) != 1:
        raise found.fault(
            f"it has {len(actions)} actions; the rehearsal takes one (forward, redirect or fixed-response)."
        )
    chosen = actions[0]
    kind = str(chosen.get("Type"))
    config = {"redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}.get(kind)
    if config and config not in chosen:
        raise found.fault(f"its {kind} action has no {config}.")
    for name in ("TargetGroupArn", "ForwardConfig", "RedirectConfig", "FixedResponseConfig"):
        if name in chosen and name != config and (config or name in {"RedirectConfig", "FixedResponseConfig"}):
            raise found.fault(f"its {kind} action has {name}, which is another action's.")
    match kind:
        case "forward":
            return _forward(found, chosen, lookup)
        case "redirect":
            return _redirect(found, chosen["RedirectConfig"])
        case "fixed-response":
            return _fixed_response(found, chosen["FixedResponseConfig"])
        case other:
            raise found.fault(f"the rehearsal does not know how to honour the action {other!r}.")


def _forward(found: Found, forward: Mapping[str, Any], lookup: Lookup) -> Forward:
    stickiness = forward.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {})
    if truth(stickiness.get("Enabled", False)):
        raise found.fault("stickiness among target groups is not honoured by the rehearsal.")
    groups = [forward["TargetGroupArn"]] if "TargetGroupArn" in forward else []
    groups += [g["TargetGroupArn"] for g in forward.get("ForwardConfig", {}).get("TargetGroups", ())]
    if len(set(groups)) != 1:
        raise found.fault(f"it forwards to {len(set(groups))} target groups; the rehearsal takes one.")
    for each in forward.get("ForwardConfig", {}).get("TargetGroups", ()):
        if number(found, "Weight", each.get("Weight", 1)) == 0:
            raise found.fault("its only target group has the Weight 0: nobody would answer.")
    group = lookup.need(str(groups[0]), "AWS::ElasticLoadBalancingV2::TargetGroup", found, "its action")
    return Forward(target_group(group))


def _redirect(found: Found, redirect: Mapping[str, Any]) -> Redirect:
    parts = {name: str(redirect.get(name, default)) for name, default in _UNCHANGED.items()}
    allowed = {
        "Protocol": r"HTTPS?|#\{protocol\}",
        "Host": r".+",
        "Port": r"[1-9]\d{0,4}|#\{port\}",
        "Path": r"/.*",
        "Query": r"(?!\?).*",
    }
    for name, text in parts.items():
        bare = PLACEHOLDER.sub("", text)
        if not re.fullmatch(allowed[name], text) or "#{" in bare or len(text) > LONGEST_PART or not _plain(bare):
            raise found.fault(f"its redirect has the {name} {text!r}, which a load balancer does not take.")
    if parts == _UNCHANGED:
        raise found.fault("its redirect leads where it came from: change protocol, host, port, path or query.")
    status = 301 if redirect["StatusCode"] == "HTTP_301" else 302
    return Redirect(parts["Protocol"], parts["Host"], parts["Port"], parts["Path"], parts["Query"], status)


def _fixed_response(found: Found, fixed: Mapping[str, Any]) -> FixedResponse:
    status = number(found, "StatusCode", fixed["StatusCode"])
    kind, body = str(fixed.get("ContentType", CONTENT_TYPES[0])), str(fixed.get("MessageBody", ""))
    if status // 100 not in {2, 4, 5}:
        raise found.fault(f"its fixed response has the status {status}; 2XX, 4XX and 5XX are taken.")
    if kind not in CONTENT_TYPES:
        raise found.fault(f"its fixed response is {kind!r}; taken are {', '.join(CONTENT_TYPES)}.")
    if len(body) > LONGEST_BODY:
        raise found.fault(f"its fixed response has {len(body)} characters; {LONGEST_BODY} are taken.")
    if not _plain(re.sub(r"[\n\r\t]", "", body)):
        raise found.fault("its fixed response holds characters that cannot be printed.")
    return FixedResponse(status, kind, body)


def _plain(text: str) -> bool:
    return text.isprintable()
