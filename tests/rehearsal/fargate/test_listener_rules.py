"""Whatever listener rules a template has, they are refused by name or make a configuration that HAProxy takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.plan.listener_rule import rule
from rehearsal.fargate.plan.lookup import Found, Lookup
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.haproxy import render
from rehearsal.fargate.stand.haproxy_words import without_header_values
from rehearsal.values.stack import Resource, World
from tests.rehearsal.fargate import templates

KIND = "AWS::ElasticLoadBalancingV2::ListenerRule"

# Text as people write it and as nobody does: what HAProxy's configuration gives a meaning, and any printable letters.
ODD = st.text(alphabet=st.sampled_from(list("abz09/%\\\"'$#{}[]()*?+|^.,;:&=~!@ -_\n\té")), max_size=24)
PIECES = ["#{host}", "#{path}", "#{port}", "#{query}", "#{protocol}", "/a", "%", "b c"]
PLACED = st.lists(st.sampled_from(PIECES), max_size=4)
PART = st.one_of(ODD, PLACED.map("".join))
VALUES = st.one_of(
    st.fixed_dictionaries({"Values": st.lists(ODD, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"RegexValues": st.lists(ODD, min_size=1, max_size=3)}),
)
CONDITION = st.one_of(
    st.builds(lambda values: {"Field": "path-pattern", "PathPatternConfig": values}, VALUES),
    st.builds(lambda values: {"Field": "host-header", "HostHeaderConfig": values}, VALUES),
    st.builds(
        lambda name, values: {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": name, **values}},
        st.sampled_from(["X-Floodgate-Front", "x_1", "a b", "", "(", "X" * 41]),
        VALUES,
    ),
    st.builds(
        lambda value: {"Field": "path-pattern", "PathPatternConfig": {"Values": [value]}},
        st.from_regex(r"[A-Za-z0-9_.$/~\"'@:+&*?-]{1,20}", fullmatch=True),
    ),
    st.builds(
        lambda value: {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": [value]}},
        st.sampled_from(["GET", "-", "get", "M-SEARCH", "a b"]),
    ),
    st.builds(
        lambda pairs: {"Field": "query-string", "QueryStringConfig": {"Values": pairs}},
        st.lists(st.fixed_dictionaries({"Value": ODD}, optional={"Key": ODD}), min_size=1, max_size=3),
    ),
    st.builds(
        lambda value: {"Field": "source-ip", "SourceIpConfig": {"Values": [value]}},
        st.sampled_from(["10.0.0.0/8", "2001:db8::/32", "10.0.0.1/99", "home", "10.0.0.7/8"]),
    ),
)
ACTION = st.one_of(
    st.builds(
        lambda config: {"Type": "fixed-response", "FixedResponseConfig": config},
        st.fixed_dictionaries(
            {"StatusCode": st.sampled_from(["200", "204", "301", "404", "599", "600", "x"])},
            optional={"MessageBody": ODD, "ContentType": st.sampled_from(["text/html", "text/odd"])},
        ),
    ),
    st.builds(
        lambda config: {"Type": "redirect", "RedirectConfig": {**config, "StatusCode": "HTTP_301"}},
        st.fixed_dictionaries(
            {},
            optional={
                "Path": st.one_of(PART, PART.map("/{}".format)),
                "Host": PART,
                "Query": PART,
                "Port": st.sampled_from(["80", "#{port}", "0", "http"]),
                "Protocol": st.sampled_from(["HTTP", "HTTPS", "#{protocol}", "FTP"]),
            },
        ),
    ),
    st.just({"Type": "forward", "TargetGroupArn": templates.GROUP}),
)


def test_rules_are_refused_by_name_or_taken(judged: Callable[[str], str]) -> None:
    site = templates.stack(templates.web(image="app", port=8080))
    [balancer] = make_plan(World((site,)), site, templates.Secrets()).balancers
    [listener] = balancer.listeners
    lookup, taken = Lookup(World((site,)), site), list[str]()

    @settings(max_examples=800, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(CONDITION, min_size=1, max_size=3), ACTION)
    def plan(conditions: list[dict[str, Any]], action: dict[str, Any]) -> None:
        properties = {"ListenerArn": templates.LISTENER, "Priority": 1, "Conditions": conditions, "Actions": [action]}
        try:
            planned = rule(Found(site, Resource("Rule", KIND, "rule", properties, {})), lookup, templates.Secrets())
        except PlanError as refused:
            assert "site-test/Rule" in str(refused)
            return
        taken.append(render(replace(balancer, listeners=(replace(listener, rules=(planned,)),)), {}))

    plan()
    assert len(taken) > 100
    together = _one_configuration(taken)
    assert "ALERT" not in (complaint := judged(together)), complaint


def _one_configuration(texts: list[str]) -> str:
    """Put the frontends of many configurations into one, each under names of its own: HAProxy starts once."""
    head = texts[0].partition("\nfrontend ")[0]
    backend = "\nbackend " + texts[0].partition("\nbackend ")[2]
    parts = [head]
    for number, text in enumerate(texts):
        frontend = text.partition("\nfrontend ")[2].partition("\nbackend ")[0]
        parts.append(f"\nfrontend number-{number}-{frontend.replace('bind :80', f'bind 127.0.0.1:{20000 + number}')}")
    return "".join([*parts, backend, "\n"])


def condition(field: str, **config: Any) -> Found:
    """Return a rule with one condition."""
    properties = {
        "ListenerArn": templates.LISTENER,
        "Priority": 1,
        "Conditions": [{"Field": field, **config}],
        "Actions": [{"Type": "forward", "TargetGroupArn": templates.GROUP}],
    }
    return Found(templates.stack(templates.web(image="app", port=8080)), Resource("Rule", KIND, "rule", properties, {}))


@pytest.mark.parametrize(
    "network",
    [
        pytest.param("203.0.113.7", id="an address alone"),
        pytest.param("203.0.113.0/255.255.255.0", id="a mask written out"),
        pytest.param("203.0.113.0/33", id="more bits than there are"),
    ],
)
def test_what_is_no_network_to_a_load_balancer_is_refused(network: str) -> None:
    found = condition("source-ip", SourceIpConfig={"Values": [network]})
    with pytest.raises(PlanError, match=f"has the value '{network}'"):
        rule(found, Lookup(World((found.stack,)), found.stack), templates.Secrets())


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param("a=b", id="a text"),
        pytest.param({"Key": "a"}, id="a key alone"),
        pytest.param({"Key": "é", "Value": "b"}, id="a letter that no address has"),
        pytest.param({"Key": "a", "Value": ""}, id="an empty value"),
    ],
)
def test_what_is_no_pair_of_a_query_string_is_refused(pair: Any) -> None:
    found = condition("query-string", QueryStringConfig={"Values": [pair]})
    with pytest.raises(PlanError, match="its condition query-string has"):
        rule(found, Lookup(World((found.stack,)), found.stack), templates.Secrets())


REFERENCE = f"{{{{resolve:secretsmanager:{templates.TOKEN}:SecretString:::}}}}"


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(
            condition("http-header", HttpHeaderConfig={"HttpHeaderName": "X-Key", "Values": [REFERENCE]}), id="a value"
        ),
        pytest.param(
            condition("http-header", HttpHeaderConfig={"HttpHeaderName": "X-Key", "RegexValues": [REFERENCE]}),
            id="a pattern",
        ),
        pytest.param(
            condition("query-string", QueryStringConfig={"Values": [{"Key": "key", "Value": REFERENCE}]}), id="a query"
        ),
    ],
)
def test_a_secret_that_a_load_balancer_does_not_take_is_not_shown(found: Found) -> None:
    with pytest.raises(PlanError) as refused:
        rule(found, Lookup(World((found.stack,)), found.stack), templates.Secrets())
    assert REFERENCE in str(refused.value)
    assert "second line" not in str(refused.value)


def test_a_configuration_that_haproxy_does_not_take_is_found(judged: Callable[[str], str]) -> None:
    assert "ALERT" in judged("frontend odd\n    bind :1\n    http-request redirect location %[nothing] code 301\n")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('acl key req.fhdr(X-Key) -m reg "{}("', id="no regular expression, which is repeated"),
        pytest.param('acl key query -i -m reg -- "{}("', id="none of a query string, which is repeated"),
        pytest.param(
            'http-request deny if {{ req.fhdr(X-Key) -m reg "{}$" }}', id="no word, of which a piece is shown"
        ),
    ],
)
def test_what_haproxy_says_of_a_configuration_holds_no_key(judged: Callable[[str], str], line: str) -> None:
    key = "KeyOfTheTests".rjust(64, "0")
    configuration = f"frontend odd\n    bind :1\n    {line.format(key)}\n"
    reason = judged(configuration)
    assert key[-13:] in reason
    shown = without_header_values(reason, configuration)
    assert key[-13:] not in shown
    assert "config : parsing [/dev/stdin:3]" in shown
