"""What every build of the pipeline has in common: where it runs, on which tools, where its log goes."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_logs as logs
from constructs import Construct

# These go together with requirements/all.in and package.json: the library must never be newer than the CLI.
CDK_CLI = "2.1148.1"
CDK_ASSETS_CLI = "4.7.3"

ENVIRONMENT = codebuild.BuildEnvironment(
    build_image=codebuild.LinuxBuildImage.STANDARD_7_0, compute_type=codebuild.ComputeType.SMALL
)


def local_cache() -> codebuild.Cache:
    """A cache, on the build's host, of the paths that its buildspec names."""
    return codebuild.Cache.local(codebuild.LocalCacheMode.CUSTOM)


def log_to_one_group(scope: Construct) -> codebuild.LoggingOptions:
    """One log group for all builds in ``scope``; those that CodeBuild makes itself are kept for ever."""
    return codebuild.LoggingOptions(
        cloud_watch=codebuild.CloudWatchLoggingOptions(
            log_group=logs.LogGroup(
                scope,
                "BuildLogs",
                retention=logs.RetentionDays.THREE_MONTHS,
                removal_policy=cdk.RemovalPolicy.DESTROY,
            )
        )
    )
