"""What must hold for the pipeline: what a commit passes, in which order, and what each part may do."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from containers.engine import external_bases
from loadtest.commands.run import KEPT
from loadtest.evidence import upload
from loadtest.evidence.summary import LONGEST_LINE
from promotion.difference import LONGEST_SUMMARY
from rehearsal.values import call_rules
from settings.pipeline import Pipeline as PipelineSettings
from settings.site import Stage
from tests.templates.inputs import ROOT
from tests.templates.runbook import leads_to_the_runbook
from tests.templates.world import (
    STAGES,
    PipelineCheck,
    Properties,
    Template,
    World,
    chosen,
    closed_buckets,
    many,
    name_of,
    nightly_schedule,
    of_type,
    only,
    pipeline,
    referred,
    rights,
    sole,
    text,
    wordpress,
)

# What CDK grants every build: its own log and reports, and the pipeline's artifacts with their key.
_OWN = re.compile(r"<BuildLogs|:log-group:/aws/codebuild/<|:report-group/<|<PipelineArtifactsBucket")


def actions(world: World) -> dict[str, Properties]:
    """Return the pipeline's actions in the order in which they run, as Stage.Action."""
    return {
        f"{stage['Name']}.{action['Name']}": action
        for stage in only(pipeline(world), "CodePipeline::Pipeline")["Stages"]
        for action in sorted(stage["Actions"], key=lambda action: action["RunOrder"])
    }


def project(world: World, action: str) -> Properties:
    """Return the CodeBuild project of an action."""
    name = referred(actions(world)[action]["Configuration"]["ProjectName"])
    return of_type(pipeline(world), "CodeBuild::Project")[name]


def nightly(world: World) -> Properties:
    """Return the CodeBuild project that is no action of the pipeline."""
    return next(
        each for each in of_type(pipeline(world), "CodeBuild::Project").values() if each["Source"]["Type"] == "GITHUB"
    )


def travelling_commit(world: World) -> tuple[str, str]:
    """Return namespace and name of the variable that holds the commit in the pipeline."""
    return actions(world)["Source.GitHub"]["Namespace"], "CommitId"


def deployment(world: World, stage: str, kind: str = "wordpress") -> str:
    """Return the action that deploys one of a stage's stacks."""
    return f"{stage}.{world.settings.name}-{stage.lower()}-{kind}.Deploy"


def deployments(world: World, stage: str) -> list[str]:
    """Return the actions that deploy a stage; an existing network is left alone."""
    kinds = ["wordpress"] if chosen(world, stage).network else ["network", "wordpress"]
    return [deployment(world, stage, kind) for kind in kinds]


def variable(space: str, name: str) -> str:
    """Write a variable as CodePipeline writes it."""
    return f"#{{{space}.{name}}}"


def evidence(world: World) -> str:
    """Return the logical id of the bucket that storms publish to."""
    return next(name for name in of_type(pipeline(world), "S3::Bucket") if name.startswith("Evidence"))


def build_spec(properties: Properties) -> Mapping[str, Any]:
    """Return a project's own buildspec."""
    spec = json.loads(properties["Source"]["BuildSpec"])
    assert isinstance(spec, dict)
    return spec


def environment(world: World, action: str) -> dict[str, str]:
    """Return the variables of a build: its project's, and over them its action's."""
    of_project = project(world, action)["Environment"].get("EnvironmentVariables", [])
    of_action = json.loads(text(actions(world)[action]["Configuration"].get("EnvironmentVariables", "[]")))
    return {each["Name"]: text(each["Value"]) for each in of_project} | {
        each["name"]: each["value"] for each in of_action
    }


def commit_passes_every_gate(world: World) -> None:
    """Check the order of the whole journey, beside which a team may have steps of its own.

    The gate stands before production, and the approval before any change of it.
    """
    journey = [
        "Source.GitHub",
        "Build.Synth",
        "UpdatePipeline.SelfMutate",
        "Assets.DockerAssets",
        "Dev.Sbom",
        *deployments(world, "Dev"),
        "Dev.LoadTest",
        "Approval.Changes",
        "Approval.Approve",
        *(["Window.Freeze"] if world.settings.prod.windows else []),
        *deployments(world, "Prod"),
        "Prod.SmokeTest",
    ]
    found = list(actions(world))
    for wanted in journey:
        assert wanted in found, f"the pipeline has no action {wanted}"
    for earlier, later in itertools.pairwise(journey):
        assert found.index(earlier) < found.index(later), f"{later} comes before {earlier}"
    stages = only(pipeline(world), "CodePipeline::Pipeline")["Stages"]
    names = [stage["Name"] for stage in stages]
    behind = ["Window", "Prod"] if world.settings.prod.windows else ["Prod"]
    assert names[names.index("Approval") + 1 :] == behind, "between the question and prod lies a transition only"
    last = [name for name in found if name.startswith("Approval.")][-1]
    assert last == "Approval.Approve", f"{last} comes after the question that it could have been part of"
    for stage in stages:
        orders = [action["RunOrder"] for action in stage["Actions"]]
        for action in stage["Actions"]:
            alone = f"{stage['Name']}.{action['Name']}" not in journey or orders.count(action["RunOrder"]) == 1
            assert alone, f"something runs beside {stage['Name']}.{action['Name']}: nothing runs beside a gate"


