"""Whole executions of a small pipeline: a real commit, real builds, real stacks without anything that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from containers.checkout import Context
from rehearsal import commands
from rehearsal.aws import ecr
from rehearsal.codebuild.build_image import link_tools
from rehearsal.codepipeline.approval import Decision
from rehearsal.fargate.stand.topic_messages import messages
from rehearsal.lock import locked
from rehearsal.progress import Progress
from rehearsal.pushes import Push, Pushes
from rehearsal.values import commit
from rehearsal.values.exits import DONE, REJECTED, SUPERSEDED, WAITING, ActionFailed, Refused
from rehearsal.values.stack import Resource
from rehearsal.values.state import Deployed, Outcome, Store
from tests.rehearsal.conftest import deploy, forget

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud

REGION = "eu-central-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codepipeline.amazonaws.com"}}
    ],
}


def action(kind: str, name: str, order: int = 1, **more: Any) -> dict[str, Any]:
    category, provider = kind.split("/")
    identity = {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"}
    return {"ActionTypeId": identity, "Name": name, "RunOrder": order, **more}


def project(*build: str, exported: tuple[str, ...] = (), artifacts: dict[str, Any] | None = None) -> dict[str, Any]:
    spec = {
        "version": "0.2",
        "env": {"exported-variables": list(exported)},
        "phases": {"build": {"commands": list(build)}},
        **({"artifacts": artifacts} if artifacts else {}),
    }
    return {
        "Type": "AWS::CodeBuild::Project",
        "Properties": {
            "Artifacts": {"Type": "CODEPIPELINE"},
            "Environment": {"ComputeType": "BUILD_GENERAL1_SMALL", "Image": "i", "Type": "LINUX_CONTAINER"},
            "ServiceRole": {"Fn::GetAtt": ["Role", "Arn"]},
            "Source": {"Type": "CODEPIPELINE", "BuildSpec": json.dumps(spec)},
        },
    }


def stack_action(stage: str, account: str) -> dict[str, Any]:
    return action(
        "Deploy/CloudFormation",
        f"{stage}.Deploy",
        2,
        Namespace=stage,
        InputArtifacts=[{"Name": "Out"}],
        Configuration={
            "ActionMode": "CREATE_UPDATE",
            "StackName": stage,
            "TemplatePath": f"Out::{stage}.json",
            "Capabilities": "CAPABILITY_IAM",
            "RoleArn": f"arn:aws:iam::{account}:role/exec",
        },
    )


BUCKET = '{"Type": "AWS::S3::Bucket"}'


def pipeline(
    account: str, *, gate: str = "true", update: str = "true", extra: dict[str, Any] | None = None, bucket: str = BUCKET
) -> dict[str, Any]:
    """Return a pipeline.

    Source, a build that makes the templates of its stages, self-mutation, dev with a gate, approval, prod.
    """
    source = {"ConnectionArn": "arn:c", "FullRepositoryId": "o/r", "BranchName": "main"}
    build: dict[str, Any] = {"InputArtifacts": [{"Name": "Src"}]}
    stages = [
        {
            "Name": "Source",
            "Actions": [
                action(
                    "Source/CodeStarSourceConnection",
                    "Git",
                    Configuration=source,
                    Namespace="Src",
                    OutputArtifacts=[{"Name": "Src"}],
                )
            ],
        },
        {
            "Name": "Build",
            "Actions": [
                action(
                    "Build/CodeBuild",
                    "Synth",
                    Configuration={"ProjectName": {"Ref": "Synth"}},
                    OutputArtifacts=[{"Name": "Out"}],
                    **build,
                )
            ],
        },
        {
            "Name": "Update",
            "Actions": [
                action(
                    "Build/CodeBuild",
                    "SelfMutate",
                    Configuration={"ProjectName": {"Ref": "Mutate"}},
                    **build,
                )
            ],
        },
        {
            "Name": "Dev",
            "Actions": [
                stack_action("dev", account),
                action(
                    "Build/CodeBuild",
                    "Gate",
                    3,
                    Namespace="Gate",
                    **build,
                    Configuration={
                        "ProjectName": {"Ref": "Gate"},
                        "EnvironmentVariables": json.dumps(
                            [{"name": "BUCKET", "type": "PLAINTEXT", "value": "#{dev.Bucket}"}]
                        ),
                    },
                ),
            ],
        },
        {
            "Name": "Approval",
            "Actions": [
                action(
                    "Approval/Manual",
                    "Approve",
                    Configuration={"CustomData": "Promote #{Src.CommitId}? #{Gate.GATE_SUMMARY}"},
                )
            ],
        },
        {"Name": "Prod", "Actions": [stack_action("prod", account)]},
        *([extra] if extra else []),
    ]
    outputs = '{"Bucket": {"Value": {"Ref": "B"}}, "V": {"Value": "$(cat version)"}}'
    template = f'{{"Resources": {{"B": {bucket}}}, "Outputs": {outputs}}}'.replace('"', '\\"')
    return {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
            "Synth": project(
                "mkdir out",
                *(f'echo "{template}" > out/{stage}.json' for stage in ("dev", "prod")),
                artifacts={"base-directory": "out", "files": ["**/*"]},
            ),
            "Mutate": project(update),
            "Gate": project(gate, 'GATE_SUMMARY="$BUCKET holds"', exported=("GATE_SUMMARY",)),
            "Pipeline": {
                "Type": "AWS::CodePipeline::Pipeline",
                "Properties": {
                    "PipelineType": "V2",
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                    "ArtifactStore": {"Type": "S3", "Location": "bucket"},
                    "Stages": stages,
                    "RestartExecutionOnUpdate": True,
                },
            },
        }
    }


class Rehearsal:
    """A checkout with one commit, and a pipeline that stands in the emulated AWS."""

    def __init__(self, folder: Path, cloud: Cloud, account: str, *, state: Path | None = None) -> None:
        from rehearsal.aws.cloudformation.patches import install
        from rehearsal.runtime import Runtime

        self.folder = folder / "checkout"
        self.folder.mkdir()
        self.account = account
        self.printed = StringIO()
        self.cloud = cloud
        self.progress = Progress(self.printed, live=False)
        self.store = Store(state or folder / "state")
        self.store.folder.mkdir(exist_ok=True)
        self._git("init", "--quiet", "--initial-branch=main")
        (self.folder / ".git" / "info" / "exclude").write_text(".rehearsal\n")
        self.commit("1")
        # An engine that has nothing and is asked for nothing: these stacks hold no containers.
        context = Context(self.folder, ("true",), {}, self.progress.line, cloud.secret)
        self.runtime = Runtime(self.folder, self.store, self.progress, cloud, context)
        install(self.runtime)
        link_tools(self.runtime.tools)
        ecr.write_wrapper(self.runtime.wrapper, self.runtime.pushed, context)

    def commit(self, version: str) -> None:
        (self.folder / "version").write_text(version)
        self._git("add", ".")
        self._git("commit", "--quiet", "--allow-empty", f"--message=Version {version}")

    def stands(self, template: dict[str, Any]) -> None:
        from rehearsal.codepipeline.execution import keep_pipeline

        stack = deploy(template, account=self.account, region=REGION, name="pipeline", parameters={})
        keep_pipeline(self.runtime, stack, "first")

    def run(self, wanted: Decision | None = "approved") -> int:
        from rehearsal.codepipeline.execution import Executor

        return Executor(self.runtime, wanted).run(commit.head(self.folder))

    def version(self, stage: str) -> str | None:
        """Return the version that a stage has, as far as it stands."""
        found = [deployed.outputs["V"] for deployed in self.store.standing() if deployed.key.name == stage]
        return found[0] if found else None

    def deployed(self, stage: str) -> Deployed:
        [found] = [deployed for deployed in self.store.standing() if deployed.key.name == stage]
        return found

    def lines(self) -> list[str]:
        return self.printed.getvalue().splitlines()

    def _git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=N", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def rehearsal(tmp_path: Path, cloud: Cloud, account: str) -> Rehearsal:
    return Rehearsal(tmp_path, cloud, account)


def test_a_commit_goes_through_every_action_to_its_promotion(rehearsal: Rehearsal) -> None:
    rehearsal.stands(pipeline(rehearsal.account))
    assert rehearsal.run() == DONE
    assert (rehearsal.version("dev"), rehearsal.version("prod")) == ("1", "1")
    done = [line.split()[1:4] for line in rehearsal.lines() if line.startswith("✔")]
    assert [" ".join(words) for words in done] == [
        "Source / Git",
        "Build / Synth",
        "Update / SelfMutate",
        "Dev / dev.Deploy",
        "Dev / Gate",
        "Approval / Approve",
        "Prod / prod.Deploy",
    ]
    assert any("holds" in line for line in rehearsal.lines() if "Dev / Gate" in line)
    assert [past.outcome for past in rehearsal.store.state.history] == ["promoted"]


def test_what_the_pipeline_has_let_go_of_stands_on_when_all_is_healed(rehearsal: Rehearsal) -> None:
    from rehearsal.with_runtime import heal

    rehearsal.stands(pipeline(rehearsal.account))
    assert rehearsal.run() == DONE
    # As a front that is switched off: what it names is gone.
    nowhere = {"WebACLArn": "arn:none", "ResourceArn": "arn:none"}
    lost = vars(Resource("Lost", "AWS::WAFv2::WebACLAssociation", "lost", nowhere, {}))
    prod = rehearsal.deployed("prod")
    front = prod.model_copy(update={"key": prod.key.model_copy(update={"name": "front"}), "resources": {"Lost": lost}})
    rehearsal.store.stands(front)
    assert heal(rehearsal.runtime) == DONE
    [line] = [line for line in rehearsal.lines() if "Heal / front" in line]
    assert line.startswith("✔") and "not in the pipeline any more" in line
    # Of what the pipeline deploys the same is a failure.
    rehearsal.store.stands(prod.model_copy(update={"resources": {"Lost": lost}}))
    with pytest.raises(ActionFailed, match="the stack prod does not come up"):
        heal(rehearsal.runtime)


def test_a_failing_gate_leaves_prod_as_it_was(rehearsal: Rehearsal) -> None:
    rehearsal.stands(pipeline(rehearsal.account, gate="test $(cat version) = 1"))
    assert rehearsal.run() == DONE
    rehearsal.commit("2")
    with pytest.raises(ActionFailed, match="phase build") as failure:
        rehearsal.run()
    assert failure.value.log is not None
    assert failure.value.log.name == "05-Dev-Gate.log"
    assert (rehearsal.version("dev"), rehearsal.version("prod")) == ("2", "1")


def test_what_is_side_by_side_with_an_action_that_fails_runs_and_nothing_after_it(rehearsal: Rehearsal) -> None:
    failing = stack_action("more", rehearsal.account)
    failing["Configuration"] |= {"TemplatePath": "Out::none-#{Src.BranchName}.json"}
    look: dict[str, Any] = {"Configuration": {"ProjectName": {"Ref": "Mutate"}}, "InputArtifacts": [{"Name": "Src"}]}
    beside, after = action("Build/CodeBuild", "Beside", 2, **look), action("Build/CodeBuild", "After", 3, **look)
    more = {"Name": "More", "Actions": [after, failing, beside]}
    rehearsal.stands(pipeline(rehearsal.account, extra=more))
    with pytest.raises(ActionFailed, match="the artifact has no such file"):
        rehearsal.run()
    ends = [line.split()[0] + " " + line.split()[3] for line in rehearsal.lines() if " More / " in line]
    assert ends == ["✘ more.Deploy", "✔ Beside"]
    assert [past.outcome for past in rehearsal.store.state.history] == ["failed at More / more.Deploy"]
    assert rehearsal.store.state.under_way is None


def test_a_rejected_commit_leaves_prod_as_it_was(rehearsal: Rehearsal) -> None:
    rehearsal.stands(pipeline(rehearsal.account))
    assert rehearsal.run() == DONE
    rehearsal.commit("2")
    assert rehearsal.run("rejected") == REJECTED
    assert (rehearsal.version("dev"), rehearsal.version("prod")) == ("2", "1")
    assert rehearsal.store.state.history[-1].outcome == "rejected"


def test_an_execution_waits_with_its_evidence_and_goes_on_with_its_own_commit(rehearsal: Rehearsal) -> None:
    from rehearsal.codepipeline.execution import Executor

    rehearsal.stands(pipeline(rehearsal.account))
    assert rehearsal.run(None) == WAITING
    assert rehearsal.version("prod") is None
    waiting = rehearsal.store.state.waiting
    assert waiting is not None
    assert f"Promote {waiting.commit}?" in waiting.evidence
    rehearsal.commit("2")
    executor = Executor(rehearsal.runtime, "approved")
    assert executor.resume(waiting, commit.named(rehearsal.folder, waiting.commit)) == DONE
    assert (rehearsal.version("prod"), rehearsal.store.state.waiting) == ("1", None)


def test_a_new_execution_supersedes_the_one_that_waits(rehearsal: Rehearsal) -> None:
    rehearsal.stands(pipeline(rehearsal.account))
    assert rehearsal.run(None) == WAITING
    assert rehearsal.run(None) == WAITING
    assert any("superseded by this one" in line for line in rehearsal.lines())
    assert [past.outcome for past in rehearsal.store.state.history] == ["superseded"]
    waiting = rehearsal.store.state.waiting
    assert waiting is not None
    assert waiting.execution == 2


@pytest.mark.parametrize(
    ("at", "promoted", "outcome"),
    [
        pytest.param("dev.Deploy", None, "superseded", id="after its stage"),
        pytest.param("Approve", "1", "promoted", id="not between a person's answer and what it lets in"),
        pytest.param("prod.Deploy", "1", "promoted", id="not within its last stage"),
    ],
)
def test_a_push_overtakes_an_execution_at_the_border_of_a_stage(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch, at: str, promoted: str | None, outcome: str
) -> None:
    from rehearsal.codepipeline import actions, approval

    pushes = Pushes(rehearsal.store.folder)
    perform, comes, ends = actions.perform, threading.Event(), threading.Event()

    def is_pushed() -> None:
        push.start()
        assert comes.wait(20)

    def pushed(context: Any, each: Any, *arguments: Any) -> Any:
        if each.name == at:
            is_pushed()
        return perform(context, each, *arguments)

    def asked(*_: Any, **__: Any) -> Decision:
        if at == "Approve":
            is_pushed()
        return "approved"

    def wait() -> None:
        newer = Push(number=1, commit="c0ffee" * 6, branch="main", at=0.0)
        pushes.in_turn(newer, lambda _: comes.set(), lambda _: DONE)
        ends.set()

    push = threading.Thread(target=wait, daemon=True)
    rehearsal.stands(pipeline(rehearsal.account))
    monkeypatch.setattr(actions, "perform", pushed)
    monkeypatch.setattr(approval, "decide", asked)
    with locked(rehearsal.store.folder / "lock"):
        assert rehearsal.run() == (DONE if promoted else SUPERSEDED)
    assert ends.wait(20)
    # What was under way has ended its stage: the gate that follows the deployment of dev has run.
    assert statuses(rehearsal.store, 1)[4] == "succeeded"
    assert rehearsal.version("prod") == promoted
    assert statuses(rehearsal.store, 1)[-1] == outcome


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        pytest.param(KeyboardInterrupt, "interrupted at Dev / Gate", id="by Ctrl-C"),
        pytest.param(SystemExit, "broken off at Dev / Gate", id="without a word"),
    ],
)
def test_an_execution_that_did_not_end_is_in_the_history(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch, end: type[BaseException], outcome: str
) -> None:
    from rehearsal.codepipeline import actions

    perform = actions.perform

    def ending(context: Any, each: Any, *arguments: Any) -> Any:
        if each.name == "Gate":
            raise end
        return perform(context, each, *arguments)

    rehearsal.stands(pipeline(rehearsal.account))
    with monkeypatch.context() as patched, pytest.raises(end):
        patched.setattr(actions, "perform", ending)
        rehearsal.run()
    assert rehearsal.run() == DONE
    assert [past.outcome for past in rehearsal.store.state.history] == [outcome, "promoted"]
    assert statuses(rehearsal.store, 1)[4:] == ["stopped", "pending", "pending", outcome]


def statuses(store: Store, execution: int) -> list[str]:
    """Return what is on disk of an execution: how far each action is, and how it ended."""
    record = Store(store.folder).record(execution)
    assert record is not None
    return [*(action.status.value for action in record.actions), record.outcome]


def test_each_action_is_recorded_as_it_happens(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    from rehearsal.codepipeline import actions

    perform, while_it_ran = actions.perform, []

    def watched(context: Any, each: Any, *arguments: Any) -> Any:
        while_it_ran.append(statuses(rehearsal.store, context.execution.number))
        return perform(context, each, *arguments)

    rehearsal.stands(pipeline(rehearsal.account))
    monkeypatch.setattr(actions, "perform", watched)
    assert rehearsal.run(None) == WAITING
    done, left = "succeeded", "pending"
    assert while_it_ran == [[*[done] * ran, "running", *[left] * (6 - ran), ""] for ran in range(5)]
    assert statuses(rehearsal.store, 1) == [*[done] * 5, "waits", left, ""]
    record = rehearsal.store.record(1)
    assert record is not None
    assert record.evidence is not None
    assert record.evidence.question.startswith(f"Promote {record.commit}?")
    assert all(action.started and (action.ended or 0) >= action.started for action in record.actions[:5])


@pytest.mark.parametrize(
    ("gate", "decision", "ends"),
    [
        pytest.param("true", "approved", ["succeeded", "succeeded", "promoted"], id="promoted"),
        pytest.param("true", "rejected", ["rejected", "pending", "rejected"], id="rejected"),
        pytest.param("false", "approved", ["pending", "pending", "failed at Dev / Gate"], id="failed"),
    ],
)
def test_the_record_says_how_it_ended(rehearsal: Rehearsal, gate: str, decision: Decision, ends: list[str]) -> None:
    rehearsal.stands(pipeline(rehearsal.account, gate=gate))
    if gate == "true":
        rehearsal.run(decision)
    else:
        with pytest.raises(ActionFailed):
            rehearsal.run(decision)
    assert statuses(rehearsal.store, 1)[5:] == ends


def test_an_approval_decides_on_no_later_one(rehearsal: Rehearsal) -> None:
    from rehearsal import with_runtime

    later = {"Name": "Later", "Actions": [action("Approval/Manual", "Again", Configuration={})]}
    rehearsal.stands(pipeline(rehearsal.account, extra=later))
    assert rehearsal.run(None) == WAITING
    for following, code in (("Again", WAITING), (None, DONE)):
        waiting = rehearsal.store.state.waiting
        assert waiting is not None
        revision = commit.named(rehearsal.folder, waiting.commit)
        assert with_runtime.resume(rehearsal.runtime, waiting, revision) == code
        now = rehearsal.store.state.waiting
        assert (now.action if now else None) == following


def test_a_rejection_later_needs_no_pipeline(rehearsal: Rehearsal) -> None:
    rehearsal.stands(pipeline(rehearsal.account))
    assert rehearsal.run(None) == WAITING
    assert commands.resume(rehearsal.folder, rehearsal.store, rehearsal.progress, "rejected") == DONE
    assert rehearsal.version("prod") is None
    with pytest.raises(Refused, match="no execution waits"):
        commands.resume(rehearsal.folder, rehearsal.store, rehearsal.progress, "rejected")


def test_a_replacement_is_told_before_the_approval_and_carried_out(rehearsal: Rehearsal) -> None:
    from rehearsal.codepipeline.execution import Executor

    files = '{"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": $(cat version)}}'
    rehearsal.stands(pipeline(rehearsal.account, bucket=files))
    rehearsal.commit("false")
    assert rehearsal.run() == DONE
    before = rehearsal.deployed("prod")
    rehearsal.commit("true")
    assert rehearsal.run(None) == WAITING
    waiting = rehearsal.store.state.waiting
    assert waiting is not None
    report = [
        "prod: 1 replaced",
        "  replaced B AWS::EFS::FileSystem (Encrypted): ITS DATA IS DELETED, and the new one begins EMPTY",
    ]
    assert rehearsal.store.execution(waiting.execution).joinpath("changes.txt").read_text().splitlines() == report
    assert f"  changes  {report[0]}\n           {report[1]}" in waiting.evidence
    assert rehearsal.deployed("prod").resources == before.resources
    executor = Executor(rehearsal.runtime, "approved")
    assert executor.resume(waiting, commit.named(rehearsal.folder, waiting.commit)) == DONE
    after = rehearsal.deployed("prod")
    assert after.resources["B"]["physical_id"] != before.resources["B"]["physical_id"]
    assert after.generations == {"B": 2}


def test_what_stands_is_put_back_as_it_was_left(rehearsal: Rehearsal) -> None:
    from rehearsal.aws.cloudformation import deployment

    files = '{"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": $(cat version)}}'
    rehearsal.stands(pipeline(rehearsal.account, bucket=files))
    for version in ("false", "true"):
        rehearsal.commit(version)
        assert rehearsal.run() == DONE
    left = rehearsal.deployed("dev")
    forget(rehearsal.cloud)
    rehearsal.runtime.put_back()
    there = deployment.find(*left.key.model_dump().values())
    assert there == left.stack()
    rehearsal.commit("false")
    assert rehearsal.run() == DONE
    assert rehearsal.deployed("dev").generations == {"B": 3}


def test_a_stack_that_could_not_be_created_takes_no_deployment_before_it_is_deleted(rehearsal: Rehearsal) -> None:
    from rehearsal.codepipeline import stack_actions

    value = '{"Fn::Select": ["$(cat version)", ["few"]]}'
    topic = f'{{"Type": "AWS::SNS::Topic", "Properties": {{"DisplayName": {value}}}}}'
    rehearsal.stands(pipeline(rehearsal.account, bucket=topic))
    rehearsal.commit("7")
    with pytest.raises(ActionFailed, match="Fn::Select wants item 7"):
        rehearsal.run()
    rehearsal.commit("0")
    with pytest.raises(ActionFailed, match="dev is in ROLLBACK_COMPLETE state"):
        rehearsal.run()
    [broken] = rehearsal.store.state.broken
    assert (broken.key.name, broken.status) == ("dev", "ROLLBACK_COMPLETE")
    with pytest.raises(Refused, match=r"no stack prod waits for somebody's hand .*: dev"):
        commands.mend(rehearsal.folder, rehearsal.store, rehearsal.progress, "delete-stack", "prod")
    stack_actions.delete(rehearsal.runtime, broken)
    assert rehearsal.store.state.broken == []
    assert rehearsal.run() == DONE


def test_a_template_that_is_refused_leaves_no_stack_behind(rehearsal: Rehearsal) -> None:
    topic = '{"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "$(cat version)"}}}'
    rehearsal.stands(pipeline(rehearsal.account, bucket=topic))
    rehearsal.commit("Nobody")
    with pytest.raises(ActionFailed, match="Nobody, which the template does not have"):
        rehearsal.run()
    assert rehearsal.store.state.broken == []
    rehearsal.commit("AWS::Region")
    assert rehearsal.run() == DONE


MUTATE = """#!{python}
import uuid
from pathlib import Path
import boto3
body = Path({changed!r}).read_text().replace("STAGE", {stage})
boto3.client("cloudformation").update_stack(StackName="pipeline", TemplateBody=body)
"""


@pytest.mark.parametrize(("stage", "settles"), [("'More'", True), ("uuid.uuid4().hex", False)])
def test_a_pipeline_that_changes_itself_starts_again(rehearsal: Rehearsal, stage: str, settles: bool) -> None:
    command, changed = rehearsal.folder.parent / "mutate.py", rehearsal.folder.parent / "changed.json"
    command.write_text(MUTATE.format(python=sys.executable, changed=str(changed), stage=stage))
    command.chmod(0o755)
    more = action(
        "Build/CodeBuild", "More", Configuration={"ProjectName": {"Ref": "Gate"}}, InputArtifacts=[{"Name": "Src"}]
    )
    extra = {"Name": "STAGE", "Actions": [more]}
    changed.write_text(json.dumps(pipeline(rehearsal.account, update=str(command), extra=extra)))
    rehearsal.stands(pipeline(rehearsal.account, update=str(command)))
    if settles:
        assert rehearsal.run() == DONE
        outcomes = [past.outcome for past in rehearsal.store.state.history]
        assert outcomes == ["restarted: the pipeline changed itself", "promoted"]
        assert any("More / More" in line for line in rehearsal.lines())
    else:
        with pytest.raises(ActionFailed, match="changed itself 3 times in a row"):
            rehearsal.run()


def test_an_action_that_is_not_known_is_an_error_before_anything_runs(rehearsal: Rehearsal) -> None:
    stage = {"Name": "Other", "Actions": [action("Invoke/Lambda", "Call", Configuration={"FunctionName": "f"})]}
    rehearsal.stands(pipeline(rehearsal.account, extra=stage))
    with pytest.raises(ActionFailed, match="Other / Call: actions of the type Invoke/Lambda are not rehearsed"):
        rehearsal.run()
    assert rehearsal.lines() == []


def test_the_figure_of_a_failed_action_is_its_reason(rehearsal: Rehearsal) -> None:
    rehearsal.stands(pipeline(rehearsal.account, gate="exit 9"))
    with pytest.raises(ActionFailed):
        rehearsal.run()
    assert [line for line in rehearsal.lines() if line.startswith("✘ Dev / Gate") and "exit status 9" in line]


def test_a_report_that_a_build_published_is_at_hand_as_a_file(rehearsal: Rehearsal) -> None:
    upload = "boto3.client('s3').put_object(Bucket='$BUCKET', Key='a/r.html', Body=b'x')"
    publish = f'{sys.executable} -c "import boto3; {upload}"'
    template = pipeline(rehearsal.account, gate=publish)
    stages = template["Resources"]["Pipeline"]["Properties"]["Stages"]
    stages[-2]["Actions"][0]["Configuration"]["CustomData"] = "Report: s3://#{dev.Bucket}/a/r.html."
    rehearsal.stands(template)
    assert rehearsal.run(None) == WAITING
    waiting = rehearsal.store.state.waiting
    assert waiting is not None
    [report] = [line.split()[1] for line in waiting.evidence.splitlines() if line.startswith("  report")]
    assert Path(report).read_text() == "x"


TOLD = "The action <action> of <stage> has failed"


def with_rollback(account: str, *, smoke: str) -> dict[str, Any]:
    """Return the pipeline with prod in a stage that is smoke tested and rolled back, and a rule on what fails."""
    template = pipeline(account)
    stages = template["Resources"]["Pipeline"]["Properties"]["Stages"]
    [approve], [deploy_prod] = stages[-2]["Actions"], stages[-1]["Actions"]
    variables = [{"name": "COMMIT", "type": "PLAINTEXT", "value": "#{Src.CommitId}"}]
    tested = action(
        "Build/CodeBuild",
        "Smoke",
        3,
        InputArtifacts=[{"Name": "Src"}],
        Configuration={"ProjectName": {"Ref": "Smoke"}, "EnvironmentVariables": json.dumps(variables)},
    )
    approve["Configuration"]["NotificationArn"] = {"Ref": "Topic"}
    stages[-1] |= {"Actions": [deploy_prod, tested], "OnFailure": {"Result": "ROLLBACK"}}
    failed = {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Action Execution State Change"],
        "detail": {"pipeline": [{"Ref": "Pipeline"}], "state": ["FAILED"]},
    }
    rolled_back = {
        "source": ["aws.codepipeline"],
        "detail": {"execution-trigger": {"trigger-type": ["AutomatedRollback"]}, "state": ["SUCCEEDED", "FAILED"]},
    }
    paths = {"action": "$.detail.action", "stage": "$.detail.stage"}
    message = {"InputPathsMap": paths, "InputTemplate": f'"{TOLD}"'}
    rollback = {"InputPathsMap": {"state": "$.detail.state"}, "InputTemplate": '"The rollback: <state>"'}
    template["Resources"] |= {
        "Smoke": project(smoke),
        "Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"Subscription": [{"Protocol": "email", "Endpoint": "ops@example.org"}]},
        },
        "Failed": rule(failed, message),
        "RolledBack": rule(rolled_back, rollback),
    }
    return template


def rule(pattern: dict[str, Any], transformer: dict[str, Any]) -> dict[str, Any]:
    target = {"Id": "Target0", "Arn": {"Ref": "Topic"}, "InputTransformer": transformer}
    return {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [target]}}


def told(rehearsal: Rehearsal) -> list[str]:
    """Return the text of each message, the oldest first."""
    found = [message_from_bytes(each.read_bytes(), policy=default) for each in messages(rehearsal.store.folder)]
    assert {each["To"] for each in found} <= {"ops@example.org"}
    return [str(each.get_content()).strip() for each in found]


def test_a_file_of_the_source_is_none_to_execute(rehearsal: Rehearsal) -> None:
    """As CodePipeline's zip file of a connection's files leaves it."""
    (rehearsal.folder / "run").write_text("#!/bin/sh\n")
    (rehearsal.folder / "run").chmod(0o755)
    rehearsal.commit("1")
    rehearsal.stands(pipeline(rehearsal.account, gate="sh run && test ! -x run"))
    assert rehearsal.run() == DONE


SECOND_FAILS = "test $(cat version) != 2"


def test_a_failed_smoke_test_brings_back_the_commit_before_and_says_so(rehearsal: Rehearsal) -> None:
    rehearsal.stands(with_rollback(rehearsal.account, smoke=SECOND_FAILS))
    assert rehearsal.run() == DONE
    first = commit.head(rehearsal.folder)
    rehearsal.commit("2")
    with pytest.raises(ActionFailed, match="phase build") as failure:
        rehearsal.run()
    assert failure.value.log is not None
    assert failure.value.log.parent.name == "2", "the log of what failed, not of the rollback"
    assert (rehearsal.version("dev"), rehearsal.version("prod")) == ("2", "1")
    assert rehearsal.deployed("prod").commit == first.identity
    outcomes = [(past.execution, past.outcome) for past in rehearsal.store.state.history]
    assert outcomes == [(1, "promoted"), (2, "failed at Prod / Smoke"), (3, Outcome.ROLLED_BACK)]
    record = rehearsal.store.record(3)
    assert record is not None
    assert [(each.name, each.status) for each in record.actions] == [
        ("prod.Deploy", "succeeded"),
        ("Smoke", "succeeded"),
    ]
    assert record.commit == first.identity
    [question, next_question, failure_message, end] = told(rehearsal)
    assert question.startswith("The approval Approval / Approve of the pipeline") and first.identity in question
    assert next_question.startswith("The approval")
    assert failure_message == "The action Smoke of Prod has failed"
    assert end == "The rollback: SUCCEEDED"

    # A rollback is nothing to go back to, and leaves what it went back to in its place.
    rehearsal.commit("2")
    with pytest.raises(ActionFailed):
        rehearsal.run()
    assert rehearsal.version("prod") == "1"
    rehearsal.commit("3")
    assert rehearsal.run() == DONE
    assert (rehearsal.version("prod"), rehearsal.store.state.succeeded["Prod"].execution) == ("3", 6)


def test_a_build_that_fails_is_told_by_its_rule(rehearsal: Rehearsal) -> None:
    template = with_rollback(rehearsal.account, smoke=SECOND_FAILS)
    failed = {
        "source": ["aws.codebuild"],
        "detail-type": ["CodeBuild Build State Change"],
        "detail": {"build-status": ["FAILED", "STOPPED"], "project-name": [{"Ref": "Smoke"}]},
    }
    paths = {"status": "$.detail.build-status", "log": "$.detail.additional-information.logs.deep-link"}
    transformer = {"InputPathsMap": paths, "InputTemplate": '"The build has <status>: <log>"'}
    template["Resources"]["NotBuilt"] = rule(failed, transformer)
    rehearsal.stands(template)
    assert rehearsal.run() == DONE
    rehearsal.commit("2")
    with pytest.raises(ActionFailed) as failure:
        rehearsal.run()
    assert failure.value.log is not None
    assert [text for text in told(rehearsal) if text.startswith("The build")] == [
        f"The build has FAILED: {failure.value.log.absolute().as_uri()}"
    ]


def test_a_rollback_that_fails_is_not_rolled_back(rehearsal: Rehearsal, tmp_path: Path) -> None:
    switch = tmp_path / "down"
    rehearsal.stands(with_rollback(rehearsal.account, smoke=f"test ! -e {switch}"))
    assert rehearsal.run() == DONE
    switch.touch()
    rehearsal.commit("2")
    with pytest.raises(ActionFailed):
        rehearsal.run()
    assert [past.outcome for past in rehearsal.store.state.history][1:] == ["failed at Prod / Smoke"] * 2
    assert [text.partition(":")[0] for text in told(rehearsal)[2:]] == [
        "The action Smoke of Prod has failed",
        "The action Smoke of Prod has failed",
        "The rollback",
    ]
    assert told(rehearsal)[-1] == "The rollback: FAILED"
    assert rehearsal.version("prod") == "1"


@pytest.mark.parametrize(
    ("successes", "why"),
    [
        pytest.param(0, "has had no success yet", id="no success"),
        pytest.param(1, "had its last success with another structure of it", id="another structure"),
    ],
)
def test_a_stage_without_a_success_in_this_pipeline_is_not_rolled_back(
    rehearsal: Rehearsal, successes: int, why: str
) -> None:
    for _ in range(successes):
        rehearsal.stands(with_rollback(rehearsal.account, smoke="true"))
        assert rehearsal.run() == DONE
    template = with_rollback(rehearsal.account, smoke="false")
    template["Resources"]["Pipeline"]["Properties"]["Name"] = "renamed"
    rehearsal.stands(template)
    rehearsal.commit("2")
    with pytest.raises(ActionFailed):
        rehearsal.run()
    assert f"↶ Prod cannot be rolled back: in this pipeline it {why}" in rehearsal.lines()
    assert rehearsal.version("prod") == "2"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(
            lambda template: template["Resources"]["Pipeline"]["Properties"]["Stages"][-1].update(
                OnFailure={"Result": "RETRY"}
            ),
            "Result is 'RETRY'",
            id="a retry",
        ),
        pytest.param(
            lambda template: template["Resources"]["Pipeline"]["Properties"]["Stages"][-2].update(
                OnFailure={"Result": "ROLLBACK"}
            ),
            "holds an approval",
            id="an approval in the stage",
        ),
        pytest.param(
            lambda template: template["Resources"]["Pipeline"]["Properties"]["Stages"][-1]["OnFailure"].update(
                Conditions=[]
            ),
            "Conditions",
            id="conditions",
        ),
        pytest.param(
            lambda template: template["Resources"]["Failed"]["Properties"]["EventPattern"]["detail"].update(
                state=[{"prefix": "F"}]
            ),
            "only lists of texts are rehearsed",
            id="a pattern of more than lists",
        ),
        pytest.param(
            lambda template: template["Resources"]["Failed"]["Properties"]["Targets"][0].update(InputPath="$.detail"),
            "InputPath of a target is not rehearsed",
            id="the path of an input",
        ),
    ],
)
def test_what_of_a_rollback_or_a_rule_is_not_rehearsed_is_refused(
    rehearsal: Rehearsal, change: Callable[[dict[str, Any]], None], fault: str
) -> None:
    template = with_rollback(rehearsal.account, smoke="true")
    change(template)
    rehearsal.stands(template)
    with pytest.raises(ActionFailed, match=fault):
        rehearsal.run()


OPENING = datetime(2027, 2, 1, 17, tzinfo=UTC).timestamp()


def transition(call: str, when: str, **request: str) -> dict[str, Any]:
    """Return a schedule that closes or opens the way into prod."""
    wanted = {"PipelineName": {"Ref": "Pipeline"}, "StageName": "Prod", "TransitionType": "Inbound", **request}
    pairs = ", ".join(
        f'"{key}": "${{{value["Ref"]}}}"' if isinstance(value, dict) else f'"{key}": "{value}"'
        for key, value in wanted.items()
    )
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": when,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": f"arn:aws:scheduler:::aws-sdk:codepipeline:{call}StageTransition",
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "Input": {"Fn::Sub": f"{{{pairs}}}"},
            },
        },
    }


def with_a_window(account: str) -> dict[str, Any]:
    template = pipeline(account)
    template["Resources"] |= {
        "Closed": transition("disable", "at(2027-02-01T16:00:00)", Reason="people register"),
        "Opened": transition("enable", "at(2027-02-01T18:00:00)"),
    }
    return template


@pytest.mark.parametrize("resumed", [False, True], ids=["approved as it runs", "approved by hand"])
def test_an_approved_commit_waits_until_the_window_is_over(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch, resumed: bool
) -> None:
    from rehearsal.codepipeline import execution
    from rehearsal.values import rehearsed_time

    rehearsal.stands(with_a_window(rehearsal.account))
    rehearsed_time.put(rehearsal.store.folder, OPENING, 1)
    waits: list[str | None] = []
    sleep = time.sleep

    def pass_time(seconds: float) -> None:
        # Builds and deployments wait for shorter moments, by the same clock.
        if seconds != execution._PAUSE:
            sleep(seconds)
            return
        waits.append(rehearsal.version("prod"))
        going, record = rehearsal.store.state.under_way, rehearsal.store.record(1)
        assert going is not None and record is not None
        assert (going.action, record.process) == ("the transition into Prod", os.getpid())
        rehearsed_time.put(rehearsal.store.folder, OPENING + len(waits) * 1201, 1)

    monkeypatch.setattr(time, "sleep", pass_time)
    if resumed:
        assert rehearsal.run(None) == WAITING
        waiting = rehearsal.store.state.waiting
        assert waiting is not None
        record = rehearsal.store.record(1)
        assert record is not None
        record.process = 4194305  # of the command that left it waiting
        assert execution.Executor(rehearsal.runtime, "approved").resume(waiting, commit.head(rehearsal.folder)) == DONE
    else:
        assert rehearsal.run() == DONE
    assert waits == [None, None, None]
    assert rehearsal.version("prod") == "1"
    [line] = [each for each in rehearsal.lines() if "is closed" in each]
    assert "the transition into Prod is closed (people register)" in line


def test_who_is_interrupted_before_a_closed_window_is_in_the_history(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rehearsal.codepipeline import execution
    from rehearsal.values import rehearsed_time

    rehearsal.stands(with_a_window(rehearsal.account))
    rehearsed_time.put(rehearsal.store.folder, OPENING, 1)
    sleep = time.sleep

    def interrupt(seconds: float) -> None:
        if seconds == execution._PAUSE:
            raise KeyboardInterrupt
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        rehearsal.run()
    assert [past.outcome for past in rehearsal.store.state.history] == ["interrupted at the transition into Prod"]
    assert rehearsal.store.state.under_way is None


@pytest.mark.parametrize("moment", [OPENING - 2 * 3600, OPENING + 3600], ids=["before the window", "when it is over"])
def test_outside_a_window_nobody_waits(rehearsal: Rehearsal, moment: float) -> None:
    from rehearsal.values import rehearsed_time

    rehearsal.stands(with_a_window(rehearsal.account))
    rehearsed_time.put(rehearsal.store.folder, moment, 1)
    assert rehearsal.run() == DONE
    assert not any("is closed" in each for each in rehearsal.lines())
