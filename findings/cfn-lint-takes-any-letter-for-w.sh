#!/bin/sh
# The expressions in JSON Schema are ECMAScript's, where \w is a letter, digit or underscore of ASCII, and \d one of ten digits; so they are in Java, in which AWS reads its schemas. Python's libraries hand them to
# Python's re, for which \w is any letter and \d any digit of any script. AWS's schema of a role's name is [\w+=,.@-]+: to cfn-lint "Prüfung" and "роль" are such names, "no error", and IAM refuses them. So it is with
# 400 types of AWS's. The library jsonschema takes them, too; ajv, the validator in JavaScript, refuses both by the same schema. A blank is named by all three.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check cfn-lint==1.58.0 jsonschema==4.26.0
npm install --silent --no-audit --no-fund --prefix "$folder" ajv@8.20.0
cat > "$folder/lint.py" <<'PYTHON'
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import cfnlint
from jsonschema import Draft7Validator

folder = Path(sys.argv[1])
schemas = Path(cfnlint.__file__).parent / "data/schemas"
resources = json.loads((schemas / "providers/eu-central-1.json").read_text())
role = json.loads((schemas / f"resources/{resources['AWS::IAM::Role']}.json").read_text())
SCHEMA = {"type": "string", "pattern": role["properties"]["RoleName"]["pattern"]}
NAMES = ["Exam", "Prüfung", "роль", "two words"]
policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}],
}
roles = {
    f"Role{place}": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": policy}}
    for place, name in enumerate(NAMES)
}
template = folder / "roles.json"
template.write_text(json.dumps({"Resources": roles}))
command = [folder / "venv/bin/cfn-lint", "--region", "eu-central-1", "--format", "json", "--", template]
named = {each["Location"]["Path"][1] for each in json.loads(subprocess.run(command, capture_output=True, text=True).stdout)}
javascript = """
const [schema, names] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const takes = new (require("ajv"))().compile(schema);
console.log(JSON.stringify(names.map((name) => takes(name))));
"""
asked = subprocess.run(["node", "-e", javascript], cwd=folder, input=json.dumps([SCHEMA, NAMES]), capture_output=True, text=True, check=True)
takes = {
    f"cfn-lint {version('cfn-lint')}": [role not in named for role in roles],
    f"jsonschema {version('jsonschema')}": [Draft7Validator(SCHEMA).is_valid(name) for name in NAMES],
    f"ajv {json.loads((folder / 'node_modules/ajv/package.json').read_text())['version']}": json.loads(asked.stdout),
}
print(f"a RoleName matches {SCHEMA['pattern']}; of {NAMES}")
for library, taken in takes.items():
    print(f"{library} takes {[name for name, each in zip(NAMES, taken) if each]}")
sys.exit(list(takes.values()) != [[True, True, True, False], [True, True, True, False], [True, False, False, False]])
PYTHON
"$folder/venv/bin/python" "$folder/lint.py" "$folder"