def pipeline_is_of_the_kind_that_holds(world: World) -> None:
    """Check for V2; a newer commit supersedes one that waits; no change sets, which cannot be retried."""
    properties = only(pipeline(world), "CodePipeline::Pipeline")
    assert properties["PipelineType"] == "V2"
    assert properties["ExecutionMode"] == "SUPERSEDED"
    assert properties["RestartExecutionOnUpdate"] is True
    for name, action in actions(world).items():
        if name.endswith(".Deploy"):
            assert action["Configuration"]["ActionMode"] == "CREATE_UPDATE", name


def accounts_are_crossed_with_a_key(world: World) -> None:
    """Check that artifacts are encrypted with a key that the other accounts' roles may use, and that rotates."""
    settings = world.settings
    key = only(pipeline(world), "KMS::Key")
    assert key["EnableKeyRotation"] is True
    stores = artifact_stores(world)
    own = stores.pop(settings.pipeline.region)
    assert referred(own["EncryptionKey"]["Id"]) == name_of(pipeline(world), "KMS::Key")
    stages = (settings.dev, settings.prod)
    deployed = {each.region for each in stages} | {"us-east-1" for each in stages if each.front}
    assert set(stores) == deployed - {settings.pipeline.region}
    for region, store in stores.items():
        support = world.templates[f"cross-region-stack-{settings.pipeline.account}:{region}"]
        assert only(support, "KMS::Key")["EnableKeyRotation"] is True
        assert only(support, "KMS::Alias")["AliasName"] in text(store["EncryptionKey"]["Id"])
        assert store["Location"] == only(support, "S3::Bucket")["BucketName"]
        closed_buckets(support)
    for stage in STAGES:
        place = chosen(world, stage)
        role = text(actions(world)[deployment(world, stage)]["RoleArn"])
        assert role == f"arn:aws:iam::{place.account}:role/cdk-hnb659fds-deploy-role-{place.account}-{place.region}"


def artifacts_outlive_a_rollback(world: World) -> None:
    """Check that artifacts expire, and not before the evidence: a stage goes back with those of its last success."""
    [kept] = [
        rule["ExpirationInDays"]
        for name, bucket in of_type(pipeline(world), "S3::Bucket").items()
        if name == evidence(world)
        for rule in bucket["LifecycleConfiguration"]["Rules"]
    ]
    regions = [path for path in world.templates if path.startswith("cross-region-stack-")]
    assert len(regions) == len(artifact_stores(world)) - 1
    for template in (pipeline(world), *(world.templates[path] for path in regions)):
        for name, bucket in of_type(template, "S3::Bucket").items():
            [rule] = bucket["LifecycleConfiguration"]["Rules"]
            assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", kept), name


def artifact_stores(world: World) -> dict[str, Properties]:
    """Return where the pipeline keeps its artifacts, by region: each action takes them from its own."""
    properties = only(pipeline(world), "CodePipeline::Pipeline")
    if "ArtifactStores" in properties:
        return {each["Region"]: each["ArtifactStore"] for each in properties["ArtifactStores"]}
    return {world.settings.pipeline.region: properties["ArtifactStore"]}


def build_runs_what_a_person_runs(world: World) -> None:
    """Check that the synth step makes what a person makes, beside what a team adds, and keeps cdk.out."""
    spec = build_spec(project(world, "Build.Synth"))
    made = [
        word
        for phase in spec["phases"].values()
        for command in phase["commands"]
        if command.startswith("make ")
        for word in command.split()
    ]
    for target in ("tools", "lint", "audit", "test-templates", "synth", "lint-templates", "keeps-data"):
        assert target in made, f"Synth does not `make {target}` (buildspec.yml)"
        assert made.index("tools") <= made.index(target), f"Synth makes {target} before it has the tools"
    python = spec["phases"]["install"]["runtime-versions"]["python"]
    supported = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert SpecifierSet(supported).contains(python), f"Synth runs on Python {python}; supported is {supported}"
    assert spec["artifacts"] == {"base-directory": "cdk.out", "files": ["**/*"]}, "what Synth hands on is cdk.out"
    assert environment(world, "Build.Synth")["PROD_READER"] == prod_reader(world)


def tools_are_pinned(world: World) -> None:
    """Check that the CLIs that the pipeline installs have exact versions; the newest is one that nobody has tried."""
    [mutate] = build_spec(project(world, "UpdatePipeline.SelfMutate"))["phases"]["install"]["commands"]
    assert re.fullmatch(r"npm install -g aws-cdk@2\.\d+\.\d+", mutate)


