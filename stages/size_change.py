"""A site that is larger for a while, and what it was before afterwards, by the clock alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from settings import site
from stages.database import PAUSE_AFTER


@dataclass(frozen=True)
class SizeChange:
    """Bounds from one moment on, by ``schedule`` in ``time_zone``; what is None stays as it is.

    ``tasks`` are the fewest and the most, ``definition`` is what they are made of; ``units`` are the load balancer's
    reserved capacity units, 0 gives them back.
    A change of the database or the load balancer that fails is tried again for so long (``within``); one that comes
    later than that would meet another time.
    """

    name: str
    schedule: str
    time_zone: str
    tasks: tuple[int, int] | None = None
    definition: ecs.FargateTaskDefinition | None = None
    database: site.Database | None = None
    units: int | None = None
    retries: int = 3
    within: cdk.Duration | None = None


class SizeChanges(Construct):
    """Schedules that know nothing of what they are for: they put the site back also where that never came.

    The database keeps its limit of connections, which changes only with a restart. A
    deployment changes nothing of what they have set, and the last change of each set brings back what the template
    says: so the stack does not drift beyond it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        changes: Iterable[SizeChange],
        tasks: ecs.ScalableTaskCount,
        service: ecs.FargateService,
        cluster: rds.DatabaseCluster,
        load_balancer: elbv2.ApplicationLoadBalancer,
    ) -> None:
        super().__init__(scope, construct_id)
        for change in changes:
            if change.tasks:
                least, most = change.tasks
                tasks.scale_on_schedule(
                    f"{construct_id}{change.name}",
                    schedule=autoscaling.Schedule.expression(change.schedule),
                    time_zone=cdk.TimeZone.of(change.time_zone),
                    min_capacity=least,
                    max_capacity=most,
                )
            if change.database:
                self._call(
                    change.name,
                    change,
                    description="The capacity of the database",
                    action=("rds", "modifyDBCluster"),
                    request={
                        "DbClusterIdentifier": cluster.cluster_identifier,
                        "ServerlessV2ScalingConfiguration": _bounds(change.database),
                        "ApplyImmediately": True,
                    },
                    rights=[iam.PolicyStatement(actions=["rds:ModifyDBCluster"], resources=[cluster.cluster_arn])],
                )
            if change.definition:
                self._replace_tasks(change, service, change.definition)
            if change.units is not None:
                self._call(
                    f"{change.name}Units",
                    change,
                    description="The reserved capacity of the load balancer",
                    action=("elasticloadbalancingv2", "modifyCapacityReservation"),
                    request={
                        "LoadBalancerArn": load_balancer.load_balancer_arn,
                        **(
                            {"MinimumLoadBalancerCapacity": {"CapacityUnits": change.units}}
                            if change.units
                            else {"ResetCapacityReservation": True}
                        ),
                    },
                    rights=[
                        iam.PolicyStatement(
                            actions=["elasticloadbalancing:ModifyCapacityReservation"],
                            resources=[load_balancer.load_balancer_arn],
                        )
                    ],
                )

    def _replace_tasks(
        self, change: SizeChange, service: ecs.FargateService, definition: ecs.FargateTaskDefinition
    ) -> None:
        roles = [definition.task_role.role_arn, definition.obtain_execution_role().role_arn]
        self._call(
            f"{change.name}Tasks",
            change,
            description="What the tasks are made of",
            action=("ecs", "updateService"),
            request={
                "Cluster": service.cluster.cluster_name,
                "Service": service.service_name,
                "TaskDefinition": definition.task_definition_arn,
            },
            rights=[
                iam.PolicyStatement(actions=["ecs:UpdateService"], resources=[service.service_arn]),
                iam.PolicyStatement(
                    actions=["iam:PassRole"],
                    resources=roles,
                    conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                ),
            ],
        )

    def _call(
        self,
        construct_id: str,
        change: SizeChange,
        *,
        description: str,
        action: tuple[str, str],
        request: dict[str, Any],
        rights: list[iam.PolicyStatement],
    ) -> None:
        scheduler.Schedule(
            self,
            construct_id,
            description=description,
            schedule=scheduler.ScheduleExpression.expression(change.schedule, cdk.TimeZone.of(change.time_zone)),
            target=targets.Universal(
                service=action[0],
                action=action[1],
                input=scheduler.ScheduleTargetInput.from_object(request),
                policy_statements=rights,
                retry_attempts=change.retries,
                max_event_age=change.within,
            ),
        )


def _bounds(size: site.Database) -> dict[str, Any]:
    bounds: dict[str, Any] = {"MinCapacity": size.min_acu, "MaxCapacity": size.max_acu}
    if size.min_acu == 0:
        bounds["SecondsUntilAutoPause"] = PAUSE_AFTER.to_seconds()
    return bounds
