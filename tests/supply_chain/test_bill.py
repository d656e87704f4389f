"""A bill of materials is CycloneDX of the packages that dpkg has installed; images are found by cdk.out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from supply_chain import bill, images
from supply_chain.bill import Contents, Package
from supply_chain.errors import BadInput

RELEASE = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n# a comment\nVERSION_ID="13"\nID=debian\n'
NGINX = Package("nginx", "1.26.3-3+deb13u1", "amd64", "nginx", "1.26.3-3+deb13u1")
DEV, PIPELINE, ELSEWHERE = "222222222222", "111111111111", "999999999999"


def test_installed_packages_are_read_and_removed_ones_are_not() -> None:
    lines = "ii |nginx|1.26.3-3+deb13u1|amd64|nginx|1.26.3-3+deb13u1\nrc |apache2|2.4.65-2|amd64|apache2|2.4.65-2\n"
    held = "hi |libc6|2.41-12|amd64|glibc|2.41-12\nun |mail|||mail|\n"
    contents = bill.read(f"{RELEASE}--\n{lines}{held}")
    assert contents.packages == (Package("libc6", "2.41-12", "amd64", "glibc", "2.41-12"), NGINX)
    assert contents.release["PRETTY_NAME"] == "Debian GNU/Linux 13 (trixie)"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param("", "no ID", id="nothing"),
        pytest.param(RELEASE, "no packages", id="no packages"),
        pytest.param("NAME=x\n--\nii |nginx|1|amd64|nginx|1\n", "no ID", id="no system"),
        pytest.param(f"{RELEASE}--\nnginx 1\n", "no packages", id="another list"),
    ],
)
def test_image_that_does_not_say_what_is_in_it_is_no_empty_bill(answer: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bill.read(answer)


def test_bill_names_image_system_and_packages() -> None:
    contents = Contents(
        {"ID": "debian", "VERSION_ID": "13"}, (NGINX, Package("zlib1g", "1:1.3.1-1", "amd64", "zlib", "1:1.3.1-1"))
    )
    content = json.loads(bill.write("nginx", "c0ffee", contents))
    assert (content["bomFormat"], content["specVersion"]) == ("CycloneDX", "1.6")
    image = content["metadata"]["component"]
    assert (image["type"], image["name"], image["version"]) == ("container", "nginx", "c0ffee")
    parts = {part["name"]: part for part in content["components"]}
    assert parts["debian"]["type"] == "operating-system"
    assert parts["nginx"]["purl"] == "pkg:deb/debian/nginx@1.26.3-3%2Bdeb13u1?arch=amd64&distro=debian-13"
    assert parts["zlib1g"]["version"] == "1:1.3.1-1"
    [of_image] = [entry for entry in content["dependencies"] if entry["ref"] == image["bom-ref"]]
    assert set(of_image["dependsOn"]) == {part["bom-ref"] for part in content["components"]}


@pytest.mark.parametrize(
    ("package", "upstream", "properties"),
    [
        pytest.param(NGINX, "", ("nginx", "1.26.3", "3+deb13u1", "0"), id="the same"),
        pytest.param(
            Package("zlib1g", "1:1.3.1-1", "amd64", "zlib", "1:1.3.1-1"),
            "zlib",
            ("zlib", "1.3.1", "1", "1"),
            id="a name",
        ),
        pytest.param(
            Package("bash", "5.2.37-2+b5", "amd64", "bash", "5.2.37-2"),
            "bash%405.2.37-2",
            ("bash", "5.2.37", "2", "0"),
            id="a version, of a package that was built again",
        ),
        pytest.param(
            Package("ca-certificates", "20250419", "all", "ca-certificates", "20250419"),
            "",
            ("ca-certificates", "20250419", None, "0"),
            id="without a revision",
        ),
    ],
)
def test_a_package_names_its_source_as_scanners_read_it(
    package: Package, upstream: str, properties: tuple[str | None, ...]
) -> None:
    content = json.loads(bill.write("nginx", "c0ffee", Contents({"ID": "debian", "VERSION_ID": "13"}, (package,))))
    [part] = [part for part in content["components"] if part["type"] == "library"]
    assert part["purl"].partition("upstream=")[2] == upstream
    found = {each["name"].removeprefix("aquasecurity:trivy:Src"): each["value"] for each in part["properties"]}
    assert tuple(map(found.get, ("Name", "Version", "Release", "Epoch"))) == properties


def asset(dockerfile: str, tag: str, *accounts: str) -> dict[str, Any]:
    destinations = {
        f"{account}-eu-central-1": {
            "repositoryName": f"assets-{account}",
            "imageTag": tag,
            "region": "eu-central-1",
            "assumeRoleArn": f"arn:${{AWS::Partition}}:iam::{account}:role/publishing",
        }
        for account in accounts
    }
    return {tag: {"source": {"directory": "../asset.x", "dockerFile": dockerfile}, "destinations": destinations}}


def assembly(folder: Path, **manifests: dict[str, Any]) -> Path:
    """Write an assembly of assemblies, and what an earlier synthesis left behind in its folder."""
    for name, assets in {**manifests, "Earlier": asset("old/Dockerfile", "facade", DEV)}.items():
        nested = folder / f"assembly-{name}"
        nested.mkdir()
        (nested / f"{name}.assets.json").write_text(json.dumps({"dockerImages": assets}))
        written = {"type": "cdk:asset-manifest", "properties": {"file": f"{name}.assets.json"}}
        (nested / "manifest.json").write_text(json.dumps({"artifacts": {name: written}}))
    artifacts = {
        name: {"type": "cdk:cloud-assembly", "properties": {"directoryName": f"assembly-{name}"}} for name in manifests
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def test_images_are_found_once_in_the_first_account_that_has_them(tmp_path: Path) -> None:
    everywhere = assembly(
        tmp_path,
        Dev=asset("nginx/Dockerfile", "c0ffee", DEV),
        Prod=asset("nginx/Dockerfile", "c0ffee", ELSEWHERE),
        Pipeline=asset("loadtest/Dockerfile", "decade", PIPELINE),
    )
    found = images.published(everywhere, [DEV, PIPELINE])
    assert [(image.name, image.address) for image in found] == [
        ("nginx", f"{DEV}.dkr.ecr.eu-central-1.amazonaws.com/assets-{DEV}:c0ffee"),
        ("loadtest", f"{PIPELINE}.dkr.ecr.eu-central-1.amazonaws.com/assets-{PIPELINE}:decade"),
    ]


@pytest.mark.parametrize(
    ("manifests", "message"),
    [
        pytest.param({}, "names an image", id="no manifest"),
        pytest.param({"Dev": {}}, "names an image", id="no image"),
        pytest.param({"Dev": asset("a/Dockerfile", "c0ffee", ELSEWHERE)}, "published to 999999999999", id="elsewhere"),
    ],
)
def test_missing_image_is_no_pass(manifests: dict[str, dict[str, Any]], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        images.published(assembly(tmp_path, **manifests), [DEV])
