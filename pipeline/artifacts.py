"""How long the pipeline keeps what it hands from action to action: CDK Pipelines keeps all of it for ever."""

from __future__ import annotations

from collections.abc import Iterator

import aws_cdk as cdk
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_s3 as s3

# A stage that fails goes back to its last success with the artifacts of that, however old they are: a prod that nobody
# deployed for longer cannot go back by itself. As long as the evidence of the commit is kept.
KEPT = cdk.Duration.days(400)


def let_expire(pipeline: codepipeline.Pipeline) -> None:
    """Let artifacts go after ``KEPT``, in the bucket of each region; call it when the pipeline has been built."""
    for bucket in _buckets(pipeline):
        resource = bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError(f"{bucket.node.path} is no bucket of the pipeline's own")
        rule = {
            "Status": "Enabled",
            "ExpirationInDays": KEPT.to_days(),
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
        resource.add_property_override("LifecycleConfiguration", {"Rules": [rule]})


def _buckets(pipeline: codepipeline.Pipeline) -> Iterator[s3.IBucket]:
    yield pipeline.artifact_bucket
    for support in pipeline.cross_region_support.values():
        yield support.replication_bucket
