"""The service: tasks of nginx and php-fpm that share loopback, and the step that installs WordPress first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from settings import Task
from stages.checks import acknowledge
from stages.network import PRIVATE

SOURCE = Path(__file__).parent.parent / "src"

# Users of the images, as numbers: Fargate then knows that they are not root.
WWW_DATA = "33:33"
NGINX = "101:101"

CONTENT = "content"
CONTENT_PATH = "/var/www/content"
HTTP_PORT = 8080


class Service(Construct):
    """A Fargate service of tasks that each answer on their own; ``target`` is where a load balancer sends requests."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        size: Task,
        content: ecs.Volume,
        environment: Mapping[str, str],
        secrets: Mapping[str, ecs.Secret],
        storm_secrets: Mapping[str, ecs.Secret],
        log_retention: logs.RetentionDays,
        log_removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = {**environment, **size.pools.environment}
        self._secrets = {**secrets, **storm_secrets}
        self._storm_secrets = storm_secrets
        self._log_group = logs.LogGroup(self, "Logs", retention=log_retention, removal_policy=log_removal)
        self.task_definition = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=size.cpu,
            memory_limit_mib=size.memory,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.X86_64, operating_system_family=ecs.OperatingSystemFamily.LINUX
            ),
            volumes=[content],
        )
        self._containers()
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="The tasks", allow_all_outbound=False
        )
        self.security_group.add_egress_rule(
            ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS's services, and plugins and themes from wordpress.org"
        )
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=ecs.Cluster(self, "Cluster", vpc=vpc, container_insights_v2=ecs.ContainerInsights.ENABLED),
            task_definition=self.task_definition,
            platform_version=ecs.FargatePlatformVersion.VERSION1_4,
            vpc_subnets=PRIVATE,
            security_groups=[self.security_group],
            assign_public_ip=False,
            # No desired count: a deployment would set it back to that, in the middle of a storm as well.
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            # A paused database takes up to half a minute to wake, and the install step waits for it.
            health_check_grace_period=cdk.Duration.minutes(3),
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        self._acknowledge()

    def target(self) -> ecs.IEcsLoadBalancerTarget:
        """Where the load balancer sends requests: nginx in each task."""
        return self.service.load_balancer_target(container_name="nginx", container_port=HTTP_PORT)

    def _containers(self) -> None:
        wordpress_image = self._image("WordPressImage", "wordpress/Dockerfile")
        nginx_image = self._image("NginxImage", "nginx/Dockerfile", {"UPSTREAM": "localhost"})
        install = self._container(
            "install",
            image=wordpress_image,
            user=WWW_DATA,
            command=["floodgate-install"],
            essential=False,
            environment=self._environment,
            secrets=self._secrets,
        )
        wordpress = self._container(
            "wordpress",
            image=wordpress_image,
            user=WWW_DATA,
            environment=self._environment,
            secrets=self._secrets,
            health_check=_health("floodgate-php-health"),
            after={install: ecs.ContainerDependencyCondition.SUCCESS},
        )
        self._container(
            "nginx",
            image=nginx_image,
            user=NGINX,
            # A storm comes from one address and stands for many people: with the token nginx counts them one by one.
            secrets=self._storm_secrets,
            health_check=_health("curl", "-fsS", "-o", "/dev/null", f"http://localhost:{HTTP_PORT}/healthz"),
            port=HTTP_PORT,
            content_read_only=True,
            after={wordpress: ecs.ContainerDependencyCondition.HEALTHY},
        )

    def _container(
        self,
        name: str,
        *,
        image: ecs.ContainerImage,
        user: str,
        command: list[str] | None = None,
        essential: bool = True,
        environment: Mapping[str, str] | None = None,
        secrets: Mapping[str, ecs.Secret] | None = None,
        health_check: ecs.HealthCheck | None = None,
        port: int | None = None,
        content_read_only: bool = False,
        after: Mapping[ecs.ContainerDefinition, ecs.ContainerDependencyCondition] | None = None,
    ) -> ecs.ContainerDefinition:
        container = self.task_definition.add_container(
            name.capitalize(),
            container_name=name,
            image=image,
            user=user,
            command=command,
            essential=essential,
            readonly_root_filesystem=True,
            environment=environment,
            secrets=secrets,
            health_check=health_check,
            port_mappings=[ecs.PortMapping(container_port=port)] if port else [],
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix=name,
                log_group=self._log_group,
                # A log service that is slow must not make the site slow: rather lose lines than visitors.
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=cdk.Size.mebibytes(8),
            ),
        )
        # Fargate has no tmpfs: what a read-only container writes goes to the task's ephemeral storage.
        scratch = f"{name}-tmp"
        self.task_definition.add_volume(name=scratch)
        container.add_mount_points(
            ecs.MountPoint(source_volume=CONTENT, container_path=CONTENT_PATH, read_only=content_read_only),
            ecs.MountPoint(source_volume=scratch, container_path="/tmp", read_only=False),  # noqa: S108 - a mount, not a file of ours
        )
        container.add_container_dependencies(
            *(
                ecs.ContainerDependency(container=other, condition=condition)
                for other, condition in (after or {}).items()
            )
        )
        return container

    def _image(
        self, construct_id: str, dockerfile: str, build_args: Mapping[str, str] | None = None
    ) -> ecs.ContainerImage:
        return ecs.ContainerImage.from_docker_image_asset(
            ecr_assets.DockerImageAsset(
                self,
                construct_id,
                directory=str(SOURCE),
                file=dockerfile,
                build_args=build_args,
                platform=ecr_assets.Platform.LINUX_AMD64,
            )
        )

    def _acknowledge(self) -> None:
        acknowledge(
            self.task_definition,
            {
                "AwsSolutions-ECS2": "What is secret comes from Secrets Manager; these values are not.",
                "AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken has no resource; the repository is named.",
            },
        )


def _health(*command: str) -> ecs.HealthCheck:
    return ecs.HealthCheck(
        command=["CMD", *command],
        interval=cdk.Duration.seconds(5),
        timeout=cdk.Duration.seconds(3),
        retries=3,
        start_period=cdk.Duration.seconds(60),
    )
