"""The storm's fleet: where its workers run when a build alone is too small for its people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stages.nag import acknowledge
from stages.network import new_vpc
from stages.rights import Right

# One process, one core: people of one worker share a loop of events (docs/architecture.md has the figures).
CPU, MEMORY = 1024, 2048
# Locust's own; loadtest/Dockerfile listens there.
PORT = 5557
WORKER = "10001:10001"
SOURCE = Path(__file__).parent.parent


class WorkerFleet(Construct):
    """A cluster without a service: a build that storms starts tasks in it, and stops them.

    The build is in the same VPC, and calls the workers: nothing else can, and nobody can call the build. Workers have
    public addresses and let nobody in but the build, so that their people do not share a NAT gateway's connections.
    """

    def __init__(self, scope: Construct, construct_id: str, *, family: str, files: Sequence[str]) -> None:
        """Build the fleet's image from ``files``, in the notation of docker's ignore files."""
        super().__init__(scope, construct_id)
        self.vpc = new_vpc(
            self,
            # CodeBuild gives a build no public address.
            nat_gateways=1,
            subnets=[
                ec2.SubnetConfiguration(
                    name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24),
            ],
            flow_logs_kept=logs.RetentionDays.ONE_WEEK,
        )
        self.build_group = self._group("BuildSecurityGroup", "Builds that storm")
        self._worker_group = self._group("WorkerSecurityGroup", "Workers of a storm")
        for group in (self.build_group, self._worker_group):
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Services of AWS, packages, the site")
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(80), "The site, where it has no domain")
        self._worker_group.connections.allow_from(self.build_group, ec2.Port.tcp(PORT), "The master of Locust calls")
        self._cluster = ecs.Cluster(self, "Cluster", vpc=self.vpc, container_insights_v2=ecs.ContainerInsights.ENABLED)
        self._task = self._definition(family, files)

    def environment(self, workers: int) -> dict[str, str]:
        """Return the variables that make a storm start its workers here."""
        subnets = ",".join(subnet.subnet_id for subnet in self.vpc.public_subnets)
        return {
            "STORM_WORKERS": str(workers),
            "STORM_FLEET": (
                f"cluster={self._cluster.cluster_arn} task={self._task.task_definition_arn} subnets={subnets} "
                f"group={self._worker_group.security_group_id} port={PORT}"
            ),
        }

    def rights(self) -> list[Right]:
        """Return the rights to run this one task in this cluster, to stop what runs there, and to see where it runs."""
        stack = cdk.Stack.of(self)
        in_this_cluster = {"ArnEquals": {"ecs:cluster": self._cluster.cluster_arn}}
        roles = [self._task.task_role.role_arn, self._task.obtain_execution_role().role_arn]
        cluster = stack.get_logical_id(cast(cdk.CfnElement, self._cluster.node.default_child))
        tasks = f"arn:aws:ecs:{stack.region}:{stack.account}:task/<{cluster}>/*"
        interfaces = "arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*"
        return [
            Right(
                iam.PolicyStatement(
                    actions=["ecs:RunTask"], resources=[self._task.task_definition_arn], conditions=in_this_cluster
                ),
                # The build that runs tasks is in a VPC, and CDK gives it what that takes.
                {
                    "AwsSolutions-IAM5[Resource::*]": "CDK lets a build in a VPC make its network interface.",
                    f"AwsSolutions-IAM5[Resource::{interfaces}]": (
                        "As above; by condition for CodeBuild, in these subnets."
                    ),
                },
            ),
            Right(
                iam.PolicyStatement(
                    actions=["ecs:DescribeTasks", "ecs:StopTask"], resources=[self._tasks], conditions=in_this_cluster
                ),
                {f"AwsSolutions-IAM5[Resource::{tasks}]": "ECS makes up the names of tasks; the cluster is named."},
            ),
            Right(
                iam.PolicyStatement(
                    actions=["iam:PassRole"],
                    resources=roles,
                    conditions={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                )
            ),
        ]

    @property
    def _tasks(self) -> str:
        return cdk.Stack.of(self).format_arn(
            service="ecs", resource="task", resource_name=f"{self._cluster.cluster_name}/*"
        )

    def _group(self, construct_id: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, construct_id, vpc=self.vpc, description=description, allow_all_outbound=False)

    def _definition(self, family: str, files: Sequence[str]) -> ecs.FargateTaskDefinition:
        definition = ecs.FargateTaskDefinition(
            self,
            "Task",
            family=family,
            cpu=CPU,
            memory_limit_mib=MEMORY,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.X86_64, operating_system_family=ecs.OperatingSystemFamily.LINUX
            ),
        )
        # As process 1 the worker would not hear of being stopped.
        init = ecs.LinuxParameters(self, "Init", init_process_enabled=True)
        init.drop_capabilities(ecs.Capability.ALL)
        definition.add_container(
            "Worker",
            container_name="worker",
            image=ecs.ContainerImage.from_docker_image_asset(_image(self, files)),
            user=WORKER,
            readonly_root_filesystem=True,
            linux_parameters=init,
            stop_timeout=cdk.Duration.seconds(5),
            port_mappings=[ecs.PortMapping(container_port=PORT)],
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix="worker",
                # A log service that is slow must not make people late.
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                log_group=logs.LogGroup(
                    self, "Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
                ),
            ),
        )
        acknowledge(
            definition,
            {"AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken has no resource; the repository is named."},
        )
        return definition


def _image(scope: Construct, files: Sequence[str]) -> ecr_assets.DockerImageAsset:
    return ecr_assets.DockerImageAsset(
        scope,
        "Image",
        directory=str(SOURCE),
        file="loadtest/Dockerfile",
        ignore_mode=cdk.IgnoreMode.DOCKER,
        exclude=list(files),
        platform=ecr_assets.Platform.LINUX_AMD64,
    )
