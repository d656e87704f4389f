"""Types beside a service that nothing runs here: by moto's own APIs where it has them, else with an identity alone.

What stands with an identity alone is what no action of a rehearsal ever asks for; what it refers to must exist.
"""

from __future__ import annotations

from moto.core.common_models import CloudFormationModel

from rehearsal.aws.cloudformation.calls import call, without
from rehearsal.aws.cloudformation.emulated import Emulated, Kept, Made, Replaced, Request


def _arn(request: Request, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{request.region}:{request.account}:{resource}"


def _of_firewall(request: Request, kind: str) -> Made:
    scope = request.properties["Scope"]
    identity = f"{scope.lower()}/{kind}/{request.name}/{request.logical_id}"
    attributes = {"Arn": _arn(request, "wafv2", identity), "Id": identity}
    return Made(f"{request.name}|{request.logical_id}|{scope}", attributes)


class NetworkAcl(Kept, CloudFormationModel):
    """A network ACL of a VPC."""

    cfn_type = "AWS::EC2::NetworkAcl"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the ACL."""
        answer = request.client("ec2").create_network_acl(VpcId=request.properties["VpcId"])
        identity = answer["NetworkAcl"]["NetworkAclId"]
        return Made(identity, {"Id": identity})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the ACL."""
        request.client("ec2").delete_network_acl(NetworkAclId=made.physical_id)


class NetworkAclEntry(Replaced, CloudFormationModel):
    """One rule of a network ACL."""

    cfn_type = "AWS::EC2::NetworkAclEntry"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Create the rule."""
        properties = without(request.properties, "Icmp", "Protocol")
        call(
            request.client("ec2"), "create_network_acl_entry",
            {"Egress": False, **properties}, Protocol=str(request.properties["Protocol"]),
        )  # fmt: skip
        return Made(request.name, {"Id": request.name})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Delete the rule."""
        del made
        properties = request.properties
        request.client("ec2").delete_network_acl_entry(
            NetworkAclId=properties["NetworkAclId"], RuleNumber=int(properties["RuleNumber"]),
            Egress=str(properties.get("Egress", False)).lower() == "true",
        )  # fmt: skip


class SubnetNetworkAclAssociation(Emulated, CloudFormationModel):
    """Which network ACL a subnet has."""

    cfn_type = "AWS::EC2::SubnetNetworkAclAssociation"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put the subnet's ACL in the place of the one that it has."""
        client, properties = request.client("ec2"), request.properties
        held = {"Name": "association.subnet-id", "Values": [properties["SubnetId"]]}
        [acl] = client.describe_network_acls(Filters=[held])["NetworkAcls"]
        [before] = [each for each in acl["Associations"] if each["SubnetId"] == properties["SubnetId"]]
        answer = client.replace_network_acl_association(
            AssociationId=before["NetworkAclAssociationId"], NetworkAclId=properties["NetworkAclId"]
        )
        return Made(answer["NewAssociationId"], {"AssociationId": answer["NewAssociationId"]})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Give its VPC's own ACL back to the subnet, unless another association has taken this one's place."""
        client = request.client("ec2")
        held = {"Name": "association.association-id", "Values": [made.physical_id]}
        for acl in client.describe_network_acls(Filters=[held])["NetworkAcls"]:
            filters = [{"Name": "vpc-id", "Values": [acl["VpcId"]]}, {"Name": "default", "Values": ["true"]}]
            [default] = client.describe_network_acls(Filters=filters)["NetworkAcls"]
            client.replace_network_acl_association(AssociationId=made.physical_id, NetworkAclId=default["NetworkAclId"])


class CapacityProviders(Emulated, CloudFormationModel):
    """Where a cluster's tasks may run: the CDK's own switch for Spot."""

    cfn_type = "AWS::ECS::ClusterCapacityProviderAssociations"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Put the providers."""
        call(request.client("ecs"), "put_cluster_capacity_providers", request.properties)
        return Made(request.properties["Cluster"])


class ListenerCertificate(Emulated, CloudFormationModel):
    """More certificates of a listener."""

    cfn_type = "AWS::ElasticLoadBalancingV2::ListenerCertificate"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Add them."""
        call(request.client("elbv2"), "add_listener_certificates", request.properties)
        return Made(request.name, {"Id": request.name})

    @classmethod
    def remove(cls, request: Request, made: Made) -> None:
        """Take them away."""
        del made
        call(request.client("elbv2"), "remove_listener_certificates", request.properties)


class WebAcl(Emulated, CloudFormationModel):
    """A web application firewall, as its name and its rules."""

    cfn_type = "AWS::WAFv2::WebACL"
    reads_secrets = False
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity: moto's service takes few of the rules."""
        return _of_firewall(request, "webacl")


class IpSet(Emulated, CloudFormationModel):
    """Networks that rules of a web application firewall name."""

    cfn_type = "AWS::WAFv2::IPSet"
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity."""
        return _of_firewall(request, "ipset")


class WebAclAssociation(Emulated, CloudFormationModel):
    """What a web application firewall stands before."""

    cfn_type = "AWS::WAFv2::WebACLAssociation"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity."""
        return Made(f"{request.properties['WebACLArn']}|{request.properties['ResourceArn']}")


class CompositeAlarm(Emulated, CloudFormationModel):
    """An alarm over alarms, all of which must exist."""

    cfn_type = "AWS::CloudWatch::CompositeAlarm"
    name_property = "AlarmName"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity."""
        return Made(request.name, {"Arn": _arn(request, "cloudwatch", f"alarm:{request.name}")})


class NotificationRule(Emulated, CloudFormationModel):
    """Who hears of a pipeline's events: nobody hears anything from a rehearsal."""

    cfn_type = "AWS::CodeStarNotifications::NotificationRule"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity."""
        arn = _arn(request, "codestar-notifications", f"notificationrule/{request.logical_id}")
        return Made(arn, {"Arn": arn})


class ConfigurationSet(Emulated, CloudFormationModel):
    """How Amazon SES treats the mails of a site."""

    cfn_type = "AWS::SES::ConfigurationSet"
    name_property = "Name"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with a name."""
        return Made(request.name)


class RotationSchedule(Emulated, CloudFormationModel):
    """When a secret changes: it never does here."""

    cfn_type = "AWS::SecretsManager::RotationSchedule"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity; the secret must exist."""
        request.client("secretsmanager").describe_secret(SecretId=request.properties["SecretId"])
        return Made(request.properties["SecretId"])


class BackupVault(Emulated, CloudFormationModel):
    """Where backups are kept."""

    cfn_type = "AWS::Backup::BackupVault"
    name_property = "BackupVaultName"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with a name."""
        arn = _arn(request, "backup", f"backup-vault:{request.name}")
        return Made(request.name, {"BackupVaultArn": arn, "BackupVaultName": request.name})


class BackupPlan(Emulated, CloudFormationModel):
    """When is backed up, and how long it is kept."""

    cfn_type = "AWS::Backup::BackupPlan"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity."""
        arn = _arn(request, "backup", f"backup-plan:{request.logical_id}")
        return Made(request.logical_id, {"BackupPlanArn": arn, "BackupPlanId": request.logical_id, "VersionId": "1"})


class BackupSelection(Emulated, CloudFormationModel):
    """What is backed up."""

    cfn_type = "AWS::Backup::BackupSelection"

    @classmethod
    def make(cls, request: Request) -> Made:
        """Stand with an identity."""
        plan = str(request.properties["BackupPlanId"])
        attributes = {"BackupPlanId": plan, "Id": request.logical_id, "SelectionId": request.logical_id}
        return Made(f"{request.logical_id}_{plan}", attributes)
