"""How a commit travels: synthesis, self-mutation, assets, dev and its storm, approval, prod and its smoke test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_iam as iam
from aws_cdk import pipelines
from constructs import Construct

from pipeline.approval import Approval
from pipeline.artifacts import let_expire
from pipeline.bill_of_materials import BillOfMaterials
from pipeline.build import CDK_ASSETS_CLI, CDK_CLI, ENVIRONMENT, base_build_spec, local_cache, log_to_one_group
from pipeline.change_report import ChangeReport
from pipeline.evidence_bucket import Evidence
from pipeline.failures import Failures, roll_back
from pipeline.freeze import FreezeCheck, Transition
from pipeline.gates import LoadTestGate, SmokeTest, storm_environment, storm_timeout
from pipeline.nag import acknowledge_pipeline
from pipeline.nightly import NightlyLoadTest, connection_rights
from pipeline.worker_fleet import WorkerFleet
from settings.settings import Settings
from settings.site import Stage
from stages.network import first_zones
from stages.night import NightSize
from stages.notification import Notices
from stages.rights import Right
from stages.runbook import Runbook
from stages.stage import SiteStage
from stages.storm_access import StormSource, storm_name
from stages.template_reader import PipelineBuilds

STORM_BUILD_SPEC = "loadtest/buildspec.yml"
SOURCE_ACTION = "GitHub"
APPROVAL, WINDOW, PROD = "Approval", "Window", "Prod"
# The folder of the evidence bucket in which each night leaves the summary that later storms are compared with.
HISTORY = "history"


class PipelineStack(cdk.Stack):
    """The pipeline, which also deploys itself. Its template does not depend on the commit that it was made from."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        build_spec: Mapping[str, Any],
        storm_build_spec: Mapping[str, Any],
        worker_files: Sequence[str],
        commit: str,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="How a commit becomes a production site",
            env=cdk.Environment(account=settings.pipeline.account, region=settings.pipeline.region),
        )
        self._settings = settings
        self._evidence = Evidence(self, "Evidence")
        self._notices = Notices(
            self, "Notices", display_name=f"{settings.name}: pipeline", emails=settings.pipeline.notify
        )
        self._runbook = Runbook(settings.repository.name, settings.repository.branch)
        self._build_logging = log_to_one_group(self)
        # One process of a build bears so many people; only beyond them is there a network, a cluster and an image.
        self._fleet = (
            WorkerFleet(self, "Fleet", family=f"{settings.name}-storm-worker", files=worker_files)
            if settings.storm.workers > 1
            else None
        )
        self._source = pipelines.CodePipelineSource.connection(
            settings.repository.name,
            settings.repository.branch,
            connection_arn=settings.repository.connection_arn,
            action_name=SOURCE_ACTION,
        )
        self._commit = self._source.source_attribute("CommitId")
        pipeline = self._pipeline(build_spec)

        dev = self._stage("Dev", "dev", settings.dev, commit=commit)
        gate = self._gate(dev, storm_build_spec)
        bill = self._bill_of_materials(pipeline)
        pipeline.add_stage(dev, pre=[bill], post=[gate])

        prod = self._stage(PROD, "prod", settings.prod, commit=commit)
        smoke = SmokeTest("SmokeTest", source=self._source, site_url=prod.wordpress.site_url, commit=self._commit)
        # A stage of its own: a transition that is closed into prod's then stops whoever has been approved already.
        changes = self._changes(pipeline)
        approval = self._approval(gate, changes)
        approval.add_step_dependency(changes)
        pipeline.add_wave(APPROVAL, pre=[changes, approval])
        freeze = self._freeze()
        if freeze:
            # Not inside prod's stage: a refusal there would be taken for a deployment that failed, and rolled back.
            pipeline.add_wave(WINDOW, pre=freeze)
        pipeline.add_stage(prod, post=[smoke])

        pipeline.build_pipeline()
        let_expire(pipeline.pipeline)
        self._mend(pipeline.pipeline)
        # Not dev: what failed the storm there is what a person wants to look at.
        roll_back(pipeline.pipeline, [PROD])
        Failures(self, "Failures", pipeline=pipeline.pipeline, topic=self._notices.topic, runbook=self._runbook)
        acknowledge_pipeline(pipeline)
        for step in (bill, gate, changes, *freeze, smoke):
            step.acknowledge()
        self._nightly_load_test(dev)
        cdk.Tags.of(self).add("project", settings.name)

    @property
    def availability_zones(self) -> list[str]:
        """The region's first zones."""
        return first_zones()

    def _pipeline(self, build_spec: Mapping[str, Any]) -> pipelines.CodePipeline:
        makes_images = pipelines.CodeBuildOptions(
            partial_build_spec=base_build_spec(self._settings.pipeline.base_image)
        )
        return pipelines.CodePipeline(
            self,
            "Pipeline",
            pipeline_name=self._settings.name,
            pipeline_type=codepipeline.PipelineType.V2,
            # Of the commits that wait behind an approval, only the newest goes on.
            execution_mode=codepipeline.ExecutionMode.SUPERSEDED,
            cross_account_keys=True,
            enable_key_rotation=True,
            self_mutation=True,
            # The fleet's image belongs to this stack, and is published when it is deployed: before the first storm. The
            # commit that first wants a fleet is deployed by the project of the commit before it.
            docker_enabled_for_self_mutation=True,
            cli_version=CDK_CLI,
            cdk_assets_cli_version=CDK_ASSETS_CLI,
            # In parallel, each changed image would change the pipeline, and restart it (aws-cdk#9080).
            publish_assets_in_parallel=False,
            # A change set that failed cannot be retried (aws-cdk#11995).
            use_change_sets=False,
            asset_publishing_code_build_defaults=makes_images,
            # The fleet's image is published by the pipeline's own deployment.
            self_mutation_code_build_defaults=makes_images if self._fleet else None,
            code_build_defaults=pipelines.CodeBuildOptions(build_environment=ENVIRONMENT, logging=self._build_logging),
            synth=pipelines.CodeBuildStep(
                "Synth",
                input=self._source,
                # The commands are make's targets: what they do is the commit's own, and no self-mutation late.
                commands=[],
                partial_build_spec=codebuild.BuildSpec.from_object(dict(build_spec)),
                primary_output_directory="cdk.out",
                cache=local_cache(),
                env={"PROD_READER": self._prod_reader, **self._restored},
                role_policy_statements=[iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[self._prod_reader])],
            ),
        )

    def _stage(self, construct_id: str, stage: Literal["dev", "prod"], settings: Stage, *, commit: str) -> SiteStage:
        return SiteStage(
            self,
            construct_id,
            name=self._settings.name,
            stage=stage,
            settings=settings,
            site=self._settings.site,
            commit=commit,
            emails=self._settings.pipeline.notify,
            runbook=self._runbook,
            nightly=self._settings.storm.nightly,
            time_zone=self._settings.storm.time_zone,
            storm_source=StormSource(
                account=self._settings.pipeline.account,
                stack_name=self.stack_name,
                kills_task=self._settings.storm.kill_task,
            )
            if stage == "dev"
            else None,
            night=self._night() if stage == "dev" else None,
            read_by=PipelineBuilds(self._settings.pipeline.account, self.stack_name) if stage == "prod" else None,
        )

    def _night(self) -> NightSize | None:
        storm, night = self._settings.storm, self._settings.night
        if storm.nightly_as == "dev" or storm.window is None:
            return None
        around = storm.window
        return NightSize(night.task, night.database, around.raised, around.dropped, around.opened, storm.time_zone)

    def _bill_of_materials(self, pipeline: pipelines.CodePipeline) -> BillOfMaterials:
        dev, own = self._settings.dev, self._settings.pipeline
        places = [(dev.account, dev.region), *([(own.account, own.region)] if self._fleet else [])]
        return BillOfMaterials(
            "Sbom",
            source=self._source,
            assembly=pipeline.synth,
            places=list(dict.fromkeys(places)),
            publish_to=f"{self._evidence.folder('gate')}/{self._commit}/sbom",
            publishing=self._evidence.allow_publishing("gate"),
        )

    def _gate(self, dev: SiteStage, build_spec: Mapping[str, Any]) -> LoadTestGate:
        return LoadTestGate(
            "LoadTest",
            source=self._source,
            build_spec=build_spec,
            site_url=dev.wordpress.site_url,
            storm_role_arn=dev.wordpress.storm_role_arn,
            storm_secret_arn=dev.wordpress.storm_secret_arn,
            storm_service=dev.wordpress.storm_service,
            commit=self._commit,
            mute=dev.wordpress.storm_mute,
            storm=self._settings.storm,
            site=self._settings.dev,
            publish_to=f"{self._evidence.folder('gate')}/{self._commit}",
            history=self._evidence.folder(HISTORY),
            rights=[
                self._allow_storming(),
                self._evidence.allow_publishing("gate"),
                *self._evidence.allow_reading(HISTORY),
            ],
            fleet=self._fleet,
        )

    def _changes(self, pipeline: pipelines.CodePipeline) -> ChangeReport:
        return ChangeReport(
            "Changes",
            source=self._source,
            assembly=pipeline.synth,
            role_arn=self._prod_reader,
            commit=self._commit,
            evidence=self._evidence.folder("gate"),
            history=self._evidence.folder(HISTORY),
            rights=[
                self._evidence.allow_publishing("gate"),
                self._evidence.allow_reading("gate")[0],
                *self._evidence.allow_reading(HISTORY),
            ],
        )

    @property
    def _prod_reader(self) -> str:
        """The ARN of the role that reads the templates that prod runs; it is there once prod has been deployed."""
        return f"arn:{cdk.Aws.PARTITION}:iam::{self._settings.prod.account}:role/{self._settings.name}-prod-reader"

    @property
    def _restored(self) -> dict[str, str]:
        """The snapshot that prod's database began with, as a variable that makes another pipeline of each.

        A stage is rolled back to executions of the pipeline's present structure alone. Those from before the snapshot
        would have CloudFormation make the database anew, and empty, and nobody would be asked.
        """
        restored = self._settings.prod.restored
        return {"PROD_BEGAN_WITH": restored.snapshot} if restored and restored.snapshot else {}

    def _approval(self, gate: LoadTestGate, changes: ChangeReport) -> Approval:
        return Approval(
            "Approve",
            question=(
                f"{changes.summary} Promote commit {self._commit} to production? "
                f"Load test: {gate.verdict}. {gate.summary} Report: {gate.report}"
            ),
            evidence_url=self._evidence.console_url(f"gate/{self._commit}"),
            topic=self._notices.topic,
        )

    def _freeze(self) -> list[FreezeCheck]:
        """Keep deployments out of prod in its registration windows; return the step that asks, where there are any."""
        windows = self._settings.prod.windows
        if not windows:
            return []
        Transition(
            self,
            "Freeze",
            pipeline_name=self._settings.name,
            stage_name=WINDOW,
            windows=windows,
            topic=self._notices.topic,
            runbook=self._runbook,
        )
        return [
            FreezeCheck(
                "Freeze",
                source=self._source,
                windows=windows,
                commit=self._commit,
                place=self._settings.pipeline,
                parameter=f"/{self._settings.name}/enter-prod-now",
                topic=self._notices.topic,
            )
        ]

    def _nightly_load_test(self, dev: SiteStage) -> None:
        storm = self._settings.storm
        NightlyLoadTest(
            self,
            "NightlyLoadTest",
            name=self._settings.name,
            repository=self._settings.repository,
            build_spec_file=STORM_BUILD_SPEC,
            environment={
                **storm_environment(storm, self._settings.night),
                **(self._fleet.environment(storm.workers) if self._fleet else {}),
                "STORM_ROLE_ARN": self._storm_role_arn,
                "STORM_STACK": dev.wordpress.stack_name,
                "STORM_REGION": self._settings.dev.region,
                "STORM_MUTE": dev.wordpress.storm_mute,
                "STORM_PUBLISH": self._evidence.folder("nightly"),
                "STORM_HISTORY": self._evidence.folder(HISTORY),
                "STORM_REMEMBER": "yes",
            },
            rights=[
                self._allow_storming(),
                self._evidence.allow_publishing("nightly"),
                self._evidence.allow_publishing(HISTORY),
                *self._evidence.allow_reading(HISTORY),
            ],
            schedule=storm.nightly,
            time_zone=storm.time_zone,
            longest_gap=storm.longest_gap,
            timeout=storm_timeout(storm, storms=1),
            logging=self._build_logging,
            topic=self._notices.topic,
            reports_url=self._evidence.console_url("nightly"),
            runbook=self._runbook,
            fleet=self._fleet,
        )

    @property
    def _storm_role_arn(self) -> str:
        role = storm_name(f"{self._settings.name}-dev")
        return f"arn:{cdk.Aws.PARTITION}:iam::{self._settings.dev.account}:role/{role}"

    def _allow_storming(self) -> Right:
        return Right(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[self._storm_role_arn]))

    def _mend(self, pipeline: codepipeline.Pipeline) -> None:
        """Mend what CDK Pipelines does not know yet: the connection's new name, and a false alarm of cfn-lint."""
        source = pipeline.node.find_child("Source").node.find_child(SOURCE_ACTION)
        role = cast(iam.Role, source.node.find_child("CodePipelineActionRole"))
        role.add_to_principal_policy(connection_rights(self._settings.repository.connection_arn))
        # The pipeline waits for its role and the role's policy; cfn-lint sees only that it refers to the role anyway.
        resource = cast(cdk.CfnResource, pipeline.node.default_child)
        resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3005"]}})
