"""The names within a CloudFormation template: what is referred to is there, nothing goes in a circle."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from rehearsal.values.template_values import PLACEHOLDER

_LOGICAL_ID: Final = re.compile(r"[A-Za-z0-9]+")
_PSEUDO_PARAMETERS: Final = frozenset(
    f"AWS::{name}"
    for name in ("AccountId", "NoValue", "NotificationARNs", "Partition", "Region", "StackId", "StackName", "URLSuffix")
)


@dataclass(frozen=True)
class _Mention:
    """A name that something refers to: by a function, as a kind of thing; ``sure`` outside ``Fn::If``."""

    function: str
    kind: str
    name: str
    sure: bool


def faults(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each name that CloudFormation would not find, or not take, and for each circle."""
    for section in ("Parameters", "Resources", "Outputs"):
        for name in template.get(section, {}):
            if not _LOGICAL_ID.fullmatch(name):
                yield f"the name {name!r} in {section} has other characters than letters and digits"
    names = {
        "resource": frozenset(template["Resources"]),
        "condition": frozenset(template.get("Conditions", {})),
    }
    names["parameter"] = frozenset(template.get("Parameters", {})) | _PSEUDO_PARAMETERS
    names["name"] = names["resource"] | names["parameter"]
    for section in ("Resources", "Outputs", "Conditions"):
        for owner, part in template.get(section, {}).items():
            for mention in _mentions(section, part):
                kind = "parameter" if section == "Conditions" and mention.kind != "condition" else mention.kind
                if mention.name not in names[kind]:
                    what = f"the {kind} " if kind in {"condition", "parameter"} else ""
                    where = f"{owner} ({part['Type']})" if section == "Resources" else f"{section}.{owner}"
                    yield f"{where}: {mention.function} names {what}{mention.name}, which the template does not have"
    resources = {name: part for name, part in template["Resources"].items() if "Condition" not in part}
    yield from _circle("Resources", resources)
    yield from _circle("Conditions", template.get("Conditions", {}))
    yield from _exported_twice(template.get("Outputs", {}))


def _mentions(section: str, part: Any) -> Iterator[_Mention]:
    if section != "Conditions" and "Condition" in part:
        yield _Mention("Condition", "condition", str(part["Condition"]), sure=True)
    if section == "Resources":
        before = part.get("DependsOn", ())
        for name in [before] if isinstance(before, str) else before:
            yield _Mention("DependsOn", "resource", str(name), sure=True)
        part = {key: part[key] for key in ("Properties", "UpdatePolicy", "CreationPolicy") if key in part}
    yield from _within(part, in_conditions=section == "Conditions")


def _within(value: Any, *, in_conditions: bool, sure: bool = True) -> Iterator[_Mention]:
    """Yield what a value's functions name."""
    if isinstance(value, list):
        for item in value:
            yield from _within(item, in_conditions=in_conditions, sure=sure)
    if not isinstance(value, Mapping):
        return
    if len(value) == 1:
        [(function, argument)] = value.items()
        yield from _named(function, argument, in_conditions=in_conditions, sure=sure)
        sure = sure and function != "Fn::If"
    for item in value.values():
        yield from _within(item, in_conditions=in_conditions, sure=sure)


def _named(function: str, argument: Any, *, in_conditions: bool, sure: bool) -> Iterator[_Mention]:
    """Yield what one function names by itself, beside what the functions in its argument name."""
    match function, argument:
        case "Ref", str(name):
            yield _Mention(function, "name", name, sure)
        case "Condition", str(name) if in_conditions:
            yield _Mention(function, "condition", name, sure)
        case "Fn::If", [str(name), *_]:
            yield _Mention(function, "condition", name, sure)
        case "Fn::GetAtt", [str(name), *_]:
            yield _Mention(function, "resource", name, sure)
        case "Fn::GetAtt", str(path):
            yield _Mention(function, "resource", path.partition(".")[0], sure)
        case "Fn::Sub", str() | [str(), {}]:
            text, own = (argument, {}) if isinstance(argument, str) else argument
            for is_literal, name in PLACEHOLDER.findall(text):
                if not is_literal and (name := name.strip()) not in own:
                    yield _Mention(function, "resource" if "." in name else "name", name.partition(".")[0], sure)


def _circle(section: str, parts: Mapping[str, Any]) -> Iterator[str]:
    """Yield a circle of parts that wait for one another, whatever the template's conditions are."""
    sorter = TopologicalSorter(
        {
            name: {each.name for each in _mentions(section, part) if each.sure and each.name in parts}
            for name, part in parts.items()
        }
    )
    try:
        sorter.prepare()
    except CycleError as error:
        found = " and ".join(sorted(set(error.args[1])))
        yield f"{found} refer to one another in a circle" if " and " in found else f"{found} refers to itself"


def _exported_twice(outputs: Mapping[str, Any]) -> Iterator[str]:
    names = Counter(
        json.dumps(part["Export"]["Name"], sort_keys=True)
        for part in outputs.values()
        if "Condition" not in part and "Name" in part.get("Export", {})
    )
    for name, number in names.items():
        if number > 1:
            yield f"{number} outputs are exported as {name}"
