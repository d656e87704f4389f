"""A site that is larger around the nightly storm, and what it was before afterwards, by the clock alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from settings import site
from stages.database import PAUSE_AFTER
from stages.nag import acknowledge


@dataclass(frozen=True)
class NightSize:
    """Bounds of tasks and database in the night; schedules, by ``time_zone``, of when they begin and end.

    At ``dropped`` the site has its fewest tasks by day, whatever it had before; from ``opened`` on they may grow again.
    """

    tasks: site.Task
    database: site.Database
    raised: str
    dropped: str
    opened: str
    time_zone: str


class Night(Construct):
    """Schedules that know nothing of the storm: they put the site back also where its build was never started, or died.

    A task keeps its CPU and memory, and the database its limit of connections: both change only with a restart.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        night: NightSize,
        tasks: ecs.ScalableTaskCount,
        by_day: site.Task,
        cluster: rds.DatabaseCluster,
        database_by_day: site.Database,
        service: ecs.FargateService,
        storm: iam.Role,
    ) -> None:
        super().__init__(scope, construct_id)
        self._zone = cdk.TimeZone.of(night.time_zone)
        self._cluster = cluster
        for name, schedule, least, most in (
            ("NightRaised", night.raised, night.tasks.min, night.tasks.max),
            # Where nobody asks for a page, requests per task have no figure, and nothing would scale in.
            ("NightDropped", night.dropped, by_day.min, by_day.min),
            ("NightOpened", night.opened, by_day.min, by_day.max),
        ):
            tasks.scale_on_schedule(
                name,
                schedule=autoscaling.Schedule.expression(schedule),
                time_zone=self._zone,
                min_capacity=least,
                max_capacity=most,
            )
        # The storm asks AWS how large the site is: a plan that was not carried out must not pass for one that was.
        output = cdk.CfnOutput(
            self, "ScaledService", value=f"service/{service.cluster.cluster_name}/{service.service_name}"
        )
        output.override_logical_id("ScaledService")
        cdk.CfnOutput(self, "ScaledDatabase", value=cluster.cluster_identifier).override_logical_id("ScaledDatabase")
        storm.add_to_policy(
            iam.PolicyStatement(
                actions=["application-autoscaling:DescribeScalableTargets"],
                resources=["*"],
            )
        )
        storm.add_to_policy(iam.PolicyStatement(actions=["rds:DescribeDBClusters"], resources=[cluster.cluster_arn]))
        acknowledge(
            storm, {"AwsSolutions-IAM5[Resource::*]": "This one action names no resources; it reads bounds only."}
        )
        # Late, it would come after the night, and stay.
        self._capacity("Raised", night.raised, night.database, retries=3, within=cdk.Duration.minutes(10))
        self._capacity("Dropped", night.dropped, database_by_day, retries=185, within=cdk.Duration.hours(20))

    def _capacity(
        self, construct_id: str, schedule: str, size: site.Database, *, retries: int, within: cdk.Duration
    ) -> None:
        bounds: dict[str, Any] = {"MinCapacity": size.min_acu, "MaxCapacity": size.max_acu}
        if size.min_acu == 0:
            bounds["SecondsUntilAutoPause"] = PAUSE_AFTER.to_seconds()
        scheduler.Schedule(
            self,
            construct_id,
            description="The capacity of the database around the nightly storm",
            schedule=scheduler.ScheduleExpression.expression(schedule, self._zone),
            target=targets.Universal(
                service="rds",
                action="modifyDBCluster",
                input=scheduler.ScheduleTargetInput.from_object(
                    {
                        "DbClusterIdentifier": self._cluster.cluster_identifier,
                        "ServerlessV2ScalingConfiguration": bounds,
                        "ApplyImmediately": True,
                    }
                ),
                policy_statements=[
                    iam.PolicyStatement(actions=["rds:ModifyDBCluster"], resources=[self._cluster.cluster_arn])
                ],
                retry_attempts=retries,
                max_event_age=within,
            ),
        )
