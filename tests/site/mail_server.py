"""A mail server on this machine, for containers: it encrypts, asks for a password, keeps what it gets, and can fail."""

from __future__ import annotations

import logging
import ssl
from asyncio import WriteTransport
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bench.generator import certificate
from tests.ports import free_port
from tests.site.task import Host

USER: Final = "AKIAEXAMPLE"
PASSWORD: Final = "a-password-of-the-tests"
TAKEN: Final = "250 Ok 0102-{number:06}"

# It warns of an old attribute of its own at each login.
logging.getLogger("mail.log").setLevel(logging.ERROR)

GATEWAY: Final = "{{(index .IPAM.Config 0).Gateway}}"

# What the server says to the end of a mail; None: it hangs up without a word.
Answer = Callable[[Envelope], str | None]


@dataclass(frozen=True)
class Kept:
    """One mail as it came: from whom, to whom, and what it says."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """Return the part for readers without HTML."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        """Return the part for the others."""
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content())


class MailServer:
    """Listens at ``port`` of every address of this machine; ``certificate`` and ``key`` are PEM files.

    ``kept`` is what it took. ``answer`` may be changed at any time.
    """

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        self.port = port
        self.kept: list[Kept] = []
        self.answer: Answer = self.take
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._controller: Controller | None = None

    def start(self) -> None:
        """Answer, until ``stop``."""
        self._controller = Controller(
            self,
            hostname="0.0.0.0",
            port=self.port,
            tls_context=self._context,
            require_starttls=True,
            authenticator=_authenticate,
            auth_required=True,
        )
        self._controller.start()

    def stop(self) -> None:
        """Be dead: connections are refused."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def take(self, envelope: Envelope) -> str:
        """Keep a mail and answer as SES does."""
        assert isinstance(envelope.original_content, bytes)
        message = message_from_bytes(envelope.original_content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.kept.append(Kept(str(envelope.mail_from), list(envelope.rcpt_tos), message))
        return TAKEN.format(number=len(self.kept))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Say what becomes of a mail that is there."""
        answer = self.answer(envelope)
        if answer is None:
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
            return "421 unheard"
        return answer


def serve(host: Host, folder: Path, sender: str) -> tuple[MailServer, dict[str, str]]:
    """Start a server that the host's tasks trust; return it, and the variables by which a task sends mails to it."""
    gateway = host.engine("network", "inspect", "--format", GATEWAY, host.network).strip()
    port = free_port()
    chain, key = certificate.write(folder, gateway)
    # The tasks trust it as they trust their database.
    trust = "cat >/authorities/mail.crt && openssl rehash /authorities"
    host.engine("exec", "-i", host.database, "sh", "-c", trust, stdin=chain.read_text())
    server = MailServer(port, chain, key)
    server.start()
    return server, {
        "MAIL_FROM": sender,
        "MAIL_HOST": gateway,
        "MAIL_PORT": str(port),
        "MAIL_USER": USER,
        "MAIL_PASSWORD": PASSWORD,
        "MAIL_PER_SECOND": "100",
        "MAIL_CONFIGURATION_SET": "floodgate-dev",
    }


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object) -> AuthResult:
    right = isinstance(login, LoginPassword) and (login.login.decode(), login.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False)
