"""The pipeline is as it must be, and each check notices the faults that it is there for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.sections import sections
from tests.templates import pipeline_checks as checks
from tests.templates.checks import PIPELINE_CHECKS, hold, holds
from tests.templates.faults import Fault, add, copied, drop, put, put_variable, remove
from tests.templates.runbook import PAGE
from tests.templates.synthesis import Make
from tests.templates.variants import FLEET, WINDOWS, Changes, variant
from tests.templates.world import PIPELINE, PipelineCheck, Template, World, only

PIPE = "CodePipeline::Pipeline"
STATEMENTS = "PolicyDocument.Statement"
TOLD = "Targets.0.InputTransformer.InputPathsMap"
STRANGER = {
    "Type": "AWS::SNS::Subscription",
    "Properties": {"Protocol": "email", "Endpoint": "stranger@example.com"},
}
ANYTHING = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


def in_stage(stage: str, name: str, change: Callable[[list[Any]], object]) -> Fault:
    """Change the list of a stage's actions."""

    def apply(template: Template) -> None:
        stages = only(template, PIPE)["Stages"]
        change(next(each["Actions"] for each in stages if each["Name"] == stage))

    return Fault(f"{stage}: {name}", apply)


def in_action(action: str, name: str, old: str, new: str) -> Fault:
    """Replace a part of an action's text."""

    def apply(template: Template) -> None:
        for stage in only(template, PIPE)["Stages"]:
            for index, each in enumerate(stage["Actions"]):
                if each["Name"] == action:
                    assert old in json.dumps(each)
                    stage["Actions"][index] = json.loads(json.dumps(each).replace(old, new))

    return Fault(f"{action}: {name}", apply)


def in_build(project: str, old: str, new: str) -> Fault:
    """Replace a part of a project's buildspec."""

    def apply(template: Template) -> None:
        source = next(
            each["Properties"]["Source"]
            for name, each in template["Resources"].items()
            if each["Type"] == "AWS::CodeBuild::Project" and project in name
        )
        assert old in source["BuildSpec"]
        source["BuildSpec"] = source["BuildSpec"].replace(old, new)

    return Fault(f"{project}: {old} -> {new}", apply)


def _stage(template: Template, name: str) -> dict[str, Any]:
    return next(each for each in only(template, PIPE)["Stages"] if each["Name"] == name)


def orders(*wanted: int) -> Callable[[list[Any]], object]:
    """Give a stage's actions other run orders."""
    return lambda actions: [action.update(RunOrder=order) for action, order in zip(actions, wanted, strict=True)]


def _into_prod(template: Template) -> None:
    *_, approval, prod = only(template, PIPE)["Stages"]
    for action in prod["Actions"]:
        action["RunOrder"] += len(approval["Actions"])
    prod["Actions"][:0] = approval["Actions"]
    only(template, PIPE)["Stages"].remove(approval)


def _after_prod(template: Template) -> None:
    only(template, PIPE)["Stages"][-2:] = reversed(only(template, PIPE)["Stages"][-2:])


