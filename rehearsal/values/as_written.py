"""Values of a resource as a template writes them, for rules that judge only what is known before the deployment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final

from rehearsal.values import template_values
from rehearsal.values.template_values import NO_VALUE

Properties = Mapping[str, Any]
Rule = Callable[[Properties], Iterator[str]]

PORTS: Final = range(65536)
_VERSIONS: Final[Mapping[int, tuple[type[IPv4Network | IPv6Network], str]]] = {
    4: (IPv4Network, "10.0.0.0/16"),
    6: (IPv6Network, "2001:db8::/56"),
}
# What takes a property away, or may take it away.
_ABSENT: Final = (NO_VALUE, None)
# What ECS and CloudWatch take for a name.
NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")


def number(properties: Properties, name: str) -> float | None:
    """Return a number that a template writes, or None where it is not known, or none."""
    value = properties.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return template_values.number(value)
    except ValueError:
        return None


def text(properties: Properties, name: str) -> str | None:
    """Return a text that a template writes, or None where it is not known, or none."""
    value = properties.get(name)
    return str(value) if known(value) else None


def known(value: object) -> bool:
    """Return whether a value is a text or a number without a reference in it, which only the deployment resolves."""
    is_text = isinstance(value, str | int) and not isinstance(value, bool)
    return is_text and not any(mark in str(value) for mark in ("{{", "${"))


def truth(properties: Properties, name: str, *, default: bool = False) -> bool | None:
    """Return whether a property is true, or None where that is not known."""
    value = properties.get(name, default)
    return str(value).lower() == "true" if isinstance(value, bool) or known(value) else None


def present(properties: Properties, names: Sequence[str]) -> list[str]:
    """Return those of some properties that are certainly there."""
    return [
        name
        for name in names
        if name in properties and (value := properties[name]) not in _ABSENT and "Fn::If" not in _keys(value)
    ]


def mappings(value: Any) -> Iterator[Properties]:
    """Yield the mappings of a list that are no intrinsic functions."""
    for each in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        if isinstance(each, Mapping) and not is_computed(each):
            yield each


def is_computed(value: Properties) -> bool:
    """Return whether a mapping has an intrinsic function among its keys: what it says is not written there."""
    return any(str(key).startswith("Fn::") or key == "Ref" for key in value)


def named(properties: Properties, name: str) -> Iterator[str]:
    """Yield a fault where a name has other characters than ``NAME``."""
    if (written := text(properties, name)) and not NAME.fullmatch(written):
        yield f"{name} is {written!r}; up to 255 letters, digits, hyphens and underscores are allowed"


def certain(value: Any) -> bool:
    """Return whether all items of a list are known to be there."""
    return isinstance(value, list) and not any({"Fn::If", "Ref"} & _keys(each) for each in value)


def _keys(value: Any) -> set[str]:
    return set(value) if isinstance(value, Mapping) else set()


def within(properties: Properties, name: str, allowed: range, what: str = "") -> Iterator[str]:
    """Yield a fault where a number is beyond its bounds."""
    value = number(properties, name)
    if value is not None and not allowed.start <= value <= allowed.stop - 1:
        yield f"{what}{name} is {properties[name]}; {allowed.start} to {allowed.stop - 1} are allowed"


def block(properties: Properties, name: str, version: int = 4) -> IPv4Network | IPv6Network | None:
    """Return a block of addresses; None where it is not known, or none.

    Bits of a host are taken away, as EC2 takes them away.
    """
    written = text(properties, name)
    if written is None or not written.rpartition("/")[2].isdigit() or "/" not in written:
        return None
    try:
        found = ip_network(written, strict=False)
    except ValueError:
        return None
    return found if found.version == version else None


def network(properties: Properties, name: str, version: int = 4) -> Iterator[str]:
    """Yield a fault where a text is no block of addresses of a version of IP."""
    written = text(properties, name)
    if written is not None and block(properties, name, version) is None:
        yield f"{name} is {written!r}, which is no block of addresses of IPv{version}, as {_VERSIONS[version][1]}"
