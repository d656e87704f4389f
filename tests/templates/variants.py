"""Settings that a team could write, as changes of tests/settings/example.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from settings.settings import Settings

EXAMPLE = Path(__file__).parents[1] / "settings/example.toml"

Changes = Mapping[str, Any]

CONNECTION = "arn:aws:codeconnections:eu-central-1:410000000001:connection/5f2e6f0c-0001-4ad3-9a3a-2f6f7a1b2c3d"

REAL: Changes = {
    "name": "summit",
    "repository": {
        "name": "acme/tickets",
        "branch": "release/next",
        "connection_arn": CONNECTION,
    },
    "pipeline": {"account": "410000000001", "notify": ["a@example.org", "b@example.org"]},
    "site": {"title": "Summit", "admin_email": "webmaster@example.org", "content": "image", "wordpress": "7.1"},
    "dev": {"account": "420000000002", "region": "us-east-1"},
    "prod": {"account": "430000000003", "region": "eu-west-1"},
}
ONE_ACCOUNT: Changes = {
    "repository": {"connection_arn": CONNECTION},
    "pipeline": {"account": "410000000001"},
    "dev": {"account": "410000000001"},
    "prod": {"account": "410000000001"},
}
SIZES: Changes = {
    "storm": {
        **{"people": 60, "seats": 20, "nightly": "rate(1 day)", "time_zone": "America/New_York"},
        **{"people_file": "ours/people.toml", "profile": "stress"},
        **{"warm_up": 3, "before": 4, "opening": 3, "open": 12, "recovery": 5},
    },
    "dev": {
        "spot": True,
        "task": {"cpu": 1024, "memory": 4096, "min": 2, "max": 6},
        "database": {"min_acu": 0.5, "max_acu": 8},
        "course": {"title": "Probe", "seats": 7, "opens_at": "2027-03-01T09:30:00-05:00"},
    },
    "prod": {"task": {"min": 1, "max": 1}, "database": {"min_acu": 0.5}},
}


def network(region: str) -> Changes:
    """Return an existing VPC."""
    return {
        "vpc_id": "vpc-0123456789abcdef0",
        "availability_zones": [f"{region}a", f"{region}b"],
        "public_subnet_ids": ["subnet-0000000000000000a", "subnet-0000000000000000b"],
        "private_subnet_ids": ["subnet-0000000000000001a", "subnet-0000000000000001b"],
        "isolated_subnet_ids": ["subnet-0000000000000002a", "subnet-0000000000000002b"],
    }


def domain(name: str) -> Changes:
    """Return a name in a zone of example.com."""
    return {"name": name, "hosted_zone_id": "Z0123456789ABCDEFGHIJ", "hosted_zone_name": "example.com"}


DOMAINS: Changes = {
    "dev": {"domain": domain("dev.example.com")},
    "prod": {"insecure": False, "domain": domain("example.com"), "network": network("eu-central-1")},
}
FLEET: Changes = {"storm": {"people": 2500, "seats": 100}}
DEV_NETWORK: Changes = {"dev": {"network": network("eu-central-1")}}
MAIL: Changes = {"site": {"mail": {"from": "tickets@example.org", "credentials": "summit/mail", "per_second": 14}}}
RESTORED: Changes = {
    "prod": {
        "restored": {
            "snapshot": "arn:aws:rds:eu-west-1:430000000003:cluster-snapshot:awsbackup:job-0a1b2c3d",
            "content": "/aws-backup-restore_2027-02-01T18-00-00-000Z",
        },
        "backup": {"keep_days": 90, "copy_to": "arn:aws:backup:eu-central-1:430000000003:backup-vault:copies"},
    }
}
WINDOWS: Changes = {
    "prod": {
        "vcpu_quota": 64,
        "windows": [
            {"opens": datetime(2099, 2, 1, 18, 0), "time_zone": "Europe/Berlin", "people": 20_000},
            {"opens": datetime(2099, 7, 1, 9, 0), "time_zone": "Europe/Berlin", "people": 2000, "lead": 30},
        ],
    }
}
FRONT: Changes = {
    "dev": {"visitors": ["203.0.113.0/24", *(f"198.51.100.{n}/32" for n in range(6))], "firewall": {}},
    "prod": {
        "insecure": False,
        "domain": domain("www.example.com"),
        "front": {"distribution": "d111111abcdef8.cloudfront.net", "only": True},
        "firewall": {"requests": 5000},
    },
}
ALL_AT_ONCE: Sequence[Changes] = (
    *(REAL, SIZES, DOMAINS, MAIL, RESTORED),
    {"prod": {"insecure": False, "network": network("eu-west-1"), "domain": domain("www.example.com")}},
    {"dev": {"domain": domain("dev.example.com"), "front": {}, "firewall": {}}},
    {"storm": {"nightly_as": "prod", "nightly": "cron(30 4 ? * MON-FRI *)", "kill_task": True}},
)


def variant(*changes: Changes) -> Settings:
    """Return the example with changes, each over those before it.

    Raise pydantic's ValidationError where it is not valid.
    """
    merged: Changes = tomllib.loads(EXAMPLE.read_text())
    for change in changes:
        merged = over(merged, change)
    return Settings.model_validate(merged)


def over(tables: Changes, changes: Changes) -> Changes:
    """Lay tables over others, key by key."""
    return {
        **tables,
        **{
            key: over(tables.get(key, {}), value) if isinstance(value, Mapping) else value
            for key, value in changes.items()
        },
    }
