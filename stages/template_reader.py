"""Who may read what a stage's stacks are made of: the step that tells an approver what will change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stages.nag import acknowledge


@dataclass(frozen=True)
class PipelineBuilds:
    """The builds of the pipeline's stack: the roles of the stack ``stack_name`` in ``account``."""

    account: str
    stack_name: str


class TemplateReader(Construct):
    """A role that reads the templates of ``stacks`` (name, region), and nothing else, whatever is in the account."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        builds: PipelineBuilds,
        role_name: str,
        stacks: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            role_name=role_name,
            description="Read before an approval: the templates of this stage's stacks",
            assumed_by=iam.PrincipalWithConditions(
                iam.AccountPrincipal(builds.account),
                {
                    "ArnLike": {
                        "aws:PrincipalArn": f"arn:{cdk.Aws.PARTITION}:iam::{builds.account}:role/{builds.stack_name}-*"
                    }
                },
            ),
        )
        own = [
            stack.format_arn(service="cloudformation", region=region, resource="stack", resource_name=f"{name}/*")
            for name, region in stacks
        ]
        role.add_to_policy(iam.PolicyStatement(actions=["cloudformation:GetTemplate"], resources=own))
        acknowledge(
            role,
            {
                f"AwsSolutions-IAM5[Resource::{arn}]": "One stack; the rest of its ARN is what CloudFormation makes up."
                for arn in own
            },
        )
