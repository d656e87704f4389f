"""Steps that a commit must pass: the storm against dev, the smoke test of prod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import pipelines

from pipeline.build import BuildStep, python_build_spec
from pipeline.worker_fleet import CPU, MEMORY, WorkerFleet
from settings.site import Stage
from settings.storm import Storm
from stages.rights import Right


def storm_environment(storm: Storm, site: Stage) -> dict[str, str]:
    """Return the storm's size and phases as ``python -m loadtest run`` reads them, and what it is let loose on.

    Only storms with the same of both are compared with each other.
    """
    task, database = site.task, site.database
    killed = " killed=1" if storm.kill_task else ""
    generator = f" generator=fargate-{CPU}/{MEMORY}" if storm.workers > 1 else ""
    return {
        "STORM_PEOPLE": str(storm.people),
        "STORM_SEATS": str(storm.seats),
        "STORM_PEOPLE_FILE": storm.people_file,
        "STORM_PROFILE": storm.profile,
        "STORM_WARM_UP": str(storm.warm_up),
        "STORM_BEFORE": str(storm.before),
        "STORM_OPENING": str(storm.opening),
        "STORM_OPEN": str(storm.open),
        "STORM_RECOVERY": str(storm.recovery),
        "STORM_ENVIRONMENT": (
            f"region={site.region} task={task.cpu}/{task.memory} tasks={task.min}-{task.max} "
            f"database={database.min_acu:g}-{database.max_acu:g}{generator}{killed}"
        ),
        **({"STORM_KILL_TASK": "yes"} if storm.kill_task else {}),
    }


def storm_timeout(storm: Storm, *, storms: int) -> cdk.Duration:
    """Return how long a build with so many storms may take."""
    return cdk.Duration.minutes(storm.build_minutes(storms=storms))


class LoadTestGate(BuildStep):
    """A storm against a deployed stage; whatever its verdict but PASS, the step fails and the commit goes no further.

    ``storm_service`` names the service of which a task is stopped at the opening, where one is.
    ``verdict``, ``summary`` and ``report`` are what it found, for the steps after it.
    """

    def __init__(
        self,
        construct_id: str,
        *,
        source: pipelines.IFileSetProducer,
        build_spec: Mapping[str, Any],
        site_url: cdk.CfnOutput,
        storm_role_arn: cdk.CfnOutput,
        storm_secret_arn: cdk.CfnOutput,
        storm_service: cdk.CfnOutput | None,
        commit: str,
        mute: str,
        storm: Storm,
        site: Stage,
        publish_to: str,
        history: str,
        rights: Sequence[Right],
        fleet: WorkerFleet | None,
    ) -> None:
        super().__init__(
            construct_id,
            input=source,
            commands=[],
            partial_build_spec=codebuild.BuildSpec.from_object(_without_exports(build_spec)),
            env={
                **storm_environment(storm, site),
                **(fleet.environment(storm.workers) if fleet else {}),
                "STORM_COMMIT": commit,
                "STORM_PUBLISH": publish_to,
                "STORM_HISTORY": history,
                "STORM_CANDIDATES": str(storm.candidates),
                "STORM_MUTE": mute,
            },
            env_from_cfn_outputs={
                "SITE_URL": site_url,
                "STORM_ROLE_ARN": storm_role_arn,
                "STORM_SECRET_ARN": storm_secret_arn,
                **({"STORM_SERVICE": storm_service} if storm_service else {}),
            },
            rights=[*rights, *(fleet.rights() if fleet else ())],
            vpc=fleet.vpc if fleet else None,
            security_groups=[fleet.build_group] if fleet else None,
            timeout=storm_timeout(storm, storms=storm.most_storms(storm.candidates)),
        )
        self.verdict = self.exported_variable("STORM_VERDICT")
        self.summary = self.exported_variable("STORM_SUMMARY")
        self.report = self.exported_variable("STORM_REPORT")


def _without_exports(build_spec: Mapping[str, Any]) -> dict[str, Any]:
    """Take out the variables that the approval shows.

    CDK adds them to those that the file exports, and would export them twice.
    """
    env = {key: value for key, value in build_spec.get("env", {}).items() if key != "exported-variables"}
    return {key: value for key, value in build_spec.items() if key != "env"} | ({"env": env} if env else {})


class SmokeTest(BuildStep):
    """Asks a deployed site once whether it serves, and whether it serves this commit."""

    def __init__(
        self, construct_id: str, *, source: pipelines.IFileSetProducer, site_url: cdk.CfnOutput, commit: str
    ) -> None:
        super().__init__(
            construct_id,
            input=source,
            install_commands=["make tools LOCK=requirements/loadtest.txt"],
            commands=['.venv/bin/python -m loadtest smoke --host "$SITE_URL" --commit "$EXPECTED_COMMIT"'],
            partial_build_spec=python_build_spec(),
            env={"EXPECTED_COMMIT": commit},
            env_from_cfn_outputs={"SITE_URL": site_url},
            timeout=cdk.Duration.minutes(15),
        )
