"""What an operator is told, and what takes a bad deployment back."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct

from stages.mail import BOUNCE_RATE
from stages.scheduled_work import ScheduledWork

MINUTE = cdk.Duration.minutes(1)


class Observability(Construct):
    """Alarms on what a visitor notices, and on a database that can grow no more.

    ``deployment_alarms``, by name, are only what a new version of the task can be to blame for. Waiting pages (503 from
    a target) are no such thing: a site that sheds load does what it should. WordPress's own errors (500) are.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        load_balancer: elbv2.ApplicationLoadBalancer,
        target_group: elbv2.ApplicationTargetGroup,
        cluster: rds.DatabaseCluster,
        failures: cloudwatch.Metric,
        scheduled_work: ScheduledWork,
        mails_returned: cloudwatch.Metric | None,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = name
        self._topic = topic
        balancer = load_balancer.metrics
        targets = target_group.metrics
        broken = self._alarm(
            "Broken",
            "More than 1 % of the answers are errors of the load balancer: tasks are gone, hang or cut connections",
            metric=_percent(
                balancer.http_code_elb(elbv2.HttpCodeElb.ELB_5XX_COUNT, period=MINUTE, statistic="Sum"),
                balancer.request_count(period=MINUTE, statistic="Sum"),
            ),
            threshold=1,
            minutes=3,
        )
        unhealthy = self._alarm(
            "Unhealthy",
            "A task fails the load balancer's health check",
            metric=targets.unhealthy_host_count(period=MINUTE, statistic="Maximum"),
            threshold=0,
            minutes=3,
        )
        failing = self._alarm(
            "Failing",
            "WordPress answers more than 5 requests a minute with an error of its own (500): a plugin, a theme or a "
            "new version of the site fails",
            metric=failures.with_(period=MINUTE),
            threshold=5,
            minutes=3,
            of_them=2,
        )
        self.deployment_alarms: Mapping[str, cloudwatch.IAlarm] = dict((broken, unhealthy, failing))
        self._alarm(
            "Waiting",
            "More than 5 % of the visitors get the waiting page or an error from WordPress, for ten minutes",
            metric=_percent(
                targets.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, period=MINUTE, statistic="Sum"),
                balancer.request_count(period=MINUTE, statistic="Sum"),
            ),
            threshold=5,
            minutes=10,
        )
        self._alarm(
            "Slow",
            "One visitor in twenty waits longer than two seconds for a page",
            metric=targets.target_response_time(period=MINUTE, statistic="p95"),
            threshold=2,
            minutes=5,
        )
        self._alarm(
            "DatabaseFull",
            "The database is at 90 % of the capacity that the settings allow it",
            metric=cluster.metric("ACUUtilization", period=MINUTE, statistic="Maximum"),
            threshold=90,
            minutes=5,
        )
        self._idle(scheduled_work)
        if mails_returned:
            self._alarm(
                "MailsReturned",
                "More than 5 % of the mails come back: Amazon SES reviews the account, and may stop it",
                metric=mails_returned,
                threshold=BOUNCE_RATE,
                minutes=1,
            )

    def _idle(self, work: ScheduledWork) -> None:
        """Alarm when work is not done, whatever keeps it from being done: so the alarm waits for the good news."""
        often = work.every.to_seconds() < 5 * 60
        alarm = cloudwatch.Alarm(
            self,
            "WorkUndone",
            alarm_name=f"{self._name}-workundone",
            alarm_description="WordPress's scheduled work was not done three times: mails, posts and updates are late",
            metric=work.done.with_(period=cdk.Duration.minutes(5) if often else work.every),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=3,
            datapoints_to_alarm=3,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))

    def _alarm(
        self,
        construct_id: str,
        description: str,
        *,
        metric: cloudwatch.IMetric,
        threshold: float,
        minutes: int,
        of_them: int | None = None,
    ) -> tuple[str, cloudwatch.Alarm]:
        # A name that the template says in words: a service that waits for a generated one could never be made.
        name = f"{self._name}-{construct_id.lower()}"
        alarm = cloudwatch.Alarm(
            self,
            construct_id,
            alarm_name=name,
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=minutes,
            datapoints_to_alarm=of_them or minutes,
            # Nobody asks, nobody waits.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._topic))
        return name, alarm


def _percent(part: cloudwatch.IMetric, whole: cloudwatch.IMetric) -> cloudwatch.MathExpression:
    return cloudwatch.MathExpression(
        expression="100 * part / whole", using_metrics={"part": part, "whole": whole}, period=MINUTE
    )
