"""HAProxy's configuration for a load balancer: a pure function of the plan and of the tasks that are in service."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rehearsal.fargate.desired.balancer import (
    Action,
    FixedResponse,
    Forward,
    Listener,
    LoadBalancer,
    Redirect,
    RuleCondition,
    TargetGroup,
)
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.plan.listener_rule import REGULAR
from rehearsal.fargate.plan.load_balancer import forwards
from rehearsal.fargate.stand import haproxy_firewall
from rehearsal.fargate.stand.haproxy_words import escaped, quoted
from rehearsal.fargate.task.names import digest, slug
from rehearsal.fargate.task.server import Server, Servers

CHECKER = "ELB-HealthChecker/2.0"
# What the names of the ways to target groups begin with: a backend of the listeners', and a frontend that it leads to.
HOP = "hop-"
# What the name of a server's unchecked stand-in ends with.
SPARE = "-open"
ADMIN_SOCKET = "/run/haproxy/admin.sock"
CONFIGURATION = "/etc/haproxy/haproxy.cfg"
# Containers are found by name: their addresses change when the engine restarts them.
ENGINE_RESOLVERS = (
    "resolvers engine",
    "    parse-resolv-conf",
    "    hold valid 5s",
    "    hold timeout 1h",
    "    hold other 1h",
    "    hold refused 1h",
    "    accepted_payload_size 8192",
    "",
)
# An application load balancer's own figures, from its user guide: connection timeout, and the largest header.
_CONNECT_TIMEOUT = "10s"
# By so much the way to a target group waits longer than what it leads to, so that the inner half answers.
_LATER = 5  # seconds
_NO_CONTENT = 204
_BUFFER = 65536
_TLS_PORT_STEP = 363  # 8080 is joined by 8443
_ALGORITHMS = {"round_robin": "roundrobin", "least_outstanding_requests": "leastconn", "weighted_random": "random"}
# ALB's placeholders as HAProxy's sample expressions.
_PLACEHOLDERS = {
    "#{host}": "%[req.hdr(host),field(1,:)]",
    "#{path}": "%[path,regsub(^/,)]",
    "#{query}": "%[query]",
    "#{protocol}": "%[ssl_fc,iif(https,http)]",
    "#{port}": "%[dst_port]",
}


# What an application load balancer refuses: 16 K for the request line and for each header, from "Quotas" in its user
# guide. Only where all headers together are longer is each looked at.
_LIMITS = (
    "    http-request return status 414 if { url_len gt 16384 }",
    "    http-request return status 400 if { req.hdrs -m len gt 16384 } { req.hdrs -m reg (^|\\n)[^\\n]{16384} }",
)
# Its own identity of each request; of one that comes with an identity, it is a part.
_TRACE = (
    "    http-request set-var(txn.trace) date,htonl,hex,lower",
    "    http-request set-var(txn.unique) uuid(4),regsub(-,,g),bytes(0,24)",
    "    http-request set-header X-Amzn-Trace-Id Self=1-%[var(txn.trace)]-%[var(txn.unique)];"
    "%[req.hdr(X-Amzn-Trace-Id)] if { req.hdr(X-Amzn-Trace-Id) -m sub Root= }",
    "    http-request set-header X-Amzn-Trace-Id Root=1-%[var(txn.trace)]-%[var(txn.unique)] "
    "if !{ req.hdr(X-Amzn-Trace-Id) -m sub Root= }",
)

# The 5xx answers of targets alone, counted where a server that leaves takes nothing with it: these rules see what a
# server answers, and nothing that HAProxy itself does.
_TARGET_ERRORS = (
    "    stick-table type integer size 1 store gpc0",
    "    http-request track-sc0 int(0)",
    "    http-response sc-inc-gpc0(0) if { status ge 500 }",
)


# A target that refuses a connection, and one that takes none in time, as "Troubleshoot your Application Load Balancers"
# says: no other target is asked. Without any target it stays HAProxy's 503.
_UNREACHED = (
    "    http-after-response set-status 502 if { status 503 } { txn.sess_term_state -m beg SC } { nbsrv gt 0 }",
    "    http-after-response set-status 504 if { status 503 } { txn.sess_term_state -m beg sC }",
)


def backend_name(key: Key) -> str:
    """Return what HAProxy calls a target group."""
    return f"{slug(key.logical_id)}-{digest(str(key), 6)}"


def hop_name(key: Key) -> str:
    """Return what HAProxy calls the way from listeners to a target group."""
    return f"{HOP}{backend_name(key)}"


def published_ports(balancer: LoadBalancer) -> dict[int, int]:
    """Return listener port to port on this machine.

    The first plain listener has the address's own, others follow in steps.
    """
    order = sorted(balancer.listeners, key=lambda each: (each.tls, each.port))
    return {each.port: balancer.port + step * _TLS_PORT_STEP for step, each in enumerate(order)}


def server_options(group: TargetGroup, port: int, *, spare: bool) -> str:
    """Return a server's options, the same in the file and on the run-time socket.

    A ``spare`` stands in for the same task without a check, and is asked only when no server of the group passes its
    own: with every target unhealthy an application load balancer asks them all.
    """
    if spare:
        return "backup"
    slow_start = f" slowstart {group.slow_start}s" if group.slow_start else ""
    return (
        f"check inter {group.interval}s fall {group.unhealthy_threshold} rise {group.healthy_threshold} "
        f"port {group.check_port or port}{slow_start}"
    )


def spare_name(server: str) -> str:
    """Return the name of a server's unchecked stand-in."""
    return server + SPARE


