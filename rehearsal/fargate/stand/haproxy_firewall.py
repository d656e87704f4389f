"""A web ACL as rules of HAProxy: a pure function of the plan.

A rate is what HAProxy's own counter over the window says. It gives the current period its whole weight and the one
before it a part of its own, and is asked at each request; AWS WAF estimates in a like way, and some seconds late.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from rehearsal.fargate.desired.statements import (
    AddressMatch,
    Block,
    ByteMatch,
    Count,
    Either,
    Every,
    Firewall,
    ForwardedAddress,
    Not,
    Rate,
    Statement,
)
from rehearsal.fargate.stand.haproxy_words import quoted

# What the tables of rates begin with: no target group's name has such a sign.
RATE = "rate_"
# How many rates HAProxy looks after where nothing is said.
_COUNTERS = 3
_CLIENTS = "1m"
# HAProxy takes 64 words of a line.
_PATTERNS = 40
_NO_CONTENT = 204
_FETCHES = {"path": "path", "query": "query", "method": "method"}
_CONSTRAINTS = {"EXACTLY": "str", "STARTS_WITH": "beg", "ENDS_WITH": "end", "CONTAINS": "sub"}
_CONVERTERS = {"LOWERCASE": "lower", "UPPERCASE": "upper", "URL_DECODE": "url_dec"}
_NOT_LET_IN = " !{ var(txn.let_in) -m found }"

# Lines, and then the condition that they make possible: a word for one that is true or not, or a few within braces.
_Condition = Generator[str, None, str]


def tuning(firewall: Firewall | None) -> Iterator[str]:
    """Yield what the global section says for a firewall."""
    if firewall and len(firewall.rates) > _COUNTERS:
        yield f"    tune.stick-counters {len(firewall.rates)}"


def tables(firewall: Firewall | None) -> Iterator[str]:
    """Yield the tables of a firewall's rates, which all frontends share."""
    for index, rate in enumerate(firewall.rates if firewall else ()):
        kind = "integer" if rate.counted_by == "CONSTANT" else "ipv6"
        yield f"backend {RATE}{index}"
        window = rate.window
        yield f"    stick-table type {kind} size {_CLIENTS} expire {2 * window}s store http_req_rate({window}s)"
        yield ""


def rules(firewall: Firewall | None) -> Iterator[str]:
    """Yield the rules of a frontend that decide on each request; one that only counts decides on none."""
    return _Rules().of(firewall) if firewall else iter(())


class _Rules:
    """Lines of one frontend; each of its conditions has a name of its own."""

    def __init__(self) -> None:
        self._names = 0
        self._rates = 0
        # Whom an earlier rule has let in is asked about nothing more.
        self._unless = ""

    def of(self, firewall: Firewall) -> Iterator[str]:
        for rule in firewall.rules:
            if isinstance(rule.action, Count):
                continue
            if isinstance(rule.statement, Rate):
                condition = yield from self._rate(rule.statement)
            else:
                condition = yield from self._statement(rule.statement)
            if isinstance(rule.action, Block):
                yield f"    {_answer(rule.action)} if {condition}{self._unless}"
            else:
                yield f"    http-request set-var(txn.let_in) bool(true) if {condition}{self._unless}"
                self._unless = _NOT_LET_IN
        if isinstance(firewall.default, Block):
            yield f"    {_answer(firewall.default)}" + (f" if{self._unless}" if self._unless else "")

    def _rate(self, rate: Rate) -> _Condition:
        counter, self._rates = self._rates, self._rates + 1
        scope = f" {(yield from self._statement(rate.scope))}" if rate.scope else ""
        key = _address(rate.forwarded) if rate.forwarded else {"IP": "src", "CONSTANT": "int(1)"}[rate.counted_by]
        condition = f"{scope}{self._unless}"
        yield f"    http-request track-sc{counter} {key} table {RATE}{counter}" + (
            f" if{condition}" if condition else ""
        )
        beyond = f"{{ sc_http_req_rate({counter},{RATE}{counter}) gt {rate.limit} }}{scope}"
        if not (rate.forwarded and rate.forwarded.else_matched):
            return beyond
        unreadable = yield from self._unreadable(rate.forwarded)
        return (yield from self._either([beyond, f"{unreadable}{scope}"]))

    def _statement(self, statement: Statement) -> _Condition:
        match statement:
            case ByteMatch():
                return (yield from self._byte_match(statement))
            case AddressMatch():
                return (yield from self._addresses(statement))
            case Not(inner):
                return _negated((yield from self._statement(inner)))
            case Either(statements):
                found = []
                for each in statements:
                    found.append((yield from self._statement(each)))
                return (yield from self._either(found))
            case Every(statements):
                # None of them is not true.
                lacking = []
                for each in statements:
                    lacking.append(_negated((yield from self._statement(each))))
                return _negated((yield from self._either(lacking)))

    def _either(self, conditions: list[str]) -> _Condition:
        variable = f"txn.{self._name()}"
        for each in conditions:
            yield f"    http-request set-var({variable}) bool(true) if {each}"
        return f"{{ var({variable}) -m found }}"

    def _byte_match(self, match: ByteMatch) -> _Condition:
        name = self._name()
        fetch = f"req.fhdr({match.header})" if match.part == "header" else _FETCHES[match.part]
        converted = ",".join([fetch, *(_CONVERTERS[each] for each in match.transformations)])
        yield f"    acl {name} {converted} -m {_CONSTRAINTS[match.constraint]} -- {quoted(match.text)}"
        return name

    def _addresses(self, match: AddressMatch) -> _Condition:
        name = self._name()
        fetch = _address(match.forwarded) if match.forwarded else "src"
        for start in range(0, len(match.networks), _PATTERNS):
            yield f"    acl {name} {fetch} -- {' '.join(match.networks[start : start + _PATTERNS])}"
        if not match.networks:
            yield f"    acl {name} always_false"
        if not (match.forwarded and match.forwarded.else_matched):
            return name
        return (yield from self._either([name, (yield from self._unreadable(match.forwarded))]))

    def _unreadable(self, forwarded: ForwardedAddress) -> _Condition:
        """Yield what finds a header that is there and holds no address."""
        name = self._name()
        yield f"    acl {name} {_address(forwarded)} -m found"
        return f"{{ req.fhdr({forwarded.header}) -m found }} !{name}"

    def _name(self) -> str:
        self._names += 1
        return f"firewall_{self._names}"


def _address(forwarded: ForwardedAddress) -> str:
    occurrence = {"FIRST": ",1", "LAST": ",-1", "ANY": ""}[forwarded.position]
    return f"req.hdr_ip({forwarded.header}{occurrence})"


def _negated(condition: str) -> str:
    return condition.removeprefix("!") if condition.startswith("!") else f"!{condition}"


def _answer(block: Block) -> str:
    if block == Block():
        return "http-request deny deny_status 403"
    content = (
        f" content-type {quoted(block.content_type)} string {quoted(block.body)}"
        if block.content_type and block.status != _NO_CONTENT
        else ""
    )
    headers = "".join(f" hdr {name} {quoted(value.replace('%', '%%'))}" for name, value in block.headers.items())
    return f"http-request return status {block.status}{content}{headers}"
