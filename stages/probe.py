"""Somebody outside who reads the course's page all the time: a canary of CloudWatch Synthetics."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_synthetics as synthetics
from constructs import Construct

from settings.production import LOOK_EVERY
from stages.nag import acknowledge
from stages.task import SOURCE

EVERY = cdk.Duration.minutes(LOOK_EVERY)
RUNTIME = synthetics.Runtime.SYNTHETICS_PYTHON_SELENIUM_7_0


class Probe(Construct):
    """Asks from AWS's own network, by the site's public name; ``succeeded`` is per cent of its looks that went well."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, site_url: str) -> None:
        super().__init__(scope, construct_id)
        bucket = s3.Bucket(
            self,
            "Looks",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(30))],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        acknowledge(bucket, {"AwsSolutions-S1": "Logs of a canary's looks: who reads them is of no matter."})
        canary = synthetics.Canary(
            self,
            "Canary",
            canary_name=f"{name}-probe",
            runtime=RUNTIME,
            test=synthetics.Test.custom(
                code=synthetics.Code.from_inline((SOURCE / "probe/index.py").read_text(encoding="utf-8")),
                handler="index.handler",
            ),
            schedule=synthetics.Schedule.rate(EVERY),
            timeout=cdk.Duration.minutes(1),
            environment_variables={"SITE_URL": site_url},
            artifacts_bucket_location=synthetics.ArtifactsBucketLocation(bucket=bucket),
            provisioned_resource_cleanup=True,
        )
        stack = cdk.Stack.of(self)
        looks = stack.get_logical_id(cast("cdk.CfnElement", bucket.node.default_child))
        logs = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:/aws/lambda/cwsyn-*"
        acknowledge(
            canary.role,
            {
                "AwsSolutions-IAM5[Resource::*]": "ListAllMyBuckets; PutMetricData, by condition to one namespace.",
                f"AwsSolutions-IAM5[Resource::<{looks}.Arn>/*]": "Looks have names that Synthetics makes up.",
                f"AwsSolutions-IAM5[Resource::{logs}]": "Synthetics makes up the name of its function.",
            },
        )
        self.succeeded: cloudwatch.Metric = canary.metric_success_percent(period=EVERY, statistic="Average")
