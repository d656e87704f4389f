"""How the emulated services delete what moto's CloudFormation makes and cannot delete: else it stays behind.

A load balancer's rule that is gone would hold its priority, a security group's its ports, a service its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

# A client of the service that a type belongs to, the resource of moto's, and its definition's properties as they were.
Removal = Callable[[Any, Any], object]


def _route(ec2: Any, resource: Any) -> None:
    ec2.delete_route(RouteTableId=resource.route_table.id, DestinationCidrBlock=resource.destination_cidr_block)


def _route_table_association(ec2: Any, resource: Any) -> None:
    [table] = ec2.describe_route_tables(RouteTableIds=[resource.route_table_id])["RouteTables"]
    for association in table["Associations"]:
        if association.get("SubnetId") == resource.subnet_id:
            ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


def _service(ecs: Any, resource: Any) -> None:
    ecs.delete_service(cluster=resource.cluster_arn, service=resource.arn, force=True)


def _vpc_gateway_attachment(ec2: Any, resource: Any) -> None:
    ec2.detach_internet_gateway(InternetGatewayId=resource.gateway_id, VpcId=resource.vpc_id)


# By type: the service, and the deletion.
_REMOVALS: Mapping[str, tuple[str, Removal]] = {
    "AWS::EC2::EIP": ("ec2", lambda ec2, each: ec2.release_address(AllocationId=each.allocation_id)),
    "AWS::EC2::FlowLog": ("ec2", lambda ec2, each: ec2.delete_flow_logs(FlowLogIds=[each.id])),
    "AWS::EC2::InternetGateway": ("ec2", lambda ec2, each: ec2.delete_internet_gateway(InternetGatewayId=each.id)),
    "AWS::EC2::NatGateway": ("ec2", lambda ec2, each: ec2.delete_nat_gateway(NatGatewayId=each.id)),
    "AWS::EC2::Route": ("ec2", _route),
    "AWS::EC2::RouteTable": ("ec2", lambda ec2, each: ec2.delete_route_table(RouteTableId=each.id)),
    "AWS::EC2::SubnetRouteTableAssociation": ("ec2", _route_table_association),
    "AWS::EC2::VPCEndpoint": ("ec2", lambda ec2, each: ec2.delete_vpc_endpoints(VpcEndpointIds=[each.id])),
    "AWS::EC2::VPCGatewayAttachment": ("ec2", _vpc_gateway_attachment),
    "AWS::ECS::Cluster": ("ecs", lambda ecs, each: ecs.delete_cluster(cluster=each.arn)),
    "AWS::ECS::Service": ("ecs", _service),
    "AWS::ECS::TaskDefinition": ("ecs", lambda ecs, each: ecs.deregister_task_definition(taskDefinition=each.arn)),
    "AWS::ElasticLoadBalancingV2::Listener": ("elbv2", lambda elb, each: elb.delete_listener(ListenerArn=each.arn)),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("elbv2", lambda elb, each: elb.delete_rule(RuleArn=each.arn)),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (
        "elbv2",
        lambda elb, each: elb.delete_target_group(TargetGroupArn=each.arn),
    ),
    "AWS::IAM::ManagedPolicy": ("iam", lambda iam, each: iam.delete_policy(PolicyArn=each.arn)),
}


def removal(resource_type: str) -> tuple[str, Removal] | None:
    """Return the service that a type belongs to, and how it deletes a resource; None where moto can do it itself."""
    return _REMOVALS.get(resource_type)
