"""Reading a pipeline, filling its variables, deciding an approval."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.codepipeline import approval, definition
from rehearsal.codepipeline.variables import resolve
from rehearsal.values.exits import ActionFailed, Refused
from rehearsal.values.stack import Resource, Stack


def action(name: str, order: int, kind: str = "Build/CodeBuild") -> dict[str, Any]:
    category, provider = kind.split("/")
    return {
        "Name": name,
        "RunOrder": order,
        "ActionTypeId": {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"},
        "Configuration": {"ProjectName": name},
        "InputArtifacts": [{"Name": "Source"}],
    }


def stack(**properties: Any) -> Stack:
    stages = [
        {"Name": "One", "Actions": [action("second", 2), action("first", 1)]},
        {"Name": "Two", "Actions": [action("third", 1)]},
    ]
    resource = Resource("P", definition.TYPE, "pipeline", {"RoleArn": "r", "Stages": stages, **properties}, {})
    return Stack("s", "111111111111", "eu-central-1", {"P": resource}, {})


def test_actions_follow_the_stages_and_their_run_order() -> None:
    assert [str(a) for a in definition.read(stack()).actions] == ["One / first", "One / second", "Two / third"]


def test_an_action_is_read_as_the_template_says_it() -> None:
    first = definition.read(stack()).actions[0]
    assert (first.kind, first.inputs, first.configuration) == ("Build/CodeBuild", ("Source",), {"ProjectName": "first"})


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        pytest.param(
            {"ArtifactStores": [{"Region": "us-east-1"}]},
            "artifact stores in several regions",
            id="artifact stores of several regions",
        ),
        pytest.param(
            {"Stages": [{"Name": "One", "Actions": [], "BeforeEntry": {}}]},
            "the stage One has BeforeEntry",
            id="condition before a stage",
        ),
    ],
)
def test_what_a_rehearsal_cannot_do_is_an_error(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        definition.read(stack(**properties))


def test_the_pipelines_stack_is_found_by_its_type() -> None:
    templates = {
        "a": {"Resources": {"X": {"Type": "AWS::S3::Bucket"}}},
        "b": {"Resources": {"Y": {"Type": definition.TYPE}}},
    }
    assert definition.template_of(templates) == "b"


@pytest.mark.parametrize(
    ("types", "message"),
    [
        pytest.param([], "has 0 stacks", id="none"),
        pytest.param([definition.TYPE, definition.TYPE], r"has 2 stacks.*\(s0, s1\)", id="two"),
    ],
)
def test_no_pipeline_and_two_pipelines_are_refused(types: list[str], message: str) -> None:
    with pytest.raises(Refused, match=message):
        definition.template_of(
            {f"s{number}": {"Resources": {"Y": {"Type": kind}}} for number, kind in enumerate(types)}
        )


KNOWN = {"Source@repo": {"CommitId": "abc"}, "codepipeline": {"PipelineExecutionId": "42"}}


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("plain #{ text", "plain #{ text"),
        ("s3://b/#{Source@repo.CommitId}/#{codepipeline.PipelineExecutionId}", "s3://b/abc/42"),
    ],
)
def test_variables_are_filled(text: str, resolved: str) -> None:
    assert resolve(text, KNOWN) == resolved


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#{Dev@Storm.SUMMARY}", "no action before this one has the namespace Dev@Storm"),
        ("#{Source@repo.Branch}", "has no Branch, it has CommitId"),
    ],
)
def test_an_unknown_variable_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        resolve(text, KNOWN)


@pytest.mark.parametrize(("text", "decision"), [(None, None), ("", None), ("yes", "approved"), ("no", "rejected")])
def test_approve_decides(text: str | None, decision: str | None) -> None:
    assert approval.given(text) == decision


@pytest.mark.parametrize("text", ["maybe", "YES", "true"])
def test_any_other_approve_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=f"APPROVE={text}"):
        approval.given(text)


@pytest.mark.parametrize(
    ("wanted", "terminal", "answers", "decision"),
    [
        pytest.param("approved", False, [], "approved", id="approved beforehand"),
        pytest.param("rejected", True, [], "rejected", id="rejected beforehand"),
        pytest.param(None, False, [], "waits", id="nobody to ask"),
        pytest.param(None, True, ["yes"], "approved", id="yes at a terminal"),
        pytest.param(None, True, ["perhaps", "NO"], "rejected", id="no after a wrong answer"),
        pytest.param(None, True, [""], "waits", id="empty answer"),
        pytest.param(None, True, [], "waits", id="end of input"),
    ],
)
def test_an_approval_is_given_asked_or_waits(
    wanted: approval.Decision | None, terminal: bool, answers: list[str], decision: str
) -> None:
    left = iter(answers)

    def ask(question: str) -> str:
        assert "Promote?" in question
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    assert approval.decide(wanted, terminal=terminal, ask=ask) == decision
