"""The database: Aurora MySQL Serverless v2 in the isolated subnets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from settings import maintenance, site
from stages.nag import acknowledge
from stages.network import ISOLATED

# The long-term-support line; pausing at zero capacity needs 3.08 or newer, which CDK does not check.
ENGINE = rds.AuroraMysqlEngineVersion.VER_3_10_4

PAUSE_AFTER = cdk.Duration.minutes(10)

# After so many idle seconds the server closes a connection, where it is to pause.
IDLE_SECONDS = 300

PARAMETERS = {
    # A handshake that a client gives up on counts as an error, and 100 of them in a row shut that client out until
    # somebody empties the server's host cache: a database that stood still for a minute would shut out every task.
    "max_connect_errors": "9223372036854775807",
    # As later versions of Aurora demand; the site asks for it in any case, and for a certificate of RDS.
    "require_secure_transport": "ON",
}


class Database(Construct):
    """One cluster; ``secrets`` is all that WordPress needs to reach it.

    ``install_secrets`` is what its install step takes besides: the master user, who makes the one that the site is.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        size: site.Database,
        snapshot: str | None,
        maintained: str,
        production: bool,
    ) -> None:
        """``snapshot`` is the ARN of the snapshot whose data the cluster begins with; None: it begins empty.

        ``maintained`` is when RDS may do by itself what it must, such as ``tue:05:00-tue:05:30`` of UTC.
        """
        super().__init__(scope, construct_id)
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="The database", allow_all_outbound=False
        )
        self.cluster = rds.DatabaseCluster(
            self,
            "Cluster",
            engine=rds.DatabaseClusterEngine.aurora_mysql(version=ENGINE),
            # A claim's connection is kept by its process, and one open connection keeps a database from pausing.
            parameters=PARAMETERS | ({"wait_timeout": str(IDLE_SECONDS)} if size.min_acu == 0 else {}),
            credentials=rds.Credentials.from_generated_secret("wordpress"),
            default_database_name="wordpress",
            writer=self._instance("Writer", maintained),
            # In the other zone, and takes over in seconds; without it, Aurora makes a new writer in minutes.
            readers=[self._instance("Standby", maintained, scale_with_writer=True)] if production else [],
            serverless_v2_min_capacity=size.min_acu,
            serverless_v2_max_capacity=size.max_acu,
            serverless_v2_auto_pause_duration=PAUSE_AFTER if size.min_acu == 0 else None,
            vpc=vpc,
            vpc_subnets=ISOLATED,
            security_groups=[self.security_group],
            storage_encrypted=True,
            backup=rds.BackupProps(
                retention=cdk.Duration.days(30 if production else 3), preferred_window=maintenance.BACKUP
            ),
            copy_tags_to_snapshot=True,
            preferred_maintenance_window=maintained,
            # An operator asks the database without a way into its network, by IAM, and CloudTrail keeps who did.
            enable_data_api=True,
            deletion_protection=production,
            removal_policy=cdk.RemovalPolicy.SNAPSHOT if production else cdk.RemovalPolicy.DESTROY,
        )
        if snapshot:
            # CDK's own construct for it is another one, which would not know the standby's and the secret's names.
            resource = cast("rds.CfnDBCluster", self.cluster.node.default_child)
            resource.add_property_override("SnapshotIdentifier", snapshot)
            # The snapshot's user is taken; RDS gives it this secret's password.
            resource.add_property_deletion_override("MasterUsername")
            # Both validators want a user beside the password, which RDS refuses here.
            acknowledge(
                self.cluster, {"CloudFormation-Validate::F3021": "RDS takes a restored cluster's user from it."}
            )
            resource.add_override("Metadata.cfn-lint.config.ignore_checks", ["E3021"])
        self.connections: ec2.Connections = self.cluster.connections
        secret = self.cluster.secret
        if secret is None:  # CDK makes one unless a password was given
            raise ValueError("the cluster has no secret")
        if not production:
            acknowledge(self.cluster, {"AwsSolutions-RDS10": "Dev is made to be thrown away."})
        acknowledge(
            self.cluster,
            {
                "AwsSolutions-SMG4": "Tasks read it when they start; it is rotated with a deployment (runbook).",
                "AwsSolutions-RDS6": "WordPress signs in with a password; its driver has no IAM authentication.",
                "AwsSolutions-RDS11": "The port is no secret: only the tasks' security group reaches it.",
                "AwsSolutions-RDS14": "Point-in-time recovery does it, into a cluster beside this one.",
            },
        )
        account = secretsmanager.Secret(
            self,
            "SiteUser",
            description="The database's user whom the site is; the install step makes it, with rights to its database",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"username": "site"}),
                generate_string_key="password",
                password_length=32,
                exclude_punctuation=True,
            ),
        )
        acknowledge(account, {"AwsSolutions-SMG4": "A new value takes effect with a deployment (runbook)."})

        def field(source: secretsmanager.ISecret, name: str) -> ecs.Secret:
            return ecs.Secret.from_secrets_manager(source, name)

        self.secrets: Mapping[str, ecs.Secret] = {
            "DB_HOST": field(secret, "host"),
            "DB_PORT": field(secret, "port"),
            "DB_NAME": field(secret, "dbname"),
            "DB_USER": field(account, "username"),
            "DB_PASSWORD": field(account, "password"),
        }
        self.install_secrets: Mapping[str, ecs.Secret] = {
            "DB_MASTER_USER": field(secret, "username"),
            "DB_MASTER_PASSWORD": field(secret, "password"),
        }

    @staticmethod
    def _instance(construct_id: str, maintained: str, *, scale_with_writer: bool | None = None) -> rds.IClusterInstance:
        return rds.ClusterInstance.serverless_v2(
            construct_id,
            scale_with_writer=scale_with_writer,
            preferred_maintenance_window=maintained,
            publicly_accessible=False,
            # A new version comes with a commit, through dev; else the next deployment would ask for the old one again.
            auto_minor_version_upgrade=False,
        )
