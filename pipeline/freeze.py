"""No deployment enters prod while people register: the transition is closed by the clock, and a step asks again."""

from __future__ import annotations

import json
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import pipelines
from constructs import Construct

from pipeline.build import BuildStep, python_build_spec
from settings.pipeline import Pipeline
from settings.registration_window import RegistrationWindow
from stages.alerting import Alarms, watch_schedules
from stages.rights import Right
from stages.runbook import Runbook
from stages.windows import at


class Transition(Construct):
    """Closes the way into a stage of the pipeline when a window begins, and opens it when the window is over.

    What has been approved by then waits before the stage, and goes on afterwards: the newest of it, as always.
    ``topic`` hears of a transition that could not be closed or opened.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline_name: str,
        stage_name: str,
        windows: Sequence[RegistrationWindow],
        topic: sns.ITopic,
        runbook: Runbook,
    ) -> None:
        super().__init__(scope, construct_id)
        watch_schedules(Alarms(self, name=pipeline_name, topic=topic, runbook=runbook))
        stack = cdk.Stack.of(self)
        transition = {"PipelineName": pipeline_name, "StageName": stage_name, "TransitionType": "Inbound"}
        stage = f"arn:{cdk.Aws.PARTITION}:codepipeline:{stack.region}:{stack.account}:{pipeline_name}/{stage_name}"
        for window in windows:
            # CodePipeline takes no colon in a reason, and its refusal would come when the window begins.
            reason = f"Registration opens on {window.opening:%Y-%m-%d at %H.%M} UTC"
            for name, moment, request in (
                ("disable", window.begins, {**transition, "Reason": reason}),
                ("enable", window.ends, transition),
            ):
                scheduler.Schedule(
                    self,
                    f"{window.opening:%Y%m%d%H%M}{name.title()}d",
                    description=f"{reason}: {name} the transition into {stage_name}",
                    schedule=scheduler.ScheduleExpression.expression(at(moment), cdk.TimeZone.ETC_UTC),
                    target=targets.Universal(
                        service="codepipeline",
                        action=f"{name}StageTransition",
                        input=scheduler.ScheduleTargetInput.from_object(request),
                        policy_statements=[
                            iam.PolicyStatement(
                                actions=[f"codepipeline:{name.title()}StageTransition"], resources=[stage]
                            )
                        ],
                        retry_attempts=185,
                        max_event_age=cdk.Duration.hours(20),
                    ),
                )


class FreezeCheck(BuildStep):
    """Refuses to go on inside a window, also where somebody has opened the transition by hand.

    An override names the commit and a reason: the value of a parameter of Systems Manager, which keeps who wrote what
    when. It is told to ``topic``, too.
    """

    def __init__(
        self,
        construct_id: str,
        *,
        source: pipelines.IFileSetProducer,
        windows: Sequence[RegistrationWindow],
        commit: str,
        place: Pipeline,
        parameter: str,
        topic: sns.ITopic,
    ) -> None:
        arn = f"arn:{cdk.Aws.PARTITION}:ssm:{place.region}:{place.account}:parameter{parameter}"
        super().__init__(
            construct_id,
            input=source,
            install_commands=["make tools LOCK=requirements/loadtest.txt"],
            commands=[".venv/bin/python -m promotion freeze"],
            partial_build_spec=python_build_spec(),
            env={
                "FREEZE_WINDOWS": json.dumps([[f"{each.begins:%FT%TZ}", f"{each.ends:%FT%TZ}"] for each in windows]),
                "FREEZE_COMMIT": commit,
                "FREEZE_OVERRIDE": parameter,
                "FREEZE_TOPIC": topic.topic_arn,
            },
            rights=[
                Right(iam.PolicyStatement(actions=["ssm:GetParameter"], resources=[arn])),
                Right(iam.PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn])),
            ],
            timeout=cdk.Duration.minutes(15),
        )
