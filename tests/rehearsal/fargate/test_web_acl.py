"""What a web ACL says is planned and done by HAProxy, or refused by its name."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.desired.statements import Block, ByteMatch, Firewall, FirewallRule, Not, Rate
from rehearsal.fargate.plan.lookup import Found, Lookup
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.plan.web_acl import web_acl
from rehearsal.fargate.stand import haproxy_firewall
from rehearsal.fargate.stand.haproxy import render
from rehearsal.values.stack import Resource, Stack, World
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.conftest import Proxy
from tests.rehearsal.fargate.templates import changed, firewall_rule, managed_rule, matches, rate, with_resource

TOKEN = f"{{{{resolve:secretsmanager:{templates.SECRET}:SecretString:username::}}}}"
STORM = "x-floodgate-storm"
ADDRESSES = "arn:addresses"
HOUSE, HOME = "192.0.2.0/24", "127.0.0.0/8"
FORWARDED = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "NO_MATCH"}


def negated(statement: dict[str, Any]) -> dict[str, Any]:
    return {"NotStatement": {"Statement": statement}}


def joined(kind: str, *statements: dict[str, Any]) -> dict[str, Any]:
    return {f"{kind}Statement": {"Statements": list(statements)}}


def of_addresses(**config: str) -> dict[str, Any]:
    forwarded = {"IPSetForwardedIPConfig": {**FORWARDED, "Position": "FIRST", **config}} if config else {}
    return {"IPSetReferenceStatement": {"Arn": ADDRESSES, **forwarded}}


def with_addresses(stack: Stack, *networks: str, version: str = "IPV4", scope: str = "REGIONAL") -> Stack:
    properties = {"Addresses": list(networks), "IPAddressVersion": version, "Scope": scope}
    return with_resource(stack, Resource("Set", "AWS::WAFv2::IPSet", "set", properties, {"Arn": ADDRESSES}))


def site(*rules: dict[str, Any], **more: Any) -> Stack:
    return templates.walled(templates.stack(templates.web(image="app", port=8080)), *rules, **more)


def planned(stack: Stack) -> Plan:
    return make_plan(World((stack,)), stack, templates.Secrets())


def firewall(*rules: dict[str, Any], networks: tuple[str, ...] = (HOUSE,), **more: Any) -> Firewall:
    [balancer] = planned(with_addresses(site(*rules, **more), *networks)).balancers
    assert balancer.firewall
    return balancer.firewall


def test_the_rate_of_this_project_is_planned() -> None:
    storm = negated(matches(TOKEN, header=STORM))
    plan = planned(site(managed_rule("AWSManagedRulesCommonRuleSet", 1), firewall_rule(rate(30_000, storm))))
    [balancer] = plan.balancers
    text = ByteMatch("header", STORM, "EXACTLY", "admin", ())
    counted = FirewallRule("rule-0", 0, Rate(30_000, 300, "IP", None, Not(text)), Block())
    assert balancer.firewall and balancer.firewall.rules == (counted,)
    assert text.text not in repr(balancer.firewall), "a token that a message could show"
    assert [note for note in plan.notes if "not in force here: AWSManagedRulesCommonRuleSet." in note]
    configuration = render(balancer, {})
    assert "stick-table type ipv6 size 1m expire 600s store http_req_rate(300s)" in configuration
    deciding = configuration.index("http-request deny deny_status 403 if { sc_http_req_rate(0,rate_0) gt 30000 }")
    assert deciding < configuration.index("X-Forwarded-For"), "it looks at what the load balancer has added"


def test_a_site_without_a_firewall_has_none() -> None:
    [balancer] = planned(templates.stack(templates.web(image="app", port=8080))).balancers
    assert balancer.firewall is None
    assert haproxy_firewall.RATE not in render(balancer, {})


def test_rules_are_tried_by_priority() -> None:
    later, sooner = firewall_rule(matches("/b"), priority=9), firewall_rule(matches("/a"), priority=2)
    assert [each.priority for each in firewall(later, sooner).rules] == [2, 9]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        pytest.param(
            [managed_rule("Rules", vendor="Somebody")], "the group Rules of Somebody", id="a group of another vendor's"
        ),
        pytest.param([managed_rule("AWSManagedRulesOdd")], "AWSManagedRulesOdd; AWS has", id="a group AWS has not"),
        pytest.param(
            [{**managed_rule("AWSManagedRulesCommonRuleSet"), "Action": {"Block": {}}}],
            "OverrideAction, and no Action",
            id="a group with an action of its own",
        ),
        pytest.param(
            [{**firewall_rule(matches("/")), "OverrideAction": {"None": {}}}],
            "has to have an Action",
            id="an override of no group",
        ),
        pytest.param([firewall_rule({"GeoMatchStatement": {"CountryCodes": ["DE"]}})], "GeoMatch", id="countries"),
        pytest.param(
            [firewall_rule({"LabelMatchStatement": {"Scope": "LABEL", "Key": "a"}})], "LabelMatch", id="labels"
        ),
        pytest.param(
            [firewall_rule({"RuleGroupReferenceStatement": {"Arn": "arn"}})], "RuleGroupReference", id="another group"
        ),
        pytest.param([firewall_rule(matches("/"), "Captcha")], "Captcha", id="riddles"),
        pytest.param([firewall_rule(matches("/"), "Challenge")], "Challenge", id="challenges"),
        pytest.param(
            [firewall_rule(matches("/", part="Body"))], "FieldToMatch.Body", id="what is in the body"
        ),
        pytest.param([firewall_rule(matches("/", how="CONTAINS_WORD"))], "CONTAINS_WORD", id="words"),
        pytest.param([firewall_rule(matches("/", "CMD_LINE"))], "CMD_LINE", id="another transformation"),
        pytest.param([firewall_rule(matches(""))], "looks for 0 letters", id="nothing to look for"),
        pytest.param([firewall_rule(matches("x" * 201))], "looks for 201 letters", id="too much to look for"),
        pytest.param([firewall_rule(matches("/", header="a b"))], "the header 'a b'", id="an odd header"),
        pytest.param([firewall_rule(joined("And", matches("/")))], "AndStatement of 1", id="one statement of many"),
        pytest.param(
            [firewall_rule({**matches("/"), **rate(10)})], "ByteMatchStatement, RateBasedStatement", id="two at once"
        ),
        pytest.param([firewall_rule(negated(rate(10)))], "within another statement", id="a rate within another"),
        pytest.param([firewall_rule(rate(9))], "Limit is 9; CloudFormation takes at least 10", id="too small a rate"),
        pytest.param([firewall_rule(rate(10), "Allow")], "no Allow", id="a rate that lets in"),
        pytest.param(
            [firewall_rule(rate(10, EvaluationWindowSec=90))], "EvaluationWindowSec", id="a window AWS has not"
        ),
        pytest.param([firewall_rule(rate(10, by="CUSTOM_KEYS"))], "CUSTOM_KEYS", id="keys of one's own"),
        pytest.param([firewall_rule(rate(10, by="CONSTANT"))], "ScopeDownStatement", id="everybody and everything"),
        pytest.param([firewall_rule(rate(10, by="FORWARDED_IP"))], "ForwardedIPConfig", id="forwarded by no header"),
        pytest.param([firewall_rule(rate(10, ForwardedIPConfig=FORWARDED))], "ForwardedIPConfig", id="a header for IP"),
        pytest.param([firewall_rule(of_addresses(Position="MIDDLE"))], "MIDDLE", id="an odd position"),
        pytest.param(
            [firewall_rule(matches("/"), ResponseCode=999)],
            "ResponseCode is 999; CloudFormation",
            id="an answer that is no answer",
        ),
        pytest.param(
            [firewall_rule(matches("/"), ResponseCode=429, CustomResponseBodyKey="none")],
            "the body 'none'",
            id="a body that is not there",
        ),
        pytest.param(
            [firewall_rule(matches("/"), ResponseCode=429, ResponseHeaders=[{"Name": "a:", "Value": "b"}])],
            "'a:'",
            id="a header that is none",
        ),
        pytest.param([firewall_rule(matches("/")), firewall_rule(matches("/"))], "called rule-0", id="a name twice"),
        pytest.param(
            [firewall_rule(matches("/")), {**firewall_rule(matches("/")), "Name": "other"}],
            "have the priority 0",
            id="a priority twice",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_honoured_is_refused_by_its_name(rules: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(PlanError) as refused:
        firewall(*rules)
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        pytest.param(site(CaptchaConfig={}), "CaptchaConfig", id="riddles"),
        pytest.param(site(TokenDomains=["example.com"]), "TokenDomains", id="tokens"),
        pytest.param(
            site(DefaultAction={"Allow": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "a", "Value": "b"}]}}}),
            "CustomRequestHandling",
            id="headers for the site",
        ),
        pytest.param(site(DefaultAction={"Allow": {}, "Block": {}}), "one action", id="let in and refused"),
        pytest.param(
            site(CustomResponseBodies={"long": {"ContentType": "TEXT_PLAIN", "Content": "x" * 4097}}),
            "has 4097 bytes",
            id="a long body",
        ),
        pytest.param(
            changed(templates.without(site(), "Association"), "RegionalAcl", ("Scope",), "CLOUDFRONT"),
            "has to be in us-east-1",
            id="of a distribution",
        ),
        pytest.param(
            changed(site(), "RegionalAcl", ("Scope",), "CLOUDFRONT"),
            "whose Scope is not REGIONAL",
            id="of a distribution, before a load balancer",
        ),
        pytest.param(
            changed(site(), "Association", ("WebACLArn",), "arn:none"), "WebACLArn names 'arn:none'", id="no firewall"
        ),
        pytest.param(
            changed(site(), "Association", ("ResourceArn",), "arn:gateway"),
            "ResourceArn names 'arn:gateway'",
            id="before nothing that stands",
        ),
        pytest.param(
            with_resource(site(), replace(site().resources["Association"], logical_id="Second")),
            "has a web ACL already",
            id="two before one",
        ),
        pytest.param(
            with_addresses(site(firewall_rule(of_addresses())), HOUSE, scope="CLOUDFRONT"),
            "whose Scope is another",
            id="addresses of a distribution",
        ),
        pytest.param(
            with_addresses(site(firewall_rule(of_addresses())), "192.0.2.1"), "no network of IPv4", id="an address"
        ),
        pytest.param(with_addresses(site(firewall_rule(of_addresses())), "0.0.0.0/0"), "no network", id="everybody"),
        pytest.param(
            with_addresses(site(firewall_rule(of_addresses())), HOUSE, version="IPV6"), "of IPv6", id="the other kind"
        ),
        pytest.param(site(firewall_rule(of_addresses())), "names 'arn:addresses'", id="no addresses"),
    ],
)
def test_a_firewall_that_cannot_be_honoured_is_refused_by_its_name(stack: Stack, words: str) -> None:
    with pytest.raises(PlanError) as refused:
        planned(stack)
    assert words in refused.value.message


def test_a_firewall_before_nothing_is_looked_at_too() -> None:
    alone = templates.without(site(firewall_rule(rate(9))), "Association")
    with pytest.raises(PlanError, match="Limit is 9; CloudFormation takes at least 10"):
        planned(alone)


GONE = firewall_rule(matches("/gone"), ResponseCode=410, CustomResponseBodyKey="gone", ResponseHeaders=[
    {"Name": "x-why", "Value": '100% "gone" $HOME'},
])  # fmt: skip
BODIES = {"gone": {"ContentType": "APPLICATION_JSON", "Content": '{"why": "$HOME is 100% \\gone"}'}}
OPEN_TO_FEW: dict[str, Any] = {"DefaultAction": {"Block": {}}}
LET_IN = firewall_rule(matches("/ok", how="STARTS_WITH"), "Allow")


@dataclass(frozen=True)
class Case:
    """Rules of a firewall and what else its web ACL has; requests, and behind each what it is answered.

    200 is what comes behind a firewall.
    """

    rules: Sequence[dict[str, Any]]
    more: dict[str, Any]
    script: Sequence[str]
    id: str


ASKED = [
    Case([], {}, ["/", "200"], id="no rule"),
    Case([], OPEN_TO_FEW, ["/", "403"], id="no rule and nobody let in"),
    Case(
        [firewall_rule(matches("/a"))], {},
        ["/a", "403", "/a?b", "403", "/A", "200", "/ab", "200"], id="a path",
    ),
    Case([firewall_rule(matches("/a", "LOWERCASE"))], {}, ["/A", "403"], id="path in any case"),
    Case(
        [firewall_rule(matches("/a b", "URL_DECODE", "LOWERCASE"))], {}, ["/A%20b", "403", "/a", "200"], id="decoded",
    ),
    Case([firewall_rule(matches("/a", how="STARTS_WITH"))], {}, ["/ab", "403", "/b/a", "200"], id="begins"),
    Case([firewall_rule(matches("/a", how="ENDS_WITH"))], {}, ["/b/a", "403", "/ab", "200"], id="ends"),
    Case([firewall_rule(matches("/a", how="CONTAINS"))], {}, ["/b/ab", "403", "/b", "200"], id="contains"),
    Case(
        [firewall_rule(matches("a=1", part="QueryString", how="CONTAINS"))], {}, ["/?b&a=1", "403", "/a=1", "200"],
        id="query",
    ),
    Case(
        [firewall_rule(matches("PUT", part="Method"))], {}, ["-X PUT /", "403", "/PUT", "200"], id="method"
    ),
    Case(
        [firewall_rule(matches('a "b" \\c $d', header="X-Odd"))], {},
        ['-H \'x-odd: a "b" \\c $d\' /', "403", "-H 'X-Odd: a' /", "200", "/", "200"], id="header",
    ),
    Case([firewall_rule(negated(matches("/a")))], {}, ["/a", "200", "/b", "403"], id="not"),
    Case([firewall_rule(negated(negated(matches("/a"))))], {}, ["/a", "403", "/b", "200"], id="not not"),
    Case(
        [firewall_rule(joined("And", matches("/a"), negated(matches("b", part="QueryString"))))], {},
        ["/a", "403", "/a?b", "200", "/b", "200"], id="and",
    ),
    Case(
        [firewall_rule(joined("Or", matches("/a"), joined("And", matches("/b"), matches("c", part="QueryString"))))],
        {},
        ["/a", "403", "/b?c", "403", "/b", "200"], id="or, with an and in it",
    ),
    Case(
        [firewall_rule(negated(joined("Or", matches("/a"), matches("/b"))))], {}, ["/a", "200", "/c", "403"],
        id="neither",
    ),
    Case([LET_IN, firewall_rule(matches("/ok/not"), priority=1)], {}, ["/ok/not", "200"], id="let in at once"),
    Case([LET_IN], OPEN_TO_FEW, ["/ok", "200", "/", "403"], id="let in alone"),
    Case(
        [firewall_rule(matches("/a"), "Count"), firewall_rule(matches("/b"), priority=1)], {},
        ["/a", "200", "/b", "403"], id="counted and blocked",
    ),
    Case([GONE], {"CustomResponseBodies": BODIES}, ["/gone", "410", "/", "200"], id="another answer"),
    Case([firewall_rule(of_addresses())], {}, ["/", "403"], id="addresses"),
    Case([firewall_rule(negated(of_addresses()))], {}, ["/", "200"], id="other addresses"),
    Case(
        [firewall_rule(of_addresses(Position="FIRST"))], {},
        ["-H 'X-Forwarded-For: 127.0.0.9, 192.0.2.1' /", "403", "-H 'X-Forwarded-For: 192.0.2.1, 127.0.0.9' /", "200",
         "-H 'X-Forwarded-For: nobody' /", "200", "/", "200"], id="the first forwarded",
    ),
    Case(
        [firewall_rule(of_addresses(Position="LAST", FallbackBehavior="MATCH"))], {},
        ["-H 'X-Forwarded-For: 192.0.2.1, 127.0.0.9' /", "403", "-H 'X-Forwarded-For: 127.0.0.9, 192.0.2.1' /", "200",
         "-H 'X-Forwarded-For: nobody' /", "403", "/", "200"], id="the last forwarded, or a header that is none",
    ),
    Case(
        [firewall_rule(of_addresses(Position="ANY"))], {},
        ["-H 'X-Forwarded-For: 192.0.2.1, 127.0.0.9, 192.0.2.2' /", "403", "-H 'X-Forwarded-For: 192.0.2.1' /", "200"],
        id="any forwarded",
    ),
    Case(
        [firewall_rule(rate(10, negated(matches("t0k", header=STORM))))], {},
        [*["/", "200"] * 10, "/", "403", f"-H '{STORM}: t0k' /", "200", f"-H '{STORM}: t0k2' /", "403"],
        id="a rate that lets off the storm",
    ),
    Case([firewall_rule(rate(10), "Count")], {}, ["/", "200"] * 12, id="a rate that counts"),
    Case(
        [firewall_rule(matches("/free"), "Allow"), firewall_rule(rate(10), priority=1)], {},
        [*["/free", "200"] * 12, "/", "200"], id="who was let in is not counted",
    ),
    Case(
        [firewall_rule(rate(10, matches("/a"), by="CONSTANT"))], {}, [*["/a", "200"] * 10, "/a", "403", "/b", "200"],
        id="a rate of all together",
    ),
    Case(
        [firewall_rule(rate(10, by="FORWARDED_IP", ForwardedIPConfig={**FORWARDED, "FallbackBehavior": "MATCH"}))], {},
        [*["-H 'X-Forwarded-For: 192.0.2.1' /", "200"] * 10, "-H 'X-Forwarded-For: 192.0.2.1, 192.0.2.2' /", "403",
         "-H 'X-Forwarded-For: 192.0.2.2' /", "200", "-H 'X-Forwarded-For: 2001:db8::1' /", "200",
         "-H 'X-Forwarded-For: nobody' /", "403", "/", "200"],
        id="a rate of forwarded addresses",
    ),
    Case(
        [firewall_rule(rate(10, matches(f"/{n}")), priority=n) for n in range(4)], {},
        [*["/3", "200"] * 10, "/3", "403", "/2", "200"], id="four rates",
    ),
]  # fmt: skip
HEAD = """\
global
    tune.stick-counters 9
