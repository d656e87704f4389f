"""RDS's certificate authorities, as the site's image trusts them, from the npm package that carries Amazon's bundle.

Amazon publishes the bundle at one address, without a version; the package's lock pins what was reviewed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from supply_chain.errors import BadInput

_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n", re.DOTALL)
# Those that RDS signs servers with today, in all public regions; valid for 40 and 100 years.
_NAME: Final = re.compile(r"Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d) Root CA (?:RSA2048|RSA4096|ECC384) G1")


def bundle(source: Path) -> str:
    """Return the authorities of the package's file ``source`` as PEM, each after its name. Raise ``BadInput``."""
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{source}: {error.strerror}; `make tools` installs it") from None
    literals = "".join(re.findall(r"'((?:[^'\\]|\\.)*)'", text)).replace(r"\n", "\n")
    certificates = {name: pem for pem in _CERTIFICATE.findall(literals + "\n") if _NAME.fullmatch(name := _name(pem))}
    if not certificates:
        raise BadInput(f"{source}: no certificate authority of RDS in it; the package has another shape now")
    return "".join(f"# {name}\n{pem}" for name, pem in sorted(certificates.items()))


def regions(pem: str) -> set[str]:
    """Return the regions whose databases a bundle certifies."""
    found = (_NAME.fullmatch(_name(one)) for one in _CERTIFICATE.findall(pem))
    return {match[1] for match in found if match}


def _name(pem: str) -> str:
    from cryptography import x509  # noqa: PLC0415 - the step that writes bills has not its packages
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    [name] = x509.load_pem_x509_certificate(pem.encode()).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(name.value)
