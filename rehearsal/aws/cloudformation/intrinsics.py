"""CloudFormation's intrinsic functions, as its user guide describes each; one that is not among them is an error.

moto has an evaluator of its own. It leaves what it does not know as it stands, a dictionary that then reaches a service
or a container, and gives the zones of another region, a list with holes and joined letters where a list was meant.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ExportNotFound, ValidationError
from moto.core.common_models import CloudFormationModel
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from rehearsal.aws.cloudformation.attributes import attribute
from rehearsal.values.template_values import NO_VALUE, PLACEHOLDER, intrinsic, whole


def evaluate(value: Any, resources: parsing.ResourceMap) -> Any:
    """Return ``value`` with each intrinsic function replaced by what it gives; what is ``AWS::NoValue`` is left out.

    Raise ``ValidationError`` with a sentence for a function that is unknown, or has arguments that it does not take.
    """
    if intrinsic(value) and "Condition" not in value:
        [(name, argument)] = value.items()
        if name not in _FUNCTIONS:
            raise _fault(f"the intrinsic function {name} is not rehearsed; known are {', '.join(_FUNCTIONS)}")
        return _FUNCTIONS[name](argument, resources)
    if isinstance(value, Mapping):
        return {key: evaluate(item, resources) for key, item in value.items() if not _is_nothing(item, resources)}
    if isinstance(value, list):
        return [evaluate(item, resources) for item in value if not _is_nothing(item, resources)]
    return value


def _is_nothing(value: Any, resources: parsing.ResourceMap) -> bool:
    """Return whether a property or an item is taken away: by ``AWS::NoValue``, or by an ``Fn::If`` that chose it."""
    while isinstance(value, Mapping) and set(value) == {"Fn::If"}:
        value = _branch(value["Fn::If"], resources)
    return bool(value == NO_VALUE)


def _ref(name: Any, resources: parsing.ResourceMap) -> Any:
    if name == "AWS::NoValue":
        return None
    if name == "AWS::NotificationARNs":
        return []  # nobody is told of a rehearsal's stacks
    found: Any = resources[name]
    if found is None:
        raise _fault(f"Ref names {name}, whose condition is false")
    if hasattr(found, "physical_resource_id"):
        return found.physical_resource_id
    if isinstance(found, CloudFormationModel):
        raise _fault(
            f"Ref of {name} gives nothing in the emulated CloudFormation: "
            "add its type's identifier to rehearsal/aws/cloudformation/attributes.py"
        )
    return found


def _get_att(target: Any, resources: parsing.ResourceMap) -> Any:
    logical_id, _, name = target.partition(".") if isinstance(target, str) else (target[0], "", target[1])
    name = evaluate(name, resources)
    found = resources[logical_id] if logical_id in resources.resources else None
    if found is None:
        raise _fault(f"Fn::GetAtt names {logical_id}, whose condition is false")
    return attribute(found, name, logical_id)


def _if(argument: Any, resources: parsing.ResourceMap) -> Any:
    return evaluate(_branch(argument, resources), resources)


def _branch(argument: Any, resources: parsing.ResourceMap) -> Any:
    condition, holds, fails = _exactly("Fn::If", argument, 3)
    return holds if resources.lazy_condition_map[condition] else fails


def _join(argument: Any, resources: parsing.ResourceMap) -> str:
    delimiter, items = _exactly("Fn::Join", argument, 2)
    return str(delimiter).join(_text(item) for item in _list("Fn::Join", items, resources))


def _split(argument: Any, resources: parsing.ResourceMap) -> list[str]:
    delimiter, text = _exactly("Fn::Split", argument, 2)
    return str(evaluate(text, resources)).split(str(delimiter))


def _select(argument: Any, resources: parsing.ResourceMap) -> Any:
    number, items = _exactly("Fn::Select", argument, 2)
    chosen, found = _whole("Fn::Select", number, resources), _list("Fn::Select", items, resources)
    if not 0 <= chosen < len(found):
        raise _fault(f"Fn::Select wants item {chosen} of a list of {len(found)}")
    return found[chosen]


def _sub(argument: Any, resources: parsing.ResourceMap) -> str:
    text, names = (argument, {}) if isinstance(argument, str) else _exactly("Fn::Sub", argument, 2)

    def replaced(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{match[2]}}}"
        if name in names:
            return _text(evaluate(names[name], resources))
        return _text(_get_att(name, resources) if "." in name else _ref(name, resources))

    return PLACEHOLDER.sub(replaced, text)


def _find_in_map(argument: Any, resources: parsing.ResourceMap) -> Any:
    name, first, second = (evaluate(each, resources) for each in _exactly("Fn::FindInMap", argument, 3))
    try:
        return resources[name][first][second]  # type: ignore[index]
    except (KeyError, TypeError):
        raise _fault(f"Fn::FindInMap: the mapping {name} has nothing for {first!r}, {second!r}") from None


def _import_value(name: Any, resources: parsing.ResourceMap) -> Any:
    wanted = evaluate(name, resources)
    for export in resources.cross_stack_resources.values():  # type: ignore[union-attr]
        if export.name == wanted:
            return export.value
    raise ExportNotFound(wanted)


def _zones(region: Any, resources: parsing.ResourceMap) -> list[str]:
    wanted = evaluate(region, resources) or resources["AWS::Region"]
    zones = RegionsAndZonesBackend.zones.get(str(wanted))
    if not zones:
        raise _fault(f"Fn::GetAZs: there is no region {wanted!r}")
    return [zone.name for zone in zones]


def _cidr(argument: Any, resources: parsing.ResourceMap) -> list[str]:
    block, *numbers = argument if len(argument) == 3 else (*argument, 8)
    count, bits = (_whole("Fn::Cidr", each, resources) for each in numbers)
    network = ipaddress.ip_network(str(evaluate(block, resources)))
    subnets = network.subnets(new_prefix=network.max_prefixlen - bits)
    found = [str(subnet) for subnet in itertools.islice(subnets, count)]
    if len(found) < count:
        raise _fault(f"Fn::Cidr: {block} has room for {len(found)} blocks of {bits} bits, and {count} are wanted")
    return found


def _base64(text: Any, resources: parsing.ResourceMap) -> str:
    return base64.b64encode(str(evaluate(text, resources)).encode()).decode()


_FUNCTIONS: Final[Mapping[str, Callable[[Any, parsing.ResourceMap], Any]]] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::GetAZs": _zones,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}


def _exactly(name: str, argument: Any, number: int) -> list[Any]:
    if not isinstance(argument, list) or len(argument) != number:
        raise _fault(f"{name} takes a list of {number}, and has {argument!r}")
    return argument


def _whole(name: str, value: Any, resources: parsing.ResourceMap) -> int:
    found = evaluate(value, resources)
    try:
        return whole(found)
    except ValueError:
        raise _fault(f"{name} wants a whole number, and has {found!r}") from None


def _list(name: str, value: Any, resources: parsing.ResourceMap) -> list[Any]:
    found = evaluate(value, resources)
    if not isinstance(found, list):
        raise _fault(f"{name} wants a list, and has {found!r}")
    return found


def _text(value: Any) -> str:
    if isinstance(value, list | Mapping) or value is None:
        raise _fault(f"a text is wanted, and there is {value!r}")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fault(message: str) -> ValidationError:
    return ValidationError(message=message)