def render(balancer: LoadBalancer, servers: Servers) -> str:
    """Render the configuration file; ``servers`` by target group key.

    Its first line changes when more than servers do.
    """
    return f"# structure {digest(_render(balancer, {}))}\n{_render(balancer, servers)}"


def _render(balancer: LoadBalancer, servers: Servers) -> str:
    lines = [
        "global",
        f"    stats socket {ADMIN_SOCKET} mode 600 level admin expose-fd listeners",
        "    server-state-base /run/haproxy",
        "    server-state-file state",
        f"    hard-stop-after {balancer.idle_timeout}s",
        f"    tune.bufsize {_BUFFER}",
        *haproxy_firewall.tuning(balancer.firewall),
        "",
        "defaults",
        "    mode http",
        "    load-server-state-from-file global",
        f"    timeout connect {_CONNECT_TIMEOUT}",
        f"    timeout client {balancer.idle_timeout}s",
        f"    timeout server {balancer.idle_timeout}s",
        f"    timeout http-keep-alive {min(balancer.idle_timeout, balancer.keep_alive)}s",
        f"    timeout http-request {balancer.idle_timeout}s",
        "    option idle-close-on-response",
        "    retries 0",
        "",
        *ENGINE_RESOLVERS,
    ]
    lines += haproxy_firewall.tables(balancer.firewall)
    for listener in balancer.listeners:
        lines += _frontend(balancer, listener)
    for group in forwards(balancer):
        lines += _hop(balancer, group)
        lines += _backend(group, servers.get(str(group.key), ()))
    return "\n".join(lines) + "\n"


def _frontend(balancer: LoadBalancer, listener: Listener) -> Iterator[str]:
    ports = published_ports(balancer)
    scheme = "https" if listener.tls else "http"
    yield f"frontend listener-{listener.port}"
    protocols = "h2,http/1.1" if balancer.http2 else "http/1.1"
    yield f"    bind :{listener.port}" + (
        f" ssl crt /etc/haproxy/listener.pem alpn {protocols}" if listener.tls else ""
    )
    if balancer.drop_invalid_headers:
        yield "    http-request del-header [^-A-Za-z0-9] -m reg"
    yield from _LIMITS
    # A firewall looks at what a client has sent.
    yield from haproxy_firewall.rules(balancer.firewall)
    yield from _forwarded_for(balancer.forwarded_for)
    yield from _TRACE
    yield f"    http-request set-header X-Forwarded-Proto {scheme}"
    yield f"    http-request set-header X-Forwarded-Port {ports[listener.port]}"
    if balancer.names:
        # Who comes by a public name comes to the listener's own port, also by one that leads to CloudFront.
        names = dict.fromkeys((*balancer.names, *balancer.certified))
        yield f"    acl by-name req.hdr(host),field(1,:) -i {' '.join(map(quoted, names))}"
        yield f"    http-request set-header X-Forwarded-Port {listener.port} if by-name"
    actions = {"default": listener.default}
    for number, rule in enumerate(listener.rules):
        name = f"rule-{number}"
        actions[name] = rule.action
        tests = []
        for index, condition in enumerate(rule.conditions):
            patterns = " ".join(_patterns(condition))
            yield f"    acl {name}-{index} {_fetch(condition)} -- {patterns}"
            tests.append(f"{name}-{index}")
        yield f"    http-request set-var(txn.rule) str({name}) if {' '.join(tests)} !{{ var(txn.rule) -m found }}"
    yield "    http-request set-var(txn.rule) str(default) if !{ var(txn.rule) -m found }"
    # HAProxy goes by them last, wherever they stand.
    ordered = sorted(actions.items(), key=lambda each: isinstance(each[1], Forward))
    for name, action in ordered:
        chosen = f"{{ var(txn.rule) -m str {name} }}"
        if balancer.names and isinstance(action, Redirect):
            yield from _action({}, listener, action, f"{chosen} by-name")
        yield from _action(ports, listener, action, chosen)
    yield ""


def _forwarded_for(mode: str) -> Iterator[str]:
    if mode == "append":
        condition = "{ var(txn.before) -m found }"
        yield "    http-request set-var(txn.before) req.fhdr(X-Forwarded-For)"
        yield f'    http-request set-header X-Forwarded-For "%[var(txn.before)], %[src]" if {condition}'
        yield f"    http-request set-header X-Forwarded-For %[src] if !{condition}"
    elif mode == "remove":
        yield "    http-request del-header X-Forwarded-For"


def _fetch(condition: RuleCondition) -> str:
    return {
        "path-pattern": "path -m reg",
        "host-header": "req.hdr(host),field(1,:) -i -m reg",
        "http-request-method": "method",
        "source-ip": "src",
        # As an application load balancer does: no matter in which case.
        "http-header": f"req.fhdr({condition.header}) -i -m reg",
        "query-string": "query -i -m reg",
    }[condition.field]


