"""The question to a person: whether this commit may go to production."""

from __future__ import annotations

import jsii
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as codepipeline_actions
from aws_cdk import aws_sns as sns
from aws_cdk import pipelines


@jsii.implements(pipelines.ICodePipelineActionFactory)
class Approval(pipelines.Step):
    """A manual approval that shows what it is about: which commit, what the storm found, and where its report is.

    CDK's own ManualApprovalStep shows a fixed text, so that people approve without knowing what.
    """

    def __init__(self, construct_id: str, *, question: str, evidence_url: str, topic: sns.ITopic) -> None:
        super().__init__(construct_id)
        self._question = question
        self._evidence_url = evidence_url
        self._topic = topic
        # The texts hold variables of earlier steps: this is how the pipeline learns to export them.
        self._discover_referenced_outputs({"question": question, "evidence_url": evidence_url})

    @jsii.member(jsii_name="produceAction")
    def produce_action(
        self, stage: codepipeline.IStage, options: pipelines.ProduceActionOptions
    ) -> pipelines.CodePipelineActionFactoryResult:
        """Add the action to the stage, under the name and at the place that the pipeline gives it."""
        stage.add_action(
            codepipeline_actions.ManualApprovalAction(
                action_name=options.action_name,
                run_order=options.run_order,
                additional_information=self._question,
                external_entity_link=self._evidence_url,
                notification_topic=self._topic,
            )
        )
        return pipelines.CodePipelineActionFactoryResult(run_orders_consumed=1)
