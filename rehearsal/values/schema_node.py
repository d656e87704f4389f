"""What a node of a schema asks of a value: its type, and its bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import regex

from rehearsal.values.template_values import NO_VALUE, deferred

Node = Mapping[str, Any]
TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict | Mapping),
    "array": lambda value: isinstance(value, Sequence) and not isinstance(value, str),
    "string": lambda value: isinstance(value, str | int | float),
    "integer": lambda value: _reads(value, int),
    "number": lambda value: _reads(value, float),
    "boolean": lambda value: str(value).lower() in {"true", "false"} or deferred(value),
    "null": lambda value: value is None,
}
WORDS: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}


def _reads(value: Any, read: Callable[[str], object]) -> bool:
    if isinstance(value, Mapping | list):
        return False
    try:
        read(str(value))
    except ValueError:
        return deferred(value)
    return True


def types_of(node: Node, unsaid: Sequence[str] = ()) -> set[str]:
    """Return the types that a schema names, or ``unsaid`` where it names none."""
    kind = node.get("type", unsaid)
    return {kind} if isinstance(kind, str) else set(kind)


def beyond(bounds: Sequence[Node], value: Any, *, written: bool) -> str:
    """Return what CloudFormation takes in the place of a value that is beyond a bound, in words; else nothing.

    ``written`` says whether it is looked at how a text is written.
    """
    if deferred(value) or value is None or isinstance(value, bool | Mapping):
        return ""
    checks = [_of_list] if isinstance(value, list) else [_of_number, *([_of_text] if written else [])]
    return next((wanted for node in bounds for check in checks if (wanted := check(node, value))), "")


def _of_list(node: Node, value: Sequence[Any]) -> str:
    if any(isinstance(each, Mapping) and (each == NO_VALUE or "Fn::If" in each) for each in value):
        return ""
    if not node.get("minItems", 0) <= len(value) <= node.get("maxItems", math.inf):
        return _between(node, "minItems", "maxItems", "items")
    written = [json.dumps(each, sort_keys=True, default=str) for each in value]
    return "items that differ" if node.get("uniqueItems") is True and len(set(written)) < len(written) else ""


def _of_number(node: Node, value: Any) -> str:
    if not types_of(node) & {"integer", "number"} or "string" in types_of(node):
        return ""
    number, step = float(value), node.get("multipleOf")
    if not node.get("minimum", -math.inf) <= number <= node.get("maximum", math.inf):
        return _between(node, "minimum", "maximum", "")
    return f"multiples of {step}" if step and number % step else ""


def _of_text(node: Node, value: Any) -> str:
    if "string" not in types_of(node):
        return ""
    text, pattern = str(value), node.get("pattern")
    if not node.get("minLength", 0) <= len(text) <= node.get("maxLength", math.inf):
        return f"a text of {_between(node, 'minLength', 'maxLength', 'characters')}"
    return f"what matches {pattern}" if isinstance(pattern, str) and not regex.search(pattern, text) else ""


def _between(node: Node, low: str, high: str, what: str) -> str:
    """Return bounds in words."""
    bounds = [f"at least {node[low]}" if low in node else "", f"at most {node[high]}" if high in node else ""]
    return f"{' and '.join(filter(None, bounds))} {what}".strip()
