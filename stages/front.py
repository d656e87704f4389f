"""The front: CloudFront under the site's own name, before the load balancer, in the one region that it takes.

CloudFront's certificate and firewall have to be in us-east-1, whatever region the site is in. So all of it is a stack
of its own there, which needs nothing of the site's stack but two names that both know: the load balancer's, and the
key's, which is kept in both regions.
"""

from __future__ import annotations

from functools import partial
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from settings.site import FRONT_REGION, Domain, Firewall
from stages.firewall import WebAcl
from stages.nag import acknowledge

# By this the load balancer and nginx know that CloudFront asks; its own word goes over whatever a visitor says.
KEY_HEADER = "X-Floodgate-Front"
# What is nobody else's: never kept, whatever the answer says.
PERSONAL = ("/floodgate/*", "/wp-admin/*", "/wp-json/*", "/wp-login.php")
# Cookies that make a page somebody's own (src/nginx/conf/client.conf): who has one is asked for alone.
COOKIES = ("wordpress_logged_in_*", "wordpress_sec_*", "comment_author_*", "wp-postpass_*")
# CloudFront keeps these answers for ten seconds by itself: one waiting page would then be everybody's.
ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
# The longest that CloudFront waits without a quota of one's own ("Response timeout", CloudFront Developer Guide).
READ_TIMEOUT = cdk.Duration.seconds(60)


def origin_name(domain: Domain) -> str:
    """Return the name under which CloudFront finds the load balancer: the site's own leads to CloudFront."""
    return f"origin.{domain.name}"


def stack_name(name: str) -> str:
    """Return what the front's stack of a stage is called."""
    return f"{name}-front"


def key_name(name: str) -> str:
    """Return what the key of a stage is called, in either region."""
    return f"{name}-front"


class FrontKey(Construct):
    """What CloudFront shows the load balancer and nginx: made here, and kept in CloudFront's region too."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str) -> None:
        super().__init__(scope, construct_id)
        elsewhere = cdk.Stack.of(self).region != FRONT_REGION
        self._secret = secretsmanager.Secret(
            self,
            "Key",
            secret_name=key_name(name),
            description="By this the load balancer and nginx know that CloudFront asks",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            replica_regions=[secretsmanager.ReplicaRegion(region=FRONT_REGION)] if elsewhere else None,
        )
        acknowledge(
            self._secret,
            {"AwsSolutions-SMG4": "Two stacks and running tasks hold it: changed on purpose only (docs/front.md)."},
        )
        self.secret = ecs.Secret.from_secrets_manager(self._secret)
        # CloudFormation puts the key in its place; no template holds it.
        self.value: str = self._secret.secret_value.unsafe_unwrap()


class FrontStack(cdk.Stack):
    """A distribution that keeps what the site says may be kept, as long as it says, and passes everything else on.

    ``storm_secret`` names the secret whose token the firewall knows the storm by, where the stage is stormed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        account: str,
        domain: Domain,
        firewall: Firewall | None,
        storm_secret: str | None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=stack_name(name),
            description="CloudFront before the site of one stage",
            env=cdk.Environment(account=account, region=FRONT_REGION),
        )
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.hosted_zone_id, zone_name=domain.hosted_zone_name
        )
        certificate = acm.Certificate(
            self, "Certificate", domain_name=domain.name, validation=acm.CertificateValidation.from_dns(zone)
        )
        acl = (
            WebAcl(
                self,
                "Firewall",
                name=name,
                scope_of_acl="CLOUDFRONT",
                settings=firewall,
                storm_token=_value_of(storm_secret) if storm_secret else None,
            )
            if firewall
            else None
        )
        origin = origins.HttpOrigin(
            origin_name(domain),
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            custom_headers={KEY_HEADER: _value_of(key_name(name))},
            read_timeout=READ_TIMEOUT,
            keepalive_timeout=cdk.Duration.seconds(60),
        )
        behaviour = partial(
            cloudfront.BehaviorOptions,
            origin=origin,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            # All that a visitor sends, the name asked for included: the load balancer's certificate is for that.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=name,
            domain_names=[domain.name],
            certificate=certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            # Limits count addresses; of IPv6 each household has more than can be counted.
            enable_ipv6=False,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            web_acl_id=acl.arn if acl else None,
            default_behavior=behaviour(cache_policy=self._as_the_site_says(name), compress=True),
            additional_behaviors={
                path: behaviour(cache_policy=cloudfront.CachePolicy.CACHING_DISABLED) for path in PERSONAL
            },
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=cdk.Duration.seconds(0)) for status in ERRORS
            ],
        )
        acknowledge(
            self.distribution,
            {
                "AwsSolutions-CFR1": "People register from anywhere.",
                "AwsSolutions-CFR3": "The load balancer logs each request that the site answers; edges answer files.",
                **({} if acl else {"AwsSolutions-CFR2": "The settings have no firewall."}),
            },
        )
        output = cdk.CfnOutput(self, "FrontAddress", value=self.distribution.distribution_domain_name)
        output.override_logical_id("FrontAddress")

    def _as_the_site_says(self, name: str) -> cloudfront.ICachePolicy:
        policy = cloudfront.CachePolicy(
            self,
            "AsTheSiteSays",
            cache_policy_name=f"{name}-as-the-site-says",
            # Not a second more than Cache-Control allows, and nothing where it says nothing.
            min_ttl=cdk.Duration.seconds(0),
            default_ttl=cdk.Duration.seconds(0),
            max_ttl=cdk.Duration.days(365),
            cookie_behavior=cloudfront.CacheCookieBehavior.allow_list(*COOKIES),
            header_behavior=cloudfront.CacheHeaderBehavior.allow_list("Authorization"),
            query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        )
        return cast("cloudfront.ICachePolicy", policy)


def _value_of(secret: str) -> str:
    """Return what CloudFormation puts the value of a secret in the place of."""
    return cdk.SecretValue.secrets_manager(secret).unsafe_unwrap()
