"""The app as a whole: what it needs of AWS when it is synthesized and deployed."""

from __future__ import annotations

import json

from settings.values import is_region
from tests.templates.inputs import ROOT
from tests.templates.world import World


def test_nothing_is_looked_up(world: World) -> None:
    for manifest in world.assembly.rglob("manifest.json"):
        assert "missing" not in json.loads(manifest.read_text()), manifest
    assert not (ROOT / "cdk.context.json").exists()


def test_no_template_needs_a_custom_resource(world: World) -> None:
    # Each is a Lambda function to run, to patch, and to wait for.
    for path, template in world.templates.items():
        kinds = {resource["Type"] for resource in template["Resources"].values()}
        assert not {
            kind for kind in kinds if kind.startswith(("Custom::", "AWS::Lambda", "AWS::CloudFormation::Custom"))
        }, path


def test_pipeline_and_people_use_one_cli() -> None:
    from pipeline.build import CDK_CLI

    pinned = json.loads((ROOT / "package.json").read_text())["devDependencies"]["aws-cdk"]
    assert pinned == CDK_CLI


def test_the_regions_of_the_settings_are_the_cdks() -> None:
    from aws_cdk.region_info import RegionInfo

    known = {region.name for region in RegionInfo.regions if region.partition == "aws"}
    accepted = {name for name in [*known, "xx-nowhere-1", "cn-north-1", "us-gov-west-1"] if is_region(name)}
    assert accepted == known
