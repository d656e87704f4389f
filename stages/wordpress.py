"""The WordPress stack: everything that changes with the site."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from settings.development import Development
from settings.production import Production
from settings.site import FRONT_REGION, Network, Site, Stage
from stages import front
from stages.backup import Backup
from stages.credentials import Credentials
from stages.dashboard import StageDashboard
from stages.database import Database
from stages.edge import Edge
from stages.firewall import STORM_HEADER, WebAcl
from stages.mail import Mail
from stages.network import existing_vpc
from stages.night import NightSize, tell_size
from stages.notification import Notices
from stages.observability import Observability
from stages.probe import Probe
from stages.runbook import Runbook
from stages.scaling import Scaling
from stages.scheduled_work import ScheduledWork
from stages.service import Service
from stages.size_change import SizeChanges
from stages.storage import Storage
from stages.storm_access import StormAccess, StormSource, storm_name
from stages.task import CONTENT
from stages.template_reader import PipelineBuilds, TemplateReader
from stages.windows import window_changes


class WordPressStack(cdk.Stack):
    """Composes the site's parts and opens, between them, exactly the ways that they need.

    ``name`` begins the names of the stack and of what needs a fixed one, such as floodgate-dev. ``site_url`` is the
    output SiteUrl; ``storm_role_arn`` and ``storm_secret_arn`` exist where ``storm_source`` was given, and
    ``storm_service`` where its storms kill a task; ``storm_mute`` names a rule and the alarms that it may mute.
    """

    storm_role_arn: cdk.CfnOutput
    storm_secret_arn: cdk.CfnOutput
    storm_service: cdk.CfnOutput | None = None
    storm_mute: str = ""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        stage: str,
        network: ec2.IVpc | Network,
        settings: Stage,
        site: Site,
        commit: str,
        emails: Sequence[str],
        runbook: Runbook,
        production: bool,
        maintained: str,
        storm_source: StormSource | None,
        night: NightSize | None,
        read_by: PipelineBuilds | None,
    ) -> None:
        super().__init__(
            scope, construct_id, stack_name=f"{name}-wordpress", description="The WordPress site of one stage"
        )
        vpc = existing_vpc(self, network) if isinstance(network, Network) else network
        removal = cdk.RemovalPolicy.RETAIN if production else cdk.RemovalPolicy.DESTROY
        credentials = Credentials(self, "Credentials", removal=removal)
        database = Database(
            self,
            "Database",
            vpc=vpc,
            size=settings.database,
            snapshot=settings.restored.snapshot if settings.restored else None,
            maintained=maintained,
            production=production,
        )
        restored = (settings.restored.content if settings.restored else None) or ""
        storage = Storage(self, "Storage", vpc=vpc, restored=restored, production=production)
        storm = self._storm(storm_source, name, settings) if storm_source else None
        front_key = front.FrontKey(self, "Front", name=name) if settings.front else None
        edge = self._edge(vpc, name, settings, storm=storm, front_key=front_key, production=production)
        storm_secrets = storm.secrets if storm else {}
        mail = Mail(self, "Mail", name=name, settings=site.mail)
        environment = {
            "SITE_URL": edge.site_url,
            "SITE_TITLE": site.title,
            "FLOODGATE_STAGE": stage,
            "FLOODGATE_COMMIT": commit,
            "FLOODGATE_CONTENT": site.content,
            **mail.environment,
        }
        secrets = {**database.secrets, **credentials.secrets, **mail.secrets}
        log_retention = logs.RetentionDays.THREE_MONTHS if production else logs.RetentionDays.TWO_WEEKS
        service = Service(
            self,
            "Service",
            name=name,
            vpc=vpc,
            size=settings.task,
            spot=isinstance(settings, Development) and settings.spot,
            content=storage.volume(CONTENT),
            environment={
                **environment,
                "WP_ADMIN_EMAIL": site.admin_email,
                **({"SITE_TIME_ZONE": site.time_zone} if site.time_zone else {}),
                "COURSE_TITLE": settings.course.title,
                "COURSE_SEATS": str(settings.course.seats),
                "COURSE_OPENS_AT": settings.course.opens_at.isoformat(),
            },
            secrets=secrets,
            install_secrets={**database.install_secrets, **credentials.install_secrets},
            nginx_secrets={**storm_secrets, **({"FRONT_KEY": front_key.secret} if front_key else {})},
            storm_secrets=storm_secrets,
            wordpress=site.wordpress,
            log_retention=log_retention,
        )
        if storm_source and storm and storm_source.kills_task:
            storm.allow_killing(service.service)
            self.storm_service = cdk.CfnOutput(
                self,
                "StormService",
                value=f"service/{service.service.cluster.cluster_name}/{service.service.service_name}",
            )
        scheduled_work = ScheduledWork(
            self,
            "ScheduledWork",
            name=name,
            service=service,
            content=storage.volume(CONTENT),
            environment=environment,
            secrets=secrets,
            # A database that pauses when idle would never be, asked each minute.
            every=cdk.Duration.hours(1) if settings.database.min_acu == 0 else cdk.Duration.minutes(1),
            log_retention=log_retention,
        )
        topic = Notices(self, "Notices", display_name=f"{name}: alarms", emails=emails).topic
        if production:
            Backup(
                self,
                "Backup",
                name=name,
                size=settings.backup,
                cluster=database.cluster,
                storage=storage,
                topic=topic,
                runbook=runbook,
            )
        observability = Observability(
            self,
            "Observability",
            name=name,
            size=settings,
            load_balancer=edge.load_balancer,
            target_group=edge.target_group,
            certificate=edge.certificate,
            cluster=database.cluster,
            storage=storage.used,
            failures=service.failures,
            scheduled_work=scheduled_work,
            mails_returned=mail.returned,
            # Not in dev: asked every five minutes, its database would never pause.
            looks=Probe(self, "Probe", name=name, site_url=edge.site_url).succeeded if production else None,
            topic=topic,
            runbook=runbook,
        )

        if storm:
            self.storm_mute = storm.allow_muting(f"{name}-storm", observability.stormed)
        StageDashboard(
            self,
            "Overview",
            name=name,
            size=settings,
            load_balancer=edge.load_balancer,
            target_group=edge.target_group,
            service=service.service,
            cluster=database.cluster,
            asked_of_php=service.asked_of_php,
            seconds_in_php=service.seconds_in_php,
            failures=service.failures,
            alarms=observability.alarms,
        )

        edge.target_group.add_target(service.target())
        for task in (service.task, scheduled_work.task):
            storage.grant_read_write(task.definition.task_role)
        storage.connections.allow_default_port_from(service.service, "Tasks mount the content")
        database.connections.allow_default_port_from(service.service, "Tasks ask the database")
        mail.allow_from(service.security_group)
        # ECS starts tasks as soon as the service exists: they fetch images and secrets, mount and connect at once,
        # watched by the alarms. CDK has the service wait for the rights of the task's own role only.
        service.service.node.add_dependency(
            service.task.definition.obtain_execution_role(),
            storage.mountable,
            database.cluster,
            *observability.deployment_alarms.values(),
        )
        service.service.enable_deployment_alarms(
            list(observability.deployment_alarms), behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM
        )
        scaling = Scaling(self, "Scaling", service=service.service, target_group=edge.target_group, size=settings.task)
        larger = partial(
            SizeChanges,
            self,
            tasks=scaling.tasks,
            service=service.service,
            cluster=database.cluster,
            load_balancer=edge.load_balancer,
        )
        if night and storm:
            larger("Night", changes=night.changes(settings, service))
            tell_size(self, service=service.service, cluster=database.cluster, storm=storm.role)
        if isinstance(settings, Production) and settings.windows:
            larger("Window", changes=window_changes(settings))

        if read_by:
            stacks = [self.stack_name] if isinstance(network, Network) else [f"{name}-network", self.stack_name]
            places = [(each, self.region) for each in stacks]
            if settings.front:
                places.append((front.stack_name(name), FRONT_REGION))
            TemplateReader(self, "Reader", builds=read_by, role_name=f"{name}-reader", stacks=places)

        self.site_url = cdk.CfnOutput(self, "SiteUrl", value=edge.site_url)
        cdk.CfnOutput(self, "ExternalDNSName", value=edge.load_balancer.load_balancer_dns_name)

    def _storm(self, source: StormSource, name: str, settings: Stage) -> StormAccess:
        storm = StormAccess(
            self,
            "Storm",
            source=source,
            role_name=storm_name(name),
            also_in=FRONT_REGION if settings.front and settings.firewall else None,
        )
        self.storm_role_arn = cdk.CfnOutput(self, "StormRoleArn", value=storm.role.role_arn)
        self.storm_secret_arn = cdk.CfnOutput(self, "StormSecretArn", value=storm.secret.secret_arn)
        return storm

    def _edge(
        self,
        vpc: ec2.IVpc,
        name: str,
        settings: Stage,
        *,
        storm: StormAccess | None,
        front_key: front.FrontKey | None,
        production: bool,
    ) -> Edge:
        """Make the load balancer, which answers whom the settings let in, and its firewall where no front has one."""
        token = storm.secret.secret_value.unsafe_unwrap() if storm else None
        keys = {front.KEY_HEADER: front_key.value} if front_key and settings.front and settings.front.only else {}
        visitors = settings.visitors if isinstance(settings, Development) else []
        if visitors and token:
            # A build has no address that could be foretold; what every request of a storm brings is its token.
            keys[STORM_HEADER] = token
        edge = Edge(
            self,
            "Edge",
            vpc=vpc,
            name=name,
            domain=settings.domain,
            front=settings.front,
            visitors=visitors,
            keys=keys,
            production=production,
        )
        if settings.firewall and not settings.front:
            acl = WebAcl(
                self,
                "Firewall",
                name=name,
                scope_of_acl="REGIONAL",
                settings=settings.firewall,
                storm_token=token,
            )
            acl.stand_before(edge.load_balancer.load_balancer_arn)
        return edge
