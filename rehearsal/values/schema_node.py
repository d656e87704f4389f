"""What a node of a schema asks of a value: its type, and its bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

import regex

from rehearsal.values.template_values import NO_VALUE, deferred, number, whole

Node = Mapping[str, Any]
# A check of a bound, and the part of a schema that says it.
Bound = tuple[Callable[[Node, Any], str], Node]
TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict | Mapping),
    "array": lambda value: isinstance(value, Sequence) and not isinstance(value, str),
    "string": lambda value: isinstance(value, str | int | float),
    "integer": lambda value: _reads(value, whole),
    "number": lambda value: _reads(value, number),
    "boolean": lambda value: str(value).lower() in {"true", "false"} or deferred(value),
    "null": lambda value: value is None,
}
# The types that a template's values most often have.
TYPE_OF: Final[Mapping[type, str]] = {dict: "object", list: "array", str: "string"}
# A character beyond the first 65,536, in an expression that is written in UTF-16: a half, and the other.
_HALVES: Final = regex.compile(r"\\u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
WORDS: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def _reads(value: Any, read: Callable[[object], object]) -> bool:
    if isinstance(value, Mapping | list):
        return False
    try:
        read(value)
    except ValueError:
        return deferred(value)
    return True


def types_of(node: Node, unsaid: Sequence[str] = ()) -> set[str]:
    """Return the types that a schema names, or ``unsaid`` where it names none."""
    kind = node.get("type", unsaid)
    return {kind} if isinstance(kind, str) else set(kind)


def of_list(node: Node, value: Sequence[Any]) -> str:
    """Return what is wanted in the place of a list that is beyond a bound, in words; else nothing."""
    if any(isinstance(each, Mapping) and (each == NO_VALUE or "Fn::If" in each) for each in value):
        return ""
    if not node.get("minItems", 0) <= len(value) <= node.get("maxItems", math.inf):
        return _between(node, "minItems", "maxItems", "items")
    if node.get("uniqueItems") is not True:
        return ""
    different = {json.dumps(each, sort_keys=True, default=str) for each in value}
    return "items that differ" if len(different) < len(value) else ""


def of_number(node: Node, value: Any) -> str:
    """Return what is wanted in the place of a number that is beyond a bound, in words; else nothing."""
    if not types_of(node) & {"integer", "number"} or "string" in types_of(node):
        return ""
    step = node.get("multipleOf")
    if not node.get("minimum", -math.inf) <= number(value) <= node.get("maximum", math.inf):
        return _between(node, "minimum", "maximum", "")
    # As they are written: of the binary numbers next to them 0.3 is no multiple of 0.1.
    return f"multiples of {step}" if step and Decimal(str(value)) % Decimal(str(step)) else ""


def of_text(node: Node, value: Any) -> str:
    """Return what is wanted in the place of a text that is beyond a bound, in words; else nothing."""
    if "string" not in types_of(node):
        return ""
    text, pattern = str(value), node.get("pattern")
    if not node.get("minLength", 0) <= len(text) <= node.get("maxLength", math.inf):
        return f"a text of {_between(node, 'minLength', 'maxLength', 'characters')}"
    return f"what matches {pattern}" if isinstance(pattern, str) and not compiled(pattern).search(text) else ""


@cache
def compiled(pattern: str) -> regex.Pattern[str]:
    r"""Return a schema's pattern to search with: some classes of letters in them Python's own expressions do not know.

    To AWS ``\w`` and ``\d`` are letters and digits of English alone (findings/cfn-lint-takes-any-letter-for-w.sh). The
    library would take ``\p{L}`` so, too: where that stands, letters of any kind are meant.
    A template is held against the same few hundred again and again; ``regex`` itself looks each up in a slower way.
    """
    whole = _HALVES.sub(lambda found: rf"\U{_joined(found[1], found[2]):08x}", pattern)
    return regex.compile(whole, 0 if r"\p" in pattern else regex.ASCII)


def _joined(high: str, low: str) -> int:
    return ord(bytes.fromhex(high + low).decode("utf-16-be"))


def _between(node: Node, low: str, high: str, what: str) -> str:
    """Return bounds in words."""
    bounds = [f"at least {node[low]}" if low in node else "", f"at most {node[high]}" if high in node else ""]
    return f"{' and '.join(filter(None, bounds))} {what}".strip()
