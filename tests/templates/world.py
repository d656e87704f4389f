"""The synthesized templates as plain values, and small readers of CloudFormation's notation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from settings.settings import Settings
from settings.site import Stage

T = TypeVar("T")

Template = dict[str, Any]
Properties = dict[str, Any]

PIPELINE = "FloodgatePipeline"
STAGES = ("Dev", "Prod")
RULES = ("SecurityGroupIngress", "SecurityGroupEgress")


@dataclass(frozen=True)
class World:
    """What one settings file makes: a cloud assembly, and its templates by the paths of their stacks.

    Such paths are FloodgatePipeline, FloodgatePipeline/Dev/WordPress, …
    """

    settings: Settings
    assembly: Path
    templates: Mapping[str, Template] = field(repr=False)


# A check of one stage, or of the pipeline; it raises AssertionError.
SiteCheck = Callable[[World, str], None]
PipelineCheck = Callable[[World], None]


def pipeline(world: World) -> Template:
    """Return the pipeline's template."""
    return world.templates[PIPELINE]


def chosen(world: World, stage: str) -> Stage:
    """Return what the settings say about a stage."""
    return {"Dev": world.settings.dev, "Prod": world.settings.prod}[stage]


def network(world: World, stage: str) -> Template:
    """Return the template of the network stack of a stage without an existing VPC."""
    return world.templates[f"{PIPELINE}/{stage}/Network"]


def wordpress(world: World, stage: str) -> Template:
    """Return the template of a stage's WordPress stack."""
    return world.templates[f"{PIPELINE}/{stage}/WordPress"]


def templates(world: World, stage: str) -> list[Template]:
    """Return all templates of a stage."""
    return [template for path, template in world.templates.items() if path.startswith(f"{PIPELINE}/{stage}/")]


def subnets_are(
    world: World, stage: str, subnets: Sequence[Any], kind: Literal["public", "private", "isolated"]
) -> None:
    """Check for two or more subnets of a kind: of the stage's own network, or those that the settings name."""
    found = {text(subnet) for subnet in subnets}
    assert len(found) >= 2, found
    if existing := chosen(world, stage).network:
        assert found == set(getattr(existing, f"{kind}_subnet_ids"))
    else:
        assert all(f"{kind.capitalize()}Subnet" in subnet for subnet in found), found


def of_type(template: Template, kind: str) -> dict[str, Properties]:
    """Return properties of all resources of one type, such as ECS::Service, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::{kind}"
    }


def sole(found: Iterable[T]) -> T:
    """Return the one thing that was found."""
    everything = list(found)
    assert len(everything) == 1, everything
    return everything[0]


def only(template: Template, kind: str) -> Properties:
    """Return properties of the one resource of a type."""
    found = of_type(template, kind)
    assert len(found) == 1, f"one {kind} expected, not {sorted(found)}"
    return next(iter(found.values()))


def name_of(template: Template, kind: str) -> str:
    """Return the logical id of the one resource of a type."""
    only(template, kind)
    return next(iter(of_type(template, kind)))


def text(value: Any) -> str:
    """Return a value as one string.

    References as ``<Id>``, attributes as ``<Id.Name>``, imports as ``<import name>``.
    """
    if not isinstance(value, dict):
        return str(value)
    match value:
        case {"Ref": name}:
            found = "aws" if name == "AWS::Partition" else f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            found = f"<{name}.{attribute}>"
        case {"Fn::ImportValue": name}:
            found = f"<import {text(name)}>"
        case {"Fn::Join": [separator, parts]}:
            found = str(separator).join(text(part) for part in parts)
        case {"Fn::Select": [index, {"Fn::Split": [separator, inner]}]}:
            found = f"<part {index} of {text(inner).strip('<>')} by {separator}>"
        case {"Fn::Sub": pattern}:
            found = str(pattern).replace("${AWS::Partition}", "aws")
        case _:
            raise AssertionError(f"not read by these tests: {value}")
    return found


def mail_variables(world: World) -> set[str]:
    """Return the variables by which a container sends mails, as far as they are no secrets."""
    mail = world.settings.site.mail
    if mail is None:
        return set()
    watched = set() if mail.host else {"MAIL_CONFIGURATION_SET"}
    return {"MAIL_FROM", "MAIL_HOST", "MAIL_PORT", "MAIL_PER_SECOND"} | watched


def referred(value: Any) -> str:
    """Return the logical id that a Ref, a GetAtt, or a Join around one of them is about."""
    inside = text(value).partition("<")[2].partition(">")[0]
    assert inside, f"refers to nothing: {value}"
    return inside.split(".")[0]


def many(value: Any) -> list[Any]:
    """Return a list, where IAM writes a list of one as its one item."""
    return value if isinstance(value, list) else [value]


def statements(template: Template, role: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of all inline policies attached to a role."""
    for policy in of_type(template, "IAM::Policy").values():
        if role in map(referred, policy["Roles"]):
            yield from policy["PolicyDocument"]["Statement"]


