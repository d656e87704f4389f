"""What every build of the pipeline has in common: where it runs, on which tools, where its log goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_logs as logs
from aws_cdk import pipelines
from constructs import Construct

from pipeline.nag import acknowledge_build
from stages.rights import Right, acknowledge_rights, statements

# These go together with requirements/all.in and package.json: the library must never be newer than the CLI.
CDK_CLI = "2.1148.1"
CDK_ASSETS_CLI = "4.7.3"

# What all images are built from (FROM in src/ and loadtest/).
BASE = "debian:trixie-slim"

ENVIRONMENT = codebuild.BuildEnvironment(
    build_image=codebuild.LinuxBuildImage.STANDARD_7_0, compute_type=codebuild.ComputeType.SMALL
)


def local_cache(*, in_network: bool = False) -> codebuild.Cache:
    """Return a cache, on the build's host, of the paths that its buildspec names; none for a build in a VPC.

    CodeBuild has no local cache for those (user guide, local caching).
    """
    return codebuild.Cache.none() if in_network else codebuild.Cache.local(codebuild.LocalCacheMode.CUSTOM)


def python_build_spec(*, node: bool = False) -> codebuild.BuildSpec:
    """Return what a step says besides its commands: which Python it wants, and what is kept for the next one.

    ``node``: the tools of Node, too.
    """
    places = [".venv", "node_modules", "/root/.cache/uv", "/root/.npm"] if node else [".venv", "/root/.cache/uv"]
    return codebuild.BuildSpec.from_object(
        {
            "version": "0.2",
            "phases": {"install": {"runtime-versions": {"python": "3.11"}}},
            "cache": {"paths": [f"{place}/**/*" for place in places]},
        }
    )


def base_build_spec(copy: str) -> codebuild.BuildSpec:
    """Return what a build that makes images does first: it takes their base from ``copy``, unless it has it.

    Whoever has no account may pull from the base's own registry only so often, and builds share their addresses.
    """
    # As cdk-assets finds its engine: one word, whatever folder it lies in.
    engine = '"${CDK_DOCKER:-docker}"'
    return codebuild.BuildSpec.from_object(
        {
            "version": "0.2",
            "phases": {
                "pre_build": {
                    "commands": [
                        f"{engine} image inspect {BASE} > /dev/null 2>&1 || "
                        f"{{ {engine} pull --quiet {copy} && {engine} tag {copy} {BASE}; }}"
                    ]
                }
            },
        }
    )


class BuildStep(pipelines.CodeBuildStep):
    """A step that is a build with rights of its own. Its project exists once the pipeline has been built."""

    def __init__(self, construct_id: str, *, rights: Sequence[Right] = (), **options: Any) -> None:
        super().__init__(
            construct_id,
            role_policy_statements=statements(rights),
            cache=local_cache(in_network=options.get("vpc") is not None),
            **options,
        )
        self._rights = rights

    def acknowledge(self) -> None:
        """Let stand what cdk-nag finds in its rights; call it when the pipeline has been built."""
        acknowledge_build(self.project)
        acknowledge_rights(self.project, self._rights)


def log_to_one_group(scope: Construct) -> codebuild.LoggingOptions:
    """Return one log group for all builds in ``scope``; those that CodeBuild makes itself are kept for ever."""
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
