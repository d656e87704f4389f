"""The network: a stack with a VPC over two zones, or a VPC that exists already."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from settings.site import Network
from stages.nag import acknowledge

PUBLIC = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
PRIVATE = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

ZONES = 2


def existing_vpc(scope: Construct, network: Network) -> ec2.IVpc:
    """Look up a VPC that is there already, as the settings describe it; nothing in it is changed."""
    vpc = ec2.Vpc.from_vpc_attributes(
        scope,
        "Vpc",
        vpc_id=network.vpc_id,
        availability_zones=network.availability_zones,
        public_subnet_ids=network.public_subnet_ids,
        private_subnet_ids=network.private_subnet_ids,
        isolated_subnet_ids=network.isolated_subnet_ids,
    )
    acknowledge(vpc, {"Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId": "Its routes are not asked for."})
    return vpc


def first_zones() -> list[str]:
    """Return a region's first zones, as CloudFormation finds them: CDK's own list is looked up at synthesis."""
    return [cdk.Fn.select(zone, cdk.Fn.get_azs()) for zone in range(ZONES)]


def new_vpc(
    scope: Construct,
    *,
    nat_gateways: int,
    subnets: list[ec2.SubnetConfiguration],
    flow_logs_kept: logs.RetentionDays,
) -> ec2.Vpc:
    """Make a VPC over the first zones, with its flow logs; its stack says which zones these are."""
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        max_azs=ZONES,
        nat_gateways=nat_gateways,
        # CDK empties the default security group with a Lambda function; here nothing is ever put in that group.
        restrict_default_security_group=False,
        subnet_configuration=subnets,
        # Free, and image layers come from S3: hundreds of MB a task that a NAT gateway would charge for. Interface
        # endpoints are charged by the hour and zone, and the tasks need the NAT gateway anyway (plugins, themes).
        gateway_endpoints={"S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)},
    )
    vpc.add_flow_log(
        "FlowLog",
        destination=ec2.FlowLogDestination.to_cloud_watch_logs(
            logs.LogGroup(scope, "FlowLogs", retention=flow_logs_kept, removal_policy=cdk.RemovalPolicy.DESTROY)
        ),
    )
    return vpc


class NetworkStack(cdk.Stack):
    """Public subnets for the load balancer, private ones with a way out for tasks, isolated ones for data.

    Only what never changes with the site is here: a value that another stack imports cannot be changed or removed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        nat_gateways: int,
        flow_logs_kept: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, construct_id, stack_name=f"{name}-network", description="The network of one stage")
        self.vpc = new_vpc(
            self,
            nat_gateways=nat_gateways,
            subnets=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20),
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
            flow_logs_kept=flow_logs_kept,
        )

    @property
    def availability_zones(self) -> list[str]:
        """The region's first zones."""
        return first_zones()
