"""Stacks as the emulated CloudFormation hands them over: resolved properties, written by hand as plain dictionaries."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rehearsal.values.stack import Resource, Stack, World

ACCOUNT, REGION = "222222222222", "eu-central-1"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:database-AbCdEf"
TOKEN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:token-GhIjKl"
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/1"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/1"
LISTENER = f"{BALANCER}/listener"
TASK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web:1"
WORK = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/work:1"
DATABASE_HOST = "database.test"
# A site behind CloudFront: its name, and the key in CloudFront's region.
NAME = "www.example.com"
ORIGIN = f"origin.{NAME}"
FRONT_REGION = "us-east-1"
FRONT_KEY = "front-key"
POLICY = "0f0e0d0c-as-the-site-says"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"

# The role by which a schedule or a rule starts something.
STARTS = "arn:aws:iam::111111111111:role/starts"

Properties = dict[str, Any]
Parts = dict[str, tuple[str, str, Properties, dict[str, str]]]


def network() -> Parts:
    """Return a VPC with two subnets in two zones."""
    subnets: Parts = {
        f"Subnet{zone}": (
            "AWS::EC2::Subnet",
            f"subnet-{zone}",
            {"VpcId": "vpc-1", "AvailabilityZone": f"{REGION}{zone}", "CidrBlock": f"10.0.{index}.0/24"},
            {},
        )
        for index, zone in enumerate("ab")
    }
    return {"Vpc": ("AWS::EC2::VPC", "vpc-1", {"CidrBlock": "10.0.0.0/16"}, {}), **subnets}


def security_group(*ingress: Mapping[str, Any]) -> Properties:
    """Return a security group that lets out everything and lets in what ``rules`` allow."""
    out = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}
    return {
        "GroupDescription": "of the tests",
        "VpcId": "vpc-1",
        "SecurityGroupIngress": list(ingress),
        "SecurityGroupEgress": [out],
    }


def tcp(port: int, **peer: str) -> Properties:
    """Return one rule of a security group."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}


def container(name: str, image: str, **more: Any) -> Properties:
    """Return a container definition as the CDK writes it."""
    return {"Name": name, "Image": image, "ReadonlyRootFilesystem": True, "User": "1000:1000", **more}


def secrets(*names: str) -> list[Properties]:
    """Return fields of the database's secret as a container's secrets."""
    return [{"Name": f"DB_{name.upper()}", "ValueFrom": f"{SECRET}:{name}::"} for name in names]


def web(*, image: str, port: int, count: int = 1, version: str = "1") -> Parts:
    """Return a whole site.

    It is a task of two containers behind a load balancer, with a database and a shared file system.
    """
    check = {"Command": ["CMD", "app", "check"], "Interval": 5, "Timeout": 5, "Retries": 3, "StartPeriod": 10}
    prepare = container(
        "prepare",
        image,
        Command=["prepare"],
        Essential=False,
        Environment=[{"Name": "VERSION", "Value": version}],
        Secrets=secrets("host", "port", "username", "password", "dbname"),
        MountPoints=[{"SourceVolume": "content", "ContainerPath": "/content", "ReadOnly": False}],
    )
    serve = container(
        "web",
        image,
        Command=["serve"],
        Environment=[{"Name": "VERSION", "Value": version}],
        Secrets=[*secrets("host", "port", "username", "password"), {"Name": "TOKEN", "ValueFrom": TOKEN}],
        PortMappings=[{"ContainerPort": 8080, "Protocol": "tcp"}],
        DependsOn=[{"ContainerName": "prepare", "Condition": "SUCCESS"}],
        HealthCheck=check,
        StopTimeout=5,
        MountPoints=[
            {"SourceVolume": "content", "ContainerPath": "/content", "ReadOnly": True},
            {"SourceVolume": "scratch", "ContainerPath": "/tmp", "ReadOnly": False},
        ],
    )
    return {
        **network(),
        **_groups(),
        **_database(),
        **_storage(),
        **_balancing(port),
        "Task": (
            "AWS::ECS::TaskDefinition",
            TASK,
            {
                "Family": "web",
                "Cpu": "512",
                "Memory": "1024",
                "NetworkMode": "awsvpc",
                "RequiresCompatibilities": ["FARGATE"],
                "ExecutionRoleArn": "role",
                "ContainerDefinitions": [prepare, serve],
                "Volumes": [
                    {
                        "Name": "content",
                        "EFSVolumeConfiguration": {
                            "FilesystemId": "fs-1",
                            "TransitEncryption": "ENABLED",
                            "AuthorizationConfig": {"AccessPointId": "fsap-1", "IAM": "ENABLED"},
                        },
                    },
                    {"Name": "scratch"},
                ],
            },
            {},
        ),
        "Service": (
            "AWS::ECS::Service",
            f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/cluster/web",
            {
                "Cluster": "cluster",
                "TaskDefinition": TASK,
                "LaunchType": "FARGATE",
                "DeploymentConfiguration": {
                    "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
                    "MaximumPercent": 200,
                    "MinimumHealthyPercent": 100,
                },
                "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 8080, "TargetGroupArn": GROUP}],
                "NetworkConfiguration": {
                    "AwsvpcConfiguration": {"Subnets": ["subnet-a", "subnet-b"], "SecurityGroups": ["sg-task"]}
                },
            },
            {"Name": "web"},
        ),
        "Count": (
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "count",
            {
                "MinCapacity": count,
                "MaxCapacity": 4,
                "ResourceId": "service/cluster/web",
                "ScalableDimension": "ecs:service:DesiredCount",
                "ServiceNamespace": "ecs",
            },
            {},
        ),
    }


