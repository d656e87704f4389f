"""Where storms leave their reports: what an approver reads, and what the next storm is compared with."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stages.nag import acknowledge
from stages.rights import Right


class Evidence(Construct):
    """A versioned, encrypted bucket; each kind of storm may add to a folder of its own, and to nothing else."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._bucket = s3.Bucket(
            self,
            "Bucket",
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                    expiration=cdk.Duration.days(400),
                    noncurrent_version_expiration=cdk.Duration.days(30),
                )
            ],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        acknowledge(
            self._bucket,
            {"AwsSolutions-S1": "Versions show what was changed; only builds of this stack write here."},
        )

    def folder(self, kind: str) -> str:
        """Return where a storm of this kind publishes, as s3://bucket/kind."""
        return f"s3://{self._bucket.bucket_name}/{kind}"

    def console_url(self, path: str) -> str:
        """Return a link that shows a folder of the bucket to whoever may sign in to this account."""
        region = cdk.Stack.of(self).region
        return f"https://{region}.console.aws.amazon.com/s3/buckets/{self._bucket.bucket_name}?region={region}&prefix={path}/"

    def allow_publishing(self, kind: str) -> Right:
        """Return the right to add reports of one kind."""
        return Right(
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[self._bucket.arn_for_objects(f"{kind}/*")]),
            self._any_name_in(kind),
        )

    def allow_reading(self, kind: str) -> list[Right]:
        """Return the rights to list and read what one kind of storm left."""
        return [
            Right(
                iam.PolicyStatement(actions=["s3:GetObject"], resources=[self._bucket.arn_for_objects(f"{kind}/*")]),
                self._any_name_in(kind),
            ),
            Right(
                iam.PolicyStatement(
                    actions=["s3:ListBucket"],
                    resources=[self._bucket.bucket_arn],
                    conditions={"StringEquals": {"s3:prefix": f"{kind}/"}},
                )
            ),
        ]

    def _any_name_in(self, kind: str) -> dict[str, str]:
        bucket = cdk.Stack.of(self).get_logical_id(cast(cdk.CfnElement, self._bucket.node.default_child))
        return {f"AwsSolutions-IAM5[Resource::<{bucket}.Arn>/{kind}/*]": "Each report's folder is named by its time."}
