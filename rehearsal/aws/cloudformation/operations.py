"""Scaling, alarms, schedules, notifications and access: the small types around a service, made by moto's own APIs."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any, ClassVar, Final

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.cloudformation.calls import call, without
from rehearsal.aws.cloudformation.emulated import Emulated, Made, Replaced, Request


class Metadata(Emulated, CloudFormationModel):
    """CDK's note of its own version: nothing in AWS either."""

    cfn_type = "AWS::CDK::Metadata"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Make nothing."""
        return Made(request.name)


# What Application Auto Scaling calls a target by, in the order of its identifier in CloudFormation.
_TARGET: Final = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def _target(identity: str) -> dict[str, str]:
    return dict(zip(_TARGET, identity.split("|"), strict=True))


def _drop_actions(client: Any, target: Mapping[str, str], *, kept: Container[str] = ()) -> None:
    """Delete a target's scheduled actions but those of some names."""
    for action in client.describe_scheduled_actions(**target)["ScheduledActions"]:
        if action["ScheduledActionName"] not in kept:
            client.delete_scheduled_action(ScheduledActionName=action["ScheduledActionName"], **target)


class ScalableTarget(Emulated, CloudFormationModel):
    """What may be scaled, and between which bounds."""

    cfn_type = "AWS::ApplicationAutoScaling::ScalableTarget"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Register the target, and its scheduled actions; those that it has no more are gone."""
        client, properties = request.client("application-autoscaling"), request.properties
        call(client, "register_scalable_target", without(properties, "ScheduledActions"))
        identity = "|".join(str(properties[key]) for key in _TARGET)
        target, actions = _target(identity), properties.get("ScheduledActions", [])
        _drop_actions(client, target, kept={str(action["ScheduledActionName"]) for action in actions})
        for action in actions:
            call(client, "put_scheduled_action", {**action, **target})
        return Made(identity, {"Id": identity})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Deregister the target, and with it its scheduled actions."""
        client, target = request.client("application-autoscaling"), _target(made.physical_id)
        _drop_actions(client, target)
        client.deregister_scalable_target(**target)


class ScalingPolicy(Emulated, CloudFormationModel):
    """When to scale."""

    cfn_type = "AWS::ApplicationAutoScaling::ScalingPolicy"
    name_property = "PolicyName"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put the policy; a target may be named by its identifier alone."""
        client = request.client("application-autoscaling")
        arn = call(client, "put_scaling_policy", cls._properties(request))["PolicyARN"]
        return Made(arn, {"Arn": arn})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the policy."""
        client = request.client("application-autoscaling")
        namespace = cls._properties(request)["ServiceNamespace"]
        for policy in client.describe_scaling_policies(ServiceNamespace=namespace)["ScalingPolicies"]:
            if policy["PolicyARN"] == made.physical_id:
                client.delete_scaling_policy(**{key: policy[key] for key in ("PolicyName", *_TARGET)})

    @staticmethod
    def _properties(request: Request) -> dict[str, Any]:
        properties = dict(request.properties)
        target = properties.pop("ScalingTargetId", None)
        return properties | (_target(target) if target else {})


class Alarm(Emulated, CloudFormationModel):
    """A CloudWatch alarm."""

    cfn_type = "AWS::CloudWatch::Alarm"
    name_property = "AlarmName"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put the alarm."""
        client = request.client("cloudwatch")
        call(client, "put_metric_alarm", request.properties, AlarmName=request.name)
        [alarm] = client.describe_alarms(AlarmNames=[request.name])["MetricAlarms"]
        return Made(request.name, {"Arn": alarm["AlarmArn"]})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the alarm."""
        request.client("cloudwatch").delete_alarms(AlarmNames=[made.physical_id])


class Canary(Emulated, CloudFormationModel):
    """Who looks at a site from outside."""

    cfn_type = "AWS::Synthetics::Canary"
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Make the canary; nobody runs it."""
        properties = request.properties
        names = ("ArtifactS3Location", "ExecutionRoleArn", "RuntimeVersion")
        request.client("synthetics").create_canary(
            Name=request.name,
            Code={"Handler": properties["Code"]["Handler"]},
            Schedule={"Expression": properties["Schedule"]["Expression"]},
            **{key: properties[key] for key in names},
        )
        return Made(request.name)

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the canary."""
        request.client("synthetics").delete_canary(Name=made.physical_id)


class MetricFilter(Emulated, CloudFormationModel):
    """What is counted in a log."""

    cfn_type = "AWS::Logs::MetricFilter"
    name_property = "FilterName"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put the filter."""
        call(request.client("logs"), "put_metric_filter", request.properties, filterName=request.name)
        return Made(request.name)

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the filter."""
        group = request.properties["LogGroupName"]
        request.client("logs").delete_metric_filter(logGroupName=group, filterName=made.physical_id)


