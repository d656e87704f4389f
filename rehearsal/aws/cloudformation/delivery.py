"""CodeBuild's and CodePipeline's types: moto keeps them and checks the pipeline's role, the rehearsal runs them."""

from __future__ import annotations

from typing import Any

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.cloudformation.calls import call, without
from rehearsal.aws.cloudformation.emulated import Emulated, Made, Replaced, Request


class Project(Replaced, CloudFormationModel):
    """A build project."""

    cfn_type = "AWS::CodeBuild::Project"
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the project."""
        # Other calls set them: nothing pushes to a rehearsal, and nobody else looks at its builds.
        properties = without(request.properties, "Triggers", "Visibility", "ResourceAccessRole")
        for part in ("Source", "Artifacts"):
            # moto asks for a location; what the pipeline hands in or takes has none in AWS.
            if properties[part]["Type"] in {"CODEPIPELINE", "NO_SOURCE"}:
                properties[part] = {"Location": properties[part]["Type"], **properties[part]}
        answer = call(request.client("codebuild"), "create_project", properties, name=request.name)
        return Made(request.name, {"Arn": answer["project"]["arn"]})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the project."""
        request.client("codebuild").delete_project(name=made.physical_id)


class Pipeline(Emulated, CloudFormationModel):
    """A pipeline; its role must exist and trust CodePipeline."""

    cfn_type = "AWS::CodePipeline::Pipeline"
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the pipeline."""
        request.client("codepipeline").create_pipeline(pipeline=_structure(request))
        return Made(request.name, {"Version": "1"})

    @classmethod
    def change(cls, request: Request, before: Made) -> Made:
        """Update the pipeline: its version counts up."""
        answer = request.client("codepipeline").update_pipeline(pipeline=_structure(request))
        return Made(before.physical_id, {"Version": str(answer["pipeline"]["version"])})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the pipeline."""
        request.client("codepipeline").delete_pipeline(name=made.physical_id)


def _structure(request: Request) -> dict[str, Any]:
    """Return the pipeline as the API takes it.

    Its keys start in lower case, those of an action's configuration stay.
    """
    properties = request.properties
    # A pipeline over several regions has a store in each; moto's service keeps one.
    stores = [each["ArtifactStore"] for each in properties.get("ArtifactStores", ())]
    return {
        "name": request.name,
        "roleArn": properties["RoleArn"],
        "pipelineType": properties.get("PipelineType", "V1"),
        "executionMode": properties.get("ExecutionMode", "SUPERSEDED"),
        "artifactStore": _lower(properties.get("ArtifactStore") or stores[0]),
        "stages": [
            {
                "name": stage["Name"],
                "actions": [
                    {**_lower({**action, "Configuration": None}), "configuration": action.get("Configuration", {})}
                    for action in stage["Actions"]
                ],
            }
            for stage in properties["Stages"]
        ],
    }


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _lower(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_lower(item) for item in value]
    return value
