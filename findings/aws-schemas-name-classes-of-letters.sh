#!/bin/sh
# AWS's resource schemas are JSON Schema, whose expressions are ECMAScript's with Unicode classes: keys of tags have to match
# such as ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$. Python's re does not know \p and raises an error for the whole expression. A reader
# that compiles them meets none for ECS, RDS or EC2, whose tags are lists, and one with AWS::SSM::Parameter, whose tags are a map.
# Exit 0: as described, counted over all schemas. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0 regex==2026.11.15
"$folder/venv/bin/python" - <<'PYTHON'
import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

import cfnlint
import regex


def keys_of_maps(node):
    if isinstance(node, dict):
        yield from node.get("patternProperties", {})
        for inner in node.values():
            yield from keys_of_maps(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from keys_of_maps(inner)


def reads(expression):
    regex.compile(expression)
    try:
        re.compile(expression)
    except re.error:
        return False
    return True


unread = {}
for file in (Path(cfnlint.__file__).parent / "data/schemas/resources").glob("*.json"):
    schema = json.loads(file.read_text())
    if expressions := {each for each in keys_of_maps(schema) if not reads(each)}:
        unread[schema["typeName"]] = expressions
print(f"cfn-lint {version('cfn-lint')}: Python's re cannot read expressions of {len(unread)} types, regex reads all")
print("AWS::SSM::Parameter:", *unread.get("AWS::SSM::Parameter", ()))
sys.exit(not (len(unread) >= 10 and "AWS::SSM::Parameter" in unread and "AWS::ECS::Service" not in unread))
PYTHON
