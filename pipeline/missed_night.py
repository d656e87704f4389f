"""The alarm for a night without a storm: it waits for the good news, so it rings whatever kept them from coming."""

from __future__ import annotations

import math

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from stages.runbook import Runbook

# What the nightly storm says when its verdict is in the history.
KEPT = "floodgate-night: kept"
HOUR = cdk.Duration.hours(1)


class MissedNight(Construct):
    """Rings when no night was kept for longer than the schedule leaves between two of them.

    ``gap`` is that time in hours, and ``late`` how much later than its hour a storm may end.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        log_group: logs.ILogGroup,
        gap: float,
        late: cdk.Duration,
        topic: sns.ITopic,
        runbook: Runbook,
    ) -> None:
        super().__init__(scope, construct_id)
        namespace, metric = "Floodgate", f"{name}-nights"
        logs.MetricFilter(
            self,
            "Kept",
            log_group=log_group,
            filter_pattern=logs.FilterPattern.literal(f'"{KEPT}"'),
            metric_namespace=namespace,
            metric_name=metric,
            metric_value="1",
        )
        # An hour for clocks that are put back, and one for a figure that comes late from the log.
        hours = math.ceil(gap + late.to_hours(integral=False)) + 2
        alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=f"{name}-missed-night",
            alarm_description=f"No nightly load test has left a verdict for {hours} hours: its schedule, its build or "
            f"its history is broken. {runbook.paragraph('alarm-missed-night')}",
            metric=cloudwatch.Metric(namespace=namespace, metric_name=metric, statistic="Sum", period=HOUR),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=hours,
            datapoints_to_alarm=hours,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
