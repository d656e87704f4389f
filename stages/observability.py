"""What an operator is told, and what takes a bad deployment back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_events as events
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct

from settings import capacity, site
from stages.alerting import AS_BEFORE, BAD, BELOW, MINUTE, Alarms, percent, watch_schedules
from stages.mail import BOUNCE_RATE
from stages.notification import notice
from stages.runbook import Runbook
from stages.scheduled_work import ScheduledWork

# Per cent of the database's connections. All tasks with all their processes take half of what it has, twice in a
# deployment: above this, something else holds connections, or the database refuses them soon.
CONNECTIONS_USED = 80
# Days: ACM renews a certificate when it has about 45 left, and writes to nobody where it cannot.
CERTIFICATE_DAYS = 30
# Per cent of what a file system of the general-purpose mode can do at once.
STORAGE_USED = 80


# What a storm makes ring on purpose. WordPress's own errors are none of it, nor that no task is left.
STORMED = ("broken", "unhealthy", "waiting", "slow", "atmaximum", "databasefull", "connections")


class Observability(Construct):
    """Alarms on what a visitor notices, on what can grow no more, and on what was meant to happen and did not.

    ``alarms`` are all of them, ``stormed`` the names of those that a storm makes ring. ``deployment_alarms``, by
    name, are only what a new version of the task can be to blame for. Waiting pages (503 from a target) are no such
    thing: a site that sheds load does what it should. WordPress's own errors (500) are.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        size: site.Stage,
        load_balancer: elbv2.ApplicationLoadBalancer,
        target_group: elbv2.ApplicationTargetGroup,
        certificate: acm.ICertificate | None,
        cluster: rds.DatabaseCluster,
        storage: cloudwatch.Metric,
        failures: cloudwatch.Metric,
        scheduled_work: ScheduledWork,
        mails_returned: cloudwatch.Metric | None,
        looks: cloudwatch.Metric | None,
        topic: sns.ITopic,
        runbook: Runbook,
    ) -> None:
        super().__init__(scope, construct_id)
        self._alarms = Alarms(self, name=name, topic=topic, runbook=runbook)
        deciding = [
            *self._answers(load_balancer, target_group.metrics),
            self._alarms.add(
                "Failing",
                "WordPress answers more than 5 requests a minute with an error of its own (500): a plugin, a theme or "
                "a new version of the site fails",
                metric=failures.with_(period=MINUTE),
                threshold=5,
                periods=3,
                of_them=2,
            ),
        ]
        self.deployment_alarms: Mapping[str, cloudwatch.IAlarm] = {each: self._alarms.mine[each] for each in deciding}
        self._tasks(target_group.metrics, size.task)
        self._database(cluster, size.database)
        self._alarms.add(
            "Storage",
            f"The file system is at {STORAGE_USED} % of the operations that it can do: plugins, themes and uploads are "
            "read and written slowly",
            metric=storage.with_(period=MINUTE, statistic="Maximum"),
            threshold=STORAGE_USED,
            periods=15,
        )
        if certificate:
            self._alarms.add(
                "Certificate",
                f"The site's certificate ends in less than {CERTIFICATE_DAYS} days, and was to be renewed weeks ago",
                metric=certificate.metric_days_to_expiry(period=cdk.Duration.days(1), statistic="Minimum"),
                threshold=CERTIFICATE_DAYS,
                periods=1,
                when=BELOW,
                silence=AS_BEFORE,
            )
        self._scheduled(scheduled_work)
        if mails_returned:
            self._alarms.add(
                "MailsReturned",
                "More than 5 % of the mails come back: Amazon SES reviews the account, and may stop it",
                metric=mails_returned,
                threshold=BOUNCE_RATE,
                periods=1,
            )
        if looks:
            self._alarms.add(
                "Unreachable",
                "Somebody outside could not read the course's page, twice in a quarter of an hour: its name, its "
                "certificate, the load balancer or the site",
                metric=looks,
                threshold=100,
                periods=3,
                of_them=2,
                when=BELOW,
                silence=BAD,
            )
        self._failover(cluster, topic, runbook)
        self.alarms: Sequence[cloudwatch.IAlarm] = list(self._alarms.mine.values())
        self.stormed = [each for each in self._alarms.mine if each.removeprefix(f"{name}-") in STORMED]

    def _answers(
        self, load_balancer: elbv2.ApplicationLoadBalancer, targets_: elbv2.IApplicationTargetGroupMetrics
    ) -> list[str]:
        """Add those on what visitors are answered; return the names of those that take a deployment back."""
        # Counted where a task was chosen: with no task at all there is no figure, and nothing of this rings.
        requests = load_balancer.metrics.request_count(period=MINUTE, statistic="Sum")
        self._alarms.add(
            "Waiting",
            "More than 5 % of the answers are the waiting page or an error of WordPress, for ten minutes",
            metric=percent(
                targets_.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, period=MINUTE, statistic="Sum"),
                requests,
            ),
            threshold=5,
            periods=10,
        )
        self._alarms.add(
            "Slow",
            "One visitor in twenty waits longer than two seconds for a page",
            metric=targets_.target_response_time(period=MINUTE, statistic="p95"),
            threshold=2,
            periods=5,
        )
        return [
            self._alarms.add(
                "Broken",
                "More than 1 % of the requests that tasks were given are answered with an error of the load balancer: "
                "tasks hang, or cut connections (that there is no task left is another alarm's)",
                metric=percent(
                    load_balancer.metrics.http_code_elb(
                        elbv2.HttpCodeElb.ELB_5XX_COUNT, period=MINUTE, statistic="Sum"
                    ),
                    requests,
                ),
                threshold=1,
                periods=3,
            ),
            self._alarms.add(
                "Unhealthy",
                "A task that the load balancer knows fails its health check",
                metric=targets_.unhealthy_host_count(period=MINUTE, statistic="Maximum"),
                threshold=0,
                periods=3,
            ),
        ]

    def _tasks(self, targets_: elbv2.IApplicationTargetGroupMetrics, size: site.Task) -> None:
        self._alarms.add(
            "Gone",
            "No task is healthy, or none is left: nobody is served",
            metric=targets_.healthy_host_count(period=MINUTE, statistic="Minimum"),
            threshold=1,
            periods=2,
            when=BELOW,
            silence=BAD,
        )
        # A site of one size is always at its maximum.
        if size.min < size.max:
            self._alarms.add(
                "AtMaximum",
                f"For ten minutes there are as many tasks as there may be ({size.max}): it cannot grow any more",
                metric=targets_.healthy_host_count(period=MINUTE, statistic="Minimum"),
                threshold=size.max - 1,
                periods=10,
            )

    def _database(self, cluster: rds.DatabaseCluster, size: site.Database) -> None:
        self._alarms.add(
            "DatabaseFull",
            "The database is at 90 % of the capacity that the settings allow it",
            metric=cluster.metric("ACUUtilization", period=MINUTE, statistic="Maximum"),
            threshold=90,
            periods=5,
        )
        connections = capacity.max_connections(size.max_acu) * CONNECTIONS_USED // 100
        self._alarms.add(
            "Connections",
            f"More than {connections} connections to the database are open, {CONNECTIONS_USED} % of what it takes",
            metric=cluster.metric_database_connections(period=MINUTE, statistic="Maximum"),
            threshold=connections,
            periods=3,
        )

    def _scheduled(self, work: ScheduledWork) -> None:
        often = work.every.to_seconds() < 5 * 60
        # It waits for the good news: so it rings whatever keeps the work from being done.
        self._alarms.add(
            "WorkUndone",
            "WordPress's scheduled work was not done three times: mails, posts and updates are late",
            metric=work.done.with_(period=cdk.Duration.minutes(5) if often else work.every),
            threshold=1,
            periods=3,
            when=BELOW,
            silence=BAD,
        )
        watch_schedules(self._alarms)

    def _failover(self, cluster: rds.DatabaseCluster, topic: sns.ITopic, runbook: Runbook) -> None:
        """Tell of what RDS tells of its cluster, which no metric shows."""
        field = events.EventField.from_path
        events.Rule(
            self,
            "Failover",
            description="The database has failed over, or has failed",
            event_pattern=events.EventPattern(
                source=["aws.rds"],
                detail_type=["RDS DB Cluster Event"],
                resources=[cluster.cluster_arn],
                detail={"EventCategories": ["failover", "failure"]},
            ),
            targets=[
                notice(
                    topic,
                    f"RDS, of the cluster {field('$.detail.SourceIdentifier')}: {field('$.detail.Message')} "
                    f"({field('$.detail.EventID')}).",
                    runbook.paragraph("database-failover"),
                )
            ],
        )
