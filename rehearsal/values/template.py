"""A CloudFormation template as it was written: what CloudFormation would refuse, and what no rehearsal carries out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import regex

from rehearsal.values import resource_schema, service_rules
from rehearsal.values.exits import ActionFailed
from rehearsal.values.schema_node import compiled
from rehearsal.values.template_values import number

_NOT_REHEARSED: Final = "is not rehearsed"
# Sections of a template, parts of a resource, of a parameter and of an output; a reason says why one is refused.
_SECTIONS: Final[Mapping[str, str | None]] = {
    **dict.fromkeys(
        (
            *("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions"),
            *("Resources", "Outputs", "Rules"),
        )
    ),
    "Transform": _NOT_REHEARSED,
    "Hooks": _NOT_REHEARSED,
}
_RESOURCE: Final[Mapping[str, str | None]] = {
    **dict.fromkeys(
        ("Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy")
    ),
    "CreationPolicy": _NOT_REHEARSED,
    "UpdatePolicy": _NOT_REHEARSED,
}
_PARAMETER: Final[Mapping[str, str | None]] = dict.fromkeys(
    (
        *("Type", "Default", "Description", "NoEcho", "ConstraintDescription", "AllowedValues", "AllowedPattern"),
        *("MinLength", "MaxLength", "MinValue", "MaxValue"),
    )
)
_OUTPUT: Final[Mapping[str, str | None]] = dict.fromkeys(("Value", "Description", "Export", "Condition"))
_EXPORT: Final[Mapping[str, str | None]] = {"Name": None}
_RULE: Final[Mapping[str, str | None]] = dict.fromkeys(("RuleCondition", "Assertions"))
_POLICIES: Final = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}
# The types of which CloudFormation takes a snapshot, from "DeletionPolicy attribute" in the user guide.
_WITH_SNAPSHOTS: Final = frozenset(
    f"AWS::{name}"
    for name in (
        *("DocDB::DBCluster", "EC2::Volume", "ElastiCache::CacheCluster", "ElastiCache::ReplicationGroup"),
        *("Neptune::DBCluster", "RDS::DBCluster", "RDS::DBInstance", "Redshift::Cluster"),
    )
)
# The rule of the CDK's own templates: the bootstrap stack must be new enough, which a rehearsal's always is.
_KNOWN_RULES: Final = frozenset({"CheckBootstrapVersion"})


def faults(template: Mapping[str, Any], region: str) -> Iterator[str]:
    """Yield a sentence for everything in a template that AWS refuses in a region, or that no rehearsal honours."""
    yield from _only(template, _SECTIONS, "the template")
    for name in set(template.get("Rules", {})) - _KNOWN_RULES:
        yield f"the rule {name} {_NOT_REHEARSED}"
    for name, rule in template.get("Rules", {}).items():
        yield from _only(rule, _RULE, f"the rule {name}")
    for name, parameter in template.get("Parameters", {}).items():
        yield from _only(parameter, _PARAMETER, f"the parameter {name}")
    for name, output in template.get("Outputs", {}).items():
        yield from _only(output, _OUTPUT, f"the output {name}")
        yield from _only(output.get("Export", {}), _EXPORT, f"the export of the output {name}")
    for logical_id, resource in template["Resources"].items():
        where = f"{logical_id} ({resource.get('Type')})"
        yield from _only(resource, _RESOURCE, where)
        for policy, allowed in _POLICIES.items():
            if resource.get(policy, "Delete") not in allowed:
                yield f"{where}: {policy} is {resource[policy]!r}; CloudFormation takes {', '.join(allowed)}"
            elif resource.get(policy) == "Snapshot" and resource.get("Type") not in _WITH_SNAPSHOTS:
                yield f"{where}: {policy} is 'Snapshot', which there are none of"
        kind, properties = str(resource.get("Type")), resource.get("Properties", {})
        for fault in (*resource_schema.faults(kind, properties), *service_rules.faults(kind, properties, region)):
            yield f"{where}: {fault}"
    for section in ("Resources", "Outputs", "Conditions"):
        yield from _misplaced(template.get(section, {}), (section,))


def parameters(template: Mapping[str, Any], overrides: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each parameter: as given, or its default.

    Raise ``ActionFailed`` at what CloudFormation refuses: a name that the template does not have, a parameter without a
    value, a value that its constraints exclude.
    """
    defined: Mapping[str, Mapping[str, Any]] = template.get("Parameters", {})
    if unknown := sorted(set(overrides) - set(defined)):
        raise ActionFailed(f"parameters that the template does not have are given: {', '.join(unknown)}")
    values: dict[str, str] = {}
    for name, parameter in defined.items():
        value = overrides.get(name, parameter.get("Default"))
        if value is None:
            raise ActionFailed(f"the parameter {name} has no value, and no default")
        values[name] = str(value)
        if fault := _constrained(parameter, str(value)):
            reason = f": {parameter['ConstraintDescription']}" if "ConstraintDescription" in parameter else ""
            raise ActionFailed(f"the parameter {name} is {_shown(parameter, str(value))}; {fault}{reason}")
    return values


def _shown(parameter: Mapping[str, Any], value: str) -> str:
    return "****" if str(parameter.get("NoEcho", False)).lower() == "true" else repr(value)


def _matches(pattern: str, value: str) -> bool:
    # CloudFormation's expressions are Java's, as those of its schemas seem to be.
    try:
        return compiled(pattern).fullmatch(value) is not None
    except regex.error as error:
        raise ActionFailed(f"the AllowedPattern {pattern} cannot be read: {error}") from None


def _constrained(parameter: Mapping[str, Any], text: str) -> str | None:
    """Return which of its constraints a value breaks; of a list, each item keeps them."""
    kind = str(parameter["Type"])
    several = kind == "CommaDelimitedList" or kind.startswith("List<")
    for value in [each.strip() for each in text.split(",")] if several else [text]:
        allowed = [str(each) for each in parameter.get("AllowedValues", ())]
        if allowed and value not in allowed:
            return f"allowed are {', '.join(allowed)}"
        if (pattern := parameter.get("AllowedPattern")) and not _matches(str(pattern), value):
            return f"it must match {pattern}"
        if not int(parameter.get("MinLength", 0)) <= len(value) <= float(parameter.get("MaxLength", math.inf)):
            return "its length is not between MinLength and MaxLength"
        if kind in {"Number", "List<Number>"}:
            try:
                amount = number(value)
            except ValueError:
                return "a number is wanted"
            if not float(parameter.get("MinValue", -math.inf)) <= amount <= float(parameter.get("MaxValue", math.inf)):
                return "it is not between MinValue and MaxValue"
    return None


def _only(part: Mapping[str, Any], known: Mapping[str, str | None], where: str) -> Iterator[str]:
    for key in part:
        if key not in known:
            yield f"{where}: CloudFormation knows no {key} there; it knows {', '.join(known)}"
        elif (reason := known[key]) is not None:
            yield f"{where}: {key} {reason}"


def _misplaced(value: Any, path: tuple[str | int, ...]) -> Iterator[str]:
    """Yield what no template may hold: null, and an intrinsic function beside other keys."""
    if value is None:
        yield f"{resource_schema.place(path)} is null, which CloudFormation refuses"
    elif isinstance(value, Mapping):
        functions = [key for key in value if str(key).startswith("Fn::")]
        if functions and len(value) > 1:
            yield f"{resource_schema.place(path)}: {functions[0]} stands beside other keys"
        for key, item in value.items():
            yield from _misplaced(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misplaced(item, (*path, index))
