"""How many tasks there are."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from settings.site import Task

# A page that PHP builds costs about 30 ms of CPU, one from the micro-cache about 15 µs. With one request in ten built
# anew, a vCPU answers about 300 requests a second; half of that leaves room until new tasks serve.
REQUESTS_PER_MINUTE_AND_VCPU = 150 * 60


class Scaling(Construct):
    """Tasks follow the requests that each gets: one that waits for its database is never busy enough for CPU.

    ``tasks`` is their number, for whatever else should bound it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: ecs.FargateService,
        target_group: elbv2.ApplicationTargetGroup,
        size: Task,
    ) -> None:
        super().__init__(scope, construct_id)
        self.requests_per_minute = REQUESTS_PER_MINUTE_AND_VCPU * size.cpu // 1024
        self.tasks = service.auto_scale_task_count(min_capacity=size.min, max_capacity=size.max)
        self.tasks.scale_on_request_count(
            "Requests",
            requests_per_target=self.requests_per_minute,
            target_group=target_group,
            scale_out_cooldown=cdk.Duration.minutes(1),
            # People who come for a registration come in waves; a task that goes too early is missed at the next.
            scale_in_cooldown=cdk.Duration.minutes(10),
        )