def gate_storms_what_was_deployed(world: World) -> None:
    """Check that the gate gets address, role and token from the stack that was just deployed, and the commit."""
    deployed = actions(world)[deployment(world, "Dev")]["Namespace"]
    variables = environment(world, "Dev.LoadTest")
    assert variables["SITE_URL"] == variable(deployed, "SiteUrl")
    assert variables["STORM_ROLE_ARN"] == variable(deployed, "StormRoleArn")
    assert variables["STORM_SECRET_ARN"] == variable(deployed, "StormSecretArn")
    assert ("STORM_SERVICE" in variables) == ("STORM_KILL_TASK" in variables) == world.settings.storm.kill_task
    assert variables.get("STORM_SERVICE", "") in {"", variable(deployed, "StormService")}
    assert {"SiteUrl", "StormRoleArn", "StormSecretArn"} <= set(wordpress(world, "Dev")["Outputs"])
    assert variables["STORM_COMMIT"] == variable(*travelling_commit(world))
    assert variables["STORM_PUBLISH"].startswith(f"s3://<{evidence(world)}>/gate/")
    assert variables["STORM_HISTORY"] == f"s3://<{evidence(world)}>/history"
    assert variables["STORM_CANDIDATES"] == str(world.settings.storm.candidates)
    assert "STORM_REMEMBER" not in variables
    assert variables.items() >= storm(world).items()
    phases = [int(variables[f"STORM_{phase}"]) for phase in ("WARM_UP", "BEFORE", "OPENING", "OPEN", "RECOVERY")]
    assert (
        project(world, "Dev.LoadTest")["TimeoutInMinutes"] * 60
        > sum(phases) * 2 * world.settings.storm.candidates + 300
    )
    source = actions(world)["Source.GitHub"]["OutputArtifacts"]
    assert actions(world)["Dev.LoadTest"]["InputArtifacts"] == source


def storm(world: World, as_prod: bool = False) -> dict[str, str]:
    """Return the storm that the settings ask for, as a build's variables: size and phases, and the size of dev.

    It is dev with prod's number of tasks and its database's capacity if the night is to be like that.
    """
    keys = ("people", "seats", "people_file", "profile", "warm_up", "before", "opening", "open", "recovery")
    dev = world.settings.dev
    like = world.settings.prod if as_prod else dev
    size = f"task={like.task.cpu}/{like.task.memory} tasks={like.task.min}-{like.task.max}"
    size += f" database={like.database.min_acu:g}-{like.database.max_acu:g}"
    size += " generator=fargate-1024/2048" if world.settings.storm.workers > 1 else ""
    variables = {f"STORM_{key.upper()}": str(getattr(world.settings.storm, key)) for key in keys}
    if world.settings.storm.kill_task:
        size, variables = f"{size} killed=1", {**variables, "STORM_KILL_TASK": "yes"}
    return {**variables, "STORM_ENVIRONMENT": f"region={dev.region} {size}"}


def gate_runs_the_storm(world: World) -> None:
    """Check that its command may fail the step, and that what it found leaves the build, once each."""
    spec = build_spec(project(world, "Dev.LoadTest"))
    assert spec["phases"]["build"]["commands"] == [".venv/bin/python -m loadtest run"]
    assert spec["phases"]["build"].get("on-failure") is None
    assert sorted(spec["env"]["exported-variables"]) == ["STORM_REPORT", "STORM_SUMMARY", "STORM_VERDICT"]
    assert "artifacts" not in spec


def approver_sees_the_evidence(world: World) -> None:
    """Check for commit, verdict, key figures and the report, from the steps that know them; and somebody is told."""
    action = actions(world)["Approval.Approve"]
    assert action["ActionTypeId"]["Provider"] == "Manual"
    question = action["Configuration"]["CustomData"]
    gate = actions(world)["Dev.LoadTest"]["Namespace"]
    exported = build_spec(project(world, "Dev.LoadTest"))["env"]["exported-variables"]
    shown = re.findall(r"#\{(.+?)\.(.+?)\}", question)
    report = actions(world)["Approval.Changes"]["Namespace"]
    assert shown == [
        (report, "CHANGES_SUMMARY"),
        travelling_commit(world),
        *((gate, f"STORM_{name}") for name in ("VERDICT", "SUMMARY", "REPORT")),
    ]
    assert question.startswith(variable(report, "CHANGES_SUMMARY")), "what changes is the first thing that is read"
    assert build_spec(project(world, "Approval.Changes"))["env"]["exported-variables"] == ["CHANGES_SUMMARY"]
    assert {name for space, name in shown if space == gate} <= set(exported)
    link = text(action["Configuration"]["ExternalEntityLink"])
    folder = environment(world, "Dev.LoadTest")["STORM_PUBLISH"].partition(">/")[2]
    assert link.startswith("https://")
    assert link.endswith(f"prefix={folder}/"), "the folder that the gate publishes to"
    assert referred(action["Configuration"]["NotificationArn"]) == name_of(pipeline(world), "SNS::Topic")


