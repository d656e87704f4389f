"""What the storm may do in the stage that it storms: read its own token, find the site, and stop a task if it is to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from stages.nag import acknowledge


@dataclass(frozen=True)
class StormSource:
    """Who may storm a stage: the roles of the stack ``stack_name`` in ``account``; and whether a storm kills a task."""

    account: str
    stack_name: str
    kills_task: bool


def storm_name(stage: str) -> str:
    """Return what the storm's role is called, and its token where that has a name; ``stage`` as ``floodgate-dev``."""
    return f"{stage}-storm"


class StormAccess(Construct):
    """A token that the site knows, and a role in this account that a build of the pipeline's account takes on.

    ``role_name`` is fixed, so that the nightly build can name the role without reading an output of another account.
    The token has a name, and is kept in the region ``also_in``, where somebody there has to know the storm.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, source: StormSource, role_name: str, also_in: str | None
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.secret = secretsmanager.Secret(
            self,
            "Token",
            secret_name=role_name if also_in else None,
            replica_regions=(
                [secretsmanager.ReplicaRegion(region=also_in)] if also_in and also_in != stack.region else None
            ),
            description="With this the storm makes its own course on this stage, and reads that course's ledger",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )
        self.role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            description="Read by the load test: the storm's token, and where the site is",
            # The account alone would do for whoever has rights there; only the pipeline's own builds should.
            assumed_by=iam.PrincipalWithConditions(
                iam.AccountPrincipal(source.account),
                {
                    "ArnLike": {
                        "aws:PrincipalArn": f"arn:{cdk.Aws.PARTITION}:iam::{source.account}:role/{source.stack_name}-*"
                    }
                },
            ),
        )
        # The CDK's grant_read lets it describe the secret as well.
        self.role.add_to_policy(
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[self.secret.secret_arn])
        )
        own_stack = stack.format_arn(service="cloudformation", resource="stack", resource_name=f"{stack.stack_name}/*")
        self.role.add_to_policy(iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[own_stack]))
        self.secrets: Mapping[str, ecs.Secret] = {"STORM_TOKEN": ecs.Secret.from_secrets_manager(self.secret)}
        acknowledge(self.secret, {"AwsSolutions-SMG4": "Opens nothing but throw-away courses of a throw-away stage."})
        acknowledge(
            self.role,
            {
                f"AwsSolutions-IAM5[Resource::{own_stack}]": (
                    "This one stack; the rest of its ARN is a number that CloudFormation chooses."
                )
            },
        )

    def allow_muting(self, rule: str, alarms: Sequence[str]) -> str:
        """Let the storm mute these alarms by this rule; return both as the storm reads them."""
        stack = cdk.Stack.of(self)
        kinds = (("alarm-mute-rule", [rule]), ("alarm", alarms))
        arns = [
            stack.format_arn(
                service="cloudwatch", resource=kind, resource_name=each, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
            )
            for kind, names in kinds
            for each in names
        ]
        self.role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:PutAlarmMuteRule"], resources=arns))
        return " ".join([rule, *alarms])

    def allow_killing(self, service: ecs.FargateService) -> None:
        """Let the storm see the tasks of a service's cluster, and stop one."""
        stack = cdk.Stack.of(self)
        in_this_cluster = {"ArnEquals": {"ecs:cluster": service.cluster.cluster_arn}}
        tasks = stack.format_arn(service="ecs", resource="task", resource_name=f"{service.cluster.cluster_name}/*")
        self.role.add_to_policy(
            iam.PolicyStatement(actions=["ecs:ListTasks"], resources=["*"], conditions=in_this_cluster)
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["ecs:DescribeTasks", "ecs:StopTask"], resources=[tasks], conditions=in_this_cluster
            )
        )
        cluster = stack.get_logical_id(cast(cdk.CfnElement, service.cluster.node.default_child))
        finding = f"arn:aws:ecs:{stack.region}:{stack.account}:task/<{cluster}>/*"
        acknowledge(
            self.role,
            {
                "AwsSolutions-IAM5[Resource::*]": "ListTasks names no task; the cluster is named by condition.",
                f"AwsSolutions-IAM5[Resource::{finding}]": "ECS makes up the names of tasks; the cluster is named.",
            },
        )
