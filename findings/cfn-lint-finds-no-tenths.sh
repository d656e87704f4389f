#!/bin/sh
# AWS's schema of an ECS service says of a canary's share of the traffic that it is a multiple of 0.1, and 0.3 is one. To cfn-lint it is none: it divides the two as binary numbers, gets 2.9999999999999996,
# and ends with an error. So it does with 348 of the 1000 tenths up to 100, while one that is no multiple is named in the same words. The library jsonschema divides in the same way; pydantic takes all of them.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check cfn-lint==1.58.0 jsonschema==4.26.0 pydantic==2.14.4
cat > "$folder/lint.py" <<'PYTHON'
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from jsonschema import Draft7Validator
from pydantic import Field, TypeAdapter, ValidationError

folder = Path(sys.argv[1])
TENTHS = [number / 10 for number in range(1, 1001)]


def named(percents):
    """Which shares for a service's canary cfn-lint names."""
    services = {}
    for place, percent in enumerate(percents):
        canary = {"Strategy": "CANARY", "CanaryConfiguration": {"CanaryPercent": percent, "CanaryBakeTimeInMinutes": 5}}
        services[f"Service{place}"] = {
            "Type": "AWS::ECS::Service",
            "Properties": {"TaskDefinition": "site:1", "DeploymentConfiguration": canary},
        }
    template = folder / "services.json"
    template.write_text(json.dumps({"Resources": services}))
    command = [folder / "venv/bin/cfn-lint", "--region", "eu-central-1", "--format", "json", "--", template]
    found = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
    print(f"cfn-lint {version('cfn-lint')}, CanaryPercent of {percents}: {[each['Message'] for each in found]}")
    return [float(each["Message"].split()[0]) for each in found]


def refuses(validate, value):
    try:
        validate(value)
    except ValidationError:
        return True
    return False


schema, field = Draft7Validator({"multipleOf": 0.1}), TypeAdapter(Annotated[float, Field(multiple_of=0.1)])
by_jsonschema = sum(not schema.is_valid(tenth) for tenth in TENTHS)
by_pydantic = sum(refuses(field.validate_python, tenth) for tenth in TENTHS)
print(f"of {len(TENTHS)} tenths jsonschema {version('jsonschema')} refuses {by_jsonschema}, pydantic {version('pydantic')} {by_pydantic}")
sys.exit((by_jsonschema, by_pydantic, named([0.2, 0.3, 0.5, 0.7, 0.35])) != (348, 0, [0.3, 0.7, 0.35]))
PYTHON
"$folder/venv/bin/python" "$folder/lint.py" "$folder"