def question_is_as_long_as_may_be(world: World) -> None:
    """Check that the question has 1,000 characters at most, with the longest of what it shows: CodePipeline's bound."""
    question = actions(world)["Approval.Approve"]["Configuration"]["CustomData"]
    commit, kind = "c" * 40, environment(world, "Dev.LoadTest")["STORM_PUBLISH"].split("/")[3]
    published = upload.folder(f"s3://{'b' * 63}/{kind}/{commit}", "2027-01-15T18:00:00+00:00", commit)
    longest = {
        "CHANGES_SUMMARY": LONGEST_SUMMARY * "x",
        "STORM_SUMMARY": LONGEST_LINE * "x",
        "STORM_VERDICT": "PASS",
        "STORM_REPORT": f"{published}/report.html",
        "CommitId": commit,
    }
    shown = re.sub(r"#\{.+?\.(.+?)\}", lambda found: longest[found[1]], question)
    assert len(shown) <= 1000, f"it has {len(shown)}"


def changes_are_of_what_prod_runs(world: World) -> None:
    """Check that the report compares the published assembly with prod, by prod's own role, and may fail its step."""
    action = actions(world)["Approval.Changes"]
    [source], [assembly] = (actions(world)[name]["OutputArtifacts"] for name in ("Source.GitHub", "Build.Synth"))
    assert action["Configuration"]["PrimarySource"] == source["Name"]
    assert [each["Name"] for each in action["InputArtifacts"]] == [source["Name"], assembly["Name"]]
    spec = build_spec(project(world, "Approval.Changes"))["phases"]
    [link, tools] = spec["install"]["commands"]
    assert f'ln -s -- "$CODEBUILD_SRC_DIR_{assembly["Name"]}" "published"' in link
    assert tools == "make tools"
    assert spec["build"]["commands"] == [
        '.venv/bin/python -m promotion changes --assembly published --role "$CHANGES_ROLE" '
        '--commit "$CHANGES_COMMIT" --evidence "$CHANGES_EVIDENCE" --history "$CHANGES_HISTORY" --into changes.env',
        ". ./changes.env; export CHANGES_SUMMARY",
    ]
    assert "on-failure" not in spec["build"]
    variables = environment(world, "Approval.Changes")
    assert variables["CHANGES_ROLE"] == prod_reader(world)
    assert variables["CHANGES_COMMIT"] == variable(*travelling_commit(world))
    folder = variables["CHANGES_EVIDENCE"]
    assert environment(world, "Dev.LoadTest")["STORM_PUBLISH"] == f"{folder}/{variables['CHANGES_COMMIT']}"
    assert variables["CHANGES_HISTORY"] == environment(world, "Dev.LoadTest")["STORM_HISTORY"]
    bucket = f"<{evidence(world)}.Arn>"
    assert beyond_its_own(pipeline(world), project(world, "Approval.Changes")) == {
        ("sts:AssumeRole", variables["CHANGES_ROLE"]),
        ("s3:PutObject", f"{bucket}/gate/*"),
        ("s3:GetObject", f"{bucket}/gate/*"),
        ("s3:GetObject", f"{bucket}/history/*"),
        ("s3:ListBucket", bucket),
    }


def prod_reader(world: World) -> str:
    """Return the ARN of the role that reads the templates of prod's stacks, by the name that it has there."""
    [role] = [
        each["RoleName"]
        for each in of_type(wordpress(world, "Prod"), "IAM::Role").values()
        if "reader" in each.get("RoleName", "")
    ]
    return f"arn:aws:iam::{world.settings.prod.account}:role/{role}"


def smoke_test_asks_for_this_commit(world: World) -> None:
    """Check that it comes after production's deployment, with its own address and the commit that travels."""
    deployed = actions(world)[deployment(world, "Prod")]["Namespace"]
    variables = environment(world, "Prod.SmokeTest")
    assert variables["SITE_URL"] == variable(deployed, "SiteUrl")
    assert variables["EXPECTED_COMMIT"] == variable(*travelling_commit(world))
    spec = build_spec(project(world, "Prod.SmokeTest"))
    [command] = spec["phases"]["build"]["commands"]
    assert command == '.venv/bin/python -m loadtest smoke --host "$SITE_URL" --commit "$EXPECTED_COMMIT"'


def assets_are_one_action(world: World) -> None:
    """Check that assets are one action: in parallel, each changed image is another pipeline, which restarts."""
    assert [name for name in actions(world) if name.startswith("Assets.")] == ["Assets.DockerAssets"]
    assert project(world, "Assets.DockerAssets")["Source"]["BuildSpec"].endswith(".yaml"), "a file beside the templates"


