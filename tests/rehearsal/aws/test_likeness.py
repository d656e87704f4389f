"""Nothing of this project's own templates is passed over: what is changed in them changes what runs, or is named."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.plan import make
from rehearsal.fargate.plan.known import KNOWN_TYPES, PROPERTIES
from rehearsal.fargate.plan.lookup import Found
from rehearsal.fargate.plan.references import ReadSecret
from rehearsal.values import cloud_assembly, resource_schema, template
from rehearsal.values.resource_schema import Choice, Entry, Step
from rehearsal.values.stack import Resource, Stack, World
from rehearsal.values.state import Store
from rehearsal.values.template_values import NO_VALUE, intrinsic
from tests.rehearsal.aws.stacks import REGION
from tests.rehearsal.conftest import Surroundings, deploy, forget
from tests.templates.synthesis import Make
from tests.templates.variants import ALL_AT_ONCE, FRONT, WINDOWS, Changes, variant

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

ODD = "Odd"
# What may be a text as well, of JSON or of one item.
ANY_TYPE = {"Action", "AWS", "Configuration", "EventPattern", "None", "Parameters", "Principal", "Resource"}


# What stands before a site, which the settings of the example leave out.
BEFORE = ("AWS::CloudFront::", "AWS::WAFv2::")


@pytest.fixture(scope="module")
def fronts(make: Make) -> Path:
    """A cloud assembly with a closed dev and CloudFront before prod, each with a firewall."""
    return make(variant(FRONT)).assembly


@pytest.fixture(scope="module")
def templates(cdk_out: Path, fronts: Path) -> list[dict[str, Any]]:
    """The example's templates, and of a site with all that may stand before it what stands there."""
    found = [artifact.read() for artifact in cloud_assembly.stacks(cdk_out)]
    for artifact in cloud_assembly.stacks(fronts):
        resources = artifact.read().get("Resources", {})
        before = {name: each for name, each in resources.items() if each["Type"].startswith(BEFORE)}
        found += [{"Resources": before}] if before else []
    kinds = {each["Type"] for template in found for each in template["Resources"].values()}
    assert {"AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation", "AWS::CloudFront::Distribution"} <= kinds
    return found


