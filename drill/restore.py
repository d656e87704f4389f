"""A course is deleted with all its people, and the database and the content of before are brought back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from drill.site import Site
from drill.site_parts import PHP
from loadtest.generator.site_api import SiteApi, Unusable
from loadtest.record.record import LedgerRow, Record
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.backup import Backup, take
from rehearsal.values.stack import Stack

_UPLOAD = "/var/www/content/uploads/drill.txt"
_TEXT = "what an organiser uploaded"
# What the dashboard's screen calls when somebody has typed the course's title.
_DELETE = """
$courses = new Floodgate\\Registration\\Courses($database);
$courses->remove($courses->find($argv[1])->id, true);
"""


def broken_promises(site: Site, record: Record) -> list[str]:
    """Delete the storm's course and a file, restore both, and return what is not as it was; empty: all is."""
    if record.course is None:
        return ["no course was made that could be restored"]
    slug = record.course.slug
    _in_php(site, "sh", "-c", 'mkdir -p "${1%/*}" && printf %s "$2" > "$1"', "sh", _UPLOAD, _TEXT)
    before = _claims(site, slug)
    runtime = site.runtime
    plan = make_plan(runtime.world(site.stack), site.stack, runtime.context.secret)
    backup = take(site.client, site.stack, plan, datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ"))
    site.php(_DELETE, slug)
    _in_php(site, "rm", _UPLOAD)
    if (left := _claims(site, slug)) is not None:
        return [f"the course was deleted, and its ledger has {len(left)} rows still"]
    site.deploy(with_restored(site.stack, backup))
    after = _claims(site, slug)
    broken = []
    if before != after:
        broken.append(f"the ledger had {len(before or ())} rows, and has {len(after or ())} after the restore")
    if (text := _in_php(site, "cat", _UPLOAD)) != _TEXT:
        broken.append(f"an uploaded file had {_TEXT!r}, and has {text!r} after the restore")
    return broken


def with_restored(stack: Stack, backup: Backup) -> Stack:
    """Return the stack as ``[dev.restored]`` makes it: the snapshot's data, and the folder that was restored into."""
    changed = dict(stack.resources)
    for name, resource in stack.resources.items():
        properties = dict(resource.properties)
        if resource.type == "AWS::RDS::DBCluster":
            [properties["SnapshotIdentifier"]] = backup.snapshots
            properties.pop("MasterUsername", None)
        elif resource.type == "AWS::EFS::AccessPoint":
            root = properties["RootDirectory"]
            properties["RootDirectory"] = {**root, "Path": f"{backup.restored}{root['Path']}"}
        changed[name] = replace(resource, properties=properties)
    return replace(stack, resources=changed)


def _claims(site: Site, slug: str) -> list[LedgerRow] | None:
    """Return the ledger's rows; None: there is no such course."""
    try:
        return SiteApi(site.url, site.token).ledger(slug).claims
    except Unusable:
        return None


def _in_php(site: Site, *command: str) -> str:
    return site.engine("exec", site.container(PHP), *command).strip()