def images_begin_with_the_settings_base(world: World) -> None:
    """Check that builds of images take the base where the settings say, before they build, unless they have it.

    An anonymous pull of the base's own registry is refused now and then.
    """
    copy, base = world.settings.pipeline.base_image, "debian:trixie-slim"
    file = world.assembly / project(world, "Assets.DockerAssets")["Source"]["BuildSpec"].rpartition("/")[2]
    assert file.is_file(), file
    specs = [json.loads(file.read_text())]
    if world.settings.storm.workers > 1:
        specs.append(build_spec(project(world, "UpdatePipeline.SelfMutate")))
    for spec in specs:
        [command] = spec["phases"]["pre_build"]["commands"]
        look, pull, tag = f"image inspect {base}", f"pull --quiet {copy}", f"tag {copy} {base}"
        assert _asked_of_the_engine(command, has_the_base=True) == [look]
        assert _asked_of_the_engine(command, has_the_base=False) == [look, pull, tag]
    root = Path(__file__).parents[2]
    for dockerfile in ("src/nginx/Dockerfile", "src/wordpress/Dockerfile", "loadtest/Dockerfile"):
        assert external_bases(root / dockerfile) == [base], dockerfile


def _asked_of_the_engine(command: str, *, has_the_base: bool) -> list[str]:
    """Return what a build's command asks of its container engine, in a folder with a blank in its name."""
    with tempfile.TemporaryDirectory(prefix="an engine ") as folder:
        questions, engine = Path(folder, "questions"), Path(folder, "engine")
        engine.write_text(
            f'#!/bin/sh\necho "$*" >> {shlex.quote(str(questions))}\n'
            f'[ "$1" != image ] || exit {0 if has_the_base else 1}\n'
        )
        engine.chmod(0o755)
        subprocess.run(["sh", "-c", command], env=os.environ | {"CDK_DOCKER": str(engine)}, check=True)
        return questions.read_text().splitlines()


def only_images_are_built_privileged(world: World) -> None:
    """Check that only what needs a Docker daemon has privileges."""
    privileged = {
        name
        for name, each in of_type(pipeline(world), "CodeBuild::Project").items()
        if each["Environment"]["PrivilegedMode"]
    }
    # The self-mutation also where there is no fleet yet: the commit that brings one is deployed by the project that is.
    # Images are read by containers of them.
    building = ["Assets.DockerAssets", "UpdatePipeline.SelfMutate", "Dev.Sbom"]
    assert privileged == {referred(actions(world)[action]["Configuration"]["ProjectName"]) for action in building}


def builds_may_little(world: World) -> None:
    """Check rights beside own log and artifacts.

    Synth reads what prod's stacks are made of, a smoke test has none, storms have their role and their folder.
    """
    template = pipeline(world)
    take_role = ("sts:AssumeRole", storm_role_arn(world))
    bucket = f"<{evidence(world)}.Arn>"
    assert beyond_its_own(template, project(world, "Build.Synth")) == {("sts:AssumeRole", prod_reader(world))}
    assert beyond_its_own(template, project(world, "Prod.SmokeTest")) == set()
    assert beyond_its_own(template, project(world, "Dev.Sbom")) == {
        ("s3:PutObject", f"{bucket}/gate/*"),
        *(("sts:AssumeRole", publishing_role(place)) for place in places_of_images(world)),
    }
    look_back = {("s3:GetObject", f"{bucket}/history/*"), ("s3:ListBucket", bucket)}
    assert without_the_fleet(world, project(world, "Dev.LoadTest")) == {
        take_role,
        ("s3:PutObject", f"{bucket}/gate/*"),
        *look_back,
    }
    connection = nightly(world)["Source"]["Auth"]["Resource"]
    assert without_the_fleet(world, nightly(world)) == {
        take_role,
        ("s3:PutObject", f"{bucket}/nightly/*"),
        ("s3:PutObject", f"{bucket}/history/*"),
        ("sns:Publish", f"<{name_of(template, 'SNS::Topic')}>"),
        *look_back,
        *through(connection, "GetConnection", "GetConnectionToken", "UseConnection"),
    }
    publishing = {
        resource
        for action, resource in beyond_its_own(template, project(world, "Assets.DockerAssets"))
        if action == "sts:AssumeRole"
    }
    assert publishing == {publishing_role(place) for place in (world.settings.dev, world.settings.prod)}


def publishing_role(place: Stage | PipelineSettings) -> str:
    """Return the ARN of the role that CDK's bootstrap has made there for whoever pushes and pulls images."""
    return f"arn:aws:iam::{place.account}:role/cdk-hnb659fds-image-publishing-role-{place.account}-{place.region}"


def places_of_images(world: World) -> list[Stage | PipelineSettings]:
    """Return where the images of a commit are read: dev's, and the worker's in the pipeline's own account."""
    return [world.settings.dev, *([world.settings.pipeline] if world.settings.storm.workers > 1 else [])]


