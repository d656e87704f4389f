"""``Fn::GetAtt`` for moto's own resources, those attributes included that moto's CloudFormation leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError

# What ``Ref`` gives for the types of moto that do not say: a field of the resource.
IDENTIFIERS: Mapping[str, str] = {"AWS::EFS::AccessPoint": "access_point_id"}

_MISSING: Mapping[tuple[str, str], Callable[[Any], str]] = {
    ("AWS::EFS::FileSystem", "Arn"): lambda r: str(r.file_system_arn),
    ("AWS::EFS::FileSystem", "FileSystemId"): lambda r: str(r.file_system_id),
    ("AWS::EFS::AccessPoint", "AccessPointId"): lambda r: str(r.access_point_id),
    ("AWS::EFS::AccessPoint", "Arn"): lambda r: str(r.access_point_arn),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupName"): lambda r: str(r.name),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupArn"): lambda r: str(r.arn),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupFullName"): lambda r: str(r.arn).rpartition(":")[2],
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerArn"): lambda r: str(r.arn),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerFullName"): lambda r: str(r.arn).partition(
        "loadbalancer/"
    )[2],
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "CanonicalHostedZoneID"): lambda _: "Z215JYRZR1TBD5",
    ("AWS::ElasticLoadBalancingV2::Listener", "ListenerArn"): lambda r: str(r.arn),
    ("AWS::ECS::Service", "Name"): lambda r: str(r.name),
    ("AWS::ECS::Service", "ServiceArn"): lambda r: str(r.arn),
    ("AWS::ECS::TaskDefinition", "TaskDefinitionArn"): lambda r: str(r.arn),
    ("AWS::SNS::Topic", "TopicArn"): lambda r: str(r.arn),
    ("AWS::SNS::Topic", "TopicName"): lambda r: str(r.name),
}

# What is handed on with a stack's resources whether its template asks for it or not.
_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "AWS::RDS::DBCluster": ("Endpoint.Address", "Endpoint.Port", "ReadEndpoint.Address"),
    "AWS::CloudFront::Distribution": ("DomainName",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("DNSName", "LoadBalancerFullName"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("TargetGroupFullName",),
    "AWS::ECS::Cluster": ("Arn",),
    "AWS::ECS::Service": ("Name",),
    "AWS::EFS::FileSystem": ("Arn",),
}


def attribute(resource: Any, name: str, logical_id: str) -> str:
    """Return one attribute of a resource of moto's; an error names both where there is none."""
    known = _MISSING.get((resource.cf_resource_type, name))
    try:
        value = known(resource) if known else resource.get_cfn_attribute(name)
    except (UnformattedGetAttTemplateException, NotImplementedError, AttributeError) as error:
        raise ValidationError(
            message=f"{logical_id} ({resource.cf_resource_type}) has no attribute {name} in the emulated "
            "CloudFormation: correct the template, or add it to rehearsal/aws/cloudformation/attributes.py"
        ) from error
    return value if isinstance(value, str | list) else str(value)  # type: ignore[return-value]  # VPC's lists stay


def attributes(resource: Any, wanted: set[str], logical_id: str) -> dict[str, str]:
    """Return the attributes that the template asks for and those that are always handed on."""
    names = wanted | set(_ALWAYS.get(resource.cf_resource_type, ()))
    return {name: attribute(resource, name, logical_id) for name in sorted(names)}
