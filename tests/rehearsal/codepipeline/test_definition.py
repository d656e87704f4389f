"""Reading a pipeline, filling its variables, deciding an approval."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.codepipeline import approval, definition, transitions
from rehearsal.codepipeline.variables import resolve, resolve_all
from rehearsal.values.exits import ActionFailed, Refused
from rehearsal.values.stack import Resource, Stack


def action(name: str, order: int, kind: str = "Build/CodeBuild", **more: Any) -> dict[str, Any]:
    category, provider = kind.split("/")
    return {
        "Name": name,
        "RunOrder": order,
        "ActionTypeId": {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"},
        "Configuration": {"ProjectName": name},
        **more,
    }


def connection(name: str, artifact: str) -> dict[str, Any]:
    found = action(name, 1, "Source/CodeStarSourceConnection", OutputArtifacts=[{"Name": artifact}])
    return found | {
        "Configuration": {"ConnectionArn": "c", "FullRepositoryId": f"example/{name}", "BranchName": "main"}
    }


SOURCE = {"Name": "Zero", "Actions": [connection("source", "Source")]}
WANTS: dict[str, Any] = {"InputArtifacts": [{"Name": "Source"}]}
LAST = {"Name": "Last", "Actions": [action("last", 1, "Approval/Manual", Configuration={})]}
STORE = {"ArtifactStore": {"Type": "S3", "Location": "artifacts"}}


def stack(*stages: dict[str, Any], **properties: Any) -> Stack:
    if len(stages) == 1:  # two are the least that there may be
        stages = (*stages, LAST)
    usual = [
        SOURCE,
        {"Name": "One", "Actions": [action("second", 2, **WANTS), action("first", 1, **WANTS)]},
        {"Name": "Two", "Actions": [action("third", 1, **WANTS)]},
    ]
    all_properties = {
        "RoleArn": "arn:aws:iam::111111111111:role/runs",
        "PipelineType": "V2",
        "Stages": list(stages) or usual,
        **STORE,
        **properties,
    }
    return Stack(
        "s", "111111111111", "eu-central-1", {"P": Resource("P", definition.TYPE, "p", all_properties, {})}, {}
    )


def test_actions_follow_the_stages_and_their_run_order() -> None:
    read = definition.read(stack()).actions
    assert [str(a) for a in read] == ["Zero / source", "One / first", "One / second", "Two / third"]


def test_an_action_is_read_as_the_template_says_it() -> None:
    first = definition.read(stack()).actions[1]
    assert (first.kind, first.inputs, first.configuration) == ("Build/CodeBuild", ("Source",), {"ProjectName": "first"})


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        pytest.param(
            stack({"Name": "One", "Actions": [action("a", 1)], "BeforeEntry": {}}),
            r"does not know how to honour Stages\[0\].BeforeEntry",
            id="condition before a stage",
        ),
        pytest.param(
            stack({"Name": "One", "Actions": [action("a", 1)], "BeforeEntry": {"Conditions": []}}),
            r"does not know how to honour Stages\[0\].BeforeEntry",
            id="condition before a stage",
        ),
        pytest.param(
            stack({"Name": "One", "Actions": [action("a", 1, TimeoutInMinutes=5)]}),
            r"Stages\[0\].Actions\[0\].TimeoutInMinutes",
            id="time limit of an action",
        ),
        pytest.param(
            stack(DisableInboundStageTransitions=[{"StageName": "Two", "Reason": "closed"}]),
            "DisableInboundStageTransitions",
            id="transition switched off",
        ),
        pytest.param(stack(ExecutionMode="QUEUED"), "ExecutionMode is 'QUEUED'", id="executions in a queue"),
        pytest.param(
            stack(
                SOURCE,
                {"Name": "Last", "Actions": [action("b", 1, **WANTS)], "OnFailure": {"Result": "ROLLBACK"}},
                PipelineType="V1",
            ),
            "its type is V1, in which the stage Last can have no OnFailure",
            id="rollback in a pipeline of the first type",
        ),
        pytest.param(
            stack(PipelineType="V1", Triggers=[]), "V1, which has no Triggers", id="triggers of the first type"
        ),
        pytest.param(
            stack({"Name": "Zero", "Actions": [connection("ours", "Ours"), connection("other", "Other")]}),
            "the action other is a second source",
            id="two sources",
        ),
        pytest.param(stack(Odd=1), "Odd: CloudFormation knows no Odd there", id="unknown key"),
        pytest.param(stack(Variables=[{"Name": "v"}]), "how to honour Variables", id="variables of the pipeline"),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("a", 1), action("a", 2)]}),
            "two actions of the stage One have the name a",
            id="two actions of one name",
        ),
        pytest.param(
            stack(SOURCE, {**SOURCE, "Actions": [action("b", 1)]}),
            "two stages have the name Zero",
            id="two stages of one name",
        ),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("a", 1, Namespace="n"), action("b", 1, Namespace="n")]}),
            "two actions have the namespace n",
            id="two namespaces of one name",
        ),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("a", 1, InputArtifacts=[{"Name": "Nothing"}])]}),
            "One / a wants the artifact Nothing, which no action makes before it",
            id="artifact of nobody",
        ),
        pytest.param(
            stack(
                SOURCE,
                {
                    "Name": "One",
                    "Actions": [
                        action("a", 1, InputArtifacts=[{"Name": "B"}]),
                        action("b", 1, OutputArtifacts=[{"Name": "B"}]),
                    ],
                },
            ),
            "One / a wants the artifact B, which no action makes before it",
            id="artifact of an action beside it",
        ),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("b", 1, OutputArtifacts=[{"Name": "Source"}])]}),
            "source and b both make the artifact Source",
            id="artifact of two",
        ),
    ],
)
def test_what_a_rehearsal_cannot_do_is_an_error(pipeline: Stack, message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        definition.read(pipeline)


@pytest.mark.parametrize(
    ("kind", "configuration", "message"),
    [
        pytest.param("Invoke/Lambda", {}, "actions of the type Invoke/Lambda are not rehearsed", id="unknown kind"),
        pytest.param("Build/CodeBuild", {"Odd": "1"}, "Odd of its configuration is not rehearsed", id="unknown key"),
        pytest.param("Build/CodeBuild", {"BatchEnabled": "true"}, "BatchEnabled is true; known is false", id="batch"),
        pytest.param(
            "Deploy/CloudFormation", {"ActionMode": "DELETE_ONLY"}, "known is CREATE_UPDATE", id="another mode"
        ),
        pytest.param(
            "Source/CodeStarSourceConnection",
            {"OutputArtifactFormat": "CODEBUILD_CLONE_REF"},
            "known is CODE_ZIP",
            id="source with its history",
        ),
    ],
)
def test_an_action_that_no_rehearsal_runs_is_refused(kind: str, configuration: dict[str, str], message: str) -> None:
    pipeline = stack({"Name": "One", "Actions": [action("a", 1, kind, Configuration=configuration)]})
    with pytest.raises(ActionFailed, match=message):
        definition.read(pipeline)


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        pytest.param({}, "people register", id="always"),
        pytest.param({"EndDate": "2026-01-02T12:00:00Z"}, "people register", id="closed last within its dates"),
        pytest.param({"StartDate": "2026-01-03T12:00:00Z"}, None, id="not begun yet"),
    ],
)
def test_a_transition_is_closed_by_what_fired_within_its_dates(dates: dict[str, str], reason: str | None) -> None:
    request = {"PipelineName": "p", "StageName": "Prod", "TransitionType": "Inbound", "Reason": "people register"}
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:codepipeline:disableStageTransition",
        "Input": json.dumps(request),
    }
    closing = {"ScheduleExpression": "cron(0 9 * * ? *)", "Target": target, **dates}
    found = Stack("s", "1", "eu", {"S": Resource("S", "AWS::Scheduler::Schedule", "s", closing, {})}, {})
    moment = datetime(2026, 1, 3, 10, tzinfo=UTC).timestamp()
    assert transitions.closed(found, "p", "Prod", moment) == reason
    [(name, table)] = transitions.timetables(found)
    assert (name, table.expression) == ("s: the way into Prod closes", "cron(0 9 * * ? *)")


TRIGGER = {
    "ProviderType": "CodeStarSourceConnection",
    "GitConfiguration": {"SourceActionName": "source", "Push": [{"Tags": {"Includes": ["v*"]}}]},
}
BOTH = [{"Name": "Source"}, {"Name": "Made"}]


def made(*after: dict[str, Any]) -> Stack:
    """Return a pipeline with a build that makes an artifact and a variable, and a stage of other actions."""
    first = action("make", 1, OutputArtifacts=[{"Name": "Made"}], Namespace="Make", **WANTS)
    return stack(SOURCE, {"Name": "One", "Actions": [first]}, {"Name": "Two", "Actions": list(after)})


def asks(namespace: str) -> dict[str, Any]:
    variables = f'[{{"name": "V", "value": "#{{{namespace}.V}}"}}]'
    return {"Configuration": {"ProjectName": "p", "EnvironmentVariables": variables}, **WANTS}


def deploys(**configuration: str) -> dict[str, Any]:
    wanted = {
        "ActionMode": "CREATE_UPDATE", "StackName": "s", "RoleArn": "r", "TemplatePath": "Made::t.json", **configuration
    }  # fmt: skip
    return action(
        "d", 1, "Deploy/CloudFormation", InputArtifacts=[{"Name": "Made"}],
        Configuration={name: value for name, value in wanted.items() if value},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        pytest.param(
            made(action("a", 1, Namespace="A", **WANTS), action("b", 1, **asks("A"))),
            "Two / b wants a variable of the namespace A, which no action before it has",
            id="variable of an action beside it",
        ),
        pytest.param(
            made(action("a", 2, Namespace="A", **WANTS), action("b", 1, **asks("A"))),
            "Two / b wants a variable of the namespace A",
            id="variable of a later action",
        ),
        pytest.param(
            made(action("b", 1, **asks("Nobody"))), "Two / b wants a variable of the namespace Nobody", id="of nobody"
        ),
        pytest.param(made(action("b", 1)), "Two / b: it has 0 input artifacts; 1 to 5 are allowed", id="no source"),
        pytest.param(
            made(action("b", 1, InputArtifacts=BOTH)), "Two / b: it has the inputs .*no PrimarySource", id="two sources"
        ),
        pytest.param(
            made(action("b", 1, InputArtifacts=BOTH, Configuration={"ProjectName": "p", "PrimarySource": "Other"})),
            "Two / b: PrimarySource names the artifact Other, which is none of its inputs",
            id="source that is no input",
        ),
        pytest.param(
            made(deploys(TemplatePath="Source::t.json")),
            "Two / d: TemplatePath names the artifact Source, which is none of its inputs",
            id="template of an artifact that is no input",
        ),
        pytest.param(
            made(deploys(TemplateConfiguration="Source::t.json")), "TemplateConfiguration names", id="its configuration"
        ),
        pytest.param(made(deploys(RoleArn="")), "Two / d: its configuration has no RoleArn", id="no role"),
        pytest.param(
            made(action("b", 1, "Approval/Manual", Configuration={}, **WANTS)), "it has 1 input", id="approval's input"
        ),
        pytest.param(
            stack(SOURCE, {"Name": "A stage", "Actions": [action("b", 1, **WANTS)]}),
            r"Stages\[1\].Name is 'A stage'; the service takes",
            id="blank in a stage's name",
        ),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("make it", 1, **WANTS)]}),
            r"Stages\[1\].Actions\[0\].Name is 'make it'",
            id="blank in an action's name",
        ),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("b", 1, OutputArtifacts=[{"Name": "b.out"}], **WANTS)]}),
            r"OutputArtifacts\[0\].Name is 'b.out'",
            id="dot in an artifact's name",
        ),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("b", 1000, **WANTS)]}),
            "RunOrder is 1000; 999 is the most",
            id="late run order",
        ),
        pytest.param(
            stack(SOURCE, {"Name": "One", "Actions": [action("b", 1, Region="us-east-1", **WANTS)]}),
            "One / b is of the region us-east-1, for which it has no entry among ArtifactStores",
            id="region without artifacts",
        ),
        pytest.param(
            stack(SOURCE, LAST, Triggers=[{**TRIGGER, "GitConfiguration": {"SourceActionName": "nobody"}}]),
            "a trigger is of the source nobody, which it does not have; it has source",
            id="trigger of no source",
        ),
        pytest.param(
            stack({"Name": "Zero", "Actions": [*SOURCE["Actions"], action("b", 2, **WANTS)]}),
            "the first stage, Zero, has the action b, which is no source",
            id="build among the sources",
        ),
    ],
)
def test_what_codepipeline_would_refuse_of_an_action_is_refused(pipeline: Stack, message: str) -> None:
    with pytest.raises(ActionFailed, match=message):
        definition.read(pipeline)


def test_an_action_may_ask_what_an_action_of_a_run_order_before_it_told() -> None:
    primary = {"ProjectName": "p", "PrimarySource": "Made"}
    pipeline = made(
        action("a", 1, Namespace="A", InputArtifacts=BOTH, Configuration=primary),
        action("b", 2, **asks("A")),
        action("c", 2, **asks("Make")),
        action("e", 2, **asks("codepipeline")),
        deploys(),
    )
    assert len(definition.read(pipeline).actions) == 7


@pytest.mark.parametrize(
    ("pipeline", "reason"),
    [
        pytest.param(stack(SOURCE), "", id="a source that looks"),
        pytest.param(stack(SOURCE, Triggers=[TRIGGER]), "its Triggers, whose filters are not rehearsed", id="triggers"),
    ],
)
def test_a_push_starts_what_a_push_starts_in_aws(pipeline: Stack, reason: str) -> None:
    branch, still = definition.followed(pipeline)
    assert branch == "main"
    assert reason in still
    assert bool(still) == bool(reason)


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


@pytest.mark.parametrize(
    "message",
    [
        pytest.param('say "go"', id="quote"),
        pytest.param("two\nlines", id="line break"),
        pytest.param("back\\slash", id="backslash"),
    ],
)
def test_a_value_that_breaks_the_json_around_it_fails_the_action_and_is_named(message: str) -> None:
    configuration = {"EnvironmentVariables": '[{"name": "MESSAGE", "value": "#{Source.CommitMessage}"}]'}
    plain = resolve_all(configuration, {"Source": {"CommitMessage": "plain"}})
    assert "plain" in plain["EnvironmentVariables"]
    with pytest.raises(
        ActionFailed, match=r"EnvironmentVariables is no JSON: .*; #\{Source.CommitMessage\} holds a quote"
    ):
        resolve_all(configuration, {"Source": {"CommitMessage": message}})