def bills_are_written_of_what_was_published(world: World) -> None:
    """Check that bills come from the assembly that *Assets* has published.

    They are written before dev changes, and lie beside the storm's evidence of the commit.
    """
    action = actions(world)["Dev.Sbom"]
    inputs = [each["Name"] for each in action["InputArtifacts"]]
    [source], [assembly] = (actions(world)[name]["OutputArtifacts"] for name in ("Source.GitHub", "Build.Synth"))
    assert action["Configuration"]["PrimarySource"] == source["Name"]
    assert inputs == [source["Name"], assembly["Name"]]
    spec = build_spec(project(world, "Dev.Sbom"))["phases"]
    [link, tools] = spec["install"]["commands"]
    assert f'ln -s -- "$CODEBUILD_SRC_DIR_{assembly["Name"]}" "published"' in link
    assert tools == "make tools LOCK=requirements/sbom.txt"
    [command] = spec["build"]["commands"]
    accounts = " ".join(f"--account {account}" for account in dict.fromkeys(p.account for p in places_of_images(world)))
    wanted = f'.venv/bin/python -m supply_chain sbom --assembly published {accounts} --to "$SBOM_PUBLISH"'
    assert command == wanted
    storms = environment(world, "Dev.LoadTest")["STORM_PUBLISH"]
    assert environment(world, "Dev.Sbom")["SBOM_PUBLISH"] == f"{storms}/sbom"


def through(connection: str, *names: str) -> Iterator[tuple[str, str]]:
    """Yield rights on a connection, by both names of the service."""
    for service in ("codeconnections", "codestar-connections"):
        for name in names:
            yield f"{service}:{name}", connection


def beyond_its_own(template: Template, build: Properties) -> set[tuple[str, str]]:
    """Return what a build's role may do beside logging, reporting and reading artifacts."""
    return {right for right in rights(template, referred(build["ServiceRole"])) if not _OWN.search(right[1])}


def without_the_fleet(world: World, build: Properties) -> set[tuple[str, str]]:
    """Return the same but for the rights to run workers and to be in their network: ``fleet_checks`` looks at those."""
    may = beyond_its_own(pipeline(world), build)
    if world.settings.storm.workers == 1:
        return may
    return {right for right in may if not right[0].startswith(("ecs:", "iam:PassRole", "ec2:"))}


def storm_role_arn(world: World) -> str:
    """Return the ARN of the role that dev has for storms, by the role's fixed name."""
    name = next(
        role["RoleName"] for role in of_type(wordpress(world, "Dev"), "IAM::Role").values() if "RoleName" in role
    )
    return f"arn:aws:iam::{world.settings.dev.account}:role/{name}"


def source_is_read_through_the_connection(world: World) -> None:
    """Check for one connection for the pipeline and the nightly build, allowed under both of its service's names."""
    source = actions(world)["Source.GitHub"]
    wanted = world.settings.repository
    connection = source["Configuration"]["ConnectionArn"]
    assert connection == wanted.connection_arn
    assert set(through(connection, "UseConnection")) <= rights(pipeline(world), referred(source["RoleArn"]))
    assert (source["Configuration"]["BranchName"], nightly(world)["SourceVersion"]) == (wanted.branch,) * 2
    assert nightly(world)["Source"]["Auth"] == {"Type": "CODECONNECTIONS", "Resource": connection}
    assert source["Configuration"]["FullRepositoryId"] == wanted.name
    assert nightly(world)["Source"]["Location"] == f"https://github.com/{wanted.name}.git"


def project_is_made_with_its_connection_allowed(world: World) -> None:
    """Check that the right stands before the project: CodeBuild tries a connection when it makes one."""
    template, wanted = pipeline(world), world.settings.repository.connection_arn
    role = referred(nightly(world)["ServiceRole"])
    [name] = [name for name, each in of_type(template, "CodeBuild::Project").items() if each is nightly(world)]
    before = {
        (action, text(statement["Resource"]))
        for needed in template["Resources"][name].get("DependsOn", [])
        if (policy := template["Resources"][needed]["Properties"]) and role in map(referred, policy.get("Roles", []))
        for statement in policy["PolicyDocument"]["Statement"]
        for action in many(statement["Action"])
    }
    assert set(through(wanted, "GetConnection", "GetConnectionToken", "UseConnection")) <= before


