"""The app as the CLI runs it: what it says, what it refuses, what does not change from commit to commit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from settings.settings import Settings
from tests.templates.inputs import READ, ROOT
from tests.templates.synthesis import COMMIT, Keep, Make, read, synthesize
from tests.templates.variants import EXAMPLE, FLEET, variant
from tests.templates.world import PIPELINE, STAGES, containers

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


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The app in a folder of its own, with settings that may be changed, and nothing that a synthesis does not read."""
    for name in READ:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    shutil.copy(EXAMPLE, tmp_path / "settings.toml")
    return tmp_path


@pytest.fixture
def refusal(checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """The app, run in this process on files that it must refuse; the value is what it says.

    What a person sees of it is looked at in ``test_wrong_settings_end_with_a_message``.
    """

    def refused() -> str:
        import app

        monkeypatch.setattr(app, "ROOT", checkout)
        monkeypatch.chdir(checkout)
        monkeypatch.setenv("CDK_OUTDIR", str(checkout / "out"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app.main()
        assert ended.value.code == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert "Traceback" not in output.err
        assert not list((checkout / "out").rglob("*.template.json"))
        return output.err

    return refused


def test_says_what_to_fill_in_and_only_the_site_carries_the_commit(checkout: Path, make: Make, keep: Keep) -> None:
    def synthesized(settings: Settings, out: Path) -> None:
        path = checkout / "settings.toml"
        # With an image of the storm's workers, which is built from the repository's root.
        path.write_text(path.read_text().replace("people = 300", f"people = {settings.storm.people}", 1))
        # A window that is over stops nothing, and nothing of it is in the templates.
        opened = f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%dT12:00:00}"
        with path.open("a") as file:
            file.write(f'\n[[prod.windows]]\nopens = {opened}\ntime_zone = "Europe/Berlin"\npeople = 10\n')
        out.mkdir()
        done = run(checkout, out=out / "cdk.out")
        assert done.returncode == 0, done.stderr
        (out / "output.json").write_text(json.dumps([opened, done.stdout, done.stderr]))

    settings = variant(FLEET)
    out = keep(synthesized, settings, Path(__file__))
    opened, output, messages = json.loads((out / "output.json").read_text())
    assert output == ""
    first, ended, *others = messages.splitlines()
    assert ended.startswith(f"settings.toml: prod.windows.0.opens = {opened}: the window ended")
    for key in settings.placeholders():
        assert key in first
    assert others == [f"settings.toml: {warning}" for warning in settings.warnings()] != []

    # And what is made where nothing else of the repository is is what is made here.
    made = {COMMIT: make(settings).templates, ANOTHER: read(out / "cdk.out")}
    # Else each commit would change the pipeline, and each run would restart itself.
    assert made[COMMIT][PIPELINE] == made[ANOTHER][PIPELINE]
    for stage in STAGES:
        network, site = f"{PIPELINE}/{stage}/Network", f"{PIPELINE}/{stage}/WordPress"
        assert made[COMMIT][network] == made[ANOTHER][network]
        for commit, templates in made.items():
            for name in ("install", "wordpress"):
                environment = containers(templates[site])[name]["Environment"]
                assert {"Name": "FLOODGATE_COMMIT", "Value": commit} in environment


def test_nag_stops_a_synthesis(tmp_path: Path) -> None:
    import aws_cdk as cdk
    from aws_cdk import aws_s3 as s3

    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        synthesize(variant(), tmp_path / "out", add=lambda app: s3.Bucket(cdk.Stack(app, "Careless"), "Open"))


def test_wrong_settings_end_with_a_message(checkout: Path) -> None:
    path = checkout / "settings.toml"
    path.write_text(path.read_text().replace("cpu = 512", "cpu = 300", 1))
    done = run(checkout, out=checkout / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("settings.toml: dev.task.cpu = 300: not that; allowed: a Fargate CPU size: 256, 512,")
    assert done.stderr.count("\n") == 1
    assert not list((checkout / "out").rglob("*.template.json"))


def test_missing_settings_end_with_a_message(checkout: Path, refusal: Callable[[], str]) -> None:
    (checkout / "settings.toml").unlink()
    assert refusal().startswith("settings.toml: cannot be read from ")


@pytest.mark.parametrize(
    ("content", "message"), [("phases: [", "cannot be read: "), ("- make", "no buildspec; allowed: ")]
)
def test_wrong_build_spec_ends_with_a_message(
    checkout: Path, content: str, message: str, refusal: Callable[[], str]
) -> None:
    (checkout / "loadtest/buildspec.yml").write_text(content)
    assert refusal().startswith(f"loadtest/buildspec.yml: {message}")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("limits.toml", "wait p95 <", "wait p59 <", "loadtest/limits.toml:"),
        ("people.toml", "[people.patience]", "[people.patients]", "loadtest/people.toml:"),
        ("people.toml", "[stress", "[tress", "loadtest/people.toml: there is no profile 'stress'"),
    ],
    ids=["limit", "habit", "profile"],
)
def test_a_slip_in_what_the_gate_reads_stops_the_synthesis(
    checkout: Path, refusal: Callable[[], str], *, file: str, old: str, new: str, message: str
) -> None:
    """The gate would find it too, after dev was deployed."""
    edited = checkout / "loadtest" / file
    assert old in edited.read_text()
    edited.write_text(edited.read_text().replace(old, new))
    settings = checkout / "settings.toml"
    profile = 'profile = "stress"' if "profile" in message else 'profile = "people"'
    settings.write_text(settings.read_text().replace("[storm]\n", f"[storm]\n{profile}\n", 1))
    assert refusal().startswith(message)
