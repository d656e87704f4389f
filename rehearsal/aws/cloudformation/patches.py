"""What is changed in moto's CloudFormation, here and in ``updates``, and why. Others read its backends.

- Every resource gets identifiers that depend on its account, region, stack, logical id and generation alone. Moto draws
  them at random, so a stack that is put back when the next run starts would otherwise name other volumes and other
  secrets; and what an update leaves would not be what is put back.
- A task definition's revision is its generation, for the same reason.
- Intrinsic functions are evaluated by ``intrinsics``. Moto leaves what it does not know, and goes on with nothing where
  a type does not have an attribute.
- A resource that fails says which it is.
- An update keeps a resource whose type moto cannot update, or fails to; moto drops it from the stack.
- A KMS key and a parameter may have tags, and a listener rule the values of secrets, which moto's types cannot read.
- A load balancer's name is the loopback address at which it will be reached.
- A template that is JSON is read as JSON. Moto reads it as YAML first, which takes a hundred times as long.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import ExportNotFound, UnformattedGetAttTemplateException, ValidationError
from moto.ecs.models import ecs_backends
from moto.moto_api._internal import mock_random

from rehearsal.aws.cloudformation import (
    beside,
    cloudfront,
    delivery,
    generations,
    intrinsics,
    operations,
    rds,
    secretsmanager,
    updates,
)
from rehearsal.aws.cloudformation.attributes import IDENTIFIERS
from rehearsal.aws.cloudformation.emulated import Emulated, Surroundings, dynamic
from rehearsal.aws.cloudformation.generations import Place

_log = logging.getLogger(__name__)

# The modules whose types moto finds once they are imported.
PLUG_IN = (rds, delivery, operations, secretsmanager, beside, cloudfront)


def known_types() -> frozenset[str]:
    """Return the CloudFormation types that the emulated CloudFormation makes."""
    # What is read of a stack here, and put back, has no room for one within it.
    return frozenset(parsing.get_model_map()) - {"AWS::CloudFormation::Stack"}


def install(surroundings: Surroundings) -> None:
    """Put the changes in place; a second call only replaces the surroundings."""
    Emulated.surroundings = surroundings
    # moto looks for types once; whoever has asked it for something before did not know these.
    for looked_up in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        looked_up.cache_clear()
    for owner, name, changed in (
        (parsing, "clean_json", intrinsics.evaluate),
        (parsing, "parse_and_create_resource", _create),
        (parsing, "parse_and_update_resource", _update),
        (models.Stack, "parse_template", staticmethod(_parse_template)),
        *updates.CHANGES,
    ):
        setattr(owner, name, changed)


_moto_create = parsing.parse_and_create_resource
_moto_update = parsing.parse_and_update_resource
_moto_parse_template = models.Stack.parse_template


def _parse_template(template: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(template)
    except ValueError:
        content = _moto_parse_template(template)
    for output in content.get("Outputs", {}).values():
        # CloudFormation reads numbers as texts, which moto does not.
        if isinstance(value := output.get("Value"), bool | int | float):
            output["Value"] = json.dumps(value)
    return content


def _create(
    logical_id: str,
    resource_json: dict[str, Any],
    resources_map: parsing.ResourceMap,
    account_id: str,
    region_name: str,
) -> Any:
    place = Place(account_id, region_name, str(resources_map["AWS::StackName"]))
    with _named(logical_id, resource_json), _identifiers_of(place, logical_id):
        readable = _readable(logical_id, resource_json, resources_map, place)
        resource: Any = _moto_create(logical_id, readable, resources_map, account_id, region_name)
        return _finished(resource, place, logical_id, resource_json["Type"])


def _finished(resource: Any, place: Place, logical_id: str, resource_type: str) -> Any:
    """Return a resource of moto's with what it lacks."""
    if resource_type == "AWS::ElasticLoadBalancingV2::LoadBalancer":
        port = Emulated.surroundings.port(*place, generations.instance(place, logical_id))
        resource.dns_name = f"localhost:{port}"
    if resource_type == "AWS::ECS::TaskDefinition":
        revisions = ecs_backends[place.account][place.region].task_definitions[resource.family]
        revisions.pop(resource.revision, None)
        resource.revision = generations.number(place, logical_id)
        revisions[resource.revision] = resource
        resource.arn = f"{resource.arn.rpartition(':')[0]}:{resource.revision}"
    if identifier := IDENTIFIERS.get(resource_type):
        resource.physical_resource_id = getattr(resource, identifier)
    return resource