def behind_tls(site: Stack, *names: str, leads: str = "") -> Stack:
    """Return the same site with a listener of HTTPS: records lead ``names`` to it, and NAME to ``leads``."""
    kind = "AWS::ElasticLoadBalancingV2::Listener"
    secure = {**site.resources["Listener"].properties, "Port": 443, "Protocol": "HTTPS"}
    secure["Certificates"] = [{"CertificateArn": "arn"}]
    ports = [tcp(80, CidrIp="0.0.0.0/0"), tcp(443, CidrIp="0.0.0.0/0")]
    site = changed(site, "BalancerGroup", ("SecurityGroupIngress",), ports)
    site = with_resource(site, Resource("Secure", kind, "secure", secure, {}))
    certificate = Resource("Certificate", "AWS::CertificateManager::Certificate", "arn", {"DomainName": NAME}, {})
    site = with_resource(site, certificate)
    address = f"dualstack.{site.resources['Balancer'].attributes['DNSName']}"
    targets = {**dict.fromkeys(names, address), **({NAME: leads} if leads else {})}
    for number, (name, target) in enumerate(targets.items()):
        alias = {"DNSName": target, "HostedZoneId": "Z1"}
        record = {"Name": f"{name}.", "Type": "A", "HostedZoneId": "Z2", "AliasTarget": alias}
        site = with_resource(
            site, Resource(f"Record{number}", "AWS::Route53::RecordSet", f"record-{number}", record, {})
        )
    return site


def front() -> Stack:
    """Return CloudFront before such a site, as ``stages/front.py`` describes it."""
    behaviour = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
        "OriginRequestPolicyId": ALL_VIEWER,
        "Compress": True,
    }
    certificate = f"arn:aws:acm:{FRONT_REGION}:{ACCOUNT}:certificate/1"
    config = {
        "Enabled": True,
        "Aliases": [NAME],
        "HttpVersion": "http2and3",
        "IPV6Enabled": False,
        "Comment": "of the tests",
        "PriceClass": "PriceClass_100",
        "WebACLId": "arn:acl",
        "Origins": [
            {
                "Id": "site",
                "DomainName": ORIGIN,
                "CustomOriginConfig": {
                    "OriginProtocolPolicy": "https-only",
                    "OriginSSLProtocols": ["TLSv1.2"],
                    "OriginReadTimeout": 60,
                    "OriginKeepaliveTimeout": 60,
                },
                "OriginCustomHeaders": [
                    {
                        "HeaderName": "X-Key",
                        "HeaderValue": f"{{{{resolve:secretsmanager:{FRONT_KEY}:SecretString:::}}}}",
                    }
                ],
            }
        ],
        "DefaultCacheBehavior": {**behaviour, "CachePolicyId": POLICY},
        "CacheBehaviors": [{**behaviour, "PathPattern": "/own/*", "CachePolicyId": CACHING_DISABLED}],
        "CustomErrorResponses": [
            {"ErrorCode": status, "ErrorCachingMinTTL": 0}
            for status in (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
        ],
        "ViewerCertificate": {
            "AcmCertificateArn": certificate,
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "SslSupportMethod": "sni-only",
        },
    }
    keyed = {
        "CookiesConfig": {"CookieBehavior": "whitelist", "Cookies": ["wordpress_logged_in_*"]},
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["Authorization"]},
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
        "EnableAcceptEncodingBrotli": True,
        "EnableAcceptEncodingGzip": True,
    }
    policy = {
        "Name": "as-the-site-says",
        "MinTTL": 0,
        "DefaultTTL": 0,
        "MaxTTL": 31536000,
        "ParametersInCacheKeyAndForwardedToOrigin": keyed,
    }
    parts: Parts = {
        "Distribution": (
            "AWS::CloudFront::Distribution",
            "E1",
            {"DistributionConfig": config},
            {"DomainName": "d1.cloudfront.net"},
        ),
        "Policy": ("AWS::CloudFront::CachePolicy", POLICY, {"CachePolicyConfig": policy}, {}),
        "Certificate": ("AWS::CertificateManager::Certificate", certificate, {"DomainName": NAME}, {}),
        "Acl": (
            "AWS::WAFv2::WebACL",
            "acl",
            {
                "Scope": "CLOUDFRONT",
                "DefaultAction": {"Allow": {}},
                "VisibilityConfig": {
                    "CloudWatchMetricsEnabled": True,
                    "MetricName": "acl",
                    "SampledRequestsEnabled": True,
                },
            },
            {"Arn": "arn:acl"},
        ),
    }
    return replace(stack(parts, "front-test"), region=FRONT_REGION)


