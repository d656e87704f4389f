"""The nightly load test: the gate's storm, on a schedule, without a commit to decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduler_targets
from aws_cdk import aws_sns as sns
from constructs import Construct

from pipeline.build import ENVIRONMENT, local_cache
from pipeline.missed_night import MissedNight
from pipeline.nag import acknowledge_build
from pipeline.worker_fleet import WorkerFleet
from settings import night_schedule
from settings.pipeline import Repository
from stages.nag import acknowledge
from stages.notification import notice
from stages.rights import Right, acknowledge_rights, statements
from stages.runbook import Runbook

# Where CodeBuild's event says how to read the build's log.
LOG_LINK = "$.detail.additional-information.logs.deep-link"
START_WITHIN = cdk.Duration.minutes(night_schedule.START_WITHIN)
QUEUED = cdk.Duration.minutes(night_schedule.QUEUED)


class NightlyLoadTest(Construct):
    """A build project of its own: the gate's takes its source from the pipeline, and running that would deploy.

    The storm itself tells the operator of a FAIL, a VOID or a change; the rule, of a build that did not come so far;
    the alarm, of a night without either.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        repository: Repository,
        build_spec_file: str,
        environment: Mapping[str, str],
        rights: Sequence[Right],
        schedule: str,
        time_zone: str,
        longest_gap: float,
        timeout: cdk.Duration,
        logging: codebuild.LoggingOptions,
        topic: sns.ITopic,
        reports_url: str,
        runbook: Runbook,
        fleet: WorkerFleet | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.project = codebuild.Project(
            self,
            "Project",
            description="The storm against dev, each night",
            source=codebuild.Source.git_hub(
                owner=repository.owner,
                repo=repository.repo,
                branch_or_ref=repository.branch,
                clone_depth=1,
                webhook=False,
                report_build_status=False,
            ),
            build_spec=codebuild.BuildSpec.from_source_filename(build_spec_file),
            environment=ENVIRONMENT,
            environment_variables={
                variable: codebuild.BuildEnvironmentVariable(value=value)
                for variable, value in {**environment, "STORM_NOTIFY": topic.topic_arn}.items()
            },
            cache=local_cache(in_network=fleet is not None),
            timeout=timeout,
            queued_timeout=QUEUED,
            logging=logging,
            concurrent_build_limit=1,
            vpc=fleet.vpc if fleet else None,
            security_groups=[fleet.build_group] if fleet else None,
        )
        self._read_through(repository.connection_arn)
        tell = Right(iam.PolicyStatement(actions=["sns:Publish"], resources=[topic.topic_arn]))
        granted = [*rights, tell, *(fleet.rights() if fleet else ())]
        for statement in statements(granted):
            self.project.add_to_role_policy(statement)
        acknowledge(self.project, {"AwsSolutions-CB4": "It keeps no artifacts: its reports go to the evidence bucket."})
        acknowledge_build(self.project)
        acknowledge_rights(self.project, granted)
        scheduler.Schedule(
            self,
            "Schedule",
            description="Starts the nightly load test",
            schedule=scheduler.ScheduleExpression.expression(schedule, cdk.TimeZone.of(time_zone)),
            target=scheduler_targets.CodeBuildStartBuild(
                self.project, retry_attempts=3, max_event_age=START_WITHIN.minus(QUEUED)
            ),
        )
        log_group = logging.cloud_watch.log_group if logging.cloud_watch else None
        if log_group is None:
            raise ValueError("the build logs to no group in which its end could be seen")
        MissedNight(
            self,
            "Missed",
            name=name,
            log_group=log_group,
            gap=longest_gap,
            late=START_WITHIN.plus(timeout),
            topic=topic,
            runbook=runbook,
        )
        self.project.on_state_change(
            "NotPassed",
            event_pattern=events.EventPattern(detail={"build-status": ["FAILED", "FAULT", "STOPPED", "TIMED_OUT"]}),
            target=notice(
                topic,
                f"The build of the nightly load test did not succeed: {codebuild.StateChangeEvent.build_status}. "
                "A storm that came to a verdict has sent it in a message of its own. "
                f"Reports: {reports_url} Log: {events.EventField.from_path(LOG_LINK)}",
                runbook.paragraph("the-nightly-build-did-not-succeed"),
            ),
        )

    def _read_through(self, connection_arn: str) -> None:
        """Take the source through the pipeline's connection: CDK knows only credentials for the account as a whole."""
        project, role = self.project.node.default_child, self.project.role
        if not isinstance(project, codebuild.CfnProject) or role is None:
            raise TypeError("the project has no AWS::CodeBuild::Project or no role of its own")
        project.add_property_override("Source.Auth", {"Type": "CODECONNECTIONS", "Resource": connection_arn})
        # When a project is made, CodeBuild tries its connection with the project's role, and refuses the project where
        # that may not use it yet (aws-cdk#38504). The role's other rights name the project, so they come after it.
        rights = iam.Policy(self, "Connection", statements=[connection_rights(connection_arn)], roles=[role])
        project.node.add_dependency(rights)


def connection_rights(connection_arn: str) -> iam.PolicyStatement:
    """Return the right to read through a connection, by the service's old name and its new one: AWS asks for either."""
    return iam.PolicyStatement(
        actions=[
            f"{service}:{action}"
            for service in ("codeconnections", "codestar-connections")
            for action in ("GetConnection", "GetConnectionToken", "UseConnection")
        ],
        resources=[connection_arn],
    )