def _readable(
    logical_id: str, resource_json: dict[str, Any], resources_map: parsing.ResourceMap, place: Place
) -> dict[str, Any]:
    """Return the definition as moto's type reads it.

    Its KMS keys and parameters take the API's form of tags, not CloudFormation's, and a parameter has to have a name. A
    rule's pattern is no text, and an endpoint of a network has a list of route tables, if an empty one. A listener rule
    must not be longer than AWS allows, which the reference to a secret is in the place of its value.
    """
    kind, properties = resource_json["Type"], resource_json.get("Properties", {})
    if kind == "AWS::KMS::Key" and "Tags" in properties:
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties["Tags"]]
        return {**resource_json, "Properties": {**properties, "Tags": tags}}
    if kind == "AWS::SSM::Parameter":
        tags = [{"Key": name, "Value": value} for name, value in properties.get("Tags", {}).items()]
        name = f"CFN-{logical_id}-{mock_random.get_random_string(length=12)}"
        return {**resource_json, "Properties": {"Name": name, **properties, "Tags": tags}}
    if kind == "AWS::Events::Rule" and isinstance(pattern := properties.get("EventPattern"), str):
        return {**resource_json, "Properties": {**properties, "EventPattern": json.loads(pattern)}}
    if kind == "AWS::EC2::VPCEndpoint":
        return {**resource_json, "Properties": {"RouteTableIds": [], **properties}}
    if kind == "AWS::ElasticLoadBalancingV2::ListenerRule":
        evaluated = intrinsics.evaluate(properties, resources_map)
        return {**resource_json, "Properties": dynamic(Emulated.surroundings, place.account, place.region, evaluated)}
    return resource_json


def _update(
    logical_id: str,
    resource_json: dict[str, Any],
    resources_map: parsing.ResourceMap,
    account_id: str,
    region_name: str,
) -> Any:
    place = Place(account_id, region_name, str(resources_map["AWS::StackName"]))
    with _named(logical_id, resource_json), _identifiers_of(place, logical_id):
        try:
            readable = _readable(logical_id, resource_json, resources_map, place)
            updated = _moto_update(logical_id, readable, resources_map, account_id, region_name)
        except (KeyError, TypeError, AttributeError, NotImplementedError) as error:
            # A service refuses by an answer; these are moto's own, where a type's update does not get as far.
            _log.info("%s (%s) is kept as it was made: %r", logical_id, resource_json["Type"], error)
            updated = None
        if updated is None:
            return resources_map[logical_id]
        return _finished(updated, place, logical_id, resource_json["Type"])


@contextmanager
def _named(logical_id: str, resource_json: Mapping[str, Any]) -> Iterator[None]:
    try:
        yield
    except (ExportNotFound, _Named):
        raise
    except Exception as error:
        raise _Named(f"{logical_id} ({resource_json['Type']}): {_text(error)}") from error


class _Named(ValidationError):
    """An error that already says which resource it is about."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message)


def _text(error: Exception) -> str:
    if isinstance(error, UnformattedGetAttTemplateException):
        return error.description
    if isinstance(error, KeyError):
        return f"the property or the resource {error} is missing"
    return getattr(error, "message", None) or str(error) or type(error).__name__


@contextmanager
def _identifiers_of(place: Place, logical_id: str) -> Iterator[None]:
    """Draw identifiers from a generator of the resource's own; secrets never come from it."""
    before = random.getstate(), mock_random.getstate()
    seed = "/".join((*place, generations.instance(place, logical_id)))
    random.seed(seed)
    mock_random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        mock_random.setstate(before[1])
