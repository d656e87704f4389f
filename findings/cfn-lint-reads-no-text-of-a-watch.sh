#!/bin/sh
# cfn-lint holds each property of an alarm to its schema, and names a period of 45 s. What is a language of its own inside a text, or a rule over a list, it does not
# read: the body of a dashboard that is no JSON, a filter of a log whose brace is never closed, an alarm of which two metrics, or none, are the one to watch ("Exactly one
# element of the metrics list should return data", says CloudWatch), two metrics of one name, an event pattern with a single value where EventBridge takes lists. "No error", and each fails when the stack is deployed.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --only-binary :all: cfn-lint==1.58.0
cd "$folder"
cat >write.py <<'PYTHON'
import json


def metric(name, returned):
    return {
        "Id": name,
        "ReturnData": returned,
        "MetricStat": {"Metric": {"Namespace": "Site", "MetricName": name}, "Period": 60, "Stat": "Sum"},
    }


def alarm(*metrics, **properties):
    compared = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1}
    return "AWS::CloudWatch::Alarm", compared | ({"Metrics": list(metrics)} if metrics else properties)


CASES = {
    "dashboard": ("AWS::CloudWatch::Dashboard", {"DashboardBody": '{"widgets": ['}),
    "filter": (
        "AWS::Logs::MetricFilter",
        {
            "LogGroupName": "site",
            "FilterPattern": "{ $.status = 500",
            "MetricTransformations": [{"MetricName": "errors", "MetricNamespace": "Site", "MetricValue": "1"}],
        },
    ),
    "two-results": alarm(metric("a", True), metric("b", True)),
    "no-result": alarm(metric("a", False)),
    "one-name": alarm(metric("a", True), metric("a", False)),
    "pattern": ("AWS::Events::Rule", {"EventPattern": {"source": "aws.codebuild"}}),
    "period": alarm(Namespace="Site", MetricName="a", Period=45, Statistic="Sum"),
}
for case, (kind, properties) in CASES.items():
    with open(f"{case}.json", "w") as file:
        json.dump({"Resources": {"Watch": {"Type": kind, "Properties": properties}}}, file)
PYTHON
venv/bin/python write.py
venv/bin/cfn-lint --version
venv/bin/cfn-lint --format parseable ./*.json >said || true
held=yes
for case in dashboard filter two-results no-result one-name pattern period; do
    said=$(grep "^\(\./\)\?$case.json:" said | cut -d: -f 6-) || true
    echo "  $case: ${said:-no error}"
    case $case:$said in period:E3615*) ;; period:*) held=no ;; *:) ;; *) held=no ;; esac
done
[ "$held" = yes ] && [ "$(wc -l <said)" = 1 ]
