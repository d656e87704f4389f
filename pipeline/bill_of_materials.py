"""What is in the images that a commit deploys: a bill of each, beside what its storm finds."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import pipelines

from pipeline.build import BuildStep, python_build_spec
from stages.rights import Right

# The folder in the build's source where the cloud assembly appears; cdk.out would be the build's own.
_ASSEMBLY = "published"


class BillOfMaterials(BuildStep):
    """Writes a CycloneDX bill of each image that *Assets* has published, and adds it to the commit's evidence.

    ``places`` are the accounts and regions that images are published to, those of dev first: an image is read there.
    """

    def __init__(
        self,
        construct_id: str,
        *,
        source: pipelines.IFileSetProducer,
        assembly: pipelines.IFileSetProducer,
        places: Sequence[tuple[str, str]],
        publish_to: str,
        publishing: Right,
    ) -> None:
        accounts = " ".join(f"--account {account}" for account in dict.fromkeys(account for account, _ in places))
        super().__init__(
            construct_id,
            input=source,
            additional_inputs={_ASSEMBLY: assembly},
            install_commands=["make tools LOCK=requirements/sbom.txt"],
            commands=[f'.venv/bin/python -m supply_chain sbom --assembly {_ASSEMBLY} {accounts} --to "$SBOM_PUBLISH"'],
            partial_build_spec=python_build_spec(),
            env={"SBOM_PUBLISH": publish_to},
            # An image is read by a container of it, and containers need a Docker daemon.
            build_environment=codebuild.BuildEnvironment(privileged=True),
            rights=[
                publishing,
                Right(
                    iam.PolicyStatement(
                        actions=["sts:AssumeRole"],
                        resources=[
                            f"arn:{cdk.Aws.PARTITION}:iam::{account}:role/"
                            f"cdk-hnb659fds-image-publishing-role-{account}-{region}"
                            for account, region in places
                        ],
                    )
                ),
            ],
            timeout=cdk.Duration.minutes(20),
        )