ACL = "arn:regional-acl"
SEEN = {"CloudWatchMetricsEnabled": True, "MetricName": "rule", "SampledRequestsEnabled": True}


def walled(site: Stack, *rules: Properties, **more: Any) -> Stack:
    """Return the same site with a web ACL of these rules before its load balancer."""
    default: Properties = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN}
    acl = {"Scope": "REGIONAL", "Rules": list(rules), **default, **more}
    association = {"ResourceArn": BALANCER, "WebACLArn": ACL}
    site = with_resource(site, Resource("RegionalAcl", "AWS::WAFv2::WebACL", "regional-acl", acl, {"Arn": ACL}))
    return with_resource(site, Resource("Association", "AWS::WAFv2::WebACLAssociation", "association", association, {}))


def firewall_rule(statement: Properties, action: str = "Block", priority: int = 0, **response: Any) -> Properties:
    """Return one rule of a web ACL."""
    chosen = {action: {"CustomResponse": response} if response else {}}
    heading = {"Name": f"rule-{priority}", "Priority": priority, "VisibilityConfig": SEEN}
    return {**heading, "Statement": statement, "Action": chosen}


def managed_rule(group: str, priority: int = 0, vendor: str = "AWS") -> Properties:
    """Return a rule of a web ACL that is a group of somebody's own rules."""
    return {
        "Name": group,
        "Priority": priority,
        "VisibilityConfig": SEEN,
        "OverrideAction": {"None": {}},
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": vendor, "Name": group}},
    }


def matches(
    text: str, *transformations: str, header: str = "", part: str = "UriPath", how: str = "EXACTLY"
) -> Properties:
    """Return a statement that looks for a text in a part of a request, or in a header."""
    changes = [{"Priority": number, "Type": kind} for number, kind in enumerate(transformations or ("NONE",))]
    field = {"SingleHeader": {"Name": header}} if header else {part: {}}
    return {
        "ByteMatchStatement": {
            "FieldToMatch": field,
            "PositionalConstraint": how,
            "SearchString": text,
            "TextTransformations": changes,
        }
    }


