"""What a rehearsal makes of a CodeBuild project, at every depth: honoured, or without effect, and why."""

from __future__ import annotations

from collections.abc import Mapping

from rehearsal.values.honoured import NAMES, Properties, properties

_PROJECT = "AWS::CodeBuild::Project"
_HERE = "this machine's own tools and processor serve"
_LOGS = "logs are kept in the rehearsal's folder"
_ONE = "one build at a time"

PROPERTIES: Mapping[str, Properties] = {
    _PROJECT: properties(
        "Name ServiceRole Source SourceVersion Artifacts Environment Cache TimeoutInMinutes",
        ("Description BadgeEnabled Visibility ResourceAccessRole", NAMES),
        ("EncryptionKey", "artifacts are folders on this machine"),
        ("LogsConfig", _LOGS),
        ("ConcurrentBuildLimit QueuedTimeoutInMinutes AutoRetryLimit", _ONE),
        ("Triggers", "builds are started by the pipeline, or by hand"),
        ("VpcConfig", "packets travel freely on this machine"),
    ),
    f"{_PROJECT}.Source": properties(
        "Type BuildSpec Location",
        ("Auth GitCloneDepth InsecureSsl ReportBuildStatus BuildStatusConfig", "the checkout is the source"),
    ),
    f"{_PROJECT}.Artifacts": properties("Type"),
    f"{_PROJECT}.Environment": properties(
        "EnvironmentVariables PrivilegedMode Type",
        ("Image ComputeType ImagePullCredentialsType", _HERE),
    ),
    f"{_PROJECT}.EnvironmentVariable": properties("Name Value Type"),
    f"{_PROJECT}.ProjectCache": properties("Type", ("Modes Location", "folders are kept from build to build")),
}
# What CodeBuild enumerates and CloudFormation does not, as far as a rehearsal knows it.
VALUES: Mapping[str, frozenset[str]] = {
    "Environment.Type": frozenset({"LINUX_CONTAINER"}),
    "Source.Type": frozenset(
        {"CODEPIPELINE", "NO_SOURCE", "GITHUB", "GITHUB_ENTERPRISE", "CODECOMMIT", "BITBUCKET", "GITLAB"}
    ),
    "Artifacts.Type": frozenset({"CODEPIPELINE", "NO_ARTIFACTS"}),
}
