"""What a service's API refuses of a resource's properties: lengths and characters, also of a text that is joined."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.fargate.plan.known import KNOWN_TYPES
from rehearsal.values import call_rules, resource_schema, service_rules

ALARM, BUILD, PIPELINE = "AWS::CloudWatch::Alarm", "AWS::CodeBuild::Project", "AWS::CodePipeline::Pipeline"
RULE, ROLE, SCHEDULE = "AWS::Events::Rule", "AWS::IAM::Role", "AWS::Scheduler::Schedule"
REFERENCE = {"Ref": "Bucket"}


def acting(**action: Any) -> dict[str, Any]:
    return {"Stages": [{"Name": "One", "Actions": [{"Name": "act", **action}]}]}


def configured(value: Any) -> dict[str, Any]:
    return acting(Configuration={"EnvironmentVariables": value})


def joined(*parts: Any) -> dict[str, Any]:
    return {"Fn::Join": ["", list(parts)]}


@pytest.mark.parametrize(
    ("kind", "properties", "words"),
    [
        pytest.param(PIPELINE, configured("x" * 1001), "has 1001 characters; 1000 is the most", id="long"),
        pytest.param(
            PIPELINE, configured(joined("x" * 999, REFERENCE, "xx")), "has 1001 characters and more", id="joined"
        ),
        pytest.param(PIPELINE, configured(""), "EnvironmentVariables has 0 characters; 1 is the least", id="empty"),
        pytest.param(PIPELINE, acting(Namespace="a.b"), "Stages[0].Actions[0].Namespace is 'a.b'", id="characters"),
        pytest.param(PIPELINE, acting(RunOrder=1000), "RunOrder is 1000; 999 is the most", id="a thousandth"),
        pytest.param(PIPELINE, acting(RunOrder="0"), "RunOrder is 0; 1 is the least", id="a number as a text"),
        pytest.param(BUILD, {"TimeoutInMinutes": 4}, "TimeoutInMinutes is 4; 5 is the least", id="a short build"),
        pytest.param(BUILD, {"Description": "x" * 256}, "Description has 256 characters; 255", id="a description"),
        pytest.param(RULE, {"Targets": [{"Id": "x" * 65}]}, "Targets[0].Id has 65 characters", id="the second call"),
        pytest.param(ROLE, {"Description": "日本"}, "Description is '日本'; the service takes", id="other scripts"),
        pytest.param(ALARM, {"AlarmDescription": "x" * 1025}, "1025 characters; 1024", id="an alarm"),
        pytest.param(SCHEDULE, {"Description": joined("x" * 513)}, "513 characters and more; 512", id="a schedule"),
    ],
)
def test_what_the_api_does_not_take_is_named(kind: str, properties: dict[str, Any], words: str) -> None:
    assert resource_schema.has_schema(kind)
    assert words in "\n".join(service_rules.faults(kind, properties, "eu-central-1"))


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        pytest.param(PIPELINE, configured("x" * 1000), id="as long as may be"),
        pytest.param(PIPELINE, configured(joined("x" * 1000, REFERENCE)), id="what comes from elsewhere is not known"),
        pytest.param(PIPELINE, configured(REFERENCE), id="a reference alone"),
        pytest.param(ROLE, {"Description": "Prüfung"}, id="letters of Europe"),
        pytest.param(ROLE, {"AssumeRolePolicyDocument": {"Statement": []}}, id="another form than the call has"),
        pytest.param(RULE, {"Odd": "x"}, id="a name that the call does not have"),
        pytest.param(f"{BUILD}s", {"Description": "x" * 256}, id="a type without its call"),
    ],
)
def test_what_it_takes_or_nobody_knows_is_not_refused(kind: str, properties: dict[str, Any]) -> None:
    assert list(call_rules.faults(kind, properties)) == []


def test_each_call_is_of_a_type_that_a_rehearsal_knows() -> None:
    assert set(KNOWN_TYPES) >= call_rules.TYPES