def rate(limit: int, scope: Properties | None = None, by: str = "IP", **more: Any) -> Properties:
    """Return a statement that counts requests."""
    scoped = {"ScopeDownStatement": scope} if scope else {}
    return {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": by, **scoped, **more}}


def logging(site: Stack, definition: str, container: int, group: str) -> Stack:
    """Return the same site, one of its containers writing to a log group of its own."""
    options = {"awslogs-group": group, "awslogs-region": REGION, "awslogs-stream-prefix": "site"}
    path = ("ContainerDefinitions", container, "LogConfiguration")
    site = with_resource(site, Resource(f"LogsOf{group}", "AWS::Logs::LogGroup", group, {}, {}))
    return changed(site, definition, path, {"LogDriver": "awslogs", "Options": options})


def scheduled(site: Stack, version: str = "1") -> Stack:
    """Return the same site with a small task that is run each minute."""
    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/cluster"
    definition = copy.deepcopy(site.resources["Task"].properties)
    image = definition["ContainerDefinitions"][1]["Image"]
    work = container(
        "work",
        image,
        Command=["work"],
        Environment=[{"Name": "VERSION", "Value": version}],
        Secrets=secrets("host", "port", "username", "password"),
        MountPoints=[{"SourceVolume": "content", "ContainerPath": "/content", "ReadOnly": False}],
    )
    placement = site.resources["Service"].properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    run = {
        "LaunchType": "FARGATE",
        "PlatformVersion": "1.4.0",
        "NetworkConfiguration": {"AwsvpcConfiguration": {**placement, "AssignPublicIp": "DISABLED"}},
        "TaskDefinitionArn": WORK,
    }
    properties = {
        "ScheduleExpression": "rate(1 minute)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": {
            "Arn": cluster,
            "RoleArn": STARTS,
            "RetryPolicy": {"MaximumRetryAttempts": 0},
            "EcsParameters": run,
        },
    }
    small = {**definition, "Family": "work", "Cpu": "256", "Memory": "512", "ContainerDefinitions": [work]}
    for resource in (
        Resource("Cluster", "AWS::ECS::Cluster", "cluster", {}, {"Arn": cluster}),
        Resource("Work", "AWS::ECS::TaskDefinition", WORK, small, {}),
        Resource("Schedule", "AWS::Scheduler::Schedule", "schedule", properties, {}),
    ):
        site = with_resource(site, resource)
    return site


def ruled(site: Stack, **target: Any) -> Stack:
    """Return the same site with that task run by a rule, as the CDK's ScheduledFargateTask writes it."""
    found = scheduled(site)
    started = found.resources["Schedule"].properties["Target"]
    run = dict(started["EcsParameters"])
    run["NetworkConfiguration"] = {"AwsVpcConfiguration": run["NetworkConfiguration"]["AwsvpcConfiguration"]}
    targets = [
        {
            "Arn": started["Arn"],
            "Id": "Target0",
            "Input": "{}",
            "RoleArn": STARTS,
            "EcsParameters": run,
        }
        | target
    ]
    properties = {"ScheduleExpression": "cron(0 3 * * ? *)", "State": "ENABLED", "Targets": targets}
    return with_resource(found, Resource("Schedule", "AWS::Events::Rule", "rule", properties, {}))


def _groups() -> Parts:
    kind = "AWS::EC2::SecurityGroup"
    return {
        "BalancerGroup": (kind, "sg-balancer", security_group(tcp(80, CidrIp="0.0.0.0/0")), {"GroupId": "sg-balancer"}),
        "TaskGroup": (kind, "sg-task", security_group(), {"GroupId": "sg-task"}),
        "TaskFromBalancer": (
            "AWS::EC2::SecurityGroupIngress",
            "rule-1",
            {"GroupId": "sg-task", **tcp(8080, SourceSecurityGroupId="sg-balancer")},
            {},
        ),
        "DatabaseGroup": (
            kind,
            "sg-database",
            security_group(tcp(3306, SourceSecurityGroupId="sg-task")),
            {"GroupId": "sg-database"},
        ),
        "StorageGroup": (
            kind,
            "sg-storage",
            security_group(tcp(2049, SourceSecurityGroupId="sg-task")),
            {"GroupId": "sg-storage"},
        ),
    }


def _database() -> Parts:
    return {
        "Subnets": (
            "AWS::RDS::DBSubnetGroup",
            "subnets-1",
            {"DBSubnetGroupDescription": "of the tests", "SubnetIds": ["subnet-a", "subnet-b"]},
            {},
        ),
        "Database": (
            "AWS::RDS::DBCluster",
            "cluster-1",
            {
                "Engine": "aurora-mysql",
                "MasterUsername": f"{{{{resolve:secretsmanager:{SECRET}:SecretString:username::}}}}",
                "MasterUserPassword": f"{{{{resolve:secretsmanager:{SECRET}:SecretString:password::}}}}",
                "DatabaseName": "site",
                "DBSubnetGroupName": "subnets-1",
                "VpcSecurityGroupIds": ["sg-database"],
                "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 1},
            },
            {"Endpoint.Address": DATABASE_HOST, "Endpoint.Port": "3306"},
        ),
        "Writer": (
            "AWS::RDS::DBInstance",
            "writer-1",
            {"DBClusterIdentifier": "cluster-1", "DBInstanceClass": "db.serverless", "Engine": "aurora-mysql"},
            {},
        ),
        "Secret": ("AWS::SecretsManager::Secret", SECRET, {}, {}),
        "Attachment": (
            "AWS::SecretsManager::SecretTargetAttachment",
            SECRET,
            {"SecretId": SECRET, "TargetId": "cluster-1", "TargetType": "AWS::RDS::DBCluster"},
            {},
        ),
    }


def _storage() -> Parts:
    mounts: Parts = {
        f"Mount{zone}": (
            "AWS::EFS::MountTarget",
            f"fsmt-{zone}",
            {"FileSystemId": "fs-1", "SubnetId": f"subnet-{zone}", "SecurityGroups": ["sg-storage"]},
            {},
        )
        for zone in "ab"
    }
    return {
        "Files": ("AWS::EFS::FileSystem", "fs-1", {"Encrypted": True}, {"FileSystemId": "fs-1"}),
        "Folder": (
            "AWS::EFS::AccessPoint",
            "fsap-1",
            {
                "FileSystemId": "fs-1",
                "PosixUser": {"Uid": "1000", "Gid": "1000"},
                "RootDirectory": {
                    "Path": "/content",
                    "CreationInfo": {"OwnerUid": "1000", "OwnerGid": "1000", "Permissions": "0755"},
                },
            },
            {},
        ),
        **mounts,
    }


def _balancing(port: int) -> Parts:
    return {
        "Balancer": (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            BALANCER,
            {
                "Type": "application",
                "Scheme": "internet-facing",
                "Subnets": ["subnet-a", "subnet-b"],
                "SecurityGroups": ["sg-balancer"],
                "LoadBalancerAttributes": [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}],
            },
            {"DNSName": f"localhost:{port}"},
        ),
        "Listener": (
            "AWS::ElasticLoadBalancingV2::Listener",
            LISTENER,
            {
                "LoadBalancerArn": BALANCER,
                "Port": 80,
                "Protocol": "HTTP",
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": GROUP}],
            },
            {},
        ),
        "Targets": (
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            GROUP,
            {
                "VpcId": "vpc-1",
                "Port": 8080,
                "Protocol": "HTTP",
                "TargetType": "ip",
                "HealthCheckPath": "/healthz",
                "HealthCheckIntervalSeconds": 5,
                "HealthCheckTimeoutSeconds": 2,
                "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 2,
                "TargetGroupAttributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}],
            },
            {},
        ),
    }


