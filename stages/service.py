"""The service: tasks of nginx and php-fpm that share loopback, and the step that installs WordPress first."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from settings import site
from stages.network import PRIVATE
from stages.task import NGINX, SOCKETS, WWW_DATA, Task, built_image

HTTP_PORT = 8080

# nginx's log tells what PHP has answered, "530 : 500" where it asked more than once. A waiting page is a 503 there, a
# page that took too long a 504: neither is an error of WordPress.
PHP_ASKED = "{ $.php_asked = 1 }"
PHP_FAILED = '{ $.php_status = "*500" }'


class Service(Construct):
    """A Fargate service of tasks that each answer on their own; ``target`` is where a load balancer sends requests.

    ``failures`` counts the answers in the place of which WordPress gave an error of its own, ``asked_of_php`` all that
    the cache could not give; ``seconds_in_php`` is how long these took, php-fpm's queue included.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        vpc: ec2.IVpc,
        size: site.Task,
        spot: bool,
        content: ecs.Volume,
        environment: Mapping[str, str],
        secrets: Mapping[str, ecs.Secret],
        install_secrets: Mapping[str, ecs.Secret],
        nginx_secrets: Mapping[str, ecs.Secret],
        storm_secrets: Mapping[str, ecs.Secret],
        wordpress: str,
        log_retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._content, self._log_retention = content, log_retention
        # What makes accounts is in no container that runs people's plugins.
        self._install_secrets = {**secrets, **install_secrets}
        self._secrets = {**secrets, **storm_secrets}
        self._nginx_secrets = nginx_secrets
        self.wordpress_image = built_image(self, "WordPressImage", "wordpress/Dockerfile", {"WORDPRESS": wordpress})
        self._nginx_image = built_image(
            self, "NginxImage", "nginx/Dockerfile", {"UPSTREAM": "localhost", "WORDPRESS": wordpress}
        )
        self.task = Task(
            self,
            "Task",
            cpu=size.cpu,
            memory=size.memory,
            content=content,
            log_retention=log_retention,
        )
        self._add_containers(self.task, size)
        self.failures = self._heard("PhpErrors", f"{name}-php-errors", PHP_FAILED, value="1", default=0)
        self.asked_of_php = self._heard("PhpAsked", f"{name}-php-asked", PHP_ASKED, value="1", default=0)
        self.seconds_in_php = self._heard("PhpSeconds", f"{name}-php-seconds", PHP_ASKED, value="$.seconds")
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="The tasks", allow_all_outbound=False
        )
        self.security_group.add_egress_rule(
            ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Services of AWS, and plugins and themes from wordpress.org"
        )
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc, container_insights_v2=ecs.ContainerInsights.ENABLED)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            capacity_provider_strategies=(
                [ecs.CapacityProviderStrategy(capacity_provider="FARGATE_SPOT", weight=1)] if spot else None
            ),
            task_definition=self.task.definition,
            platform_version=ecs.FargatePlatformVersion.VERSION1_4,
            vpc_subnets=PRIVATE,
            security_groups=[self.security_group],
            assign_public_ip=False,
            # No desired count: a deployment would set it back to that, in the middle of a storm as well.
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            # A paused database takes up to half a minute to wake, and the install step waits for it.
            health_check_grace_period=cdk.Duration.minutes(3),
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        if spot:
            # ECS refuses a service whose cluster has no such provider yet, and to take one away that a service uses.
            # CDK's own way to offer them lets the two be made, and deleted, at once.
            self.service.node.add_dependency(
                ecs.CfnClusterCapacityProviderAssociations(
                    cluster,
                    "Cluster",
                    cluster=cluster.cluster_name,
                    capacity_providers=["FARGATE", "FARGATE_SPOT"],
                    default_capacity_provider_strategy=[],
                )
            )

    def _heard(
        self, construct_id: str, metric: str, pattern: str, *, value: str, default: float | None = None
    ) -> cloudwatch.Metric:
        namespace = "Floodgate"
        logs.MetricFilter(
            self,
            construct_id,
            log_group=self.task.log_group,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=namespace,
            metric_name=metric,
            metric_value=value,
            default_value=default,
        )
        return cloudwatch.Metric(namespace=namespace, metric_name=metric, statistic="Sum")

    def target(self) -> ecs.IEcsLoadBalancerTarget:
        """Return where the load balancer sends requests: nginx in each task."""
        return self.service.load_balancer_target(container_name="nginx", container_port=HTTP_PORT)

    def sized(self, construct_id: str, size: site.Task) -> ecs.FargateTaskDefinition:
        """Return the same task in another size, which the service has once somebody tells it to."""
        task = Task(
            self,
            construct_id,
            cpu=size.cpu,
            memory=size.memory,
            content=self._content,
            log_retention=self._log_retention,
            like=self.task,
        )
        self._add_containers(task, size)
        return task.definition

    def _add_containers(self, task: Task, size: site.Task) -> None:
        pools = size.pools.environment
        environment = {**self._environment, **pools}
        task.definition.add_volume(name=SOCKETS)
        install = task.add(
            "install",
            image=self.wordpress_image,
            user=WWW_DATA,
            command=["floodgate-install"],
            essential=False,
            environment=environment,
            secrets=self._install_secrets,
        )
        wordpress = task.add(
            "wordpress",
            image=self.wordpress_image,
            user=WWW_DATA,
            environment=environment,
            secrets=self._secrets,
            health_check=_health("floodgate-php-health"),
            sockets=True,
            after={install: ecs.ContainerDependencyCondition.SUCCESS},
        )
        task.add(
            "nginx",
            image=self._nginx_image,
            user=NGINX,
            # By these nginx bounds what waits for PHP.
            environment={"TASK_CPU": str(size.cpu), **pools},
            # A storm comes from one address and stands for many people, and so does CloudFront: by its token, or key,
            # nginx counts them one by one.
            secrets=self._nginx_secrets,
            health_check=_health("curl", "-fsS", "-o", "/dev/null", f"http://localhost:{HTTP_PORT}/healthz"),
            port=HTTP_PORT,
            content_read_only=True,
            sockets=True,
            after={wordpress: ecs.ContainerDependencyCondition.HEALTHY},
        )


def _health(*command: str) -> ecs.HealthCheck:
    return ecs.HealthCheck(
        command=["CMD", *command],
        interval=cdk.Duration.seconds(5),
        timeout=cdk.Duration.seconds(3),
        retries=3,
        start_period=cdk.Duration.seconds(60),
    )
