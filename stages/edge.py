"""The site's edge: the load balancer, its name and certificate, whom it answers, its access log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as route53_targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from settings.site import Domain, Front
from stages.firewall import STORM_HEADER
from stages.front import KEY_HEADER, origin_name
from stages.nag import acknowledge
from stages.network import PUBLIC

# An upload may take as long as PHP lets it (600 s) before the first byte of the answer.
IDLE_TIMEOUT = cdk.Duration.seconds(610)
# A rule takes so many values (Elastic Load Balancing User Guide, "Quotas for your Application Load Balancers").
_VALUES_OF_A_RULE = 5
# Priorities of rules: of those for a header, and of the first one for networks.
_OF_HEADERS: Mapping[str, int] = {STORM_HEADER: 101, KEY_HEADER: 102}
_OF_NETWORKS = 201


class Edge(Construct):
    """A load balancer open to the world: plain HTTP under its own name, or HTTPS under the stage's domain.

    ``certificate`` is the domain's. Where there are ``visitors`` (networks) or ``keys`` (a header's name and value),
    who comes from none of them and has none of these is refused.
    """

    certificate: acm.Certificate | None = None

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        name: str,
        domain: Domain | None,
        front: Front | None,
        visitors: Sequence[str],
        keys: Mapping[str, str],
        production: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description="The load balancer", allow_all_outbound=False
        )
        self.load_balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            # Its address begins with this. A generated name has capitals, which browsers do not send back as they were.
            load_balancer_name=name,
            vpc=vpc,
            vpc_subnets=PUBLIC,
            internet_facing=True,
            security_group=self.security_group,
            deletion_protection=production,
            drop_invalid_header_fields=True,
            idle_timeout=IDLE_TIMEOUT,
        )
        self.load_balancer.log_access_logs(self._access_logs(cdk.Duration.days(90 if production else 14)))
        self.target_group = elbv2.ApplicationTargetGroup(
            self,
            "TargetGroup",
            vpc=vpc,
            target_type=elbv2.TargetType.IP,
            protocol=elbv2.ApplicationProtocol.HTTP,
            port=8080,
            # A page takes milliseconds; longer would only slow each deployment down.
            deregistration_delay=cdk.Duration.seconds(30),
            health_check=elbv2.HealthCheck(
                path="/healthz",
                healthy_http_codes="200",
                interval=cdk.Duration.seconds(10),
                timeout=cdk.Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
        self._serve = elbv2.ListenerAction.forward([self.target_group])
        admitted = {rule: (priority, condition) for rule, priority, condition in _admitted(visitors, keys)}
        default = _refuse() if admitted else self._serve
        if domain:
            self.site_url = f"https://{domain.name}"
            listener = self._serve_https(domain, front, default)
        else:
            self.site_url = f"http://{self.load_balancer.load_balancer_dns_name}"
            listener = self.load_balancer.add_listener("Http", port=80, open=True, default_action=default)
        for rule, (priority, condition) in admitted.items():
            listener.add_action(rule, priority=priority, conditions=[condition], action=self._serve)
        acknowledge(self.security_group, {"AwsSolutions-EC23": "A public site: the world is its visitors."})

    def _serve_https(
        self, domain: Domain, front: Front | None, default: elbv2.ListenerAction
    ) -> elbv2.ApplicationListener:
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.hosted_zone_id, zone_name=domain.hosted_zone_name
        )
        self.certificate = acm.Certificate(
            self, "Certificate", domain_name=domain.name, validation=acm.CertificateValidation.from_dns(zone)
        )
        listener = self.load_balancer.add_listener(
            "Https",
            port=443,
            open=True,
            ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
            certificates=[self.certificate],
            default_action=default,
        )
        self.load_balancer.add_listener(
            "Http",
            port=80,
            open=True,
            default_action=elbv2.ListenerAction.redirect(protocol="HTTPS", port="443", permanent=True),
        )
        balancer = route53.RecordTarget.from_alias(route53_targets.LoadBalancerTarget(self.load_balancer))
        leads_to = balancer
        if front:
            route53.ARecord(self, "Origin", zone=zone, record_name=origin_name(domain), target=balancer)
        if front and front.distribution:
            # By its name, which somebody has copied from its stack: a reference would cross regions, in a circle.
            distribution = cloudfront.Distribution.from_distribution_attributes(
                self, "Front", domain_name=front.distribution, distribution_id="-"
            )
            leads_to = route53.RecordTarget.from_alias(route53_targets.CloudFrontTarget(distribution))
        route53.ARecord(self, "Alias", zone=zone, record_name=domain.name, target=leads_to)
        return listener

    def _access_logs(self, kept: cdk.Duration) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "AccessLogs",
            # The load balancer can write to a bucket with S3's own keys only.
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[s3.LifecycleRule(expiration=kept)],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        acknowledge(bucket, {"AwsSolutions-S1": "This is the access log; a log of reading it would log itself."})
        return bucket


def _refuse() -> elbv2.ListenerAction:
    return elbv2.ListenerAction.fixed_response(
        403, content_type="text/plain", message_body="This site is not open to everybody.\n"
    )


def _admitted(visitors: Sequence[str], keys: Mapping[str, str]) -> Iterator[tuple[str, int, elbv2.ListenerCondition]]:
    """Yield who is answered, by the names and the priorities of the rules.

    Each rule has a priority that no other ever has: CloudFormation makes a new one before it deletes the old one, and
    a listener refuses two of one priority.
    """
    for header, value in keys.items():
        condition = elbv2.ListenerCondition.http_header(header, [value])
        yield header.replace("-", ""), _OF_HEADERS[header], condition
    for number, first in enumerate(range(0, len(visitors), _VALUES_OF_A_RULE)):
        networks = visitors[first : first + _VALUES_OF_A_RULE]
        yield f"Visitors{first}", _OF_NETWORKS + number, elbv2.ListenerCondition.source_ips(list(networks))
