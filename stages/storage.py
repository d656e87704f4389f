"""What people upload and install: a file system that all tasks share."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from stages.network import ISOLATED

# www-data of Debian, which php-fpm runs as.
OWNER = "33"


class Storage(Construct):
    """An encrypted file system that is reached over TLS, by IAM, through one access point, and in no other way."""

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, restored: str, production: bool) -> None:
        """``restored`` is the folder that a backup was restored into; empty: none was."""
        super().__init__(scope, construct_id)
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="The file system", allow_all_outbound=False
        )
        self._file_system = efs.FileSystem(
            self,
            "FileSystem",
            vpc=vpc,
            vpc_subnets=ISOLATED,
            security_group=self.security_group,
            encrypted=True,
            # A policy that allows nobody anything: only a role's own policy does, and only over TLS. With "anonymous
            # access" refused by its flag, CDK would let everyone who may mount also write, and as root.
            allow_anonymous_access=True,
            file_system_policy=iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        effect=iam.Effect.DENY,
                        principals=[iam.AnyPrincipal()],
                        actions=["elasticfilesystem:Client*"],
                        conditions={"Bool": {"aws:SecureTransport": "false"}},
                    )
                ]
            ),
            # The plan of stages/backup.py has it, with the database.
            enable_automatic_backups=False,
            lifecycle_policy=efs.LifecyclePolicy.AFTER_30_DAYS,
            out_of_infrequent_access_policy=efs.OutOfInfrequentAccessPolicy.AFTER_1_ACCESS,
            # Bursting credits follow the amount stored, and a young site stores little.
            throughput_mode=efs.ThroughputMode.ELASTIC,
            removal_policy=cdk.RemovalPolicy.RETAIN if production else cdk.RemovalPolicy.DESTROY,
        )
        self._access_point = self._file_system.add_access_point(
            "Content",
            path=f"{restored}/wp-content",
            create_acl=efs.Acl(owner_uid=OWNER, owner_gid=OWNER, permissions="0755"),
            posix_user=efs.PosixUser(uid=OWNER, gid=OWNER),
        )
        self.connections: ec2.Connections = self._file_system.connections

    @property
    def to_back_up(self) -> backup.BackupResource:
        """What a plan backs up."""
        return backup.BackupResource.from_efs_file_system(self._file_system)

    @property
    def used(self) -> cloudwatch.Metric:
        """Per cent of the operations that the file system can do at once."""
        return cloudwatch.Metric(
            namespace="AWS/EFS",
            metric_name="PercentIOLimit",
            dimensions_map={"FileSystemId": self._file_system.file_system_id},
        )

    @property
    def mountable(self) -> IDependable:
        """What must stand before a task can mount the volume."""
        return self._file_system.mount_targets_available

    def volume(self, name: str) -> ecs.Volume:
        """Return the access point as a volume of a task."""
        return ecs.Volume(
            name=name,
            efs_volume_configuration=ecs.EfsVolumeConfiguration(
                file_system_id=self._file_system.file_system_id,
                transit_encryption="ENABLED",
                authorization_config=ecs.AuthorizationConfig(
                    access_point_id=self._access_point.access_point_id, iam="ENABLED"
                ),
            ),
        )

    def grant_read_write(self, role: iam.IRole) -> None:
        """Let ``role`` mount the access point and write there; a container mounts it read-only where it should not."""
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                resources=[self._file_system.file_system_arn],
                conditions={"StringEquals": {"elasticfilesystem:AccessPointArn": self._access_point.access_point_arn}},
            )
        )
