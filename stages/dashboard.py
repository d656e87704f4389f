"""What an operator looks at in the minute: one page of a stage, from people's waits down to the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_rds as rds
from constructs import Construct

from settings import capacity, site
from stages.alerting import MINUTE

_THIRD, _HEIGHT = 8, 6


class StageDashboard(Construct):
    """A dashboard called ``name``: alarms above, then rows of people, of tasks with PHP, and of what is behind them.

    ``asked_of_php`` counts the requests that the cache could not answer, ``seconds_in_php`` is how long each of them
    took, its wait in php-fpm's queue included; ``failures`` are those that WordPress answered with an error.
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
        service: ecs.FargateService,
        cluster: rds.DatabaseCluster,
        asked_of_php: cloudwatch.Metric,
        seconds_in_php: cloudwatch.Metric,
        failures: cloudwatch.Metric,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        self._balancer, self._targets = load_balancer.metrics, target_group.metrics
        board = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=name,
            default_interval=cdk.Duration.hours(1),
            period_override=cloudwatch.PeriodOverride.INHERIT,
        )
        board.add_widgets(cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=3 * _THIRD, height=4))
        board.add_widgets(
            self._waits(), self._answers(), self._turned_away(failures.with_(label="errors of WordPress, 500"))
        )
        board.add_widgets(
            self._tasks(service, size.task), self._php(asked_of_php, seconds_in_php), self._cache(asked_of_php)
        )
        board.add_widgets(*self._database(cluster, size.database), self._capacity_units())

    def _waits(self) -> cloudwatch.GraphWidget:
        return _graph(
            "People's waits, seconds",
            *(
                self._targets.target_response_time(statistic=each, label=label, period=MINUTE)
                for each, label in (
                    ("p50", "half of the people"),
                    ("p95", "one in twenty"),
                    ("p99", "one in a hundred"),
                )
            ),
        )

    def _answers(self) -> cloudwatch.GraphWidget:
        code = elbv2.HttpCodeTarget
        kinds = (
            (code.TARGET_2XX_COUNT, "pages, 2xx"),
            (code.TARGET_3XX_COUNT, "redirects and unchanged pages, 3xx"),
            (code.TARGET_4XX_COUNT, "refused, 4xx"),
            (code.TARGET_5XX_COUNT, "waiting pages and errors, 5xx"),
        )
        return _graph(
            "What people are answered, a minute",
            *(
                self._targets.http_code_target(kind, statistic="Sum", label=label, period=MINUTE)
                for kind, label in kinds
            ),
            self._balancer.http_code_elb(
                elbv2.HttpCodeElb.ELB_5XX_COUNT, statistic="Sum", label="errors of the load balancer", period=MINUTE
            ),
        )

    def _turned_away(self, failures: cloudwatch.Metric) -> cloudwatch.GraphWidget:
        return _graph(
            "Waiting pages, a minute",
            self._targets.http_code_target(
                elbv2.HttpCodeTarget.TARGET_5XX_COUNT, statistic="Sum", label="waiting pages and errors", period=MINUTE
            ),
            failures.with_(period=MINUTE),
        )

    def _tasks(self, service: ecs.FargateService, size: site.Task) -> cloudwatch.GraphWidget:
        def insight(metric: str, label: str) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace="ECS/ContainerInsights",
                metric_name=metric,
                dimensions_map={
                    "ClusterName": service.cluster.cluster_name,
                    "ServiceName": service.service_name,
                },
                statistic="Average",
                period=MINUTE,
                label=label,
            )

        return _graph(
            "Tasks",
            insight("DesiredTaskCount", "wanted"),
            insight("RunningTaskCount", "running"),
            self._targets.healthy_host_count(statistic="Minimum", label="healthy", period=MINUTE),
            limits={"task.max": size.max, "task.min": size.min},
        )

    def _php(self, requests_of_php: cloudwatch.Metric, seconds: cloudwatch.Metric) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title="PHP and its queue",
            left=[requests_of_php.with_(period=MINUTE, label="requests asked of PHP, a minute")],
            right=[
                seconds.with_(period=MINUTE, statistic="Average", label="seconds in queue and PHP"),
                seconds.with_(period=MINUTE, statistic="Maximum", label="the longest of them"),
            ],
            width=_THIRD,
            height=_HEIGHT,
        )

    def _cache(self, requests_of_php: cloudwatch.Metric) -> cloudwatch.GraphWidget:
        hits = cloudwatch.MathExpression(
            expression="100 - 100 * requests_of_php / requests",
            using_metrics={
                "requests_of_php": requests_of_php.with_(period=MINUTE),
                "requests": self._balancer.request_count(period=MINUTE, statistic="Sum"),
            },
            period=MINUTE,
            label="answered without PHP, per cent",
        )
        return _graph("Cache hits", hits)

    def _database(self, cluster: rds.DatabaseCluster, size: site.Database) -> list[cloudwatch.GraphWidget]:
        units = cluster.metric("ServerlessDatabaseCapacity", period=MINUTE, statistic="Maximum", label="capacity units")
        used = cluster.metric_database_connections(period=MINUTE, statistic="Maximum", label="connections")
        return [
            _graph("Database: capacity", units, limits={"database.max_acu": size.max_acu}),
            _graph("Database: connections", used, limits={"what it takes": capacity.max_connections(size.max_acu)}),
        ]

    def _capacity_units(self) -> cloudwatch.GraphWidget:
        return _graph(
            "Load balancer: capacity units",
            *(
                self._balancer.custom(metric, statistic=each, label=label, period=MINUTE)
                for metric, each, label in (
                    ("PeakLCUs", "Maximum", "used at most"),
                    ("ReservedLCUs", "Maximum", "reserved"),
                )
            ),
        )


def _graph(title: str, *lines: cloudwatch.IMetric, limits: Mapping[str, float] | None = None) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=list(lines),
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        left_annotations=[
            cloudwatch.HorizontalAnnotation(label=label, value=value) for label, value in (limits or {}).items()
        ],
        width=_THIRD,
        height=_HEIGHT,
    )
