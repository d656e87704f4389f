"""Values as templates write them: intrinsic functions, and what only the deployment knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

# What takes a property or an item away, and a name in the text of ``Fn::Sub``, ``!`` before one that stays as it is.
NO_VALUE: Final = {"Ref": "AWS::NoValue"}
PLACEHOLDER: Final = re.compile(r"\$\{(!?)([^${}]+)\}")


def intrinsic(value: object) -> bool:
    """Return whether a mapping is an intrinsic function of CloudFormation's."""
    # First what a template is made of: to ask whether something is a mapping of any kind takes longer.
    if isinstance(value, str | list) or not isinstance(value, Mapping) or len(value) != 1:
        return False
    [name] = value
    return name in {"Ref", "Condition"} or str(name).startswith("Fn::")


def deferred(value: Any) -> bool:
    """Return whether a text stands for a value that is known at the deployment."""
    return isinstance(value, str) and any(mark in value for mark in ("{{resolve:", "${"))