def _patterns(condition: RuleCondition) -> Iterator[str]:
    if condition.field == "query-string":
        for key, value in zip(condition.keys, condition.values, strict=True):
            name = f"{_of_query(key)}=" if key else "([^&=]*=)?"
            yield quoted(f"(^|&){name}{_of_query(value)}(&|$)")
        return
    for value in condition.values:
        if condition.field in REGULAR and not condition.regular:
            regex = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in value)
            yield quoted(f"^{regex}$")
        else:
            yield quoted(value)


def _of_query(text: str) -> str:
    """Return a regular expression for a key or a value of a query string; a backslash makes a sign of the next one."""
    wild = {"*": "[^&]*", "?": "[^&]"}
    return re.sub(r"\\([*?])|(.)", lambda found: wild.get(found[2]) or re.escape(found[1] or found[2]), text)


def _action(ports: Mapping[int, int], listener: Listener, action: Action, condition: str) -> Iterator[str]:
    match action:
        case Forward(group):
            yield f"    use_backend {hop_name(group.key)} if {condition}"
        case FixedResponse(status, content_type, body):
            content = (
                f" content-type {quoted(content_type)} string {quoted(body)}" if body and status != _NO_CONTENT else ""
            )
            yield f"    http-request return status {status}{content} if {condition}"
        case Redirect():
            location = _location(ports, listener, action)
            if action.query == "#{query}":
                yield (
                    f'    http-request redirect location "{location}?%[query]" code {action.status} '
                    f"if {condition} {{ query -m found }}"
                )
                yield f'    http-request redirect location "{location}" code {action.status} if {condition}'
            else:
                query = f"?{_placed(action.query)}" if action.query else ""
                yield f'    http-request redirect location "{location}{query}" code {action.status} if {condition}'


def _location(ports: Mapping[int, int], listener: Listener, redirect: Redirect) -> str:
    """Return where a redirect leads: a listener's port is replaced by the one that ``ports`` has for it."""
    scheme = "https" if listener.tls else "http"
    protocol = redirect.protocol.replace("#{protocol}", scheme).lower()
    port = redirect.port.replace("#{port}", str(listener.port))
    if redirect.host == "#{host}":
        port = str(ports.get(int(port), port))
    shown = "" if port == {"http": "80", "https": "443"}[protocol] else f":{port}"
    return f"{protocol}://{_placed(redirect.host)}{shown}{_placed(redirect.path)}"


def _placed(text: str) -> str:
    """Return a part of a redirect as HAProxy's format of a log line, for inside of quotes; a per cent is doubled."""
    placeholders = re.split(r"(#\{\w+\})", text)
    return "".join(_PLACEHOLDERS.get(part) or escaped(part.replace("%", "%%")) for part in placeholders)


def _hop(balancer: LoadBalancer, group: TargetGroup) -> Iterator[str]:
    """Yield the way to a target group: within HAProxy, by a connection of its own for each request.

    Where a server ends without an answer, HAProxy answers 502 to the first request of a client's connection alone: in
    any later one it closes that connection without a word, so that a browser asks again by itself. An application load
    balancer answers 502 to each. Behind the hop each request is a first one.
    """
    name, hop = backend_name(group.key), hop_name(group.key)
    yield f"backend {hop}"
    yield "    http-reuse never"
    yield "    option http-server-close"
    yield f"    timeout server {balancer.idle_timeout + _LATER}s"
    yield f"    server {hop} abns@{hop}"
    yield ""
    yield f"frontend {hop}"
    yield f"    bind abns@{hop}"
    yield f"    default_backend {name}"
    yield ""


def _backend(group: TargetGroup, servers: Sequence[Server]) -> Iterator[str]:
    name = backend_name(group.key)
    yield f"backend {name}"
    yield f"    balance {_ALGORITHMS[group.algorithm]}"
    # A client's later requests find kept connections to tasks, as they do without the hop.
    yield "    http-reuse always"
    yield "    option allbackups"
    yield "    option httpchk"
    headers = f"hdr Host {name} hdr User-Agent {CHECKER}"
    yield f"    http-check send meth GET uri {quoted(group.check_path)} ver HTTP/1.1 {headers}"
    yield f"    http-check expect status {group.matcher}"
    yield f"    timeout check {group.timeout}s"
    yield from _TARGET_ERRORS
    yield from _UNREACHED
    for server in servers:
        # Without allow-dup-ip only one of the two servers that stand for a task would get its address. No `libc` among
        # the first addresses: HAProxy would wait seconds for each name of a task that is gone, at every start and at
        # every look at its configuration; the resolvers find those that are there within a second.
        looked_up = "resolvers engine resolve-prefer ipv4 resolve-opts allow-dup-ip init-addr last,none"
        found = f"{server.host}:{server.port} {looked_up}"
        yield f"    server {server.name} {found} {server_options(group, server.port, spare=False)}"
        yield f"    server {spare_name(server.name)} {found} {server_options(group, server.port, spare=True)}"
    yield ""
