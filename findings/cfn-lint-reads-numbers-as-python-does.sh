#!/bin/sh
# In a template a number may be written as a text, and CloudFormation reads it: "10" is ten. cfn-lint asks Python whether it is one, and Python reads more than that: "1_000" with the
# underscore of its own source code is a whole number, so are digits of other scripts, and "nan" and "infinity" are numbers, which are within any bounds. "no error", exit 0, and the
# deployment fails at it. A word, and "10.5" where a whole number is wanted, are named.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check cfn-lint==1.58.0
cat > "$folder/write.py" <<'PYTHON'
import json
import sys
from pathlib import Path

ALARM = {"ComparisonOperator": "GreaterThanThreshold", "MetricName": "waits", "Namespace": "site", "Period": 60, "Statistic": "Sum"}
WRITTEN = {
    "0-plain": ("10", "0.5"),
    "1-underscores": ("1_0", "1_000"),
    "2-arabic": ("\u0661\u0660", "\u0665"),
    "3-nan": ("10", "nan"),
    "4-infinity": ("10", "infinity"),
    "5-half": ("10.5", "0.5"),
    "6-word": ("ten", "0.5"),
}
for name, (periods, threshold) in WRITTEN.items():
    properties = {**ALARM, "EvaluationPeriods": periods, "Threshold": threshold}
    template = {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    Path(sys.argv[1], f"{name}.json").write_text(json.dumps(template))
PYTHON
"$folder/venv/bin/python" "$folder/write.py" "$folder"
"$folder/venv/bin/cfn-lint" --version
cd "$folder"
named=$("$folder/venv/bin/cfn-lint" --region eu-central-1 --format parseable -- ./*.json | sort) || true
echo "of EvaluationPeriods and Threshold in seven alarms it names:"
echo "$named"
[ "$(echo "$named" | sed 's/^[./]*\([^:]*\):.*:\(E[0-9]*\):.*/\1 \2/' | tr '\n' ' ')" = "5-half.json E3012 6-word.json E3012 " ]
