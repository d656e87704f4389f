"""The step before the approval that says what approving changes in prod, by what prod runs now."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import pipelines

from pipeline.build import BuildStep, python_build_spec
from stages.rights import Right

_ASSEMBLY = "published"


class ChangeReport(BuildStep):
    """Compares the assembly's templates for prod with those that stand there.

    It fails where something that holds data would be replaced or removed, unless the commit names it; ``summary`` is
    for the question, the whole lies in the commit's evidence.
    """

    def __init__(
        self,
        construct_id: str,
        *,
        source: pipelines.IFileSetProducer,
        assembly: pipelines.IFileSetProducer,
        role_arn: str,
        commit: str,
        evidence: str,
        history: str,
        rights: Sequence[Right],
    ) -> None:
        super().__init__(
            construct_id,
            input=source,
            additional_inputs={_ASSEMBLY: assembly},
            install_commands=["make tools"],
            commands=[
                f'.venv/bin/python -m promotion changes --assembly {_ASSEMBLY} --role "$CHANGES_ROLE"'
                ' --commit "$CHANGES_COMMIT" --evidence "$CHANGES_EVIDENCE" --history "$CHANGES_HISTORY"'
                " --into changes.env",
                ". ./changes.env; export CHANGES_SUMMARY",
            ],
            partial_build_spec=python_build_spec(node=True),
            env={
                "CHANGES_ROLE": role_arn,
                "CHANGES_COMMIT": commit,
                "CHANGES_EVIDENCE": evidence,
                "CHANGES_HISTORY": history,
            },
            rights=[Right(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[role_arn])), *rights],
            timeout=cdk.Duration.minutes(20),
        )
        self.summary = self.exported_variable("CHANGES_SUMMARY")