def nightly_storm_runs_and_is_heard(world: World) -> None:
    """Check that the gate's storm runs by schedule and time zone, from the same file.

    Whatever it ends with but success is told.
    """
    template = pipeline(world)
    [name] = [name for name, each in of_type(template, "CodeBuild::Project").items() if each is nightly(world)]
    schedule = nightly_schedule(template)
    assert schedule["ScheduleExpression"] == world.settings.storm.nightly
    assert schedule["ScheduleExpressionTimezone"] == world.settings.storm.time_zone
    assert schedule["State"] == "ENABLED"
    assert referred(schedule["Target"]["Arn"]) == name
    assert rights(template, referred(schedule["Target"]["RoleArn"])) == {("codebuild:StartBuild", f"<{name}.Arn>")}
    assert nightly(world)["Source"]["BuildSpec"] == "loadtest/buildspec.yml"
    variables = {each["Name"]: text(each["Value"]) for each in nightly(world)["Environment"]["EnvironmentVariables"]}
    assert variables.items() >= storm(world, as_prod=world.settings.storm.nightly_as == "prod").items()
    assert variables["STORM_STACK"] == actions(world)[deployment(world, "Dev")]["Configuration"]["StackName"]
    assert variables["STORM_REGION"] == world.settings.dev.region
    assert variables["STORM_ROLE_ARN"] == storm_role_arn(world)
    assert (variables["STORM_HISTORY"], variables["STORM_REMEMBER"]) == (f"s3://<{evidence(world)}>/history", "yes")
    rule = sole(rule for rule in of_type(template, "Events::Rule").values() if pattern_of(rule) == ["aws.codebuild"])
    detail = rule["EventPattern"]["detail"]
    assert set(detail["build-status"]) == {"FAILED", "FAULT", "STOPPED", "TIMED_OUT"}
    assert [referred(each) for each in detail["project-name"]] == [name]
    topic = name_of(template, "SNS::Topic")
    assert referred(variables["STORM_NOTIFY"]) == topic
    assert [referred(target["Arn"]) for target in rule["Targets"]] == [topic]
    assert "events.amazonaws.com" in who_may_publish(template)


def pattern_of(rule: Properties) -> list[str]:
    """Return the services on whose events a rule is."""
    return list(rule["EventPattern"]["source"])


def prod_goes_back_when_it_fails(world: World) -> None:
    """Check that prod, and no other stage, is rolled back when it fails: its smoke test is one of its actions.

    What waits for a person must not be a part of it: a rollback would wait again.
    """
    stages = only(pipeline(world), "CodePipeline::Pipeline")["Stages"]
    assert {each["Name"]: each["OnFailure"] for each in stages if "OnFailure" in each} == {
        "Prod": {"Result": "ROLLBACK"}
    }
    [prod] = [each["Actions"] for each in stages if each["Name"] == "Prod"]
    assert {each["ActionTypeId"]["Category"] for each in prod} == {"Deploy", "Build"}
    assert max(prod, key=lambda each: int(each["RunOrder"]))["Name"] == "SmokeTest"


def failures_are_told(world: World) -> None:
    """Check that each failed action of this pipeline, and each end of a rollback, is told to those of the settings.

    Each message leads to a paragraph of the runbook.
    """
    template = pipeline(world)
    topic, own = name_of(template, "SNS::Topic"), name_of(template, "CodePipeline::Pipeline")
    details = {}
    for rule in of_type(template, "Events::Rule").values():
        if pattern_of(rule) == ["aws.codepipeline"]:
            pattern = rule["EventPattern"]
            assert [referred(each) for each in pattern["resources"]] == [own]
            assert rule["State"] == "ENABLED"
            [target] = rule["Targets"]
            assert referred(target["Arn"]) == topic
            [kind] = pattern["detail-type"]
            details[kind] = pattern["detail"]
            leads_to_the_runbook(world, target["InputTransformer"]["InputTemplate"])
    assert details == {
        "CodePipeline Action Execution State Change": {"state": ["FAILED"]},
        "CodePipeline Pipeline Execution State Change": {
            "state": ["SUCCEEDED", "FAILED"],
            "execution-trigger": {"trigger-type": ["AutomatedRollback", "ManualRollback"]},
        },
    }
    subscribed = {
        each["Endpoint"] for each in of_type(template, "SNS::Subscription").values() if each["Protocol"] == "email"
    }
    assert subscribed == set(world.settings.pipeline.notify)


# What holds names, states and addresses, and RDS's own sentences: no quote, no backslash, no line break.
_PLAIN = {
    *("$.region", "$.detail.pipeline", "$.detail.stage", "$.detail.action", "$.detail.state", "$.detail.execution-id"),
    *("$.detail.build-status", "$.detail.additional-information.logs.deep-link"),
    *("$.detail.SourceIdentifier", "$.detail.Message", "$.detail.EventID", "$.detail.resourceType"),
}


def messages_hold_no_text_of_somebodys(world: World) -> None:
    """Check that what rules tell is made of values without a quote: EventBridge fills in each as it is.

    A quote in one ends the text around it, and what is left is no message.
    """
    for template in world.templates.values():
        for name, rule in of_type(template, "Events::Rule").items():
            for target in rule["Targets"]:
                paths = set(target.get("InputTransformer", {}).get("InputPathsMap", {}).values())
                assert paths <= _PLAIN, f"{name} tells {', '.join(sorted(paths - _PLAIN))}"


