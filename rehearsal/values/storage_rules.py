"""What EFS, S3, Secrets Manager and AWS Backup refuse in file systems, buckets, secrets and plans.

Sources: ``CreateFileSystem`` and ``PutLifecycleConfiguration``, ``PutBucketLifecycleConfiguration``,
``PutBucketReplication``, ``PutBucketAcl``, ``CreateSecret``, ``GetRandomPassword`` and AWS Backup's ``Lifecycle`` in
the API references; "Amazon EFS performance"; "Controlling ownership of objects" in S3's user guide; the errors given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from rehearsal.values.as_written import Properties, mappings, number, present, text, truth, within

# Secrets Manager's own message names the exclamation mark, which its documentation forgets.
_SECRET: Final = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
_LENGTHS: Final = range(1, 4097)
# What of a rule of a life cycle does nothing; when, in days, objects may go to storage for what is asked for rarely.
_NO_ACTIONS: Final = frozenset({"Id", "Status", "Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"})
_INFREQUENT: Final = frozenset({"STANDARD_IA", "ONEZONE_IA"})
_SOONEST: Final = 30
_COLD: Final = 90
_KINDS_OF_CHARACTERS: Final = ("ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation")


def file_system(properties: Properties) -> Iterator[str]:
    """Yield what EFS refuses in a file system."""
    mode = text(properties, "ThroughputMode") if "ThroughputMode" in properties else "bursting"
    if mode == "provisioned" and "ProvisionedThroughputInMibps" not in properties:
        yield "ThroughputMode is provisioned without ProvisionedThroughputInMibps"
    if mode not in {"provisioned", None} and present(properties, ["ProvisionedThroughputInMibps"]):
        yield f"ProvisionedThroughputInMibps does not go with the ThroughputMode {mode}"
    if text(properties, "PerformanceMode") == "maxIO":
        if mode == "elastic":
            yield "the PerformanceMode maxIO does not go with the ThroughputMode elastic"
        if present(properties, ["AvailabilityZoneName"]):
            yield "the PerformanceMode maxIO does not go with an AvailabilityZoneName"
    if present(properties, ["KmsKeyId"]) and truth(properties, "Encrypted") is False:
        yield "KmsKeyId is given without Encrypted"
    for policy in mappings(properties.get("LifecyclePolicies")):
        if len(present(policy, list(policy))) > 1:
            yield f"a lifecycle policy has {' and '.join(sorted(policy))}; each wants a policy of its own"
        if mode == "bursting" and present(policy, ["TransitionToArchive"]):
            yield "TransitionToArchive wants the ThroughputMode elastic or provisioned"


def bucket(properties: Properties) -> Iterator[str]:
    """Yield what S3 refuses in a bucket."""
    lifecycle = properties.get("LifecycleConfiguration")
    for rule in mappings(lifecycle.get("Rules")) if isinstance(lifecycle, Mapping) else ():
        expiration = rule.get("NoncurrentVersionExpiration")
        found = {name: number(rule, name) for name in ("ExpirationInDays", "NoncurrentVersionExpirationInDays")}
        if isinstance(expiration, Mapping):
            found["NoncurrentDays"] = number(expiration, "NoncurrentDays")
        for name, days in found.items():
            if days is not None and days < 1:
                yield f"{name} of a lifecycle rule is {days:g}; a day is the least"
        yield from _transitions(rule)
    versioning = properties.get("VersioningConfiguration", {})
    is_versioned = not isinstance(versioning, Mapping) or versioning.get("Status") not in {None, "Suspended"}
    if present(properties, ["ReplicationConfiguration"]) and not is_versioned:
        yield "it has a ReplicationConfiguration without the VersioningConfiguration Enabled"
    access = text(properties, "AccessControl")
    if access not in {None, "Private", "BucketOwnerFullControl"} and "OwnershipControls" not in properties:
        yield f"AccessControl is {access}; S3 takes none without OwnershipControls of another ObjectOwnership"


def _transitions(rule: Properties) -> Iterator[str]:
    """Yield what S3 refuses of a lifecycle rule's actions among each other."""
    if not set(rule) - _NO_ACTIONS:
        yield "a lifecycle rule has no action"
    single = rule.get("Transition")
    ends = number(rule, "ExpirationInDays")
    for each in (*mappings(rule.get("Transitions")), *([single] if isinstance(single, Mapping) else ())):
        days, storage = number(each, "TransitionInDays"), text(each, "StorageClass")
        if days is not None and storage in _INFREQUENT and days < _SOONEST:
            yield f"TransitionInDays to {storage} is {days:g}; {_SOONEST} days are the least"
        if days is not None and ends is not None and ends <= days:
            yield f"ExpirationInDays {ends:g} of a lifecycle rule is not after its transition at {days:g}"


def backup_plan(properties: Properties) -> Iterator[str]:
    """Yield what AWS Backup refuses in a plan."""
    plan = properties.get("BackupPlan")
    rules = list(mappings(plan.get("BackupPlanRule"))) if isinstance(plan, Mapping) else []
    copies = [each for rule in rules for each in mappings(rule.get("CopyActions"))]
    for rule in (*rules, *copies):
        lifecycle = rule.get("Lifecycle")
        if not isinstance(lifecycle, Mapping):
            continue
        cold, ends = number(lifecycle, "MoveToColdStorageAfterDays"), number(lifecycle, "DeleteAfterDays")
        if cold is not None and ends is not None and ends < cold + _COLD:
            yield (
                f"DeleteAfterDays {ends:g} is less than {_COLD} days after MoveToColdStorageAfterDays {cold:g}, "
                "for which a backup stays in cold storage"
            )


def secret(properties: Properties) -> Iterator[str]:
    """Yield what Secrets Manager refuses in a secret."""
    if (name := text(properties, "Name")) and not _SECRET.fullmatch(name):
        yield f"Name is {name!r}; letters, digits and /_+=.@!- are allowed"
    generate = properties.get("GenerateSecretString")
    if not isinstance(generate, Mapping) or "Fn::If" in generate:
        return
    if present(properties, ["SecretString"]):
        yield "SecretString and GenerateSecretString do not go together"
    yield from within(generate, "PasswordLength", _LENGTHS, "GenerateSecretString.")
    kinds = [name for name in _KINDS_OF_CHARACTERS if truth(generate, name) is not True]
    if not kinds:
        yield "GenerateSecretString excludes each kind of characters"
    length = number(generate, "PasswordLength")
    if truth(generate, "RequireEachIncludedType", default=True) and length is not None and length < len(kinds):
        yield f"GenerateSecretString.PasswordLength {length:g} is too short for one of each of {len(kinds)} kinds"
    pair = ("SecretStringTemplate", "GenerateStringKey")
    halves = [name for name in pair if generate.get(name)]
    if "Fn::If" not in str(generate) and len(halves) == 1:
        yield f"GenerateSecretString.{halves[0]} wants {next(name for name in pair if name not in halves)} beside it"
    if template := text(generate, "SecretStringTemplate"):
        try:
            is_mapping = isinstance(json.loads(template), dict)
        except ValueError:
            is_mapping = False
        if not is_mapping:
            yield "GenerateSecretString.SecretStringTemplate is no mapping in JSON"
