"""Who hears that the pipeline stopped: a mail for each action that fails, and for each rollback when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from stages.notification import notice
from stages.runbook import Runbook


class Failures(Construct):
    """Rules on the pipeline's own events.

    An action that fails is a storm without a PASS, a deployment that was taken back, a smoke test that found another
    site than was meant, or any build. CodePipeline says that an approval waits by itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: codepipeline.IPipeline,
        topic: sns.ITopic,
        runbook: Runbook,
    ) -> None:
        super().__init__(scope, construct_id)
        self._pipeline = pipeline
        field = events.EventField.from_path
        # Names and states alone: EventBridge fills a value in as it is, and a quote in what somebody wrote, as in the
        # reason of a failure, would end the text.
        execution = (
            f"https://{field('$.region')}.console.aws.amazon.com/codesuite/codepipeline/pipelines/"
            f"{field('$.detail.pipeline')}/executions/{field('$.detail.execution-id')}/timeline"
        )
        self._rule(
            "ActionFailed",
            "An action of the pipeline has failed: the commit goes no further",
            "CodePipeline Action Execution State Change",
            {"state": ["FAILED"]},
            notice(
                topic,
                f"{field('$.detail.stage')} / {field('$.detail.action')} of {field('$.detail.pipeline')} has failed: "
                f"the commit goes no further. Execution: {execution}",
                runbook.paragraph("the-pipeline-an-action-failed"),
            ),
        )
        self._rule(
            "RolledBack",
            "A stage of the pipeline was rolled back to what it had before",
            "CodePipeline Pipeline Execution State Change",
            {
                "state": ["SUCCEEDED", "FAILED"],
                "execution-trigger": {"trigger-type": ["AutomatedRollback", "ManualRollback"]},
            },
            notice(
                topic,
                f"A stage of {field('$.detail.pipeline')} has failed and was rolled back to its commit before: "
                f"{field('$.detail.state')}. Execution: {execution}",
                runbook.paragraph("the-pipeline-a-stage-was-rolled-back"),
            ),
        )

    def _rule(
        self, construct_id: str, description: str, kind: str, detail: dict[str, Any], target: targets.SnsTopic
    ) -> None:
        events.Rule(
            self,
            construct_id,
            description=description,
            event_pattern=events.EventPattern(
                source=["aws.codepipeline"],
                detail_type=[kind],
                resources=[self._pipeline.pipeline_arn],
                detail=detail,
            ),
            targets=[target],
        )


def roll_back(pipeline: codepipeline.Pipeline, stages: Sequence[str]) -> None:
    """Let stages go back to their last success when they fail: CDK Pipelines has no word for it (aws-cdk#30083)."""
    resource = pipeline.node.default_child
    if not isinstance(resource, codepipeline.CfnPipeline):
        raise TypeError("the pipeline has no AWS::CodePipeline::Pipeline")
    names = [stage.stage_name for stage in pipeline.stages]
    for stage in stages:
        resource.add_property_override(f"Stages.{names.index(stage)}.OnFailure", {"Result": "ROLLBACK"})
