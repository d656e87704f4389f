"""What a service's own API refuses of what CloudFormation hands it for a resource: lengths, bounds, characters.

CloudFormation's schemas say less of these services than botocore's models do, such as of the 1,000 characters of a
value in a CodePipeline action's configuration. Where both name a property alike but for its capitals, and give it one
form, it is held against the model; what goes by another name or form there is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

from rehearsal.values.as_written import Properties, is_computed, known, number
from rehearsal.values.schedule_rules import bounded, service_model, text_faults

# The calls by which CloudFormation makes a resource, and in which part of each its properties are.
_CALLS: Final[Mapping[str, tuple[tuple[str, str, str | None], ...]]] = {
    "AWS::CloudWatch::Alarm": (("cloudwatch", "PutMetricAlarm", None),),
    "AWS::CodeBuild::Project": (("codebuild", "CreateProject", None),),
    "AWS::CodePipeline::Pipeline": (("codepipeline", "CreatePipeline", "pipeline"),),
    "AWS::ECS::Service": (("ecs", "CreateService", None),),
    "AWS::ECS::TaskDefinition": (("ecs", "RegisterTaskDefinition", None),),
    "AWS::Events::Rule": (("events", "PutRule", None), ("events", "PutTargets", None)),
    "AWS::IAM::Role": (("iam", "CreateRole", None),),
    "AWS::Logs::LogGroup": (("logs", "CreateLogGroup", None),),
    "AWS::Logs::MetricFilter": (("logs", "PutMetricFilter", None),),
    "AWS::Scheduler::Schedule": (("scheduler", "CreateSchedule", None),),
    "AWS::SecretsManager::Secret": (("secretsmanager", "CreateSecret", None),),
}
TYPES: Final = frozenset(_CALLS)


def faults(resource_type: str, properties: Properties) -> Iterator[str]:
    """Yield what the service of a resource refuses in its properties."""
    for service, operation, part in _CALLS.get(resource_type, ()):
        model = service_model(service)
        if model is not None and (shape := model.operation_model(operation).input_shape):
            yield from _faults(shape.members[part] if part else shape, properties, "")


def _faults(shape: Shape, value: Any, where: str) -> Iterator[str]:
    if isinstance(value, Mapping) and is_computed(value):
        # What is written in it will be in the text, whatever the references in it become.
        if shape.type_name == "string":
            yield from _most(shape, len(_written(value)), f"{where} has {len(_written(value))} characters and more")
    elif isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = {name.lower(): member for name, member in shape.members.items()}
        for name, each in value.items():
            if name.lower() in members:
                yield from _faults(members[name.lower()], each, f"{where}.{name}" if where else name)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _most(shape, len(value), f"{where} has {len(value)} items")
        for index, each in enumerate(value):
            yield from _faults(shape.member, each, f"{where}[{index}]")
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        yield from _most(shape, len(value), f"{where} has {len(value)} keys")
        for name, each in value.items():
            yield from _faults(shape.value, each, f"{where}.{name}")
    elif shape.type_name == "string" and known(value):
        yield from text_faults(shape, str(value), where)
    elif shape.type_name in {"integer", "long"} and (written := number({where: value}, where)) is not None:
        yield from bounded(shape, written, f"{where} is {value}")


def _most(shape: Shape, value: float, what: str) -> Iterator[str]:
    if value > shape.metadata.get("max", value):
        yield f"{what}; {shape.metadata['max']} is the most"


def _written(value: Any) -> str:
    """Return what is sure to be in a text that the deployment joins."""
    if isinstance(value, Mapping) and isinstance(joined := value.get("Fn::Join"), list):
        return str(joined[0]).join(map(_written, joined[1])) if isinstance(joined[1], list) else ""
    return "" if isinstance(value, Mapping) else str(value)
