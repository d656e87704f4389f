"""What CloudFormation wants to be told before it makes roles and policies: capabilities, by the template's resources.

From "Acknowledging IAM resources in CloudFormation templates" in the user guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_KNOWN: Final = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_KINDS: Final = frozenset(
    f"AWS::IAM::{kind}"
    for kind in (
        *("AccessKey", "Group", "InstanceProfile", "ManagedPolicy", "Policy", "Role", "User"),
        "UserToGroupAddition",
    )
)
# Properties by which a template itself names such a resource.
_NAMES: Final = frozenset({"GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName"})


def faults(template: Mapping[str, Any], written: str) -> Iterator[str]:
    """Yield what CloudFormation refuses of a template with the capabilities ``written``, by commas."""
    stated = [each.strip() for each in written.split(",") if each.strip()]
    for each in stated:
        if each not in _KNOWN:
            yield f"Capabilities has {each}; known are {', '.join(_KNOWN)}"
    resources = {name: each for name, each in template.get("Resources", {}).items() if each.get("Type") in _KINDS}
    owners = [name for name, each in resources.items() if _NAMES & set(each.get("Properties", {}))]
    if owners and _KNOWN[1] not in stated:
        yield f"its template names {', '.join(owners)} itself, and Capabilities lacks {_KNOWN[1]}"
    elif resources and not set(stated) & set(_KNOWN[:2]):
        yield f"its template has {', '.join(resources)} of IAM, and Capabilities lacks {_KNOWN[0]}"