defaults
    mode http
    timeout client 9s
    timeout server 9s
    timeout connect 9s
"""
PORT = 20_000


def frontend(number: int, plan: Firewall) -> str:
    """Return a firewall before nothing, beside others under names and a port of its own."""
    lines = [
        *haproxy_firewall.tables(plan),
        f"frontend number-{number}",
        f"    bind 127.0.0.1:{PORT + number}",
        *haproxy_firewall.rules(plan),
        "    http-request return status 200",
    ]
    return "\n".join(lines).replace(haproxy_firewall.RATE, f"{haproxy_firewall.RATE}{number}_") + "\n"


@pytest.fixture(scope="module")
def answers(proxy: Proxy) -> Iterator[dict[str, list[str]]]:
    """What HAProxy answers to the requests of each case of ``ASKED``, all of which it has on a port of their own."""
    plans = [firewall(*each.rules, networks=(HOME,), **each.more) for each in ASKED]
    text = HEAD + "".join(frontend(number, plan) for number, plan in enumerate(plans))
    assert "ALERT" not in (complaint := proxy.judge(text)), complaint
    start = "cat >/tmp/wall.cfg && haproxy -D -p /tmp/wall.pid -f /tmp/wall.cfg"
    proxy.client("exec", "--interactive", proxy.name, "sh", "-c", start, stdin=text)
    calls = []
    for number, each in enumerate(ASKED):
        for request in each.script[::2]:
            *options, path = shlex.split(request)
            address = f"http://127.0.0.1:{PORT + number}{path}"
            calls.append(shlex.join(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} ", *options, address]))
    statuses = iter(proxy.client("exec", "--interactive", proxy.name, "sh", stdin="\n".join(calls)).split())
    yield {each.id: list(itertools.islice(statuses, len(each.script) // 2)) for each in ASKED}
    proxy.client("exec", proxy.name, "sh", "-c", "kill $(cat /tmp/wall.pid)")


@pytest.mark.parametrize("case", [pytest.param(each, id=each.id) for each in ASKED])
def test_requests_are_let_in_and_refused_as_the_rules_say(answers: dict[str, list[str]], case: Case) -> None:
    assert answers[case.id] == case.script[1::2]


def test_an_answer_of_the_templates_own_comes_as_it_is_written(answers: dict[str, list[str]], proxy: Proxy) -> None:
    number = list(answers).index("another answer")
    address = f"http://127.0.0.1:{PORT + number}/gone"
    head, _, body = proxy.client("exec", proxy.name, "curl", "-s", "-i", address).partition("\n\n")
    assert body == BODIES["gone"]["Content"]
    assert {"content-type: application/json", 'x-why: 100% "gone" $HOME'} <= set(head.splitlines())


ODD = st.text(alphabet=st.sampled_from(list("abz09/%\\\"'$#{}[]()*?+|^.,;:&=~!@ -_\n\té")), min_size=1, max_size=24)
HEADER = st.sampled_from([STORM, "X-A", "x_1", "a b", "("])
MATCH = st.one_of(
    st.builds(
        lambda text, kinds, header, how: matches(text, *kinds, header=header, how=how),
        ODD,
        st.lists(st.sampled_from(["NONE", "LOWERCASE", "UPPERCASE", "URL_DECODE"]), max_size=2),
        HEADER,
        st.sampled_from(["EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS"]),
    ),
    st.builds(lambda text, part: matches(text, part=part), ODD, st.sampled_from(["UriPath", "QueryString", "Method"])),
    st.builds(
        lambda position, header, fallback: of_addresses(
            Position=position, HeaderName=header, FallbackBehavior=fallback
        ),
        st.sampled_from(["FIRST", "LAST", "ANY"]),
        HEADER,
        st.sampled_from(["MATCH", "NO_MATCH"]),
    ),
)
STATEMENT = st.recursive(
    MATCH,
    lambda inner: st.one_of(
        st.builds(negated, inner),
        st.builds(
            lambda kind, each: joined(kind, *each),
            st.sampled_from(["And", "Or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=4,
)
RULE = st.one_of(
    st.builds(firewall_rule, STATEMENT, st.sampled_from(["Allow", "Block", "Count"])),
    st.builds(
        lambda text, value: firewall_rule(
            matches(text),
            ResponseCode=429,
            CustomResponseBodyKey="b",
            ResponseHeaders=[{"Name": "X-A", "Value": value}],
        ),
        ODD,
        ODD,
    ),
    st.builds(
        lambda limit, scope: firewall_rule(rate(limit, scope)), st.sampled_from([9, 10, 2_000_000_000]), STATEMENT
    ),
)


def test_firewalls_are_refused_by_name_or_taken(judged: Callable[[str], str]) -> None:
    base, taken = with_addresses(site(), *(f"10.{number}.0.0/16" for number in range(100))), list[str]()

    @settings(max_examples=250, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(RULE, min_size=1, max_size=3), ODD)
    def plan(rules: list[dict[str, Any]], body: str) -> None:
        numbered = [{**rule, "Name": f"rule-{n}", "Priority": n} for n, rule in enumerate(rules)]
        bodies = {"b": {"ContentType": "TEXT_PLAIN", "Content": body}}
        stack = changed(base, "RegionalAcl", ("Rules",), numbered)
        stack = changed(stack, "RegionalAcl", ("CustomResponseBodies",), bodies)
        found = Found(stack, stack.resources["RegionalAcl"])
        try:
            made = web_acl(found, Lookup(World((stack,)), stack), templates.Secrets())
        except PlanError as refused:
            assert "site-test/RegionalAcl" in str(refused)
            return
        taken.append(frontend(len(taken), made))

    plan()
    assert len(taken) > 100
    assert "ALERT" not in (complaint := judged(HEAD + "".join(taken))), complaint
