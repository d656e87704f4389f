"""A Fargate task of the site's images: locked-down containers that share the volume and a log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from stages.nag import acknowledge

SOURCE = Path(__file__).parent.parent / "src"

# Users of the images, as numbers: Fargate then knows that they are not root.
WWW_DATA = "33:33"
NGINX = "101:101"

CONTENT = "content"
CONTENT_PATH = "/var/www/content"
SOCKETS = "sockets"
SOCKETS_PATH = "/run/floodgate"


class Task(Construct):
    """A task definition of ``cpu`` units and ``memory`` MiB; containers are added to it one by one.

    One that is ``like`` another differs in its size alone: it has its roles, and writes to its log.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cpu: int,
        memory: int,
        content: ecs.Volume,
        log_retention: logs.RetentionDays,
        like: Task | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        # Where a first deployment fails, all else is taken back; this says why it failed.
        self.log_group: logs.LogGroup = (
            like.log_group
            if like
            else logs.LogGroup(self, "Logs", retention=log_retention, removal_policy=cdk.RemovalPolicy.RETAIN)
        )
        self.definition: ecs.FargateTaskDefinition = ecs.FargateTaskDefinition(
            self,
            "Definition",
            cpu=cpu,
            memory_limit_mib=memory,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=ecs.CpuArchitecture.X86_64, operating_system_family=ecs.OperatingSystemFamily.LINUX
            ),
            volumes=[content],
            task_role=like.definition.task_role if like else None,
            execution_role=like.definition.obtain_execution_role() if like else None,
        )
        # A user who is not root has none, and without these cannot come by one through a program that sets its user.
        self._no_capabilities = ecs.LinuxParameters(self, "NoCapabilities")
        self._no_capabilities.drop_capabilities(ecs.Capability.ALL)
        acknowledge(
            self.definition,
            {
                "AwsSolutions-ECS2": "What is secret comes from Secrets Manager; these values are not.",
            },
        )
        if not like:
            acknowledge(
                self.definition,
                {"AwsSolutions-IAM5[Resource::*]": "ecr:GetAuthorizationToken has no resource; the image's does."},
            )

    def add(
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
        sockets: bool = False,
        after: Mapping[ecs.ContainerDefinition, ecs.ContainerDependencyCondition] | None = None,
    ) -> ecs.ContainerDefinition:
        """Add a container that writes to a ``/tmp`` of its own, and to the volume unless ``content_read_only``.

        With ``sockets`` it shares the folder of the task's sockets, in the same way.
        """
        container = self.definition.add_container(
            name.capitalize(),
            container_name=name,
            image=image,
            user=user,
            command=command,
            essential=essential,
            readonly_root_filesystem=True,
            linux_parameters=self._no_capabilities,
            environment=environment,
            secrets=secrets,
            health_check=health_check,
            port_mappings=[ecs.PortMapping(container_port=port)] if port else [],
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix=name,
                log_group=self.log_group,
                # A log service that is slow must not make the site slow: rather lose lines than visitors.
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=cdk.Size.mebibytes(8),
            ),
        )
        # Fargate has no tmpfs: what a read-only container writes goes to the task's ephemeral storage.
        scratch = f"{name}-tmp"
        self.definition.add_volume(name=scratch)
        container.add_mount_points(
            ecs.MountPoint(source_volume=CONTENT, container_path=CONTENT_PATH, read_only=content_read_only),
            ecs.MountPoint(source_volume=scratch, container_path="/tmp", read_only=False),  # noqa: S108 - a mount, not a file of ours
        )
        if sockets:
            # Who may not write may connect all the same.
            container.add_mount_points(
                ecs.MountPoint(source_volume=SOCKETS, container_path=SOCKETS_PATH, read_only=content_read_only)
            )
        container.add_container_dependencies(
            *(
                ecs.ContainerDependency(container=other, condition=condition)
                for other, condition in (after or {}).items()
            )
        )
        return container


def built_image(
    scope: Construct, construct_id: str, dockerfile: str, build_args: Mapping[str, str]
) -> ecs.ContainerImage:
    """Return one of the images in ``src/``, built and published by the pipeline."""
    return ecs.ContainerImage.from_docker_image_asset(
        ecr_assets.DockerImageAsset(
            scope,
            construct_id,
            directory=str(SOURCE),
            file=dockerfile,
            build_args=build_args,
            platform=ecr_assets.Platform.LINUX_AMD64,
        )
    )