FAULTS: dict[PipelineCheck, list[Fault]] = {
    checks.commit_passes_every_gate: [
        in_stage("Dev", "no gate", lambda actions: actions.pop()),
        in_stage("Dev", "the gate beside the deployment", orders(1, 2, 3, 3)),
        in_stage("Dev", "the gate first", orders(2, 3, 4, 1)),
        in_stage("Dev", "no bill of materials", lambda actions: actions.pop(0)),
        in_stage("Approval", "no question", lambda actions: actions.pop()),
        in_stage("Approval", "no report of changes", lambda actions: actions.pop(0)),
        in_stage("Approval", "the report after the question", orders(2, 1)),
        Fault("the question inside prod's stage", _into_prod),
        Fault("the question after prod", _after_prod),
        in_stage("Prod", "no smoke test", lambda actions: actions.pop()),
        in_stage("UpdatePipeline", "no self-mutation", lambda actions: actions.clear()),
    ],
    checks.pipeline_is_of_the_kind_that_holds: [
        put(PIPE, "PipelineType", "V1"),
        put(PIPE, "ExecutionMode", "QUEUED"),
        put(PIPE, "RestartExecutionOnUpdate", False),
        in_action("floodgate-prod-wordpress.Deploy", "change sets", "CREATE_UPDATE", "CHANGE_SET_REPLACE"),
    ],
    checks.artifacts_outlive_a_rollback: [
        put("S3::Bucket/PipelineArtifactsBucket", "LifecycleConfiguration.Rules.0.ExpirationInDays", 30),
        put("S3::Bucket/PipelineArtifactsBucket", "LifecycleConfiguration.Rules.0.Status", "Disabled"),
        drop("S3::Bucket/PipelineArtifactsBucket", "LifecycleConfiguration"),
    ],
    checks.accounts_are_crossed_with_a_key: [
        put("KMS::Key", "EnableKeyRotation", False),
        drop(PIPE, "ArtifactStore.EncryptionKey"),
        in_action("floodgate-prod-wordpress.Deploy", "dev's account", "333333333333", "222222222222"),
    ],
    checks.build_runs_what_a_person_runs: [
        in_build("Synth", " test-templates synth", " synth"),
        in_build("Synth", " audit test-templates", " test-templates"),
        in_build("Synth", " synth lint", " lint"),
        in_build("Synth", " lint-templates", ""),
        in_build("Synth", " keeps-data", ""),
        put_variable("CodeBuild::Project/PipelineBuildSynth", "PROD_READER", "arn:aws:iam::333333333333:role/another"),
        in_build("Synth", "3.11", "3.8"),
        in_build("Synth", "cdk.out", "out"),
    ],
    checks.tools_are_pinned: [
        in_build("SelfMutation", "aws-cdk@", "aws-cdk # "),
        in_build("SelfMutation", "aws-cdk@2.", "aws-cdk@^2."),
    ],
    checks.gate_storms_what_was_deployed: [
        in_action("LoadTest", "prod's address", "FloodgatePipelineDevWordPress", "FloodgatePipelineProdWordPress"),
        in_action("LoadTest", "an output that is not there", "SiteUrl", "Url"),
        in_action("LoadTest", "no commit", ".CommitId}", ".BranchName}"),
        in_action("LoadTest", "the template as source", "_Source", "_Synth_Output"),
        put("CodeBuild::Project/LoadTest", "TimeoutInMinutes", 2),
        put("CodeBuild::Project/LoadTest", "Environment.EnvironmentVariables.4.Value", "1"),
        put("CodeBuild::Project/LoadTest", "Environment.EnvironmentVariables.1.Value", "300"),
    ],
    checks.gate_runs_the_storm: [
        in_build("LoadTest", "-m loadtest run", "-m loadtest run || true"),
        in_build("LoadTest", '"STORM_VERDICT",', '"STORM_VERDICT", "STORM_VERDICT",'),
    ],
    checks.approver_sees_the_evidence: [
        in_action("Approve", "no commit", ".CommitId} to", ".BranchName} to"),
        in_action("Approve", "not what changes", "#{Approval@Changes.CHANGES_SUMMARY} ", ""),
        in_action("Approve", "no verdict", "STORM_VERDICT", "STORM_RESULT"),
        in_action("Approve", "the verdict of another step", "Dev@LoadTest", "Dev@Another"),
        in_action("Approve", "another folder", "prefix=gate/", "prefix=nightly/"),
        in_action("Approve", "nobody is told", "NoticesTopic", "Another"),
        in_build("LoadTest", '"STORM_SUMMARY",', ""),
    ],
    checks.question_is_as_long_as_may_be: [
        in_action("Approve", "more words", "Promote commit", "Is it right to promote the commit that has the name"),
    ],
    checks.changes_are_of_what_prod_runs: [
        in_action(
            "Changes",
            "the template as source",
            '"PrimarySource": "example_event_site_Source"',
            '"PrimarySource": "Synth_Output"',
        ),
        in_action("Changes", "another assembly", "Synth_Output", "Other_Output"),
        in_action("Changes", "no commit", ".CommitId}", ".BranchName}"),
        put_variable("CodeBuild::Project/Changes", "CHANGES_ROLE", "arn:aws:iam::333333333333:role/another"),
        put_variable("CodeBuild::Project/Changes", "CHANGES_EVIDENCE", "s3://another/gate"),
        in_build("Changes", "--into changes.env", "--into changes.env || true"),
        in_build("Changes", ". ./changes.env;", ""),
        add("IAM::Policy/ApprovalChanges", STATEMENTS, ANYTHING),
    ],
    checks.smoke_test_asks_for_this_commit: [
        in_action("SmokeTest", "another name", ".CommitId}", ".BranchName}"),
        in_action("SmokeTest", "dev's address", "FloodgatePipelineProdWordPress", "FloodgatePipelineDevWordPress"),
        in_build("SmokeTest", "loadtest smoke", "loadtest --help"),
    ],
    checks.assets_are_one_action: [
        in_stage("Assets", "two", lambda actions: actions.append({**actions[0], "Name": "DockerAsset2"})),
        put("CodeBuild::Project/Assets", "Source.BuildSpec", "{}"),
    ],
    checks.images_begin_with_the_settings_base: [put("CodeBuild::Project/Assets", "Source.BuildSpec", "another.yaml")],
    checks.only_images_are_built_privileged: [
        put("CodeBuild::Project/LoadTest", "Environment.PrivilegedMode", True),
        put("CodeBuild::Project/Assets", "Environment.PrivilegedMode", False),
        put("CodeBuild::Project/SelfMutation", "Environment.PrivilegedMode", False),
        put("CodeBuild::Project/Sbom", "Environment.PrivilegedMode", False),
    ],
    checks.bills_are_written_of_what_was_published: [
        in_action("Sbom", "another assembly", "Synth_Output", "Other_Output"),
        in_action(
            "Sbom",
            "the template as source",
            '"PrimarySource": "example_event_site_Source"',
            '"PrimarySource": "Synth_Output"',
        ),
        in_action("Sbom", "beside the nights", "/gate/", "/nightly/"),
        in_build("Sbom", "--account 222222222222", "--account 333333333333"),
        in_build("Sbom", "LOCK=requirements/sbom.txt", ""),
    ],
    checks.builds_may_little: [
        add(f"IAM::Policy/{role}", STATEMENTS, ANYTHING)
        for role in (
            *(
                "PipelineBuildSynth",
                "PipelineDevSbom",
                "PipelineDevLoadTest",
                "PipelineProdSmokeTest",
                "NightlyLoadTest",
            ),
            "Assets",
        )
    ]
    + [put("IAM::Role/SmokeTest", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/PowerUserAccess"])],
    checks.source_is_read_through_the_connection: [
        put("CodeBuild::Project/Nightly", "Source.Auth", {"Type": "OAUTH"}),
        put("CodeBuild::Project/Nightly", "SourceVersion", "develop"),
        in_action("GitHub", "another branch", '"main"', '"develop"'),
        in_action("GitHub", "another repository", "example/event-site", "another/site"),
        put("CodeBuild::Project/Nightly", "Source.Location", "https://github.com/another/site.git"),
        Fault(
            "the connection's new name is not allowed",
            lambda template: template.update(
                json.loads(json.dumps(template).replace("codeconnections:Use", "codeconnections:No"))
            ),
        ),
    ],
    checks.project_is_made_with_its_connection_allowed: [
        drop("CodeBuild::Project/Nightly!", "DependsOn"),
        put("IAM::Policy/NightlyLoadTestConnection", f"{STATEMENTS}.0.Action", ["codeconnections:GetConnection"]),
        put("IAM::Policy/NightlyLoadTestConnection", "Roles", [{"Ref": "Another"}]),
    ],
    checks.nightly_storm_runs_and_is_heard: [
        put("Scheduler::Schedule", "ScheduleExpression", "cron(0 12 * * ? *)"),
        drop("Scheduler::Schedule", "ScheduleExpressionTimezone"),
        put("Scheduler::Schedule", "State", "DISABLED"),
        put("CodeBuild::Project/Nightly", "Source.BuildSpec", "buildspec.yml"),
        put("CodeBuild::Project/Nightly", "Environment.EnvironmentVariables.0.Value", "3"),
        drop("CodeBuild::Project/Nightly", "Environment.EnvironmentVariables.-1"),
        drop("Events::Rule/Nightly", "EventPattern.detail.build-status.1"),
        put("Events::Rule/Nightly", "Targets", []),
        drop("SNS::TopicPolicy", f"{STATEMENTS}.2"),
        add("IAM::Policy/SchedulerRole", STATEMENTS, ANYTHING),
    ],
    checks.prod_goes_back_when_it_fails: [
        in_stage("Prod", "the smoke test first", lambda actions: actions[-1].update(RunOrder=0)),
        Fault("no rollback", lambda template: _stage(template, "Prod").pop("OnFailure")),
        Fault("another result", lambda template: _stage(template, "Prod").update(OnFailure={"Result": "RETRY"})),
        Fault("dev as well", lambda template: _stage(template, "Dev").update(OnFailure={"Result": "ROLLBACK"})),
        Fault("the question inside prod's stage", _into_prod),
    ],
    checks.failures_are_told: [
        remove("Events::Rule/FailuresActionFailed"),
        put("Events::Rule/FailuresActionFailed", "State", "DISABLED"),
        put("Events::Rule/FailuresActionFailed", "EventPattern.detail.state", ["STOPPED"]),
        put("Events::Rule/FailuresActionFailed", "EventPattern.resources", ["arn:aws:codepipeline:::another"]),
        put("Events::Rule/FailuresRolledBack", "Targets.0.Arn", {"Ref": "Another"}),
        put("Events::Rule/FailuresRolledBack", "EventPattern.detail.execution-trigger.trigger-type.0", "Webhook"),
        put("Events::Rule/FailuresRolledBack", "Targets.0.InputTransformer.InputTemplate", '"It failed."'),
        put("Resources", "Stranger", STRANGER),
    ],
    checks.messages_hold_no_text_of_somebodys: [
        put(
            "Events::Rule/FailuresActionFailed",
            f"{TOLD}.region",
            "$.detail.execution-result.external-execution-summary",
        ),
        put("Events::Rule/Nightly", f"{TOLD}.detail-build-status", "$.detail"),
    ],
    checks.missed_night_is_noticed: [
        put("Logs::MetricFilter", "FilterPattern", '"Build succeeded"'),
        put("Logs::MetricFilter", "MetricTransformations.0.DefaultValue", 1),
        put("CloudWatch::Alarm", "MetricName", "another"),
        put("CloudWatch::Alarm", "TreatMissingData", "notBreaching"),
        put("CloudWatch::Alarm", "EvaluationPeriods", 24),
        put("CloudWatch::Alarm", "DatapointsToAlarm", 1),
        put("CloudWatch::Alarm", "Period", 86400),
        put("CloudWatch::Alarm", "AlarmActions", []),
        put("CodeBuild::Project/Nightly", "QueuedTimeoutInMinutes", 480),
        drop("SNS::TopicPolicy", f"{STATEMENTS}.1"),
    ],
    checks.evidence_is_kept: [
        drop("S3::Bucket/Evidence", "VersioningConfiguration"),
        drop("S3::Bucket/Evidence", "LifecycleConfiguration"),
        drop("S3::Bucket/Evidence", "PublicAccessBlockConfiguration"),
        remove("S3::BucketPolicy/Evidence"),
        put("S3::Bucket/Evidence!", "DeletionPolicy", "Delete"),
    ],
    checks.services_take_what_is_written: [
        in_action("Approve", "a question that is too long", "Promote commit", "Promote commit" + "?" * 1000),
        in_action("LoadTest", "a namespace with a dot", "Dev@LoadTest", "Dev.LoadTest"),
        put("Events::Rule/Nightly", "Targets.0.InputTransformer.InputTemplate", "x" * 8193),
        put("CloudWatch::Alarm", "AlarmDescription", "x" * 1025),
    ],
    checks.caches_are_where_they_are_kept: [
        put("CodeBuild::Project/Synth", "Cache", {"Type": "NO_CACHE"}),
        put("CodeBuild::Project/LoadTest", "VpcConfig", {"VpcId": {"Ref": "Vpc"}}),
    ],
    checks.build_logs_end: [
        drop("Logs::LogGroup", "RetentionInDays"),
        drop("CodeBuild::Project/LoadTest", "LogsConfig"),
    ],
}


@pytest.mark.parametrize("check", PIPELINE_CHECKS, ids=lambda check: check.__name__)
def test_holds(world: World, check: PipelineCheck) -> None:
    hold(check, world)


@pytest.mark.parametrize("check", PIPELINE_CHECKS, ids=lambda check: check.__name__)
def test_holds_for_the_tests_own_settings(reference: World, check: PipelineCheck) -> None:
    hold(check, reference)


@pytest.mark.parametrize(
    ("check", "fault"),
    [(check, fault) for check, faults in FAULTS.items() for fault in faults],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)
def test_fault_is_noticed(reference: World, check: PipelineCheck, fault: Fault) -> None:
    if not holds(check, reference):
        pytest.skip("the check itself does not hold: test_holds_for_the_tests_own_settings tells why")
    template = copied(reference.templates[PIPELINE])
    fault.change(template)
    assert template != reference.templates[PIPELINE]
    with pytest.raises((AssertionError, KeyError)):
        check(replace(reference, templates={**reference.templates, PIPELINE: template}))


def test_every_check_has_a_fault() -> None:
    # The checks of windows hold nothing where there are none: their faults are in test_windows.
    assert set(FAULTS) == set(checks.CHECKS)


def test_a_base_of_somewhere_else_is_noticed(reference: World) -> None:
    elsewhere = variant({"pipeline": {"base_image": "registry.example.com/debian:trixie-slim"}})
    with pytest.raises(AssertionError):
        checks.images_begin_with_the_settings_base(replace(reference, settings=elsewhere))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as usual"),
        pytest.param(WINDOWS, id="with windows"),
        pytest.param(FLEET, id="with a fleet"),
    ],
)
def test_each_action_that_can_fail_has_a_row_in_the_runbook(make: Make, changes: Changes) -> None:
    """The mail names stage and action, and leads to one table."""
    rows = re.findall(r"^\| (.+?) \|", sections(PAGE)["the-pipeline-an-action-failed"], re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"\*([^*]+)\*", row)}
    stages = only(make(variant(changes)).templates[PIPELINE], PIPE)["Stages"]
    actions = [(stage["Name"], action["Name"]) for stage in stages for action in stage["Actions"]]
    assert len(actions) > 10
    unnamed = [
        f"{stage} / {action}"
        for stage, action in actions
        if not {stage, f"{stage} / {action}", re.sub(r"^.+\.", "….", action)} & names
    ]
    assert not unnamed


def test_no_rollback_goes_back_to_before_a_snapshot(make: Make) -> None:
    """A stage goes back to executions of the pipeline's present structure alone.

    The templates of those before would have CloudFormation make the database anew, and empty.
    """
    snapshots = (f"arn:aws:rds:eu-central-1:333333333333:cluster-snapshot:{name}" for name in ("one", "another"))
    restored: list[Changes] = [{"prod": {"restored": {"snapshot": each}}} for each in snapshots]
    structures = {
        json.dumps(only(make(variant(changes)).templates[PIPELINE], PIPE), sort_keys=True)
        for changes in ({}, *restored)
    }
    assert len(structures) == 3
