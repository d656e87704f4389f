#!/bin/sh
# moto's EventBridge and Scheduler keep whatever stands between the brackets of cron(): the five fields of crontab, both days given, a word; so
# they do with rate(1 hours), and Scheduler with a time zone that is none. AWS's cron has six fields, and a ? for one of the days; its rules want the
# unit of a rate of one in the singular. A test that makes its schedules against moto says nothing of any of this.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: 'moto[events,scheduler]==5.2.5' boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import boto3
import moto

EXPRESSIONS = ("cron(0 10 * * *)", "cron(0 10 1 * MON *)", "cron(tomorrow)", "rate(1 hours)")
TARGET = {"Arn": "arn:aws:sqs:eu-central-1:123456789012:queue", "RoleArn": "arn:aws:iam::123456789012:role/role"}
with moto.mock_aws():
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    events, scheduler = (boto3.client(name, "eu-central-1", **keys) for name in ("events", "scheduler"))
    for number, expression in enumerate(EXPRESSIONS):
        events.put_rule(Name=f"rule-{number}", ScheduleExpression=expression)
        scheduler.create_schedule(
            Name=f"schedule-{number}",
            ScheduleExpression=expression,
            ScheduleExpressionTimezone="Europe/Cologne",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=TARGET,
        )
    kept = [each["ScheduleExpression"] for each in events.list_rules()["Rules"]]
    schedule = scheduler.get_schedule(Name="schedule-0")
print(f"moto {moto.__version__} keeps {kept}, and {schedule['ScheduleExpression']} in {schedule['ScheduleExpressionTimezone']}")
sys.exit(kept != list(EXPRESSIONS) or schedule["ScheduleExpressionTimezone"] != "Europe/Cologne")
PYTHON
