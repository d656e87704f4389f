"""What a web application firewall says: its rules in order, and the statements by which they find their requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ByteMatch:
    """A part of a request is, begins with, ends with or contains a text.

    ``part`` is ``header``, ``path``, ``query`` or ``method``; ``transformations`` are done to it first, in order. The
    ``text`` may be a secret's value.
    """

    part: str
    header: str
    constraint: str
    text: str = field(repr=False)
    transformations: tuple[str, ...]


@dataclass(frozen=True)
class ForwardedAddress:
    """An address that a header holds: the ``FIRST``, the ``LAST``, or ``ANY``.

    Where the header is there and its address is none, the statement is true or not as ``else_matched`` says.
    """

    header: str
    position: str
    else_matched: bool


@dataclass(frozen=True)
class AddressMatch:
    """The client's address, or a forwarded one, is in one of some networks."""

    networks: tuple[str, ...]
    forwarded: ForwardedAddress | None


@dataclass(frozen=True)
class Not:
    """What another statement is not true of."""

    statement: Statement


@dataclass(frozen=True)
class Every:
    """What all of some statements are true of."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Either:
    """What one of some statements at least is true of."""

    statements: tuple[Statement, ...]


Statement = ByteMatch | AddressMatch | Not | Every | Either


@dataclass(frozen=True)
class Rate:
    """More requests than ``limit`` within a ``window`` of seconds, of those that ``scope`` is true of.

    They are counted by client (``IP``), by forwarded address (``FORWARDED_IP``) or together (``CONSTANT``).
    """

    limit: int
    window: int
    counted_by: str
    forwarded: ForwardedAddress | None
    scope: Statement | None


@dataclass(frozen=True)
class Allow:
    """Let a request in: no later rule is asked."""


@dataclass(frozen=True)
class Count:
    """Go on to the next rule."""


@dataclass(frozen=True)
class Block:
    """Answer a request; without a ``content_type`` there is no body of the template's."""

    status: int = 403
    content_type: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FirewallRule:
    """One rule and what it does with the requests that it finds."""

    name: str
    priority: int
    statement: Statement | Rate
    action: Allow | Block | Count


@dataclass(frozen=True)
class Firewall:
    """A web ACL: its rules by priority, and what becomes of a request that none of them has decided on.

    ``not_here`` are its groups of rules that AWS keeps for itself.
    """

    rules: tuple[FirewallRule, ...]
    default: Allow | Block
    not_here: tuple[str, ...]

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates by which its rules decide, in their order."""
        rules = (rule for rule in self.rules if not isinstance(rule.action, Count))
        return tuple(rule.statement for rule in rules if isinstance(rule.statement, Rate))
