"""What a resource's schema says of numbers and texts, read as AWS reads it and not as Python would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from rehearsal.values import schema_node, schema_place
from rehearsal.values.exits import ActionFailed
from rehearsal.values.resource_schema import faults
from rehearsal.values.template import parameters

ROLE = "AWS::IAM::Role"
ALARM = "AWS::CloudWatch::Alarm"


def alarm(**properties: Any) -> Mapping[str, Any]:
    return {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "MetricName": "m",
        "Threshold": 1,
        **properties,
    }


@pytest.mark.parametrize("text", ["5", "+5", "05"], ids=["plain", "with a sign", "with a nought before it"])
def test_a_whole_number_may_be_a_text(text: str) -> None:
    assert list(faults(ALARM, alarm(EvaluationPeriods=text))) == []


@pytest.mark.parametrize(
    "text",
    ["0.5", "-5", "5.", ".5", "1e3", "1E-3"],
    ids=["a half", "negative", "no decimals", "decimals alone", "an exponent", "a small one"],
)
def test_a_number_may_be_a_text(text: str) -> None:
    assert list(faults(ALARM, alarm(Threshold=text))) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1_0", id="an underscore"),
        pytest.param("\u0661\u0660", id="Arabic digits"),
        pytest.param(" 10", id="a blank"),
        pytest.param("10\n", id="a line's end"),
        pytest.param("nan", id="no number"),
        pytest.param("Infinity", id="infinity"),
    ],
)
def test_what_python_alone_reads_as_a_number_is_none(text: str) -> None:
    [whole] = faults(ALARM, alarm(EvaluationPeriods=text))
    assert "CloudFormation takes a whole number there" in whole
    [number] = faults(ALARM, alarm(Threshold=text))
    assert "CloudFormation takes a number there" in number
    with pytest.raises(ActionFailed, match="a number is wanted"):
        parameters({"Parameters": {"Count": {"Type": "Number"}}}, {"Count": text})


@pytest.mark.parametrize(
    ("step", "ends"),
    [(0.1, 1000), (0.01, 100), (0.0001, 10_000), (1.0, 100), (0.5, 200)],
    ids=["tenths", "hundredths", "of four decimals", "whole ones", "halves"],
)
def test_multiples_of_a_decimal_are_taken(step: float, ends: int) -> None:
    node = {"type": "number", "multipleOf": step}
    for times in range(ends + 1):
        value = round(times * step, 4)
        assert not schema_node.of_number(node, value), value
        assert not schema_node.of_number(node, str(value)), value


def test_what_is_no_multiple_is_named() -> None:
    canary = {"CanaryPercent": 0.35, "CanaryBakeTimeInMinutes": 5}
    deployment = {"Strategy": "CANARY", "CanaryConfiguration": canary}
    [fault] = faults("AWS::ECS::Service", {"DeploymentConfiguration": deployment})
    assert fault.endswith("CanaryPercent is 0.35; CloudFormation takes multiples of 0.1 there")
    assert list(faults("AWS::ECS::Service", {"DeploymentConfiguration": {**deployment, "CanaryConfiguration": {
        **canary, "CanaryPercent": 0.3,
    }}})) == []  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["Pr\u00fcfung", "\u0440\u043e\u043b\u044c", "role-\u0663"],
    ids=["of German", "of Russian", "with an Arabic digit"],
)
def test_a_name_of_letters_has_those_of_english_alone(name: str) -> None:
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}
    [fault] = [each for each in faults(ROLE, {**role, "RoleName": name}) if each.startswith("RoleName")]
    assert "CloudFormation takes what matches" in fault
    # Where a schema says letters of any kind, they are of any kind.
    assert list(faults("AWS::SSM::Parameter", {"Type": "String", "Value": "1", "Tags": {name: name}})) == []


def test_each_expression_of_the_schemas_can_be_read() -> None:
    found = {pattern for kind in schema_place.files() for pattern in patterns(schema_place.root(kind).node)}
    assert len(found) > 3000
    for pattern in found:
        schema_node.compiled(pattern)


def test_a_character_in_two_halves_is_one() -> None:
    any_letter = schema_node.compiled(r"^[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]*$")
    assert any_letter.search("a \U0001d11e")
    assert not any_letter.search("\t")


def patterns(node: Any) -> Iterator[str]:
    """Yield each regular expression in a schema."""
    if isinstance(node, Mapping):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        yield from node.get("patternProperties", ())
        for each in node.values():
            yield from patterns(each)
    elif isinstance(node, list):
        for each in node:
            yield from patterns(each)
