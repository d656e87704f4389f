"""Each template is linted by the rules of the region that it is deployed to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from lint import by_region
from rehearsal.values.exits import BAD_INPUT

BUILD = {
    "Type": "AWS::CodeBuild::Project",
    "Properties": {
        "ServiceRole": "role",
        "Artifacts": {"Type": "NO_ARTIFACTS"},
        "Source": {"Type": "NO_SOURCE"},
        "Environment": {"Type": "LINUX_CONTAINER", "Image": "image", "ComputeType": "BUILD_GENERAL1_SMALL"},
    },
}
# Has no CodeBuild.
POOR, RICH = "mx-central-1", "eu-central-1"


def assembly(folder: Path, stacks: Mapping[str, str]) -> Path:
    """Write an assembly whose stacks are in these regions, each with a build."""
    folder.mkdir(exist_ok=True)
    for name in stacks:
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": {"Build": BUILD}}))
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://111111111111/{region}",
            "properties": {"templateFile": f"{name}.template.json"},
        }
        for name, region in stacks.items()
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def names(found: Mapping[str, list[Path]]) -> dict[str, list[str]]:
    return {region: [each.name.partition(".")[0] for each in paths] for region, paths in found.items()}


def test_a_nested_stacks_template_is_where_the_stacks_beside_it_are(tmp_path: Path) -> None:
    outer = assembly(tmp_path, {"Pipeline": RICH})
    assembly(tmp_path / "stage", {"Site": RICH, "Front": "us-east-1"})
    (tmp_path / "stage/Part.nested.template.json").write_text("{}")
    manifest = json.loads((outer / "manifest.json").read_text())
    manifest["artifacts"]["stage"] = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "stage"}}
    (outer / "manifest.json").write_text(json.dumps(manifest))
    assert names(by_region.templates(outer)) == {
        RICH: ["Pipeline", "Part", "Site"],
        "us-east-1": ["Front", "Part"],
    }


@pytest.mark.parametrize("region", [RICH, POOR])
def test_what_the_stacks_own_region_does_not_have_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], region: str
) -> None:
    code = by_region.lint(assembly(tmp_path, {"Pipeline": RICH, "Stage": region}))
    complaints = capfd.readouterr().out
    assert (code != 0) == (region == POOR)
    assert ("Stage.template.json" in complaints) == (region == POOR)
    assert "Pipeline.template.json" not in complaints


def test_a_folder_without_an_assembly_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lint.by_region", str(tmp_path)])
    assert by_region.main() == BAD_INPUT
    assert f"{tmp_path} is no cloud assembly" in capfd.readouterr().err