def stack(parts: Parts, name: str = "site-test") -> Stack:
    """Return the stack that holds these resources."""
    resources = {
        logical: Resource(logical, kind, physical, copy.deepcopy(properties), dict(attributes))
        for logical, (kind, physical, properties, attributes) in parts.items()
    }
    return Stack(name, ACCOUNT, REGION, resources, {})


def world(*stacks: Stack) -> World:
    """Return a world of these stacks."""
    return World(stacks)


def changed(original: Stack, logical: str, path: Iterable[str | int], value: Any) -> Stack:
    """Return a copy of a stack with one property of one resource set; ``...`` takes it away."""
    resource = original.resources[logical]
    properties = json.loads(json.dumps(resource.properties))
    *parents, last = path
    place = properties
    for step in parents:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return with_resource(original, replace(resource, properties=properties))


def with_resource(original: Stack, resource: Resource) -> Stack:
    """Return a copy of a stack with a resource added or replaced."""
    return replace(original, resources={**original.resources, resource.logical_id: resource})


def without(original: Stack, *logical: str) -> Stack:
    """Return a copy of a stack without some resources."""
    return replace(original, resources={k: v for k, v in original.resources.items() if k not in logical})


class Secrets:
    """A Secrets Manager of plain values."""

    def __init__(self, password: str = "s3cret, with 'quotes' and a \\ in it") -> None:
        self.token = "first line\nsecond line = 2"
        self.front_key = 'k$y "of" the front'
        self.fields: dict[str, Any] = {
            "host": DATABASE_HOST,
            "port": 3306,
            "username": "admin",
            "password": password,
            "dbname": "site",
        }

    def __call__(self, account: str, region: str, name: str) -> str:
        """Return a secret's current string."""
        if (account, region, name) == (ACCOUNT, FRONT_REGION, FRONT_KEY):
            return self.front_key
        if (account, region) != (ACCOUNT, REGION):
            raise KeyError(name)
        return {SECRET: json.dumps(self.fields), TOKEN: self.token, f"{PARAMETER}/site/key": "a key"}[name]
