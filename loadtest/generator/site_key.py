"""Which site the browsers of a storm trust beside those that Chromium itself does.

Chromium has its own list of authorities and asks no variable. Where ``SSL_CERT_FILE`` names others, as in a rehearsal,
the crowd trusts those, and so do the browsers: in one key, that of the certificate which these authorities vouch for.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from loadtest.crowd.browser.address import DEFAULT_PORTS, normal
from loadtest.generator.site_api import TIMEOUT


def key_of(url: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the hash of the public key (SHA-256, base64) of the site's certificate, as Chromium's switch wants it.

    None where ``SSL_CERT_FILE`` names no authorities, or these do not vouch for the site: Chromium decides then.
    """
    authorities, parts = environment.get("SSL_CERT_FILE"), urlsplit(normal(url))
    if not authorities or parts.scheme != "https" or not parts.hostname:
        return None
    from cryptography import x509  # noqa: PLC0415 - only a site with an authority of its own needs it
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    try:
        context = ssl.create_default_context(cafile=authorities)
        place = (parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme])
        with (
            socket.create_connection(place, TIMEOUT) as connection,
            context.wrap_socket(connection, server_hostname=parts.hostname) as secured,
        ):
            shown = secured.getpeercert(binary_form=True) or b""
    except OSError:
        return None  # the crowd's people meet the same, and it is told as what it is
    key = x509.load_der_x509_certificate(shown).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return base64.b64encode(digest).decode()
