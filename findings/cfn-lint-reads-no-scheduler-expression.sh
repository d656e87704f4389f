#!/bin/sh
# cfn-lint reads the schedule of an EventBridge rule, and names the field that is wrong. The same expression in AWS::Scheduler::Schedule, which
# has the same grammar and a time zone as well, is any text to it: a cron with both days, a unit that there is none of, a zone on no map. EventBridge
# Scheduler refuses them when the stack is deployed.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: cfn-lint==1.58.0
found() {
    "$folder/venv/bin/cfn-lint" --format parseable "$1" | cut -d: -f6 | sort -u | tr '\n' ' '
}
held=true
while IFS='|' read -r expression zone; do
    cat > "$folder/rule.json" <<JSON
{"Resources": {"R": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "$expression", "State": "ENABLED"}}}}
JSON
    cat > "$folder/schedule.json" <<JSON
{"Resources": {"S": {"Type": "AWS::Scheduler::Schedule", "Properties": {
  "FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "$expression", "ScheduleExpressionTimezone": "$zone",
  "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService", "RoleArn": "arn:aws:iam::123456789012:role/night"}}}}}
JSON
    rule=$(found "$folder/rule.json") schedule=$(found "$folder/schedule.json")
    echo "$expression in $zone: as a rule's ${rule:-nothing}, as a schedule's ${schedule:-nothing}"
    [ -n "$rule" ] && [ -z "$schedule" ] || held=false
done <<'CASES'
cron(0 2 * * * *)|Europe/Berlin
rate(1 minutes)|Europe/Berlin
every night|Mars/Olympus
CASES
"$folder/venv/bin/cfn-lint" --version
$held