def rights(template: Template, role: str) -> set[tuple[str, str]]:
    """Return what a role may do: (action, resource), by all its inline policies; managed policies are refused."""
    assert "ManagedPolicyArns" not in template["Resources"][role]["Properties"], f"{role} has managed policies"
    return {
        (action, text(resource))
        for statement in statements(template, role)
        if statement["Effect"] == "Allow"
        for action in many(statement["Action"])
        for resource in many(statement["Resource"])
    }


def task_of_service(template: Template) -> str:
    """Return the logical id of the task definition that the service runs."""
    return referred(only(template, "ECS::Service")["TaskDefinition"])


def work_schedule(template: Template) -> str:
    """Return the logical id of the schedule of a site's scheduled work: the one that runs tasks."""
    [name] = [
        name for name, each in of_type(template, "Scheduler::Schedule").items() if "EcsParameters" in each["Target"]
    ]
    return name


def nightly_schedule(template: Template) -> Properties:
    """Return the schedule of the pipeline's stack that starts a build."""
    [schedule] = [
        each
        for each in of_type(template, "Scheduler::Schedule").values()
        if ":aws-sdk:" not in text(each["Target"]["Arn"])
    ]
    return schedule


def task_of_schedule(template: Template) -> str:
    """Return the logical id of the task definition that the schedule runs."""
    schedule = of_type(template, "Scheduler::Schedule")[work_schedule(template)]
    return referred(schedule["Target"]["EcsParameters"]["TaskDefinitionArn"])


def task(template: Template, name: str) -> Properties:
    """Return the properties of the task definition with that logical id."""
    return of_type(template, "ECS::TaskDefinition")[name]


def containers(template: Template, name: str | None = None) -> Mapping[str, Any]:
    """Return the containers of a task by name: the service's, unless another task definition is named."""
    found = task(template, name or task_of_service(template))
    return {each["Name"]: each for each in found["ContainerDefinitions"]}


def tasks_of_night(template: Template) -> list[str]:
    """Return the logical ids of the task definitions that schedules give the service, in their order."""
    return [
        json.loads(text(each["Target"]["Input"]))["TaskDefinition"].strip("<>")
        for each in of_type(template, "Scheduler::Schedule").values()
        if text(each["Target"]["Arn"]).endswith(":scheduler:::aws-sdk:ecs:updateService")
    ]


def all_tasks(template: Template) -> tuple[str, ...]:
    """Return the logical ids of the task definitions: the service's, those of its nights, the scheduled work's."""
    found = tuple(dict.fromkeys((task_of_service(template), *tasks_of_night(template), task_of_schedule(template))))
    assert set(found) == set(of_type(template, "ECS::TaskDefinition"))
    return found


# What EC2 takes in the description of a security group or of its rule, of up to 255 characters.
_DESCRIPTION = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")


def rules_are_described_as_ec2_takes_it(template: Template) -> None:
    """Check descriptions: EC2 refuses a rule, and CloudFormation its stack, for an apostrophe in one."""
    groups = of_type(template, "EC2::SecurityGroup").values()
    rules = [
        *of_type(template, "EC2::SecurityGroupIngress").values(),
        *of_type(template, "EC2::SecurityGroupEgress").values(),
        *(rule for group in groups for key in RULES for rule in group.get(key, [])),
    ]
    for words in (*(group["GroupDescription"] for group in groups), *(rule.get("Description", "-") for rule in rules)):
        assert _DESCRIPTION.fullmatch(words), words


def closed_buckets(template: Template) -> None:
    """Check that each bucket is encrypted, closed to the public, and refuses plain HTTP."""
    refusing = {
        referred(policy["Bucket"])
        for policy in of_type(template, "S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    for name, bucket in of_type(template, "S3::Bucket").items():
        assert bucket["BucketEncryption"], name
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert name in refusing, name
