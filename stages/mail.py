"""How the site sends mails: the server, the secret that opens it, and what is told of mails that came back."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses
from constructs import Construct

from settings import site

# Above 5 % Amazon SES puts an account under review ("Using the bounce rate metric", SES Developer Guide, 2026-11).
BOUNCE_RATE = 0.05


class Mail(Construct):
    """The variables of whoever sends, and the alarm on mails that come back.

    ``environment`` and ``secrets`` are empty where the settings have no mail: the site then sends none. The secret is
    the team's own, and is not made here: no template can make a user of SES's SMTP without its password in it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, settings: site.Mail | None) -> None:
        super().__init__(scope, construct_id)
        self.environment: Mapping[str, str] = {}
        self.secrets: Mapping[str, ecs.Secret] = {}
        self.returned: cloudwatch.Metric | None = None
        self._port: int | None = None
        if settings is None:
            return
        self._port = settings.port
        secret = secretsmanager.Secret.from_secret_name_v2(self, "Secret", settings.credentials)
        self.secrets = {
            "MAIL_USER": ecs.Secret.from_secrets_manager(secret, "username"),
            "MAIL_PASSWORD": ecs.Secret.from_secrets_manager(secret, "password"),
        }
        self.environment = {
            "MAIL_FROM": settings.sender,
            "MAIL_HOST": settings.host or f"email-smtp.{cdk.Stack.of(self).region}.amazonaws.com",
            "MAIL_PORT": str(settings.port),
            "MAIL_PER_SECOND": str(settings.per_second),
            **({} if settings.host else self._watched(name)),
        }

    def allow_from(self, security_group: ec2.SecurityGroup) -> None:
        """Let tasks of this group reach the server."""
        if self._port is not None:
            security_group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(self._port), "The mail server")

    def _watched(self, name: str) -> Mapping[str, str]:
        # An address that once sent a mail back, or complained, gets none again: each would count against the account.
        configuration = ses.ConfigurationSet(
            self,
            "ConfigurationSet",
            configuration_set_name=f"{name}-site",
            reputation_metrics=True,
            suppression_reasons=ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
            tls_policy=ses.ConfigurationSetTlsPolicy.OPTIONAL,
        )
        self.returned = cloudwatch.Metric(
            namespace="AWS/SES",
            metric_name="Reputation.BounceRate",
            dimensions_map={"ses:configuration-set": f"{name}-site"},
            statistic="Average",
            period=cdk.Duration.hours(1),
        )
        return {"MAIL_CONFIGURATION_SET": configuration.configuration_set_name}
