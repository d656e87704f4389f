"""One stage: a network, and the site in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from settings.maintenance import window
from settings.site import Site, Stage
from stages.front import FrontStack
from stages.network import NetworkStack
from stages.night import NightSize
from stages.runbook import Runbook
from stages.storm_access import StormSource, storm_name
from stages.template_reader import PipelineBuilds
from stages.wordpress import WordPressStack


class SiteStage(cdk.Stage):
    """Everything that is deployed to one account for one purpose; ``wordpress`` has the outputs that gates need."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        stage: Literal["dev", "prod"],
        settings: Stage,
        site: Site,
        commit: str,
        emails: Sequence[str],
        runbook: Runbook,
        nightly: str,
        time_zone: str,
        storm_source: StormSource | None = None,
        night: NightSize | None = None,
        read_by: PipelineBuilds | None = None,
    ) -> None:
        super().__init__(scope, construct_id, env=cdk.Environment(account=settings.account, region=settings.region))
        production = stage == "prod"
        network = settings.network or self._network(name=f"{name}-{stage}", production=production)
        self.wordpress = WordPressStack(
            self,
            "WordPress",
            name=f"{name}-{stage}",
            stage=stage,
            network=network,
            settings=settings,
            site=site,
            commit=commit,
            emails=emails,
            runbook=runbook,
            production=production,
            # Storms come to the stage that may be stormed alone.
            maintained=window(settings.course.opens_at, nightly if storm_source else "", time_zone),
            storm_source=storm_source,
            night=night,
            read_by=read_by,
        )
        if settings.front and settings.domain:
            front = FrontStack(
                self,
                "Front",
                name=f"{name}-{stage}",
                account=settings.account,
                domain=settings.domain,
                firewall=settings.firewall,
                storm_secret=storm_name(f"{name}-{stage}") if storm_source else None,
            )
            # It asks for the key, and for the load balancer by a name that the site's stack makes.
            front.add_stack_dependency(self.wordpress)
        cdk.Tags.of(self).add("project", name)
        cdk.Tags.of(self).add("stage", stage)

    def _network(self, *, name: str, production: bool) -> ec2.IVpc:
        # One gateway serves both zones; production should outlive the loss of one.
        return NetworkStack(
            self,
            "Network",
            name=name,
            nat_gateways=2 if production else 1,
            flow_logs_kept=logs.RetentionDays.ONE_MONTH if production else logs.RetentionDays.ONE_WEEK,
        ).vpc
