"""WordPress's scheduled work: a small task of its own, started by the clock, instead of by every visitor."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from stages.nag import acknowledge
from stages.network import PRIVATE
from stages.service import Service
from stages.task import WWW_DATA, Task

# Fargate's smallest: the command loads WordPress once, and a database lock keeps two from doing the same.
CPU, MEMORY = 256, 512

# What the command says when all that was due has been done.
DONE = "floodgate-cron: done"


class ScheduledWork(Construct):
    """Runs ``floodgate-cron`` every ``every``; ``done`` counts the runs that went well."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        service: Service,
        content: ecs.Volume,
        environment: Mapping[str, str],
        secrets: Mapping[str, ecs.Secret],
        every: cdk.Duration,
        log_retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, construct_id)
        self.every = every
        self.task = Task(
            self,
            "Task",
            cpu=CPU,
            memory=MEMORY,
            content=content,
            log_retention=log_retention,
        )
        self.task.add(
            "cron",
            image=service.wordpress_image,
            user=WWW_DATA,
            command=["floodgate-cron"],
            environment=environment,
            secrets=secrets,
        )
        schedule = scheduler.Schedule(
            self,
            "Schedule",
            description="Runs what is due in WordPress",
            schedule=scheduler.ScheduleExpression.rate(every),
            target=targets.EcsRunFargateTask(
                service.service.cluster,
                task_definition=self.task.definition,
                role=self._clock(),
                platform_version=ecs.FargatePlatformVersion.VERSION1_4,
                vpc_subnets=PRIVATE,
                security_groups=[service.security_group],
                assign_public_ip=False,
                # With tags on its tasks the role would need the right to tag any task of the cluster.
                propagate_tags=False,
                # The next one comes soon, and does what this one would have done.
                retry_attempts=0,
                max_event_age=cdk.Duration.minutes(1),
            ),
        )
        # Before the first deployment is through, there is no site whose work could be done.
        schedule.node.add_dependency(service.service)
        namespace, metric = "Floodgate", f"{name}-scheduled-work"
        logs.MetricFilter(
            self,
            "Done",
            log_group=self.task.log_group,
            filter_pattern=logs.FilterPattern.literal(f'"{DONE}"'),
            metric_namespace=namespace,
            metric_name=metric,
            metric_value="1",
        )
        self.done = cloudwatch.Metric(namespace=namespace, metric_name=metric, statistic="Sum")

    def _clock(self) -> iam.Role:
        """Make the schedule's role, for every revision of the task.

        CDK allows it the newest alone. But the schedule names the one before until a deployment's service has settled,
        minutes later: till then no work would be done.
        """
        stack = cdk.Stack.of(self)
        group = stack.format_arn(service="scheduler", resource="schedule-group", resource_name="default")
        own = {"aws:SourceAccount": stack.account, "aws:SourceArn": group}
        role = iam.Role(
            self,
            "Clock",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com", conditions={"StringEquals": own}),
        )
        revisions = stack.format_arn(
            service="ecs", resource="task-definition", resource_name=f"{self.task.definition.family}:*"
        )
        role.add_to_policy(iam.PolicyStatement(actions=["ecs:RunTask"], resources=[revisions]))
        acknowledge(role, {f"AwsSolutions-IAM5[Resource::{revisions}]": "The revisions of this one task."})
        return role