def at(place: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        place = place[step]
    return place


def mappings(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Yield the path of every mapping that is no intrinsic function."""
    if isinstance(value, dict):
        if not intrinsic(value):
            yield path
        for key, item in value.items():
            yield from mappings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from mappings(item, (*path, index))


def around(found: dict[str, Any], path: tuple[Step, ...]) -> dict[str, Any]:
    """Return a template of the one resource that a path leads into; elsewhere, the whole."""
    if path[:1] != ("Resources",):
        return found
    return {"Resources": {path[1]: found["Resources"][path[1]]}}


# What CloudFormation itself takes any key in: names that a template gives, and notes.
FREE = {"Resources", "Outputs", "Parameters", "Mappings", "Conditions", "Rules", "Metadata"}


def free(found: dict[str, Any], path: tuple[Step, ...]) -> bool:
    """Return whether CloudFormation takes any key there."""
    if not path:
        return False
    if (len(path) == 1 and path[0] in FREE) or path[0] in {"Mappings", "Conditions", "Metadata"} or "Metadata" in path:
        return True
    if path[0] == "Rules":
        return len(path) > 2
    if path[0] != "Resources" or len(path) <= 3:
        return False
    resource = found["Resources"][path[1]]
    closed = {
        entry.path
        for entry in resource_schema.walk(resource["Type"], resource["Properties"])
        if isinstance(entry, Entry)
    }
    return path[3:] not in closed


def test_an_unknown_key_in_any_mapping_of_a_template_is_named(templates: list[dict[str, Any]]) -> None:
    planted = 0
    for found in templates:
        assert not list(template.faults(found, REGION))
        for path in mappings(found):
            if free(found, path):
                continue
            place = at(found, path)
            place[ODD] = "1"
            planted += 1
            assert any(ODD in fault for fault in template.faults(around(found, path), REGION)), f"{path}: passed over"
            del place[ODD]
    print(f"{planted} places")
    assert planted > 1000


def test_a_value_of_another_type_is_named(templates: list[dict[str, Any]]) -> None:
    planted = 0
    for found in templates:
        for resource in found["Resources"].values():
            properties = resource.get("Properties", {})
            entries = [each for each in resource_schema.walk(resource["Type"], properties) if isinstance(each, Entry)]
            for entry in entries:
                for key, before in list(entry.mapping.items()):
                    if isinstance(before, dict | list) and not intrinsic(before) and key not in ANY_TYPE:
                        holder = at(properties, entry.path)
                        holder[key] = ODD
                        planted += 1
                        faults = template.faults({"Resources": {"R": resource}}, REGION)
                        assert any(ODD in fault for fault in faults), f"{entry.kind}.{key}: passed over"
                        holder[key] = before
    print(f"{planted} values")
    assert planted > 800


def test_an_odd_value_of_anything_enumerated_is_named(templates: list[dict[str, Any]]) -> None:
    planted = 0
    for found in templates:
        for resource in found["Resources"].values():
            properties = resource.get("Properties", {})
            for choice in resource_schema.walk(resource["Type"], properties):
                if isinstance(choice, Choice):
                    *parents, last = choice.path
                    place = at(properties, tuple(parents))
                    before, place[last] = place[last], ODD
                    planted += 1
                    assert any(ODD in fault for fault in template.faults({"Resources": {"R": resource}}, REGION)), (
                        choice
                    )
                    place[last] = before
    print(f"{planted} values")
    assert planted > 300


def beyond(value: Any) -> Iterator[Any]:
    """Yield values of the same type that few bounds let pass."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield from (-1_000_000_007, 10**12 + 7)
    elif isinstance(value, str) and value.isdigit():
        yield from ("-1000000007", str(10**12 + 7))
    elif isinstance(value, str) and "{{resolve:" not in value:
        yield from ("", "\x07")
    elif isinstance(value, list) and value and not any(isinstance(each, dict) and "Fn::If" in each for each in value):
        yield from ([], value * 2)


def test_a_value_beyond_its_bounds_is_named(templates: list[dict[str, Any]]) -> None:
    """AWS's schemas bound many numbers, texts and lists: which, is told by counting the refusals."""
    planted = Counter[str]()
    for found in templates:
        for resource in found["Resources"].values():
            properties = resource.get("Properties", {})
            entries = [each for each in resource_schema.walk(resource["Type"], properties) if isinstance(each, Entry)]
            for entry in entries:
                for key, before in list(entry.mapping.items()):
                    holder = at(properties, entry.path)
                    for value in beyond(before):
                        holder[key] = value
                        part = {str(each): properties[each] for each in entry.path[:1]} or {key: value}
                        faults = resource_schema.faults(resource["Type"], part)
                        planted[type(value).__name__] += any("CloudFormation takes" in fault for fault in faults)
                    holder[key] = before
    print(dict(planted))
    assert planted["int"] > 200
    assert planted["str"] > 1500
    assert planted["list"] > 200


@pytest.mark.parametrize(
    ("kind", "properties", "fault"),
    [
        pytest.param(
            "AWS::EC2::SecurityGroupIngress",
            {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80},
            "one of CidrIp, CidrIpv6, SourcePrefixListId, SourceSecurityGroupId, SourceSecurityGroupName is missing",
            id="nobody is let in",
        ),
        pytest.param(
            "AWS::EC2::SecurityGroupEgress",
            {"GroupId": "sg-1", "IpProtocol": "-1", "CidrIp": "0.0.0.0/0", "CidrIpv6": "::/0"},
            "CidrIp and CidrIpv6 do not go together",
            id="two peers",
        ),
        pytest.param(
            "AWS::EC2::VPC",
            {"Ipv4IpamPoolId": "ipam-pool-1"},
            "Ipv4IpamPoolId wants Ipv4NetmaskLength beside it",
            id="one without the other",
        ),
        pytest.param(
            "AWS::EC2::Subnet",
            {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "a", "AvailabilityZoneId": "b"},
            "AvailabilityZone and AvailabilityZoneId do not go together",
            id="one with the other",
        ),
        pytest.param(
            "AWS::Events::Rule",
            {"State": "ENABLED"},
            "one of EventPattern, ScheduleExpression is missing",
            id="neither",
        ),
        pytest.param(
            "AWS::CloudWatch::Alarm",
            {"ComparisonOperator": "GreaterThanThreshold", "MetricName": "m", "Period": 60.5, "EvaluationPeriods": 1},
            "Period is 60.5; CloudFormation takes a whole number there",
            id="half of a second",
        ),
    ],
)
def test_keys_that_do_not_go_together_are_named(kind: str, properties: dict[str, Any], fault: str) -> None:
    assert fault in "\n".join(resource_schema.faults(kind, properties))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        pytest.param(ALL_AT_ONCE, "SnapshotIdentifier", id="all at once"),
        pytest.param((WINDOWS,), "disableStageTransition", id="windows"),
    ],
)
def test_what_all_settings_together_make_is_taken(make: Make, changes: Sequence[Changes], word: str) -> None:
    templates = [(each.read(), each.region) for each in cloud_assembly.stacks(make(variant(*changes)).assembly)]
    assert any(word in json.dumps(each) for each, _ in templates)
    assert [fault for each, region in templates for fault in template.faults(each, region)] == []


def test_what_is_known_at_the_deployment_alone_is_not_judged_before_it() -> None:
    chosen = {"Fn::If": ["Open", "0.0.0.0/0", NO_VALUE]}
    ingress = {"IpProtocol": "tcp", "FromPort": {"Ref": "Port"}, "ToPort": {"Ref": "Port"}}
    both = {**ingress, "GroupId": {"Ref": "Group"}, "CidrIp": chosen, "CidrIpv6": chosen}
    assert not list(resource_schema.faults("AWS::EC2::SecurityGroupIngress", both))
    group = {
        "GroupDescription": "${Name}'s",
        "SecurityGroupIngress": [{"Fn::If": ["Open", ingress | {"CidrIp": "x"}, {"Ref": "AWS::NoValue"}]}],
    }
    assert not list(resource_schema.faults("AWS::EC2::SecurityGroup", group))


