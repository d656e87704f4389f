"""Who may see the page, and act on it: whoever was given its address, in a page of its own.

The server listens on loopback, where every program and every user of the machine may knock, and other sites' scripts
through the person's own browser. Against each of them:

=========================================  ============================================================================
another user of the machine                the address holds a token, which only the person who started the page sees
another server on a port of this machine   a cookie is sent to all ports of a host: this one's path, whose first folder
                                           nobody can guess, keeps it here
a name that leads to 127.0.0.1             ``Host`` must be the address that was printed (DNS rebinding)
another site's page, which sends a form    ``Origin`` and ``Sec-Fetch-Site`` must be this page's; the cookie is
                                           ``SameSite=Strict``; an act also carries a token that only the page has read
=========================================  ============================================================================
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

# Bytes of randomness in each of the secrets.
_BYTES: Final = 32


class Answer(Enum):
    """What becomes of a request: its status where it is refused, or where somebody enters."""

    ALLOWED = 200
    ENTERS = 201
    STRANGER = 403
    NOT_HERE = 404
    MISDIRECTED = 421


@dataclass(frozen=True)
class Request:
    """What is looked at: headers are None where the client sent none; ``path`` is below the server's root."""

    method: str
    host: str | None
    path: str
    origin: str | None = None
    fetch_site: str | None = None
    fetch_mode: str | None = None
    cookie: str | None = None
    token: str | None = None
    act_token: str | None = None


@dataclass(frozen=True)
class Guard:
    """The secrets of one page on one port."""

    port: int
    folder: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES))
    act_token: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES))

    @property
    def host(self) -> str:
        """An address, not ``localhost``, where the rehearsed sites are: to a browser they are other sites."""
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        """What a browser calls the page's origin."""
        return f"http://{self.host}"

    @property
    def root(self) -> str:
        """The path below which all of the page is."""
        return f"/{self.folder}/"

    @property
    def address(self) -> str:
        """What a person opens."""
        return f"{self.origin}{self.root}?token={self.token}"

    def judge(self, request: Request) -> Answer:
        """Decide on a request; nothing of the page is told to whom it refuses."""
        if request.host != self.host:
            return Answer.MISDIRECTED
        if not _same(request.path[: len(self.root)], self.root):
            return Answer.NOT_HERE
        reads = request.method in {"GET", "HEAD"}
        # A person who follows a link, or types the address, sends ``none`` or another site's; a script is told by it.
        opens = reads and request.path == self.root and request.fetch_mode in {None, "navigate"}
        foreign = request.fetch_site not in {None, "same-origin"} and not opens
        if foreign or request.origin not in ({None, self.origin} if reads else {self.origin}):
            return Answer.STRANGER
        if opens and request.token is not None:
            return Answer.ENTERS if _same(request.token, self.token) else Answer.STRANGER
        acts = reads or _same(request.act_token, self.act_token)
        return Answer.ALLOWED if acts and _same(request.cookie, self.session) else Answer.STRANGER


def _same(one: str | None, other: str) -> bool:
    """Compare in a time that tells nothing."""
    return one is not None and hmac.compare_digest(one.encode(), other.encode())
