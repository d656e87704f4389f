"""What AWS's services refuse in a resource that CloudFormation's schemas let pass: rules between its own properties.

Each rule stands in the documentation of its service, or is an error that the service is known to give. A value that is
not known yet, an intrinsic function, is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rehearsal.values import (
    balancer_rules,
    call_rules,
    database_rules,
    network_rules,
    schedule_rules,
    storage_rules,
    task_rules,
    watch_rules,
)
from rehearsal.values.as_written import Properties, Rule, text

_RULES: Final[Mapping[str, Sequence[Rule]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": (task_rules.scalable_target,),
    "AWS::ApplicationAutoScaling::ScalingPolicy": (task_rules.scaling_policy,),
    "AWS::Backup::BackupPlan": (storage_rules.backup_plan,),
    "AWS::CloudWatch::Alarm": (watch_rules.alarm,),
    "AWS::CloudWatch::Dashboard": (watch_rules.dashboard,),
    "AWS::EC2::Route": (network_rules.route,),
    "AWS::EC2::SecurityGroup": (network_rules.security_group,),
    "AWS::EC2::SecurityGroupEgress": (network_rules.security_rule,),
    "AWS::EC2::SecurityGroupIngress": (network_rules.security_rule,),
    "AWS::EC2::Subnet": (network_rules.subnet,),
    "AWS::EC2::VPC": (network_rules.vpc,),
    "AWS::ECS::Service": (task_rules.service,),
    "AWS::ECS::TaskDefinition": (task_rules.task_definition,),
    "AWS::EFS::FileSystem": (storage_rules.file_system,),
    "AWS::ElasticLoadBalancingV2::Listener": (balancer_rules.listener,),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (balancer_rules.listener_rule,),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (balancer_rules.load_balancer, balancer_rules.attributes),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (balancer_rules.target_group, balancer_rules.attributes),
    "AWS::Events::Rule": (watch_rules.event_rule,),
    "AWS::Logs::MetricFilter": (watch_rules.metric_filter,),
    "AWS::RDS::DBCluster": (database_rules.cluster,),
    "AWS::RDS::DBClusterParameterGroup": (database_rules.parameter_group,),
    "AWS::RDS::DBInstance": (database_rules.instance,),
    "AWS::RDS::DBParameterGroup": (database_rules.parameter_group,),
    "AWS::S3::Bucket": (storage_rules.bucket,),
    "AWS::Scheduler::Schedule": (schedule_rules.schedule,),
    "AWS::SecretsManager::Secret": (storage_rules.secret,),
}
# Properties that name availability zones, whatever the type.
_ZONES: Final = ("AvailabilityZone", "AvailabilityZoneName", "AvailabilityZones")


def faults(resource_type: str, properties: Properties, region: str) -> Iterator[str]:
    """Yield a sentence for everything that the resource's service would refuse in a region."""
    for rule in _RULES.get(resource_type, ()):
        yield from rule(properties)
    yield from call_rules.faults(resource_type, properties)
    yield from _zones(properties, region)


def _zones(properties: Properties, region: str) -> Iterator[str]:
    """Yield availability zones of another region: each has its region's name, a letter or a place behind it."""
    for name in _ZONES:
        value = properties.get(name)
        for item in value if isinstance(value, list) else [value]:
            zone = text({name: item}, name)
            if zone and not re.fullmatch(rf"{re.escape(region)}([a-z]|-.+)", zone):
                yield f"{name} is {zone!r}, which is no zone of the region {region}"
