"""What a rehearsal makes of a pipeline's definition, at every depth: honoured, or without effect, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rehearsal.values.honoured import Properties, properties

_PIPELINE = "AWS::CodePipeline::Pipeline"
_BY_HAND = "a rehearsal is started by hand, or by a push to it"
_LOCAL = "artifacts are folders on this machine"

PROPERTIES: Mapping[str, Properties] = {
    _PIPELINE: properties(
        "Name RoleArn Stages RestartExecutionOnUpdate PipelineType ExecutionMode=SUPERSEDED",
        ("ArtifactStore ArtifactStores", f"{_LOCAL}; each region of an action has to have one"),
        ("Triggers", "a rehearsal is started by hand: with them, a push to it starts nothing"),
    ),
    f"{_PIPELINE}.StageDeclaration": properties("Name Actions OnFailure"),
    f"{_PIPELINE}.FailureConditions": properties("Result=ROLLBACK"),
    f"{_PIPELINE}.ActionDeclaration": properties(
        "Name ActionTypeId Configuration InputArtifacts OutputArtifacts Namespace RoleArn Region RunOrder"
    ),
    f"{_PIPELINE}.ActionTypeId": properties("Category Provider Owner Version"),
    f"{_PIPELINE}.InputArtifact": properties("Name"),
    f"{_PIPELINE}.OutputArtifact": properties("Name"),
}

# The configuration of each kind of action, which CloudFormation takes as it is.
CONFIGURATION: Mapping[str, Properties] = {
    "Source/CodeStarSourceConnection": properties(
        "ConnectionArn FullRepositoryId BranchName OutputArtifactFormat=CODE_ZIP", ("DetectChanges", _BY_HAND)
    ),
    "Build/CodeBuild": properties("ProjectName PrimarySource EnvironmentVariables BatchEnabled=false"),
    "Test/CodeBuild": properties("ProjectName PrimarySource EnvironmentVariables BatchEnabled=false"),
    "Deploy/CloudFormation": properties(
        "ActionMode=CREATE_UPDATE StackName RoleArn TemplatePath TemplateConfiguration ParameterOverrides Capabilities"
    ),
    "Approval/Manual": properties("CustomData ExternalEntityLink NotificationArn"),
}


@dataclass(frozen=True)
class Needs:
    """What CodePipeline wants of a kind of action.

    How many artifacts it may take and give, the least and the most; which keys its configuration has to have; and which
    of them begin with the name of one of its input artifacts.
    """

    inputs: tuple[int, int]
    outputs: tuple[int, int]
    required: tuple[str, ...] = ()
    of_inputs: tuple[str, ...] = ()


# From "Valid action providers in CodePipeline" and the reference of each action in the user guide.
_BUILD = Needs((1, 5), (0, 5), ("ProjectName",), ("PrimarySource",))
NEEDS: Mapping[str, Needs] = {
    "Source/CodeStarSourceConnection": Needs((0, 0), (1, 1), ("ConnectionArn", "FullRepositoryId", "BranchName")),
    "Build/CodeBuild": _BUILD,
    "Test/CodeBuild": _BUILD,
    "Deploy/CloudFormation": Needs(
        (0, 10),
        (0, 1),
        ("ActionMode", "StackName", "RoleArn", "TemplatePath"),
        ("TemplatePath", "TemplateConfiguration"),
    ),
    "Approval/Manual": Needs((0, 0), (0, 0)),
}
