"""Addresses as a browser writes them, and whether two of them are one site, however they are spelled."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# This machine's own names for itself: a site that is asked for by one may call itself by another.
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
# What stands in a path and in a query as it is (URL Standard, path and special-query percent-encode sets); the rest
# goes as %XX. Other clients write both in other ways (findings/requests-asks-for-another-address-than-a-browser.sh).
_PRINTED: Final = set(string.printable) - set(string.whitespace) - set('"#<>')
_KEPT: Final = "".join(sorted(_PRINTED - set("`{}^")))
_KEPT_OF_QUERY: Final = "".join(sorted(_PRINTED - set("'")))
# Parts of a path that are no name: the folder itself, and the one that it is in.
_DOT: Final = re.compile(r"(?:\.|%2e)", re.IGNORECASE)
_DOTS: Final = re.compile(r"(?:\.|%2e){2}", re.IGNORECASE)


class Site(NamedTuple):
    """What makes addresses those of one site: compared, not connected to."""

    scheme: str
    name: str
    port: int


@lru_cache(maxsize=1024)
def normal(url: str) -> str:
    """Return an address as a browser asks for it.

    Scheme and name in small letters, the name in its ASCII form, no default port, no user, no fragment, no dots that
    lead to a folder, and in path and query %XX for what may not stand there. Raise ValueError for what is no address of
    a site, such as ``http://[``.
    """
    parts = urlsplit(url)
    port = parts.port
    if not parts.hostname or parts.scheme not in DEFAULT_PORTS:
        raise ValueError(f"{url!r} is no address of a site")
    name = _ascii(parts.hostname)
    netloc = f"[{name}]" if ":" in name else name
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        netloc += f":{port}"
    query = f"?{quote(parts.query, safe=_KEPT_OF_QUERY)}" if "?" in url.partition("#")[0] else ""
    return f"{parts.scheme}://{netloc}{quote(_plain(parts.path), safe=_KEPT) or '/'}{query}"


@lru_cache(maxsize=1024)
def site(url: str) -> Site:
    """Return the site of an address. Raise ValueError as ``normal`` does."""
    parts = urlsplit(normal(url))
    name = (parts.hostname or "").removesuffix(".")
    return Site(parts.scheme, "localhost" if name in _LOOPBACK else name, parts.port or DEFAULT_PORTS[parts.scheme])


def joined(url: str, reference: str) -> str | None:
    """Return the address that a reference on the page ``url`` means; None where it is none, such as ``http://[``."""
    try:
        end = min(f"{reference}?#".find(sign) for sign in "?#")
        head, rest = reference[:end].replace("\\", "/"), reference[end:]
        parts = urlsplit(head)
        if parts.path and not (parts.scheme or parts.netloc or head.startswith("/")):
            # Of the page's path urljoin would leave out what is empty (findings/urljoin-leaves-out-empty-parts.sh).
            page = urlsplit(normal(url))
            head = f"{page.scheme}://{page.netloc}{page.path.rpartition('/')[0]}/{head}"
        return normal(urljoin(url, head + rest))
    except ValueError:
        return None


def _plain(path: str) -> str:
    """Return a path as it is without its dots, and with no stroke that leans the other way; what is empty stays."""
    path = path.replace("\\", "/")
    if "/." not in path and "/%2" not in path:
        return path
    kept: list[str] = []
    first, *parts = path.split("/")
    for number, part in enumerate(parts, start=1):
        is_up, is_last = _DOTS.fullmatch(part), number == len(parts)
        if is_up and kept:
            kept.pop()
        if not is_up and not _DOT.fullmatch(part):
            kept.append(part)
        elif is_last:
            kept.append("")
    return "/".join((first, *kept))


def _ascii(name: str) -> str:
    if name.isascii():
        if ":" not in name and not all(0 < len(label) < 64 for label in name.removesuffix(".").split(".")):
            raise ValueError(f"{name!r} is no name: a part of it is empty, or longer than 63 letters")
        return name.lower()
    import idna  # noqa: PLC0415 - only a name with other letters than these needs its tables

    return idna.encode(name, uts46=True).decode()
