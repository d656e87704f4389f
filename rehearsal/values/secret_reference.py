"""CloudFormation's dynamic references to secrets, ``{{resolve:secretsmanager:…}}``: how they are written and filled."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Final

_REFERENCE: Final = re.compile(
    r"\{\{resolve:secretsmanager:(?P<id>arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:}]+|[^:}]+)"
    r"(?::SecretString(?::(?P<field>[^:}]*)(?::(?P<stage>[^:}]*)(?::(?P<version>[^:}]*))?)?)?)?\}\}"
)


# A parameter of the Systems Manager's by its ARN, in which every name begins with a slash.
PARAMETER: Final = re.compile(r"arn:[^:]+:ssm:(?P<region>[^:]+):[^:]+:parameter(?P<path>(?:/[\w.-]+)+)", re.ASCII)


class Unreadable(Exception):
    """A secret, or what is wanted of it, cannot be read: the message goes after the name of who wants it."""


def stand_in(account: str, region: str, name: str) -> str:
    """Return what stands in for a secret of the team's own: 32 hexadecimal digits, the same each time."""
    return sha256(f"{account}/{region}/{name}".encode()).hexdigest()[:32]


def fill(text: str, read: Callable[[str], str]) -> str:
    """Return ``text`` with each reference to a secret replaced by its value; ``read`` gives a secret's current string.

    Raise ``Unreadable`` where there is none of that name (``read`` raises ``KeyError``), or not what is wanted of it.
    """
    return _REFERENCE.sub(lambda found: value(found, found["id"], read), text)


def value(found: re.Match[str], secret: str, read: Callable[[str], str]) -> str:
    """Return what a reference names, of which ``found`` has ``field``, ``stage`` and ``version``, as ``fill`` does."""
    if found["stage"] not in (None, "", "AWSCURRENT") or found["version"]:
        raise Unreadable(f"asks for a version of the secret {secret}; the rehearsal has the current one only")
    try:
        text = read(secret)
    except KeyError:
        raise Unreadable(f"names the secret {secret}, which does not exist") from None
    field = found["field"]
    if not field:
        return text
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or field not in fields:
        has = ", ".join(sorted(fields)) if isinstance(fields, dict) else "no JSON fields"
        raise Unreadable(f"wants the field {field!r} of the secret {secret}, which has {has}")
    part = fields[field]
    return part if isinstance(part, str) else json.dumps(part)
