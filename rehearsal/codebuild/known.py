"""What a rehearsal makes of a build project and of a build spec, at every depth: honoured, or not, and why."""

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
        ("ConcurrentBuildLimit QueuedTimeoutInMinutes", _ONE),
        ("AutoRetryLimit", "a build that fails is not tried again: it fails here where it might pass there"),
        ("Triggers", "builds are started by the pipeline, or by hand"),
        ("VpcConfig", "packets travel freely on this machine; folders of a local cache are not kept, as there"),
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
    f"{_PROJECT}.ProjectCache": properties("Type Modes", ("Location", "folders are kept from build to build")),
}
# What CodeBuild enumerates and CloudFormation does not, as far as a rehearsal knows it.
VALUES: Mapping[str, frozenset[str]] = {
    "Environment.Type": frozenset({"LINUX_CONTAINER"}),
    "Source.Type": frozenset(
        {"CODEPIPELINE", "NO_SOURCE", "GITHUB", "GITHUB_ENTERPRISE", "CODECOMMIT", "BITBUCKET", "GITLAB"}
    ),
    "Artifacts.Type": frozenset({"CODEPIPELINE", "NO_ARTIFACTS"}),
}

_USER = "this machine's user runs everything"
BUILD_SPEC: Mapping[str, Properties] = {
    "the build spec": properties(
        "version env phases reports artifacts cache",
        ("run-as", _USER),
        ("proxy", "builds reach the network as this machine does"),
    ),
    "env": properties(
        "shell variables parameter-store secrets-manager exported-variables",
        ("git-credential-helper", "the source is there already"),
    ),
    "phases": properties("install pre_build build post_build"),
    "phases.PHASE": properties(
        "commands finally on-failure", ("run-as", _USER), ("runtime-versions", "this machine's interpreters serve")
    ),
    "artifacts": properties(
        "files base-directory discard-paths exclude-paths secondary-artifacts",
        ("name s3-prefix", "a pipeline names its artifacts"),
        ("enable-symlinks", "a link's file is handed on"),
    ),
    "reports.GROUP": properties(
        "files base-directory file-format", ("discard-paths", "the files of a group lie in one folder")
    ),
    "cache": properties("paths"),
}
