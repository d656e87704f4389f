"""A load balancer's configuration says what the template says; HAProxy itself judges it in the deployment's tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.fargate.desired.balancer import Listener, LoadBalancer, Redirect
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.balancer import matches
from rehearsal.fargate.stand.haproxy import backend_name, published_ports, render
from rehearsal.fargate.task.server import Server
from rehearsal.values.stack import World
from tests.rehearsal.fargate import templates
from tests.rehearsal.fargate.templates import changed

LEAST_BUSY = {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"}
SERVER = Server("a1", "task-a1", "172.18.0.4", 8080)


def balancer(*changes: tuple[str, tuple[str | int, ...], Any]) -> LoadBalancer:
    stack = templates.stack(templates.web(image="app", port=8080))
    for logical, path, value in changes:
        stack = changed(stack, logical, path, value)
    return make_plan(World((stack,)), stack, templates.Secrets()).balancers[0]


def attributes(**values: str) -> tuple[str, tuple[str | int, ...], Any]:
    entries = [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]
    return ("Balancer", ("LoadBalancerAttributes",), entries)


def servers(plan: LoadBalancer) -> dict[str, list[Server]]:
    group = plan.listeners[0].default
    return {str(group.group.key): [SERVER]}  # type: ignore[union-attr]  # the template forwards


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        pytest.param(balancer(), "server a1 task-a1:8080 resolvers engine", id="server"),
        pytest.param(balancer(), "init-addr last,none check inter 5s fall 2 rise 2 port 8080", id="health check"),
        pytest.param(balancer(), "http-check expect status 200", id="expected status"),
        pytest.param(balancer(), "timeout check 2s", id="time of a check"),
        pytest.param(balancer(), "timeout client 60s", id="time of a client"),
        pytest.param(balancer(), "http-request del-header [^-A-Za-z0-9] -m reg", id="odd headers"),
        pytest.param(balancer(), "http-request set-header X-Forwarded-Proto http", id="forwarded protocol"),
        pytest.param(
            balancer(attributes(idle_timeout__timeout_seconds="610")), "timeout client 610s", id="long time of a client"
        ),
        pytest.param(
            balancer(("Targets", ("Matcher",), {"HttpCode": "200-299,301"})),
            "http-check expect status 200-299,301",
            id="expected statuses",
        ),
        pytest.param(
            balancer(("Targets", ("HealthCheckPort",), "9000"), ("TaskFromBalancer", ("ToPort",), 9000)),
            "check inter 5s fall 2 rise 2 port 9000",
            id="port of the health check",
        ),
        pytest.param(
            balancer(("Targets", ("TargetGroupAttributes",), [LEAST_BUSY])), "balance leastconn", id="least busy server"
        ),
    ],
)
def test_what_the_template_says_is_configured(plan: LoadBalancer, line: str) -> None:
    assert line in render(plan, servers(plan))


@pytest.mark.parametrize(
    ("value", "protocols"),
    [pytest.param("true", "h2,http/1.1", id="with HTTP/2"), pytest.param("false", "http/1.1", id="without HTTP/2")],
)
def test_a_listener_of_tls_offers_what_the_template_says(value: str, protocols: str) -> None:
    certificate = ("Listener", ("Certificates",), [{"CertificateArn": "arn"}])
    plan = balancer(("Listener", ("Protocol",), "HTTPS"), certificate, attributes(routing__http2__enabled=value))
    assert f" ssl crt /etc/haproxy/listener.pem alpn {protocols}\n" in render(plan, {})


def test_headers_are_kept_where_the_template_does_not_drop_them() -> None:
    assert "del-header" not in render(balancer(attributes()), {})


def test_the_first_line_stands_for_all_but_the_servers() -> None:
    one, other = balancer(), balancer(attributes(idle_timeout__timeout_seconds="61"))
    first = render(one, {}).splitlines()[0]
    assert render(one, servers(one)).splitlines()[0] == first
    assert render(other, {}).splitlines()[0] != first


def test_listeners_are_published_side_by_side() -> None:
    plain = balancer().listeners[0]
    both = replace(balancer(), listeners=(plain, Listener(443, True, plain.default, ())))
    assert published_ports(both) == {80: 8080, 443: 8443}
    only_tls = replace(balancer(), listeners=(Listener(443, True, plain.default, ()),))
    assert published_ports(only_tls) == {443: 8080}


def test_a_redirect_leads_to_the_port_that_the_listener_has_here() -> None:
    secure = balancer().listeners[0]
    redirect = Redirect("HTTPS", "#{host}", "443", "/#{path}", "#{query}", 301)
    plan = replace(balancer(), listeners=(Listener(80, False, redirect, ()), Listener(443, True, secure.default, ())))
    expected = 'location "https://%[req.hdr(host),field(1,:)]:8443/%[path,regsub(^/,)]?%[query]" code 301'
    assert expected in render(plan, {})


def test_every_target_group_has_a_backend_of_its_own_name() -> None:
    plan = balancer()
    group = plan.listeners[0].default.group  # type: ignore[union-attr]  # the template forwards
    assert f"\nbackend {backend_name(group.key)}\n" in render(plan, {})
    assert backend_name(group.key) != backend_name(replace(group.key, stack="other"))


@pytest.mark.parametrize(
    ("matcher", "status", "matched"),
    [
        ("200", 200, True),
        ("200", 204, False),
        ("200-299", 204, True),
        ("200,301-302", 302, True),
        ("200,301", 303, False),
    ],
)
def test_the_matcher_decides(matcher: str, status: int, matched: bool) -> None:
    assert matches(matcher, status) is matched
