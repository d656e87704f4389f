"""Alarms as this project makes them: each tells a topic, and leads whoever reads it to its paragraph of the runbook."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from stages.runbook import Runbook

MINUTE = cdk.Duration.minutes(1)
ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
# What an alarm takes silence for. Where nobody asks, nobody waits; where good news is waited for, silence rings; and a
# figure that comes once a day does not make things well by its absence.
GOOD = cloudwatch.TreatMissingData.NOT_BREACHING
BAD = cloudwatch.TreatMissingData.BREACHING
AS_BEFORE = cloudwatch.TreatMissingData.IGNORE


class Alarms:
    """Makes alarms in ``scope`` that are called ``name`` and a word, and tell ``topic``.

    ``mine`` has all that were made, by name.
    """

    def __init__(self, scope: Construct, *, name: str, topic: sns.ITopic, runbook: Runbook) -> None:
        self._scope, self._name = scope, name
        self._action = actions.SnsAction(topic)
        self._runbook = runbook
        self.mine: dict[str, cloudwatch.Alarm] = {}

    def add(
        self,
        construct_id: str,
        description: str,
        *,
        metric: cloudwatch.IMetric,
        threshold: float,
        periods: int,
        of_them: int | None = None,
        when: cloudwatch.ComparisonOperator = ABOVE,
        silence: cloudwatch.TreatMissingData = GOOD,
    ) -> str:
        """Add one that rings when ``of_them`` (all, if it is not said) of so many periods breach; return its name."""
        # A name that the template says in words: a service that waits for a generated one could never be made.
        name = f"{self._name}-{construct_id.lower()}"
        alarm = cloudwatch.Alarm(
            self._scope,
            construct_id,
            alarm_name=name,
            alarm_description=f"{description}. {self._runbook.paragraph(f'alarm-{construct_id.lower()}')}",
            metric=metric,
            threshold=threshold,
            comparison_operator=when,
            evaluation_periods=periods,
            datapoints_to_alarm=of_them or periods,
            treat_missing_data=silence,
        )
        alarm.add_alarm_action(self._action)
        self.mine[name] = alarm
        return name


def watch_schedules(alarms: Alarms) -> None:
    """Add the alarm on what EventBridge Scheduler was to start, in this account and region, and has given up."""
    alarms.add(
        "Schedules",
        "EventBridge Scheduler could not start something of this account and region, and has given it up",
        metric=cloudwatch.Metric(
            namespace="AWS/Scheduler",
            metric_name="InvocationDroppedCount",
            dimensions_map={"ScheduleGroup": "default"},
            statistic="Sum",
            period=cdk.Duration.minutes(5),
        ),
        threshold=0,
        periods=1,
    )


def percent(part: cloudwatch.IMetric, whole: cloudwatch.IMetric) -> cloudwatch.MathExpression:
    """Return how much of a whole a part is, each minute."""
    return cloudwatch.MathExpression(
        expression="100 * part / whole", using_metrics={"part": part, "whole": whole}, period=MINUTE
    )
