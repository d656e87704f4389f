"""A site that is larger around the nightly storm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from constructs import Construct

from settings import site
from stages.nag import acknowledge
from stages.service import Service
from stages.size_change import SizeChange


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

    def changes(self, by_day: site.Stage, service: Service) -> Iterator[SizeChange]:
        """Yield what happens around the storm; tasks of another size are a definition more of the service."""
        small = large = None
        if (by_day.task.cpu, by_day.task.memory) != (self.tasks.cpu, self.tasks.memory):
            small, large = service.task.definition, service.sized("NightTask", self.tasks)
        yield SizeChange(
            "Raised",
            self.raised,
            self.time_zone,
            tasks=(self.tasks.min, self.tasks.max),
            definition=large,
            database=self.database,
            # Late, it would come after the night, and stay.
            retries=3,
            within=cdk.Duration.minutes(10),
        )
        yield SizeChange(
            "Dropped",
            self.dropped,
            self.time_zone,
            # Where nobody asks for a page, requests per task have no figure, and nothing would scale in.
            tasks=(by_day.task.min, by_day.task.min),
            definition=small,
            database=by_day.database,
            retries=185,
            within=cdk.Duration.hours(20),
        )
        yield SizeChange("Opened", self.opened, self.time_zone, tasks=(by_day.task.min, by_day.task.max))


def tell_size(scope: Construct, *, service: ecs.FargateService, cluster: rds.DatabaseCluster, storm: iam.Role) -> None:
    """Let the storm ask AWS how large the site is: a plan that was not carried out must not pass for one that was."""
    output = cdk.CfnOutput(
        scope, "ScaledService", value=f"service/{service.cluster.cluster_name}/{service.service_name}"
    )
    output.override_logical_id("ScaledService")
    cdk.CfnOutput(scope, "ScaledDatabase", value=cluster.cluster_identifier).override_logical_id("ScaledDatabase")
    storm.add_to_policy(
        iam.PolicyStatement(actions=["application-autoscaling:DescribeScalableTargets"], resources=["*"])
    )
    storm.add_to_policy(iam.PolicyStatement(actions=["ecs:DescribeServices"], resources=[service.service_arn]))
    storm.add_to_policy(iam.PolicyStatement(actions=["ecs:DescribeTaskDefinition"], resources=["*"]))
    storm.add_to_policy(iam.PolicyStatement(actions=["rds:DescribeDBClusters"], resources=[cluster.cluster_arn]))
    acknowledge(storm, {"AwsSolutions-IAM5[Resource::*]": "Two actions that name no resources; they read sizes only."})
