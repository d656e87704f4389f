"""The app as a whole: what it reads, what it refuses, and what does not change from commit to commit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

import app as entry
from pipeline.build import CDK_CLI
from settings import Settings
from tests.templates.conftest import COMMIT, ROOT, Synthesize, read
from tests.templates.world import PIPELINE, STAGES, World, containers, wordpress

ANOTHER = "fedcba9876543210fedcba9876543210fedcba98"


def run(folder: Path, *, out: Path) -> subprocess.CompletedProcess[str]:
    """Run a folder's app.py as the CLI does."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    environment = {
        **os.environ,
        # The Node that came with the packages, before any other on the machine.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CDK_OUTDIR": str(out),
        # What is tested with this is not whether the templates are valid.
        "CDK_VALIDATION": "false",
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CODEBUILD_RESOLVED_SOURCE_VERSION": ANOTHER,
    }
    return subprocess.run(
        [sys.executable, "app.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def of_another_commit(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    out = tmp_path_factory.mktemp("another")
    return run(ROOT, out=out), out


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The app in a folder of its own, with settings that may be changed."""
    for name in ("app.py", "settings.py", "validation.py", "settings.toml", "buildspec.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("stages", "pipeline", "loadtest", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_synthesizes_and_says_what_to_fill_in(
    of_another_commit: tuple[subprocess.CompletedProcess[str], Path], settings: Settings
) -> None:
    done, _ = of_another_commit
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    for key in settings.placeholders():
        assert key in done.stderr


def test_only_the_site_carries_the_commit(
    world: World, of_another_commit: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    other = read(of_another_commit[1])
    # Else each commit would change the pipeline, and each run would restart itself.
    assert other[PIPELINE] == world[PIPELINE]
    for stage in STAGES:
        for name in ("install", "wordpress"):
            for templates, commit in ((world, COMMIT), (other, ANOTHER)):
                environment = containers(wordpress(templates, stage))[name]["Environment"]
                assert {"Name": "FLOODGATE_COMMIT", "Value": commit} in environment
        assert f"{PIPELINE}/{stage}/Network" in world
        assert other[f"{PIPELINE}/{stage}/Network"] == world[f"{PIPELINE}/{stage}/Network"]


def test_nothing_is_looked_up(assembly: Path) -> None:
    for manifest in assembly.rglob("manifest.json"):
        assert "missing" not in json.loads(manifest.read_text()), manifest
    assert not (ROOT / "cdk.context.json").exists()


def test_no_template_needs_a_custom_resource(world: World) -> None:
    # Each is a Lambda function to run, to patch, and to wait for.
    for path, template in world.items():
        kinds = {resource["Type"] for resource in template["Resources"].values()}
        assert not {
            kind for kind in kinds if kind.startswith(("Custom::", "AWS::Lambda", "AWS::CloudFormation::Custom"))
        }, path


def test_nag_stops_a_synthesis(synthesize: Synthesize, settings: Settings) -> None:
    def fill(app: cdk.App) -> None:
        entry.build(app, settings=settings, commit=COMMIT)
        s3.Bucket(cdk.Stack(app, "Careless"), "Open")

    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        synthesize(fill)


def test_wrong_settings_end_with_a_message(checkout: Path) -> None:
    path = checkout / "settings.toml"
    path.write_text(path.read_text().replace("cpu = 512", "cpu = 300", 1))
    done = run(checkout, out=checkout / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("settings.toml: dev.task.cpu = 300: not that; allowed: a Fargate CPU size: 256, 512,")
    assert done.stderr.count("\n") == 1
    assert not list((checkout / "out").rglob("*.template.json"))


def test_missing_settings_end_with_a_message(checkout: Path) -> None:
    (checkout / "settings.toml").unlink()
    done = run(checkout, out=checkout / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("settings.toml: cannot be read from ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "message"), [("phases: [", "cannot be read: "), ("- make", "no buildspec; allowed: ")]
)
def test_wrong_build_spec_ends_with_a_message(checkout: Path, content: str, message: str) -> None:
    (checkout / "loadtest").unlink()
    (checkout / "loadtest").mkdir()
    (checkout / "loadtest/buildspec.yml").write_text(content)
    done = run(checkout, out=checkout / "out")
    assert done.returncode == 2
    assert done.stderr.startswith(f"loadtest/buildspec.yml: {message}")
    assert "Traceback" not in done.stderr


def test_pipeline_and_people_use_one_cli() -> None:
    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    assert pinned == CDK_CLI
