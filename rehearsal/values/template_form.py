"""The form of a CloudFormation template: mappings within its quotas, before anybody looks at what they say.

Sources: "CloudFormation template sections", "Parameters", "Outputs" and "CloudFormation quotas" in the user guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_VERSION: Final = "2010-09-10"
# So many of each section, and so many bytes of a description.
_QUOTAS: Final[Mapping[str, int]] = {"Parameters": 200, "Mappings": 200, "Resources": 500, "Outputs": 200}
_DESCRIPTION: Final = 1024
_ITEM: Final = (
    r"(String|Number|AWS::Route53::HostedZone::Id|AWS::EC2::(AvailabilityZone::Name|Image::Id|Instance::Id"
    r"|KeyPair::KeyName|SecurityGroup::GroupName|SecurityGroup::Id|Subnet::Id|VPC::Id|Volume::Id))"
)
_VALUE: Final = rf"({_ITEM}|List<{_ITEM}>|CommaDelimitedList)"
_TYPE: Final = re.compile(rf"{_VALUE}|AWS::SSM::Parameter::(Name|Value<{_VALUE}>)")
_EXPORT: Final = re.compile(r"[A-Za-z0-9:-]+")
# Functions that give a list, which no output may be.
_LISTS: Final = frozenset({"Fn::GetAZs", "Fn::Split", "Fn::Cidr"})
# How many arguments the functions of conditions have.
_ARGUMENTS: Final[Mapping[str, range]] = {
    "Fn::Equals": range(2, 3),
    "Fn::Not": range(1, 2),
    "Fn::And": range(2, 11),
    "Fn::Or": range(2, 11),
}


def faults(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for everything in a template that is not of CloudFormation's form."""
    if str(template.get("AWSTemplateFormatVersion", _VERSION)) != _VERSION:
        yield f"AWSTemplateFormatVersion is {template['AWSTemplateFormatVersion']!r}; {_VERSION} is the only one"
    size = len(str(template.get("Description", "")).encode())
    if size > _DESCRIPTION:
        yield f"its Description has {size} bytes; {_DESCRIPTION} are the most"
    for section in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs"):
        yield from _section(section, template.get(section, {}))


def _section(section: str, found: Any) -> Iterator[str]:
    if not isinstance(found, Mapping):
        yield f"{section} is no mapping"
        return
    quota = _QUOTAS.get(section)
    if quota is not None and len(found) > quota:
        yield f"it has {len(found)} {section}; {quota} are the most"
    for name, part in found.items():
        where = f"{section}.{name}"
        if name.startswith("Fn::"):
            yield f"{where} is a function, which is not rehearsed"
        elif section == "Conditions":
            yield from _condition(where, part)
        elif not isinstance(part, Mapping):
            yield f"{where} is no mapping"
        else:
            yield from (f"{where}{fault}" for fault in _PARTS[section](part))


def _parameter(part: Mapping[str, Any]) -> Iterator[str]:
    if not _TYPE.fullmatch(str(part.get("Type"))):
        yield f": Type is {part.get('Type')!r}, which CloudFormation does not know"
    if isinstance(part.get("Default"), Mapping | list):
        yield ": its Default is no text"


def _mapping(part: Mapping[str, Any]) -> Iterator[str]:
    for key, values in part.items():
        if not isinstance(values, Mapping):
            yield f".{key} is no mapping"
        elif any(isinstance(value, Mapping) for value in values.values()):
            yield f".{key} has a mapping where a text or a list is wanted"


def _condition(where: str, part: Any) -> Iterator[str]:
    """Yield a fault where a condition is no function of conditions, or has another number of arguments."""
    function = str(next(iter(part))) if isinstance(part, Mapping) and len(part) == 1 else ""
    if function == "Condition":
        return
    if function not in _ARGUMENTS:
        yield f"{where} is {part!r}; one of {', '.join(_ARGUMENTS)} or Condition is wanted"
        return
    arguments, wanted = part[function], _ARGUMENTS[function]
    if not isinstance(arguments, list) or len(arguments) not in wanted:
        most = f" to {wanted.stop - 1}" if len(wanted) > 1 else ""
        yield f"{where}: {function} takes a list of {wanted.start}{most}"
    elif function != "Fn::Equals":
        for each in arguments:
            yield from _condition(where, each)


def _resource(part: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(part.get("Type"), str):
        yield " has no Type"
    if not isinstance(part.get("Properties", {}), Mapping):
        yield ".Properties is no mapping"
    before = part.get("DependsOn", "")
    if not isinstance(before, str) and not (isinstance(before, list) and all(isinstance(each, str) for each in before)):
        yield ".DependsOn is no name, and no list of names"
    if not isinstance(part.get("Condition", ""), str):
        yield ".Condition is no name"


def _output(part: Mapping[str, Any]) -> Iterator[str]:
    value, export = part.get("Value"), part.get("Export", {})
    if value is None:
        yield " has no Value"
    is_function = isinstance(value, Mapping) and len(value) == 1
    if isinstance(value, list) or (isinstance(value, Mapping) and (not is_function or _LISTS & set(value))):
        yield ".Value is no text"
    name = export.get("Name") if isinstance(export, Mapping) else None
    if "Export" in part and (name is None or (isinstance(name, str) and not _EXPORT.fullmatch(name))):
        yield f".Export has the Name {name!r}; letters, digits, colons and hyphens are allowed"


_PARTS: Final = {"Parameters": _parameter, "Mappings": _mapping, "Resources": _resource, "Outputs": _output}
