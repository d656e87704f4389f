"""Findings of cdk-nag on what CDK Pipelines and CodeBuild constructs generate, where they stand."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import pipelines
from constructs import IConstruct

from stages.nag import acknowledge


def acknowledge_pipeline(pipeline: pipelines.CodePipeline) -> None:
    """Let stand what CDK grants the pipeline's own roles; call it when the pipeline has been built."""
    bucket = pipeline.pipeline.artifact_bucket
    acknowledge(bucket, {"AwsSolutions-S1": "Artifacts are copies of commits and of what was made of them."})
    acknowledge(
        pipeline,
        {
            f"AwsSolutions-IAM5[Resource::<{_logical_id(bucket)}.Arn>/*]": (
                "Artifacts have names that CodePipeline makes up, in this one bucket."
            ),
        }
        | {
            f"AwsSolutions-IAM5[Action::{action}]": "What CDK grants to read or write, on this one bucket and its key."
            for action in (
                "s3:GetObject*",
                "s3:GetBucket*",
                "s3:List*",
                "s3:DeleteObject*",
                "s3:Abort*",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            )
        },
    )
    _acknowledge_copies(pipeline.pipeline)
    for project in (pipeline.synth_project, pipeline.self_mutation_project):
        acknowledge_build(project)
    stack = cdk.Stack.of(pipeline)
    acknowledge(
        pipeline.self_mutation_project,
        {
            f"AwsSolutions-IAM5[Resource::arn:*:iam::{stack.account}:role/*]": (
                "By condition only roles that carry the tag of CDK's bootstrap."
            ),
            "AwsSolutions-IAM5[Resource::*]": "DescribeStacks and ListBucket: the CLI looks for its bootstrap stack.",
        },
    )
    acknowledge(
        pipeline.node.find_child("Assets"),
        {
            "AwsSolutions-IAM5[Resource::*]": "CDK lets its asset role start builds; roles to publish with are named.",
            f"AwsSolutions-IAM5[Resource::arn:aws:logs:{stack.region}:{stack.account}:log-group:/aws/codebuild/*]": (
                "One role for the projects that publish assets; logs of builds only."
            ),
            f"AwsSolutions-IAM5[Resource::arn:aws:codebuild:{stack.region}:{stack.account}:report-group/*]": (
                "One role for the projects that publish assets; they make no reports."
            ),
        },
    )


def _acknowledge_copies(pipeline: codepipeline.Pipeline) -> None:
    """Acknowledge the bucket from which a stage in another region than the pipeline's takes its artifacts."""
    for support in pipeline.cross_region_support.values():
        acknowledge(support.replication_bucket, {"AwsSolutions-S1": "Copies of artifacts, for stages in its region."})
        name = cdk.Stack.of(pipeline).resolve(support.replication_bucket.bucket_name)
        acknowledge(
            pipeline.role,
            {
                f"AwsSolutions-IAM5[Resource::arn:aws:s3:::{name}/*]": "Their names are made up by CodePipeline.",
                "AwsSolutions-IAM5[Resource::*]": "Use of the other region's key, which CDK knows by its alias only.",
            },
        )


def acknowledge_build(project: codebuild.IProject) -> None:
    """Let stand what every CodeBuild project may do with its own logs and test reports."""
    stack = cdk.Stack.of(project)
    name = f"<{_logical_id(project)}>"
    own_logs = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:/aws/codebuild/{name}:*"
    own_reports = f"arn:aws:codebuild:{stack.region}:{stack.account}:report-group/{name}-*"
    acknowledge(
        project,
        {
            f"AwsSolutions-IAM5[Resource::{own_logs}]": "The streams of this project's own log group.",
            f"AwsSolutions-IAM5[Resource::{own_reports}]": "The report groups of this project begin with its name.",
        },
    )


def _logical_id(construct: IConstruct) -> str:
    resource = construct.node.default_child
    if not isinstance(resource, cdk.CfnElement):
        raise TypeError(f"{construct.node.path} is no resource of its own")
    return cdk.Stack.of(construct).get_logical_id(resource)
