"""A right, and what cdk-nag finds in it: they are given together, so that neither is left without the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from stages.nag import acknowledge


@dataclass(frozen=True)
class Right:
    """What somebody may do, and the findings on it that stand: ``rule[finding]`` -> why it is right here."""

    statement: iam.PolicyStatement
    findings: Mapping[str, str] = field(default_factory=dict)


def statements(rights: Iterable[Right]) -> list[iam.PolicyStatement]:
    """Return what a policy says of the rights."""
    return [right.statement for right in rights]


def acknowledge_rights(holder: IConstruct, rights: Iterable[Right]) -> None:
    """Let the findings on the rights stand for whoever has them."""
    for right in rights:
        acknowledge(holder, right.findings)
