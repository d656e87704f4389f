"""Whose data goes with an update, and whose with one that failed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.fargate.desired.key import Key
from rehearsal.values.changes import Action, Change
from rehearsal.values.exits import ActionFailed
from rehearsal.values.stack import Resource, Stack

CLUSTER = "AWS::RDS::DBCluster"
STACK = Stack("site", "1", "eu", {"Db": Resource("Db", CLUSTER, "db", {}, {}, generation=2)}, {})


def key(generation: int, logical_id: str = "Db") -> Key:
    return Key("1", "eu", "site", logical_id, generation)


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        pytest.param(Change("Db", CLUSTER, Action.REPLACE, holds_data=True), {key(2)}, id="replaced"),
        pytest.param(Change("Db", CLUSTER, Action.REMOVE, holds_data=True), {key(2)}, id="removed"),
        pytest.param(Change("Db", CLUSTER, Action.REPLACE, policy="Snapshot", holds_data=True), set(), id="kept"),
        pytest.param(Change("Db", CLUSTER, Action.REPLACE, protected=True, holds_data=True), set(), id="protected"),
        pytest.param(Change("Db", CLUSTER, Action.MODIFY, holds_data=True), set(), id="changed in place"),
        pytest.param(Change("Task", "AWS::ECS::TaskDefinition", Action.REPLACE), set(), id="another is replaced"),
    ],
)
def test_an_update_lets_go_of_its_own_data_and_of_none_that_an_earlier_one_kept(change: Change, gone: set[Key]) -> None:
    from rehearsal.codepipeline.stack_actions import lost

    assert lost(STACK, [change]) == gone


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        pytest.param(key(1), False, id="kept by an earlier update"),
        pytest.param(key(2), False, id="stands"),
        pytest.param(key(3), True, id="would have replaced it"),
        pytest.param(key(1, "Files"), True, id="was new"),
        pytest.param(key(1, "Old"), False, id="was removed and kept"),
        pytest.param(key(2, "Old"), True, id="was new again"),
    ],
)
def test_a_deployment_that_failed_leaves_no_data_of_its_own(resource: Key, expected: bool) -> None:
    from rehearsal.codepipeline.stack_actions import unfinished

    assert unfinished(resource, STACK, {"Db": 2, "Old": 2}) == expected


def test_a_resources_key_is_read_back() -> None:
    for each in (key(1), key(12)):
        assert Key.parse(str(each)) == each


WANTED = {"StackName": "site", "RoleArn": "arn:aws:iam::1:role/r", "TemplatePath": "Made::t.json"}


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    files = {
        "t.json": {"Resources": {}},
        "usual.json": {"Parameters": {"A": "1", "B": "1"}, "Tags": {"team": "t"}},
        "role.json": {"Resources": {"Role": {"Type": "AWS::IAM::Role"}, "Topic": {"Type": "AWS::SNS::Topic"}}},
        "named.json": {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r"}}}},
        "odd.json": {"StackPolicy": {"Statement": []}},
    }
    (tmp_path / "Made").mkdir()
    for name, content in files.items():
        (tmp_path / "Made" / name).write_text(json.dumps(content))
    return tmp_path


def test_an_actions_own_parameters_go_before_those_of_the_configuration_file(artifacts: Path) -> None:
    from rehearsal.codepipeline.stack_actions import Order

    more = {"TemplateConfiguration": "Made::usual.json", "ParameterOverrides": '{"B": "2"}'}
    assert Order.of({**WANTED, **more}, "eu", artifacts).parameters == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("template", "capabilities"),
    [
        pytest.param("t.json", "", id="nothing of IAM"),
        pytest.param("role.json", "CAPABILITY_IAM", id="role"),
        pytest.param("role.json", "CAPABILITY_NAMED_IAM", id="role with more than it needs"),
        pytest.param("named.json", "CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND", id="role of a name"),
    ],
)
def test_a_template_is_taken_with_the_capabilities_that_it_needs(
    template: str, capabilities: str, artifacts: Path
) -> None:
    from rehearsal.codepipeline.stack_actions import Order

    more = {"TemplatePath": f"Made::{template}", "Capabilities": capabilities}
    assert Order.of({**WANTED, **more}, "eu", artifacts).template["Resources"].keys() <= {"Role", "Topic"}


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        pytest.param(
            {"TemplateConfiguration": "Made::odd.json"},
            "Made::odd.json has StackPolicy; .* Parameters and Tags",
            id="file",
        ),
        pytest.param(
            {"ParameterOverrides": '{"B": {"Fn::GetArtifactAtt": ["Made", "ObjectKey"]}}'},
            "B is .*Fn::GetArtifactAtt.*; functions on artifacts are not rehearsed",
            id="function",
        ),
        pytest.param({"ParameterOverrides": '["B"]'}, "a mapping of parameters is wanted", id="list"),
        pytest.param(
            {"ParameterOverrides": json.dumps({"B": "b" * 1024})}, "has 1033 bytes; 1024 are the most", id="too long"
        ),
        pytest.param({"Capabilities": "CAPABILITY_ALL"}, "site: Capabilities has CAPABILITY_ALL", id="no capability"),
        pytest.param(
            {"TemplatePath": "Made::role.json"}, "has Role of IAM, and Capabilities lacks CAPABILITY_IAM", id="role"
        ),
        pytest.param(
            {"TemplatePath": "Made::named.json", "Capabilities": "CAPABILITY_IAM,CAPABILITY_AUTO_EXPAND"},
            "names Role itself, and Capabilities lacks CAPABILITY_NAMED_IAM",
            id="role of a name",
        ),
    ],
)
def test_what_a_deployment_is_given_and_cannot_be_rehearsed_is_refused(
    configuration: dict[str, str], message: str, artifacts: Path
) -> None:
    from rehearsal.codepipeline.stack_actions import Order

    with pytest.raises(ActionFailed, match=message):
        Order.of({**WANTED, **configuration}, "eu", artifacts)
