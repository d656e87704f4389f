#!/bin/sh
# aiosmtpd hands its handlers another recipient than the client named: of `RCPT TO:<"a..b"@example.org>` it takes the quotes away, and
# `a..b@example.org` is no address outside quotes (RFC 5321). Who hands the envelope on by smtplib names another, invalid recipient; who tests a
# client's quoting by such a server sees none. The quotes of `"a b"@example.org` stay: the standard library's parser of headers, which aiosmtpd asks,
# knows that a blank needs them, and not that dots side by side or at an end do.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI; the server listens on loopback.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: aiosmtpd==1.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import smtplib
import socket
import sys
from importlib.metadata import version

from aiosmtpd.smtp import SMTP

NAMED = ['"a..b"@example.org', '"a."@example.org', '"a b"@example.org']
EXPECTED = ["a..b@example.org", "a.@example.org", '"a b"@example.org']
found = []


class Handler:
    async def handle_DATA(self, server, session, envelope):
        found.extend(envelope.rcpt_tos)
        return "250 OK"


def send(port):
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.ehlo("localhost")
        client.docmd("MAIL", "FROM:<sender@example.org>")
        for address in NAMED:
            client.docmd("RCPT", f"TO:<{address}>")
        client.data(b"Subject: x\r\n\r\nx\r\n")


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), loop=loop, hostname="localhost"), "127.0.0.1", 0, family=socket.AF_INET)
    async with server:
        await asyncio.to_thread(send, server.sockets[0].getsockname()[1])


asyncio.run(main())
print(f"aiosmtpd {version('aiosmtpd')}, Python {sys.version.split()[0]}: named {NAMED}, handed on {found}")
sys.exit(found != EXPECTED)
PYTHON
