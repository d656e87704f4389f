"""What this package makes of each CloudFormation type and property: honoured, or without effect, and why.

Anything that stands in neither table is an error that names it: a rehearsal that passes over what it does not
understand would approve what it has not tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.fargate.desired.errors import PlanError
from rehearsal.values import honoured
from rehearsal.values.honoured import NAMES as _NAMES
from rehearsal.values.honoured import Properties, properties

_NO_TRAFFIC = "packets travel over one container network; reachability is judged by the security groups"
_ADDRESS = "checked: whether a task comes to its image; packets travel over one container network"
_ACL = (
    "honoured as security groups are: a plan in which a list keeps people from the load balancer, that from tasks, or "
    "these from what they need, or the answers from either, is refused; a subnet's list that no deployed stack has is "
    "not judged, and its deployment says so"
)
_ACCOUNT = "belongs to the account, nothing runs for it"
_WATCH = "watches, and nothing here sends metrics to it"
_BACKED_UP = "nothing is backed up by itself; `make backup` does what it says of databases and file systems"
_PIPELINE = "run by the rehearsal itself, not as containers"

KNOWN_TYPES: Mapping[str, str] = {
    # run as containers, volumes, networks
    "AWS::ECS::Service": "tasks of containers, rolled as ECS rolls them",
    "AWS::ECS::TaskDefinition": "the containers of a task",
    "AWS::ECS::Cluster": "groups services; nothing runs for it alone",
    "AWS::ECS::ClusterCapacityProviderAssociations": "capacity providers; every task runs on this machine",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "an HAProxy container on a loopback port",
    "AWS::ElasticLoadBalancingV2::Listener": "the load balancer's front side",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "the load balancer's rules",
    "AWS::ElasticLoadBalancingV2::ListenerCertificate": "a self-signed certificate stands in",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "the load balancer's servers and their health check",
    "AWS::CloudFront::Distribution": "an nginx container that keeps, asks and refuses as its behaviours say",
    "AWS::CloudFront::CachePolicy": "what that nginx keeps, and by what it tells it apart",
    "AWS::WAFv2::WebACL": (
        "rules of the load balancer's HAProxy, or of one before CloudFront's nginx; AWS's own rules are not in force, "
        "and each deployment names them"
    ),
    "AWS::WAFv2::WebACLAssociation": "the load balancer that a web ACL stands before",
    "AWS::WAFv2::IPSet": "networks that rules of a web ACL name",
    "AWS::RDS::DBCluster": "a container of MySQL (MariaDB where it cannot be had) with its data on a volume",
    "AWS::RDS::DBInstance": "the cluster's one container",
    "AWS::RDS::DBSubnetGroup": "checked: two subnets in two zones",
    "AWS::RDS::DBClusterParameterGroup": "server options of the database's container",
    "AWS::RDS::DBParameterGroup": "server options of the database's container",
    "AWS::EFS::FileSystem": "a volume",
    "AWS::EFS::AccessPoint": "a folder with its owner and mode",
    "AWS::EFS::MountTarget": "checked: a task's zone has one, and its security group lets the task in",
    "AWS::ApplicationAutoScaling::ScalableTarget": (
        "bounds of a service's number of tasks; its scheduled actions are carried out by the clock"
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": (
        "target tracking on requests, CPU or memory changes the number of tasks, within what the machine carries; "
        "any other does not scale, and each deployment names it"
    ),
    "AWS::EC2::VPC": "a container network",
    "AWS::EC2::SecurityGroup": "checked: every connection that the template implies is allowed",
    "AWS::EC2::SecurityGroupIngress": "checked with its security group",
    "AWS::EC2::SecurityGroupEgress": "checked with its security group",
    "AWS::EC2::Subnet": "checked: zones of load balancer, database and tasks",
    **dict.fromkeys(
        (
            *("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route", "AWS::EC2::RouteTable"),
            *("AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCEndpoint"),
        ),
        "checked: tasks come to their images, and load balancers to the internet; packets travel over one network",
    ),
    "AWS::SecretsManager::Secret": "read through the emulated Secrets Manager",
    "AWS::SecretsManager::SecretTargetAttachment": "tells which secret belongs to which database",
    "AWS::Scheduler::Schedule": (
        "one of ECS tasks, of a build or a transition in the pipeline's stack, or of a call that changes the capacity "
        "of a database, the reservation of a load balancer, or the tasks of a service is kept by the clock; any other "
        "is kept and not fired, and each deployment names it"
    ),
    "AWS::Events::Rule": (
        "a schedule of ECS tasks, or of a build in the pipeline's stack, is kept by the clock; those on events of the "
        "pipeline and of its builds send their messages; any other is kept and not fired, and each deployment names it"
    ),
    "AWS::CloudWatch::Alarm": (
        "honoured on requests, 5xx answers and hosts of load balancers, on CPU and memory of services, and on metric "
        "filters of tasks; "
        "any other is not watched, because its metric is not measured here, and each deployment names it"
    ),
    "AWS::CloudWatch::Dashboard": (
        "drawn on the rehearsal's page: widgets of texts, of alarms, and of metrics that are measured here as an "
        "alarm's are; what else there is, is named there"
    ),
    "AWS::Logs::MetricFilter": "read by alarms, where a task of its stack prints to its log group",
    # nothing to run
    "AWS::EC2::EIP": _NO_TRAFFIC,
    "AWS::EC2::FlowLog": _NO_TRAFFIC,
    "AWS::EC2::NetworkAcl": _ACL,
    "AWS::EC2::NetworkAclEntry": _ACL,
    "AWS::EC2::SubnetNetworkAclAssociation": _ACL,
    "AWS::EC2::VPCGatewayAttachment": _NO_TRAFFIC,
    "AWS::Backup::BackupPlan": _BACKED_UP,
    "AWS::Backup::BackupSelection": _BACKED_UP,
    "AWS::Backup::BackupVault": _BACKED_UP,
    "AWS::CDK::Metadata": "a note of the CDK",
    "AWS::CertificateManager::Certificate": "a self-signed certificate for its names stands in, which builds trust",
    "AWS::CloudWatch::CompositeAlarm": "not watched, because nothing here joins the states of alarms",
    "AWS::CodeBuild::Project": _PIPELINE,
    "AWS::CodePipeline::Pipeline": _PIPELINE,
    "AWS::CodeStarNotifications::NotificationRule": _ACCOUNT,
    "AWS::IAM::ManagedPolicy": _ACCOUNT,
    "AWS::IAM::Policy": _ACCOUNT,
    "AWS::IAM::Role": _ACCOUNT,
    "AWS::KMS::Alias": _NAMES,
    "AWS::KMS::Key": _NAMES,
    "AWS::Logs::LogGroup": "logs are kept by the container engine and in the rehearsal's folder",
    "AWS::Route53::RecordSet": (
        "the name leads builds to the load balancer or the distribution, on an address of this machine's loopback"
    ),
    "AWS::S3::Bucket": _ACCOUNT,
    "AWS::S3::BucketPolicy": _ACCOUNT,
    "AWS::SES::ConfigurationSet": "named in mails, which stay on this machine",
    "AWS::SNS::Subscription": _ACCOUNT,
    "AWS::SNS::Topic": _ACCOUNT,
    "AWS::SNS::TopicPolicy": _ACCOUNT,
    "AWS::SSM::Parameter": _ACCOUNT,
    "AWS::SecretsManager::ResourcePolicy": _ACCOUNT,
    "AWS::SecretsManager::RotationSchedule": "nothing rotates during a rehearsal",
    "AWS::Synthetics::Canary": "nobody outside of this machine looks at its sites",
}


_DURABLE = "nothing is backed up, encrypted, replicated or protected on this machine"
_ROLES = "no access control between parts on this machine"
_LOGS = "logs are kept by the container engine and in the rehearsal's folder"
_STAND_IN = "Debian's MySQL 9.7 stands in"
_ONE_PROCESS = "one process serves"
_AWS_ALONE = "AWS's own rules are AWS's alone: each deployment names them as not in force"
_UNWATCHED = "an alarm that needs it is not watched, and named"
_UNSCALED = "a policy that needs it does not scale, and is named"

_TASK = "AWS::ECS::TaskDefinition"
_SERVICE = "AWS::ECS::Service"
_SCHEDULE = "AWS::Scheduler::Schedule"
_RULE = "AWS::Events::Rule"
_BALANCING = "AWS::ElasticLoadBalancingV2"
_CLUSTER = "AWS::RDS::DBCluster"
_SCALING = "AWS::ApplicationAutoScaling::ScalableTarget"
_POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
_FRONT = "AWS::CloudFront::Distribution"
_KEPT = "AWS::CloudFront::CachePolicy"
_ACL = "AWS::WAFv2::WebACL"
_GROUP = "AWS::EC2::SecurityGroup"
_ALARM = "AWS::CloudWatch::Alarm"
_FILTER = "AWS::Logs::MetricFilter"
_PEER = "IpProtocol FromPort ToPort CidrIp CidrIpv6"

# Listeners and rules have the same actions.
_ACTIONS = {
    "Action": properties(
        "Type=forward|redirect|fixed-response TargetGroupArn ForwardConfig RedirectConfig FixedResponseConfig",
        ("Order", "there is one action"),
    ),
    "ForwardConfig": properties("TargetGroups TargetGroupStickinessConfig"),
    "TargetGroupTuple": properties("TargetGroupArn Weight"),
    "TargetGroupStickinessConfig": properties("Enabled", ("DurationSeconds", "nothing is sticky")),
    "RedirectConfig": properties("Protocol Host Port Path Query StatusCode"),
    "FixedResponseConfig": properties("StatusCode ContentType MessageBody"),
}
_BEHAVIOUR = (
    "TargetOriginId ViewerProtocolPolicy AllowedMethods CachedMethods CachePolicyId OriginRequestPolicyId Compress"
)
_PARAMETER_GROUP = properties(
    "Parameters Family", ("Description DBClusterParameterGroupName DBParameterGroupName", _NAMES)
)

PROPERTIES: Mapping[str, Properties] = {
    _TASK: properties(
        """ContainerDefinitions Cpu Memory NetworkMode RequiresCompatibilities Volumes Family RuntimePlatform PidMode
        IpcMode""",
        ("ExecutionRoleArn TaskRoleArn", _ROLES),
        ("EphemeralStorage", "the machine's disk is the limit"),
        ("EnableFaultInjection", "no fault injection service here"),
    ),
    f"{_TASK}.ContainerDefinition": properties(
        """Name Image Command EntryPoint Environment Secrets Essential User WorkingDirectory ReadonlyRootFilesystem
        MountPoints DependsOn HealthCheck PortMappings Ulimits StartTimeout StopTimeout LinuxParameters Cpu Memory
        MemoryReservation SystemControls Privileged Interactive PseudoTerminal RestartPolicy""",
        ("LogConfiguration", _LOGS),
        ("DockerLabels", _NAMES),
        ("VersionConsistency", "the local image is used by its id"),
    ),
    f"{_TASK}.ContainerDependency": properties("ContainerName! Condition!"),
    f"{_TASK}.HealthCheck": properties("Command Interval Timeout Retries StartPeriod"),
    f"{_TASK}.KernelCapabilities": properties("Add Drop"),
    f"{_TASK}.KeyValuePair": properties("Name! Value"),
    f"{_TASK}.LinuxParameters": properties("InitProcessEnabled Capabilities"),
    f"{_TASK}.MountPoint": properties("SourceVolume! ContainerPath! ReadOnly"),
    f"{_TASK}.PortMapping": properties(
        "ContainerPort ContainerPortRange HostPort Protocol=tcp",
        ("Name", _NAMES),
        ("AppProtocol", "only Service Connect reads it"),
    ),
    f"{_TASK}.RestartPolicy": properties("Enabled"),
    f"{_TASK}.RuntimePlatform": properties("CpuArchitecture OperatingSystemFamily"),
    f"{_TASK}.Secret": properties("Name ValueFrom"),
    f"{_TASK}.SystemControl": properties("Namespace Value"),
    f"{_TASK}.Ulimit": properties("Name SoftLimit HardLimit"),
    f"{_TASK}.Volume": properties("Name! EFSVolumeConfiguration Host"),
    f"{_TASK}.HostVolumeProperties": properties("SourcePath"),
    f"{_TASK}.EFSVolumeConfiguration": properties(
        "FilesystemId RootDirectory TransitEncryption AuthorizationConfig",
        ("TransitEncryptionPort", "the volume is local"),
    ),
    f"{_TASK}.AuthorizationConfig": properties("AccessPointId IAM"),
    _SERVICE: properties(
        """TaskDefinition DesiredCount DeploymentConfiguration LoadBalancers NetworkConfiguration LaunchType
        DeploymentController HealthCheckGracePeriodSeconds SchedulingStrategy PlatformVersion
        CapacityProviderStrategy ServiceConnectConfiguration""",
        ("Cluster ServiceName EnableECSManagedTags PropagateTags", _NAMES),
        ("Role", _ROLES),
        ("EnableExecuteCommand", "the container engine's own exec serves"),
        ("AvailabilityZoneRebalancing", "there is one machine"),
        ("ForceNewDeployment", "a task is replaced when its definition changes"),
    ),
    f"{_SERVICE}.CapacityProviderStrategyItem": properties("CapacityProvider", ("Base Weight", "there is one machine")),
    f"{_SERVICE}.DeploymentConfiguration": properties(
        "Alarms DeploymentCircuitBreaker MaximumPercent MinimumHealthyPercent Strategy=ROLLING",
        ("BakeTimeInMinutes", "waiting only"),
    ),
    f"{_SERVICE}.DeploymentAlarms": properties("AlarmNames Enable Rollback"),
    f"{_SERVICE}.DeploymentController": properties("Type"),
    f"{_SERVICE}.DeploymentCircuitBreaker": properties("Enable Rollback ResetOnHealthyTask ThresholdConfiguration"),
    f"{_SERVICE}.ThresholdConfiguration": properties("Type Value"),
    f"{_SERVICE}.LoadBalancer": properties("ContainerName ContainerPort TargetGroupArn"),
    f"{_SERVICE}.NetworkConfiguration": properties("AwsvpcConfiguration"),
    f"{_SERVICE}.AwsVpcConfiguration": properties("Subnets SecurityGroups", ("AssignPublicIp", _ADDRESS)),
    f"{_SERVICE}.ServiceConnectConfiguration": properties("Enabled"),
    _SCHEDULE: properties(
        "ScheduleExpression ScheduleExpressionTimezone StartDate EndDate FlexibleTimeWindow State Target",
        ("Name GroupName Description", _NAMES),
        ("KmsKeyArn", _DURABLE),
    ),
    f"{_SCHEDULE}.FlexibleTimeWindow": properties("Mode"),
    f"{_SCHEDULE}.Target": properties(
        "Arn EcsParameters Input",
        ("RoleArn", _ROLES),
        ("RetryPolicy DeadLetterConfig", "what cannot be started is told; a call is tried again until the next one"),
    ),
    f"{_SCHEDULE}.EcsParameters": properties(
        "TaskDefinitionArn LaunchType NetworkConfiguration PlatformVersion TaskCount",
        ("EnableECSManagedTags PropagateTags Group ReferenceId", _NAMES),
        ("EnableExecuteCommand", "the container engine's own exec serves"),
    ),
    f"{_SCHEDULE}.NetworkConfiguration": properties("AwsvpcConfiguration"),
    f"{_SCHEDULE}.AwsVpcConfiguration": properties("Subnets SecurityGroups", ("AssignPublicIp", _ADDRESS)),
    _RULE: properties(
        "ScheduleExpression EventPattern State Targets",
        ("Name Description Tags", _NAMES),
        ("RoleArn", _ROLES),
    ),
    f"{_RULE}.Target": properties(
        "Arn EcsParameters Input InputTransformer",
        ("Id", _NAMES),
        ("RoleArn", _ROLES),
        ("RetryPolicy DeadLetterConfig", "what cannot be started is told"),
    ),
    f"{_RULE}.InputTransformer": properties("InputPathsMap InputTemplate"),
    f"{_RULE}.EcsParameters": properties(
        "TaskDefinitionArn LaunchType NetworkConfiguration PlatformVersion TaskCount",
        ("EnableECSManagedTags PropagateTags Group ReferenceId TagList", _NAMES),
        ("EnableExecuteCommand", "the container engine's own exec serves"),
    ),
    f"{_RULE}.NetworkConfiguration": properties("AwsVpcConfiguration"),
    f"{_RULE}.AwsVpcConfiguration": properties("Subnets SecurityGroups", ("AssignPublicIp", _ADDRESS)),
    f"{_BALANCING}::LoadBalancer": properties(
        "LoadBalancerAttributes Scheme SecurityGroups Subnets Type IpAddressType",
        ("Name", _NAMES),
        ("MinimumLoadBalancerCapacity EnableCapacityReservationProvisionStabilize", _ONE_PROCESS),
    ),
    f"{_BALANCING}::LoadBalancer.LoadBalancerAttribute": properties("Key! Value"),
    f"{_BALANCING}::Listener": properties(
        "DefaultActions LoadBalancerArn Port! Protocol! Certificates",
        ("SslPolicy", "the load balancer's own defaults serve"),
    ),
    f"{_BALANCING}::Listener.Certificate": properties("", ("CertificateArn", "a self-signed certificate stands in")),
    **{f"{_BALANCING}::Listener.{name}": each for name, each in _ACTIONS.items()},
    f"{_BALANCING}::ListenerRule": properties("Actions Conditions ListenerArn Priority"),
    f"{_BALANCING}::ListenerRule.RuleCondition": properties(
        """Field Values RegexValues PathPatternConfig HostHeaderConfig HttpHeaderConfig HttpRequestMethodConfig
        QueryStringConfig SourceIpConfig"""
    ),
    f"{_BALANCING}::ListenerRule.PathPatternConfig": properties("Values RegexValues"),
    f"{_BALANCING}::ListenerRule.HostHeaderConfig": properties("Values RegexValues"),
    f"{_BALANCING}::ListenerRule.HttpHeaderConfig": properties("HttpHeaderName Values RegexValues"),
    f"{_BALANCING}::ListenerRule.HttpRequestMethodConfig": properties("Values"),
    f"{_BALANCING}::ListenerRule.QueryStringConfig": properties("Values"),
    f"{_BALANCING}::ListenerRule.QueryStringKeyValue": properties("Key Value"),
    f"{_BALANCING}::ListenerRule.SourceIpConfig": properties("Values"),
    **{f"{_BALANCING}::ListenerRule.{name}": each for name, each in _ACTIONS.items()},
    f"{_BALANCING}::ListenerCertificate": properties(
        "ListenerArn", ("Certificates", "a self-signed certificate stands in")
    ),
    f"{_BALANCING}::TargetGroup": properties(
        """Port Protocol ProtocolVersion TargetType TargetGroupAttributes Targets Matcher IpAddressType VpcId
        HealthCheckEnabled HealthCheckPath HealthCheckPort HealthCheckProtocol HealthCheckIntervalSeconds
        HealthCheckTimeoutSeconds HealthyThresholdCount UnhealthyThresholdCount""",
        ("Name", _NAMES),
    ),
    f"{_BALANCING}::TargetGroup.Matcher": properties("HttpCode"),
    f"{_BALANCING}::TargetGroup.TargetDescription": properties("Id Port AvailabilityZone"),
    f"{_BALANCING}::TargetGroup.TargetGroupAttribute": properties("Key! Value"),
    _FRONT: properties("DistributionConfig"),
    f"{_FRONT}.DistributionConfig": properties(
        """Aliases CacheBehaviors CustomErrorResponses DefaultCacheBehavior Enabled
        HttpVersion=http1.1|http2|http2and3 Origins ViewerCertificate WebACLId""",
        ("Comment", _NAMES),
        ("IPV6Enabled", _NO_TRAFFIC),
        ("PriceClass", "there is one machine"),
    ),
    f"{_FRONT}.CacheBehavior": properties(f"{_BEHAVIOUR} PathPattern"),
    f"{_FRONT}.DefaultCacheBehavior": properties(_BEHAVIOUR),
    f"{_FRONT}.CustomErrorResponse": properties("ErrorCode ErrorCachingMinTTL"),
    f"{_FRONT}.Origin": properties(
        "Id DomainName CustomOriginConfig OriginCustomHeaders ConnectionTimeout",
        ("ConnectionAttempts", "the load balancer is on this machine"),
    ),
    f"{_FRONT}.CustomOriginConfig": properties(
        """HTTPPort HTTPSPort OriginProtocolPolicy OriginReadTimeout OriginKeepaliveTimeout OriginSSLProtocols
        IpAddressType=ipv4"""
    ),
    f"{_FRONT}.OriginCustomHeader": properties("HeaderName HeaderValue"),
    f"{_FRONT}.ViewerCertificate": properties(
        """AcmCertificateArn MinimumProtocolVersion=TLSv1.2_2018|TLSv1.2_2019|TLSv1.2_2021|TLSv1.2_2025|TLSv1.3_2025
        SslSupportMethod=sni-only"""
    ),
    _KEPT: properties("CachePolicyConfig"),
    f"{_KEPT}.CachePolicyConfig": properties(
        "MinTTL DefaultTTL MaxTTL ParametersInCacheKeyAndForwardedToOrigin", ("Name Comment", _NAMES)
    ),
    f"{_KEPT}.ParametersInCacheKeyAndForwardedToOrigin": properties(
        "CookiesConfig HeadersConfig QueryStringsConfig EnableAcceptEncodingBrotli EnableAcceptEncodingGzip"
    ),
    f"{_KEPT}.CookiesConfig": properties("CookieBehavior Cookies"),
    f"{_KEPT}.HeadersConfig": properties("HeaderBehavior Headers"),
    f"{_KEPT}.QueryStringsConfig": properties("QueryStringBehavior"),
    _ACL: properties(
        "CustomResponseBodies DefaultAction Rules Scope", ("Description Name", _NAMES), ("VisibilityConfig", _WATCH)
    ),
    f"{_ACL}.AllowAction": properties(""),
    f"{_ACL}.AndStatement": properties("Statements"),
    f"{_ACL}.BlockAction": properties("CustomResponse"),
    f"{_ACL}.ByteMatchStatement": properties(
        "FieldToMatch PositionalConstraint=EXACTLY|STARTS_WITH|ENDS_WITH|CONTAINS SearchString TextTransformations"
    ),
    f"{_ACL}.CountAction": properties(""),
    f"{_ACL}.CustomHTTPHeader": properties("Name Value"),
    f"{_ACL}.CustomResponse": properties("CustomResponseBodyKey ResponseCode ResponseHeaders"),
    f"{_ACL}.DefaultAction": properties("Allow Block"),
    f"{_ACL}.FieldToMatch": properties("Method QueryString SingleHeader UriPath"),
    f"{_ACL}.FieldToMatch.SingleHeader": properties("Name"),
    f"{_ACL}.ForwardedIPConfiguration": properties("FallbackBehavior HeaderName"),
    f"{_ACL}.IPSetForwardedIPConfiguration": properties("FallbackBehavior HeaderName Position"),
    f"{_ACL}.IPSetReferenceStatement": properties("Arn IPSetForwardedIPConfig"),
    f"{_ACL}.ManagedRuleGroupStatement": properties(
        "Name VendorName",
        ("ExcludedRules ManagedRuleGroupConfigs RuleActionOverrides ScopeDownStatement Version", _AWS_ALONE),
    ),
    f"{_ACL}.NotStatement": properties("Statement"),
    f"{_ACL}.OrStatement": properties("Statements"),
    f"{_ACL}.RateBasedStatement": properties(
        """AggregateKeyType=IP|FORWARDED_IP|CONSTANT EvaluationWindowSec ForwardedIPConfig Limit ScopeDownStatement"""
    ),
    f"{_ACL}.Rule": properties(
        "Action Name Priority Statement",
        ("OverrideAction", _AWS_ALONE),
        ("RuleLabels", "no rule here asks for labels"),
        ("VisibilityConfig", _WATCH),
    ),
    f"{_ACL}.RuleAction": properties("Allow Block Count"),
    f"{_ACL}.Statement": properties(
        """AndStatement ByteMatchStatement IPSetReferenceStatement ManagedRuleGroupStatement NotStatement OrStatement
        RateBasedStatement"""
    ),
    f"{_ACL}.TextTransformation": properties("Priority Type=NONE|LOWERCASE|UPPERCASE|URL_DECODE"),
    "AWS::WAFv2::WebACLAssociation": properties("ResourceArn WebACLArn"),
    "AWS::WAFv2::IPSet": properties("Addresses IPAddressVersion Scope", ("Description Name", _NAMES)),
    _CLUSTER: properties(
        """Engine EngineMode MasterUsername MasterUserPassword DatabaseName Port DBSubnetGroupName VpcSecurityGroupIds
        DBClusterParameterGroupName DBInstanceParameterGroupName ServerlessV2ScalingConfiguration
        SnapshotIdentifier""",
        ("DBClusterIdentifier", _NAMES),
        ("EngineVersion AutoMinorVersionUpgrade EngineLifecycleSupport", _STAND_IN),
        (
            """StorageEncrypted KmsKeyId BackupRetentionPeriod PreferredBackupWindow PreferredMaintenanceWindow
            DeletionProtection CopyTagsToSnapshot BacktrackWindow StorageType DeleteAutomatedBackups AvailabilityZones
            NetworkType""",
            _DURABLE,
        ),
        (
            """EnableCloudwatchLogsExports PerformanceInsightsEnabled PerformanceInsightsKmsKeyId MonitoringInterval
            PerformanceInsightsRetentionPeriod MonitoringRoleArn DatabaseInsightsMode""",
            _WATCH,
        ),
        ("EnableIAMDatabaseAuthentication AssociatedRoles", _ROLES),
        ("EnableHttpEndpoint", "no Data API here"),
    ),
    f"{_CLUSTER}.ServerlessV2ScalingConfiguration": properties("MinCapacity! MaxCapacity! SecondsUntilAutoPause"),
    "AWS::RDS::DBInstance": properties(
        "DBClusterIdentifier DBInstanceClass Engine DBParameterGroupName",
        ("DBInstanceIdentifier", _NAMES),
        ("EngineVersion AutoMinorVersionUpgrade AllowMajorVersionUpgrade", _STAND_IN),
        ("PubliclyAccessible DBSubnetGroupName CACertificateIdentifier", _NO_TRAFFIC),
        (
            """AvailabilityZone CopyTagsToSnapshot DeleteAutomatedBackups KmsKeyId PreferredMaintenanceWindow
            PromotionTier StorageEncrypted""",
            _DURABLE,
        ),
        (
            """EnablePerformanceInsights PerformanceInsightsKMSKeyId PerformanceInsightsRetentionPeriod
            MonitoringInterval MonitoringRoleArn EnableCloudwatchLogsExports DatabaseInsightsMode""",
            _WATCH,
        ),
    ),
    "AWS::RDS::DBSubnetGroup": properties("SubnetIds", ("DBSubnetGroupDescription DBSubnetGroupName", _NAMES)),
    "AWS::RDS::DBClusterParameterGroup": _PARAMETER_GROUP,
    "AWS::RDS::DBParameterGroup": _PARAMETER_GROUP,
    "AWS::EFS::FileSystem": properties(
        "",
        ("FileSystemTags", _NAMES),
        (
            """Encrypted KmsKeyId BackupPolicy LifecyclePolicies AvailabilityZoneName FileSystemProtection
            ReplicationConfiguration""",
            _DURABLE,
        ),
        ("PerformanceMode ThroughputMode ProvisionedThroughputInMibps", "the machine's disk is the limit"),
        ("FileSystemPolicy BypassPolicyLockoutSafetyCheck", _ROLES),
    ),
    "AWS::EFS::AccessPoint": properties(
        "FileSystemId PosixUser RootDirectory", ("AccessPointTags ClientToken", _NAMES)
    ),
    "AWS::EFS::AccessPoint.PosixUser": properties("Uid Gid"),
    "AWS::EFS::AccessPoint.RootDirectory": properties("Path CreationInfo"),
    "AWS::EFS::AccessPoint.CreationInfo": properties("OwnerUid OwnerGid Permissions"),
    "AWS::EFS::MountTarget": properties("FileSystemId SubnetId SecurityGroups", ("IpAddress", _NO_TRAFFIC)),
    _SCALING: properties(
        """MinCapacity MaxCapacity ResourceId ScalableDimension=ecs:service:DesiredCount ServiceNamespace=ecs
        ScheduledActions SuspendedState""",
        ("RoleARN", _ROLES),
    ),
    f"{_SCALING}.ScheduledAction": properties(
        "EndTime ScalableTargetAction Schedule ScheduledActionName StartTime Timezone"
    ),
    f"{_SCALING}.ScalableTargetAction": properties("MaxCapacity MinCapacity"),
    f"{_SCALING}.SuspendedState": properties(
        "DynamicScalingInSuspended DynamicScalingOutSuspended ScheduledScalingSuspended"
    ),
    _POLICY: properties(
        """PolicyName PolicyType ResourceId ScalableDimension ScalingTargetId ServiceNamespace=ecs
        TargetTrackingScalingPolicyConfiguration""",
        ("StepScalingPolicyConfiguration PredictiveScalingPolicyConfiguration", _UNSCALED),
    ),
    f"{_POLICY}.TargetTrackingScalingPolicyConfiguration": properties(
        """CustomizedMetricSpecification DisableScaleIn PredefinedMetricSpecification ScaleInCooldown ScaleOutCooldown
        TargetValue"""
    ),
    f"{_POLICY}.PredefinedMetricSpecification": properties("PredefinedMetricType ResourceLabel"),
    f"{_POLICY}.CustomizedMetricSpecification": properties(
        "Dimensions MetricName Metrics Namespace Statistic", ("Unit", "each metric here has one unit")
    ),
    f"{_POLICY}.MetricDimension": properties("Name Value"),
    f"{_POLICY}.TargetTrackingMetricDataQuery": properties("Expression Id MetricStat ReturnData", ("Label", _NAMES)),
    f"{_POLICY}.TargetTrackingMetricStat": properties("Metric Stat", ("Unit", "each metric here has one unit")),
    f"{_POLICY}.TargetTrackingMetric": properties("Dimensions MetricName Namespace"),
    f"{_POLICY}.TargetTrackingMetricDimension": properties("Name Value"),
    _GROUP: properties("VpcId SecurityGroupIngress SecurityGroupEgress", ("GroupDescription GroupName", _NAMES)),
    f"{_GROUP}.Ingress": properties(
        f"{_PEER} SourceSecurityGroupId SourcePrefixListId SourceSecurityGroupOwnerId", ("Description", _NAMES)
    ),
    f"{_GROUP}.Egress": properties(
        f"{_PEER} DestinationSecurityGroupId DestinationPrefixListId", ("Description", _NAMES)
    ),
    f"{_GROUP}Ingress": properties(
        f"{_PEER} GroupId SourceSecurityGroupId SourcePrefixListId SourceSecurityGroupOwnerId", ("Description", _NAMES)
    ),
    f"{_GROUP}Egress": properties(
        f"{_PEER} GroupId DestinationSecurityGroupId DestinationPrefixListId", ("Description", _NAMES)
    ),
    "AWS::EC2::VPC": properties(
        "CidrBlock",
        ("EnableDnsHostnames EnableDnsSupport InstanceTenancy", _NO_TRAFFIC),
    ),
    "AWS::EC2::Subnet": properties(
        "VpcId AvailabilityZone CidrBlock",
        ("MapPublicIpOnLaunch AssignIpv6AddressOnCreation PrivateDnsNameOptionsOnLaunch", _NO_TRAFFIC),
    ),
    "AWS::SecretsManager::Secret": properties(
        "GenerateSecretString SecretString ReplicaRegions", ("Name Description", _NAMES), ("KmsKeyId", _DURABLE)
    ),
    "AWS::SecretsManager::Secret.ReplicaRegion": properties("Region", ("KmsKeyId", _DURABLE)),
    "AWS::SecretsManager::Secret.GenerateSecretString": properties(
        """ExcludeCharacters ExcludeLowercase ExcludeNumbers ExcludePunctuation ExcludeUppercase GenerateStringKey
        IncludeSpace PasswordLength RequireEachIncludedType SecretStringTemplate"""
    ),
    _ALARM: properties(
        """ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator! DatapointsToAlarm Dimensions
        EvaluationPeriods! ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions Period
        Statistic Threshold TreatMissingData""",
        ("ThresholdMetricId EvaluateLowSampleCountPercentile EvaluationCriteria EvaluationInterval", _UNWATCHED),
        ("Unit", "each metric here has one unit"),
    ),
    f"{_ALARM}.Dimension": properties("Name Value"),
    f"{_ALARM}.MetricDataQuery": properties(
        "Id Expression MetricStat ReturnData",
        ("Label", _NAMES),
        ("AccountId", "the metrics of its own account are read"),
        ("Period", "the period of the metrics is taken"),
    ),
    f"{_ALARM}.MetricStat": properties("Metric Period Stat", ("Unit", "each metric here has one unit")),
    f"{_ALARM}.Metric": properties("Dimensions MetricName Namespace"),
    "AWS::CloudWatch::Dashboard": properties("DashboardBody DashboardName"),
    _FILTER: properties(
        "FilterPattern LogGroupName MetricTransformations",
        ("FilterName", _NAMES),
        ("ApplyOnTransformedLogs EmitSystemFieldDimensions FieldSelectionCriteria", "no log group transforms here"),
    ),
    f"{_FILTER}.MetricTransformation": properties(
        "DefaultValue Dimensions MetricName MetricNamespace MetricValue", ("Unit", "each metric here has one unit")
    ),
    f"{_FILTER}.Dimension": properties("Key Value"),
    "AWS::SecretsManager::SecretTargetAttachment": properties("SecretId TargetId TargetType"),
}

# The types of which anything is wanted, at any depth.
_WANTING: Final = frozenset(kind.partition(".")[0] for kind, known in PROPERTIES.items() if known.wanted)


def check_properties(kind: str, found: Mapping[str, Any], where: str) -> None:
    """Raise PlanError at the first property of a resource, at any depth, that is in neither table.

    ``kind`` is a resource type. Of a type that runs nothing here, only what CloudFormation itself takes is checked,
    elsewhere.
    """
    for missing in honoured.missing(PROPERTIES, kind, found) if kind in _WANTING else ():
        raise PlanError(f"{where}: {missing} is missing.")
    for fault in honoured.faults(PROPERTIES, kind, found) if kind in PROPERTIES else ():
        raise PlanError(f"{where}: {fault}. Take it out, or teach rehearsal/fargate/plan/known.py what it means here.")