def test_the_table_holds_every_kind_that_it_leads_to_and_names_that_exist() -> None:
    for kind, known in PROPERTIES.items():
        keys = resource_schema.kinds(kind.partition(".")[0])[kind]
        assert known.honoured <= set(keys), kind
        assert not known.honoured & set(known.without_effect), kind
        for name in known.honoured:
            inner = keys[name].inner
            assert inner is None or inner in PROPERTIES, f"{kind}.{name} leads to {inner}, of which nothing is known"
            assert known.values.get(name, frozenset()) <= set(keys[name].allowed), f"{kind}.{name}"


def test_the_emulated_cloudformation_makes_every_type_that_a_rehearsal_knows() -> None:
    from rehearsal.aws.cloudformation.patches import known_types

    assert set(KNOWN_TYPES) <= known_types()


@pytest.fixture(scope="module")
def world(cloud: Cloud, cdk_out: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """What the project's own stacks are when they are deployed."""
    from rehearsal.aws.cloudformation.patches import install

    install(Surroundings(cloud, Store(tmp_path_factory.mktemp("store"))))
    cloud.bootstrap(cloud_assembly.expects(cdk_out))
    return World(
        tuple(
            deploy(each.read(), account=each.account, region=each.region, name=each.name, parameters={})
            for each in cloud_assembly.stacks(cdk_out)
        )
    )


@pytest.fixture
def one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a plan look through the keys of a resource once: of hundreds of plans, each changes one."""
    check = make._check_known
    known: dict[int, Resource] = {}  # by identity, which no other one can have while it is kept

    def once(found: Found) -> None:
        if id(found.resource) not in known:
            check(found)
            known[id(found.resource)] = found.resource

    monkeypatch.setattr(make, "_check_known", once)


@pytest.mark.usefixtures("one_look")
def test_another_value_of_anything_enumerated_changes_what_runs_or_is_named(cloud: Cloud, world: World) -> None:
    tried = changes_or_names(world, cache(cloud.secret), "")
    print(f"{tried} values")
    assert tried > 50


@pytest.mark.usefixtures("one_look")
def test_another_value_of_a_firewalls_changes_what_runs_or_is_named(cloud: Cloud, fronts: Path, tmp_path: Path) -> None:
    from rehearsal.aws.cloudformation.patches import install

    forget(cloud)
    install(Surroundings(cloud, Store(tmp_path)))
    cloud.bootstrap(cloud_assembly.expects(fronts))
    wanted = ("network", "wordpress", "front")
    stacks = [each for each in cloud_assembly.stacks(fronts) if each.name.endswith(wanted)]
    world = World(
        tuple(
            deploy(each.read(), account=each.account, region=each.region, name=each.name, parameters={})
            for each in stacks
        )
    )
    tried = changes_or_names(world, cache(cloud.secret), "AWS::WAFv2::")
    print(f"{tried} values")
    assert tried > 40


def changes_or_names(world: World, secret: ReadSecret, types: str) -> int:
    """Give each enumerated value of resources of ``types`` that the table says is honoured another; count them."""

    def plans(changed: World, stack: Stack) -> list[Plan]:
        near = [each for each in changed.stacks if each.account == stack.account and "Pipeline" not in each.name]
        return [make.make_plan(changed, each, secret) for each in near]

    tried = 0
    for stack in world.stacks:
        if any(stack.of_type("AWS::CodePipeline::Pipeline")):
            continue  # read elsewhere
        before = plans(world, stack)
        unwatched = {each.key.logical_id for plan in before for each in plan.unwatched if each.key.stack == stack.name}
        for resource in stack.resources.values():
            if resource.logical_id in unwatched or not resource.type.startswith(types):
                continue
            for choice in _honoured(resource.type, resource.properties):
                for value in set(choice.allowed) - {choice.value}:
                    properties = copy.deepcopy(dict(resource.properties))
                    *parents, last = choice.path
                    at(properties, tuple(parents))[last] = value
                    other = replace(resource, properties=properties)
                    changed = replace(stack, resources={**stack.resources, resource.logical_id: other})
                    everything = World(tuple(changed if each is stack else each for each in world.stacks))
                    tried += 1
                    try:
                        assert plans(everything, stack) != before, (
                            f"{resource.type} {resource_schema.place(choice.path)}: {value} runs as {choice.value} does"
                        )
                    except PlanError as named:
                        assert json.dumps(value).strip('"') in str(named) or resource.logical_id in str(named)
    return tried


def _honoured(resource_type: str, properties: Any) -> Iterator[Choice]:
    """Yield the enumerated values that the table says are honoured."""
    for found in resource_schema.walk(
        resource_type, properties, lambda kind, name: kind in PROPERTIES and name in PROPERTIES[kind].honoured
    ):
        if isinstance(found, Choice) and found.kind in PROPERTIES:
            yield found
