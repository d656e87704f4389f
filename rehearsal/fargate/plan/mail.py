"""The mail server that a stack's containers hand mails to: Amazon SES by SMTP, or any other by the same variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rehearsal.fargate.desired.backing_servers import MailServer
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.desired.service import Schedule, Service
from rehearsal.values.stack import Stack

# Amazon SES's endpoints, as "Amazon Simple Email Service endpoints and quotas" lists them.
_SES = re.compile(r"email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com")
_HOST = re.compile(r"(?P<prefix>\w*(MAIL|SMTP)_)HOST")


def mail_server(stack: Stack, running: Iterable[Service | Schedule]) -> MailServer | None:
    """Return the server of a stack; None: no container names one. Raise PlanError where they name different ones.

    It is known by a variable ``MAIL_HOST`` or ``SMTP_HOST`` with any prefix, or by an endpoint of SES in any variable
    that ends in ``HOST``; its port, user and password stand beside it in ``…PORT``, ``…USER`` and ``…PASSWORD``.
    """
    found = {(each.network, server) for each in running for server in _named(stack, each)}
    if len(found) > 1:
        raise PlanError(f"{stack.name}: its containers name different mail servers; the rehearsal stands in for one.")
    return next((server for _, server in found), None)


def _named(stack: Stack, each: Service | Schedule) -> Iterator[MailServer]:
    for container in each.task.containers:
        values = {**container.environment, **container.secrets}
        for name, host in container.environment.items():
            match = _HOST.fullmatch(name)
            if match is None and not (name.endswith("HOST") and _SES.fullmatch(host)):
                continue
            prefix = match["prefix"] if match else name.removesuffix("HOST")
            where = f"{each.key}: container {container.name}"
            absent = [word for word in ("PORT", "USER", "PASSWORD") if not values.get(prefix + word)]
            if absent:
                raise PlanError(f"{where}: {name} names a mail server, and {prefix}{absent[0]} is not set.")
            if not values[f"{prefix}PORT"].isdigit():
                raise PlanError(f"{where}: {prefix}PORT is no port: {values[f'{prefix}PORT']!r}.")
            yield MailServer(
                key=Key(stack.account, stack.region, stack.name, "MailServer"),
                network=each.network,
                host=host,
                port=int(values[f"{prefix}PORT"]),
                user=values[f"{prefix}USER"],
                password=values[f"{prefix}PASSWORD"],
            )