class Schedule(Emulated, CloudFormationModel):
    """An EventBridge schedule: it does not fire here. The clock of ``rehearsal.fargate`` runs tasks and builds."""

    cfn_type = "AWS::Scheduler::Schedule"
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the schedule."""
        arn = call(request.client("scheduler"), "create_schedule", request.properties, Name=request.name)["ScheduleArn"]
        return Made(request.name, {"Arn": arn})

    @classmethod
    def change(cls, request: Request, before: Made) -> Made:
        """Update the schedule."""
        call(request.client("scheduler"), "update_schedule", request.properties, Name=before.physical_id)
        return before

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the schedule."""
        request.client("scheduler").delete_schedule(Name=made.physical_id)


class Subscription(Emulated, CloudFormationModel):
    """Who hears of a topic: an e-mail address hears nothing from a rehearsal."""

    cfn_type = "AWS::SNS::Subscription"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Subscribe."""
        client = request.client("sns")
        arn = call(client, "subscribe", without(request.properties, "Region"), ReturnSubscriptionArn=True)
        return Made(arn["SubscriptionArn"], {"Arn": arn["SubscriptionArn"]})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Unsubscribe."""
        request.client("sns").unsubscribe(SubscriptionArn=made.physical_id)


class TopicPolicy(Emulated, CloudFormationModel):
    """Who may publish to a topic."""

    cfn_type = "AWS::SNS::TopicPolicy"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Set the policy on each of its topics."""
        policy = json.dumps(request.properties["PolicyDocument"])
        for topic in request.properties["Topics"]:
            request.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        return Made(request.name, {"Id": request.name})


class BucketPolicy(Emulated, CloudFormationModel):
    """Who may use a bucket."""

    cfn_type = "AWS::S3::BucketPolicy"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put the policy, without what it denies on a condition.

        moto's S3 takes no note of conditions: "deny what is not encrypted in transit" would deny everything.
        """
        bucket, document = request.properties["Bucket"], request.properties["PolicyDocument"]
        kept = [part for part in document["Statement"] if not (part["Effect"] == "Deny" and part.get("Condition"))]
        if kept:
            policy = json.dumps({**document, "Statement": kept})
            request.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
        return Made(bucket)

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the policy."""
        request.client("s3").delete_bucket_policy(Bucket=made.physical_id)


# What a rule of a security group may name on its other side: the property, and the request's part and key for it.
_SIDES = (
    ("CidrIp", "IpRanges", "CidrIp"),
    ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
    ("SourcePrefixListId", "PrefixListIds", "PrefixListId"),
    ("DestinationPrefixListId", "PrefixListIds", "PrefixListId"),
    ("SourceSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ("DestinationSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ("SourceSecurityGroupName", "UserIdGroupPairs", "GroupName"),
)


def _permission(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule of a security group as EC2's requests have it."""
    permission = {"IpProtocol": str(properties["IpProtocol"])}
    ports = {key: int(properties[key]) for key in ("FromPort", "ToPort") if key in properties}
    description = {"Description": properties["Description"]} if "Description" in properties else {}
    sides = {part: [{key: properties[name], **description}] for name, part, key in _SIDES if name in properties}
    return {**permission, **ports, **sides}


class _SecurityGroupRule(Replaced):
    """One rule of a security group, for one of the two ways: ``way`` as EC2's requests name it."""

    way: ClassVar[str]

    @classmethod
    def make(cls, request: Request) -> Made:
        """Authorize the traffic."""
        authorize = getattr(request.client("ec2"), f"authorize_security_group_{cls.way}")
        answer = authorize(GroupId=request.properties["GroupId"], IpPermissions=[_permission(request.properties)])
        return Made(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"], {"Id": request.name})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Revoke the rule."""
        revoke = getattr(request.client("ec2"), f"revoke_security_group_{cls.way}")
        revoke(GroupId=request.properties["GroupId"], SecurityGroupRuleIds=[made.physical_id])


class SecurityGroupEgress(_SecurityGroupRule, CloudFormationModel):
    """One rule for what may leave a security group."""

    cfn_type = "AWS::EC2::SecurityGroupEgress"
    way = "egress"


class SecurityGroupIngress(_SecurityGroupRule, CloudFormationModel):
    """One rule for what may enter a security group; moto's own knows no prefix lists, and makes nothing of IPv6."""

    cfn_type = "AWS::EC2::SecurityGroupIngress"
    way = "ingress"


class Certificate(Emulated, CloudFormationModel):
    """A TLS certificate: TLS ends at the load balancer, whose stand-in on loopback speaks plain HTTP."""

    cfn_type = "AWS::CertificateManager::Certificate"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Return request the certificate."""
        kept = without(request.properties, "DomainValidationOptions", "CertificateTransparencyLoggingPreference")
        return Made(call(request.client("acm"), "request_certificate", kept)["CertificateArn"])

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the certificate."""
        request.client("acm").delete_certificate(CertificateArn=made.physical_id)