def missed_night_is_noticed(world: World) -> None:
    """Check for an alarm that waits for what a night says at its good end, in the build's own log.

    It rings at silence.
    """
    template = pipeline(world)
    heard = only(template, "Logs::MetricFilter")
    assert heard["FilterPattern"] == f'"{KEPT}"'
    assert heard["LogGroupName"] == nightly(world)["LogsConfig"]["CloudWatchLogs"]["GroupName"]
    [counted] = heard["MetricTransformations"]
    assert counted["MetricValue"] == "1" and "DefaultValue" not in counted, "other builds' lines are no nights"
    alarm = sole(
        each for each in of_type(template, "CloudWatch::Alarm").values() if each["MetricName"] == counted["MetricName"]
    )
    assert alarm["Namespace"] == counted["MetricNamespace"]
    assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == ("Sum", "LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    build = nightly(world)
    late = (build["QueuedTimeoutInMinutes"] + build["TimeoutInMinutes"]) / 60
    late += schedule_of(world)["RetryPolicy"]["MaximumEventAgeInSeconds"] / 3600
    looked_back = alarm["Period"] * alarm["EvaluationPeriods"] / 3600
    assert world.settings.storm.longest_gap + 1 + late < looked_back <= 7 * 24
    assert list(map(referred, alarm["AlarmActions"])) == [name_of(template, "SNS::Topic")]
    assert "cloudwatch.amazonaws.com" in who_may_publish(template)


def schedule_of(world: World) -> Properties:
    """Return the target of the schedule that starts the nightly build."""
    target = nightly_schedule(pipeline(world))["Target"]
    assert isinstance(target, dict)
    return target


def who_may_publish(template: Template) -> list[str]:
    """Return the services that the topic takes messages from."""
    return [
        each["Principal"]["Service"]
        for each in only(template, "SNS::TopicPolicy")["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    ]


def evidence_is_kept(world: World) -> None:
    """Check that evidence is versioned, outlives the stack, and yet is not kept for ever."""
    template = pipeline(world)
    closed_buckets(template)
    bucket = of_type(template, "S3::Bucket")[evidence(world)]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] >= 365
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] > 0
    assert template["Resources"][evidence(world)]["DeletionPolicy"] == "Retain"


def services_take_what_is_written(world: World) -> None:
    """Check texts and lists against what each service's API takes, such as 1,000 characters of a build's variables."""
    for path, template in world.templates.items():
        for name, resource in template["Resources"].items():
            refused = list(call_rules.faults(resource["Type"], resource.get("Properties", {})))
            assert not refused, f"{path} {name}: {'; '.join(refused)}"


def caches_are_where_they_are_kept(world: World) -> None:
    """Check that builds keep their tools on their host, but for those in a VPC, which have no such cache."""
    for name, build in of_type(pipeline(world), "CodeBuild::Project").items():
        is_local = build["Cache"]["Type"] == "LOCAL"
        assert not (is_local and "VpcConfig" in build), f"{name} is in a VPC, and has a cache on its host"
    for name in ("Build.Synth", "Dev.Sbom", "Approval.Changes", "Prod.SmokeTest"):
        assert project(world, name)["Cache"] == {"Type": "LOCAL", "Modes": ["LOCAL_CUSTOM_CACHE"]}, name


def build_logs_end(world: World) -> None:
    """Check that every build logs to a group of the stack that does not keep its lines for ever."""
    template = pipeline(world)
    kept = of_type(template, "Logs::LogGroup")
    assert all(group["RetentionInDays"] for group in kept.values())
    for name, each in of_type(template, "CodeBuild::Project").items():
        group = referred(each["LogsConfig"]["CloudWatchLogs"]["GroupName"])
        assert group in kept and group.startswith("BuildLogs"), name


CHECKS: tuple[PipelineCheck, ...] = (
    commit_passes_every_gate,
    pipeline_is_of_the_kind_that_holds,
    accounts_are_crossed_with_a_key,
    artifacts_outlive_a_rollback,
    images_begin_with_the_settings_base,
    build_runs_what_a_person_runs,
    tools_are_pinned,
    gate_storms_what_was_deployed,
    gate_runs_the_storm,
    approver_sees_the_evidence,
    question_is_as_long_as_may_be,
    changes_are_of_what_prod_runs,
    smoke_test_asks_for_this_commit,
    assets_are_one_action,
    only_images_are_built_privileged,
    bills_are_written_of_what_was_published,
    builds_may_little,
    source_is_read_through_the_connection,
    project_is_made_with_its_connection_allowed,
    nightly_storm_runs_and_is_heard,
    prod_goes_back_when_it_fails,
    failures_are_told,
    messages_hold_no_text_of_somebodys,
    missed_night_is_noticed,
    evidence_is_kept,
    services_take_what_is_written,
    caches_are_where_they_are_kept,
    build_logs_end,
)
