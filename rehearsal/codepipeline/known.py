"""What a rehearsal makes of a pipeline's definition, at every depth: honoured, or without effect, and why."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.values.honoured import Properties, properties

_PIPELINE = "AWS::CodePipeline::Pipeline"
_BY_HAND = "a rehearsal is started by hand, or by a push to it"
_LOCAL = "artifacts are folders on this machine"
_ROLES = "no access control between parts on this machine"

PROPERTIES: Mapping[str, Properties] = {
    _PIPELINE: properties(
        "Name RoleArn Stages RestartExecutionOnUpdate PipelineType ExecutionMode=SUPERSEDED",
        ("ArtifactStore ArtifactStores", _LOCAL),
        ("Triggers", _BY_HAND),
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
        "ActionMode=CREATE_UPDATE StackName RoleArn TemplatePath TemplateConfiguration ParameterOverrides",
        ("Capabilities", _ROLES),
    ),
    "Approval/Manual": properties("CustomData ExternalEntityLink NotificationArn"),
}
