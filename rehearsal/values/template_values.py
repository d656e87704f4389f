"""Values as templates write them: intrinsic functions, and what only the deployment knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

# What takes a property or an item away, and a name in the text of ``Fn::Sub``, ``!`` before one that stays as it is.
NO_VALUE: Final = {"Ref": "AWS::NoValue"}
PLACEHOLDER: Final = re.compile(r"\$\{(!?)([^${}]+)\}")
# Numbers as a template may write them in a text. Python's own ``int`` and ``float`` read more, and so does cfn-lint:
# ``1_000``, digits of other scripts, ``nan`` (findings/cfn-lint-reads-numbers-as-python-does.sh).
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# What a template is made of, and is no mapping.
_NO_MAPPING: Final = frozenset({str, list, int, float, bool, type(None)})


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return whether a value is a mapping of any kind; to ask that alone takes ten times as long."""
    return type(value) is dict or (type(value) not in _NO_MAPPING and isinstance(value, Mapping))


def intrinsic(value: object) -> bool:
    """Return whether a mapping is an intrinsic function of CloudFormation's."""
    if not is_mapping(value) or len(value) != 1:
        return False
    [name] = value
    return name in {"Ref", "Condition"} or str(name).startswith("Fn::")


def deferred(value: Any) -> bool:
    """Return whether a text stands for a value that is known at the deployment."""
    return isinstance(value, str) and any(mark in value for mark in ("{{resolve:", "${"))


def whole(value: object) -> int:
    """Return a whole number that a template may write as a text. Raise ``ValueError``."""
    return int(_written(value, _WHOLE))


def number(value: object) -> float:
    """Return a number that a template may write as a text. Raise ``ValueError``."""
    return float(_written(value, _NUMBER))


def _written(value: object, form: re.Pattern[str]) -> str:
    text = str(value)
    if not form.fullmatch(text):
        raise ValueError(f"{text!r} is no number of a template")
    return text
