"""The kinds of values that settings.toml holds, each with what is allowed."""

from __future__ import annotations

import datetime
import functools
from typing import Annotated
from zoneinfo import available_timezones

import botocore.session

from settings.validation import MomentRule, Rule, matches

# Python lists them among the others, and they are no place: "localtime" is what each machine takes for its own zone,
# "Factory" where nobody has named one (findings/zoneinfo-lists-the-machines-own-zone.sh).
_NO_ZONES = frozenset({"Factory", "localtime"})


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_ZONES


def is_zone(name: str) -> bool:
    """Return whether the IANA database has a time zone of that name."""
    # Empty where the system has no time zone data: then only the shape is checked.
    if not _zones():
        return name not in _NO_ZONES and matches(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*")(name)
    return name in _zones()


@functools.cache
def is_region(name: str) -> bool:
    """Return whether AWS's partition ``aws`` has a region of that name."""
    return name in _regions()


@functools.cache
def _regions() -> frozenset[str]:
    # botocore ships the list; the CDK has the same one, and takes a second to start.
    return frozenset(botocore.session.get_session().get_available_regions("cloudformation", "aws"))


HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
EMAIL = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{HOST}"
Name = Annotated[
    str,
    Rule(
        "2 to 20 lower-case letters, digits and hyphens, a letter first, and not internal-, which AWS keeps for itself",
        # Load balancers are named after it.
        matches(r"(?!internal-)[a-z][a-z0-9-]{0,18}[a-z0-9]"),
    ),
]
Account = Annotated[
    str, Rule('an AWS account number: 12 digits, in quotes, such as "123456789012"', matches(r"\d{12}"))
]
Region = Annotated[
    str,
    Rule("the name of an AWS region (of the partition aws), such as eu-central-1", is_region),
]
Text = Annotated[
    str, Rule("a text of 1 to 200 characters in one line", lambda t: 0 < len(t.strip()) <= 200 and t.isprintable())
]
Email = Annotated[str, Rule("an e-mail address", matches(EMAIL))]
Seconds = Annotated[int, Rule("a whole number of seconds from 1 to 3600", lambda s: 1 <= s <= 3600)]
Subnets = Annotated[
    list[str],
    Rule(
        "a list of different subnet ids, one per availability zone",
        lambda ids: len(ids) == len(set(ids)) and all(map(matches(r"subnet-[0-9a-f]{8,17}"), ids)),
    ),
]
Moment = Annotated[
    datetime.datetime,
    MomentRule(
        "an ISO 8601 date and time with its offset, such as 2027-01-15T18:00:00+01:00",
    ),
]
