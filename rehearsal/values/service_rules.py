"""What AWS's services refuse in a resource that CloudFormation's schemas let pass: rules between its own properties.

Each rule stands in the documentation of its service, or is an error that the service is known to give. A value that is
not known yet, an intrinsic function, is not judged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any, Final

Properties = Mapping[str, Any]
Rule = Callable[[Properties], Iterator[str]]

_PORTS: Final = 65535
_PROTOCOLS: Final = frozenset({"tcp", "udp", "icmp", "icmpv6"})
_WITH_PORTS: Final = frozenset({"tcp", "udp", "6", "17"})
_SMALLEST_SUBNET, _LARGEST_SUBNET = 28, 16
# "CreateRoute" in the EC2 API reference: where a route may lead.
_ROUTE_TARGETS: Final = (
    "CarrierGatewayId", "CoreNetworkArn", "EgressOnlyInternetGatewayId", "GatewayId", "InstanceId", "LocalGatewayId",
    "NatGatewayId", "NetworkInterfaceId", "TransitGatewayId", "VpcEndpointId", "VpcPeeringConnectionId",
)  # fmt: skip
_TRUTHS: Final = frozenset({"true", "false"})
# "LoadBalancerAttribute" and "TargetGroupAttribute" in the API reference: bounds, or the values that there are.
_ATTRIBUTES: Final[Mapping[str, range | frozenset[str]]] = {
    "idle_timeout.timeout_seconds": range(1, 4001),
    "client_keep_alive.seconds": range(60, 604801),
    "routing.http.drop_invalid_header_fields.enabled": _TRUTHS,
    "routing.http.xff_header_processing.mode": frozenset({"append", "preserve", "remove"}),
    "routing.http.desync_mitigation_mode": frozenset({"monitor", "defensive", "strictest"}),
    "routing.http2.enabled": _TRUTHS,
    "deletion_protection.enabled": _TRUTHS,
    "access_logs.s3.enabled": _TRUTHS,
    "connection_logs.s3.enabled": _TRUTHS,
    "deregistration_delay.timeout_seconds": range(3601),
    "load_balancing.algorithm.type": frozenset({"round_robin", "least_outstanding_requests", "weighted_random"}),
    "load_balancing.algorithm.anomaly_mitigation": frozenset({"on", "off"}),
    "stickiness.enabled": _TRUTHS,
}
# A value that only the deployment knows.
_UNKNOWN: Final = "?"
_SLOW_START: Final = range(30, 901)
_MATCHED: Final = range(200, 500)
# "LogConfiguration" in the ECS API reference, of the driver awslogs.
_LOG_OPTIONS: Final = frozenset(
    {
        "awslogs-create-group", "awslogs-region", "awslogs-group", "awslogs-stream-prefix", "awslogs-datetime-format",
        "awslogs-multiline-pattern", "mode", "max-buffer-size",
    }
)  # fmt: skip
_LOG_DRIVERS: Final = frozenset({"awslogs", "splunk", "awsfirelens"})
_LEAST_MEMORY: Final = 6  # MiB of a container
_EPHEMERAL: Final = range(21, 201)  # GiB
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ALARM_PERIODS: Final = (10, 20, 30)
_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800
_DATABASE_PORTS: Final = range(1150, _PORTS + 1)
_DATABASE_LOGS: Final = frozenset({"audit", "error", "general", "slowquery", "instance", "iam-db-auth-error"})
_FAMILY: Final = re.compile(
    r"aurora-mysql\d\.\d|mysql\d\.\d|(aurora-postgresql|postgres|docdb|neptune|mariadb)\d+(\.\d+)?"
    r"|(oracle|custom-oracle|sqlserver|db2)-[a-z-]+-?\d+(\.\d+)?"
)
_CLOCK: Final = r"([01]\d|2[0-3]):[0-5]\d"
_WEEKDAY: Final = r"(mon|tue|wed|thu|fri|sat|sun)"
_PASSWORDS: Final = range(1, 4097)
_KINDS_OF_CHARACTERS: Final = ("ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation")


def faults(resource_type: str, properties: Properties) -> Iterator[str]:
    """Yield a sentence for everything that the resource's service would refuse."""
    for rule in _RULES.get(resource_type, ()):
        yield from rule(properties)


def _number(properties: Properties, name: str) -> float | None:
    """Return a number that a template writes, or None where it is not known, or none."""
    value = properties.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _text(properties: Properties, name: str) -> str | None:
    value = properties.get(name)
    known = isinstance(value, str | int) and not isinstance(value, bool) and "{{" not in str(value)
    return str(value) if known and "${" not in str(value) else None


def _mappings(value: Any) -> Iterator[Properties]:
    """Yield the mappings of a list that are no intrinsic functions."""
    for each in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
        if isinstance(each, Mapping) and not any(str(key).startswith("Fn::") or key == "Ref" for key in each):
            yield each


def _within(properties: Properties, name: str, allowed: range, what: str = "") -> Iterator[str]:
    value = _number(properties, name)
    if value is not None and not allowed.start <= value <= allowed.stop - 1:
        yield f"{what}{name} is {properties[name]}; {allowed.start} to {allowed.stop - 1} are allowed"


def _network(properties: Properties, name: str) -> Iterator[str]:
    if (text := _text(properties, name)) is None:
        return
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        found = None
    if found is None or "/" not in text or (found.version == 6) is not (":" in text):
        yield f"{name} is {text!r}, which is no block of addresses, as 10.0.0.0/16"


def _security_rule(rule: Properties) -> Iterator[str]:
    protocol = (_text(rule, "IpProtocol") or "").lower()
    for name in ("CidrIp", "CidrIpv6"):
        yield from _network(rule, name)
    if protocol and protocol not in _PROTOCOLS and not re.fullmatch(r"-1|\d{1,3}", protocol):
        yield f"IpProtocol is {protocol!r}; tcp, udp, icmp, icmpv6, a number, or -1 for all, are allowed"
    if protocol not in _WITH_PORTS:
        return
    missing = [name for name in ("FromPort", "ToPort") if name not in rule]
    if missing:
        yield f"{' and '.join(missing)} of a rule of {protocol} is missing; EC2 wants both ports of TCP and UDP"
        return
    first, last = _number(rule, "FromPort"), _number(rule, "ToPort")
    if first == last == -1:
        return
    for name in ("FromPort", "ToPort"):
        yield from _within(rule, name, range(_PORTS + 1))
    if first is not None and last is not None and first > last:
        yield f"FromPort {first:g} is above ToPort {last:g}"


def _security_group(properties: Properties) -> Iterator[str]:
    for name in ("SecurityGroupIngress", "SecurityGroupEgress"):
        for index, rule in enumerate(_mappings(properties.get(name))):
            yield from (f"{name}[{index}]: {fault}" for fault in _security_rule(rule))
    if (_text(properties, "GroupName") or "").lower().startswith("sg-"):
        yield f"GroupName is {properties['GroupName']!r}; it may not begin with sg-"


def _vpc(properties: Properties) -> Iterator[str]:
    yield from _network(properties, "CidrBlock")
    hostnames, support = (str(properties.get(f"EnableDns{each}", "")).lower() for each in ("Hostnames", "Support"))
    if hostnames == "true" and support == "false":
        yield "EnableDnsHostnames is true without EnableDnsSupport; EC2 wants that, too"


def _subnet(properties: Properties) -> Iterator[str]:
    if wrong := list(_network(properties, "CidrBlock")):
        yield from wrong
    elif text := _text(properties, "CidrBlock"):
        size = ip_network(text, strict=False).prefixlen
        if not _LARGEST_SUBNET <= size <= _SMALLEST_SUBNET:
            yield f"CidrBlock is {text}; a subnet has from /{_LARGEST_SUBNET} to /{_SMALLEST_SUBNET}"


def _route(properties: Properties) -> Iterator[str]:
    for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock"):
        yield from _network(properties, name)
    if not any(name in properties for name in _ROUTE_TARGETS):
        yield "it leads nowhere: none of " + ", ".join(_ROUTE_TARGETS)


def _attributes(properties: Properties) -> Iterator[str]:
    values = {}
    for name in ("LoadBalancerAttributes", "TargetGroupAttributes"):
        for each in _mappings(properties.get(name)):
            key, value = _text(each, "Key"), each.get("Value")
            if key is None:
                continue
            if isinstance(value, Mapping):
                values[key] = _UNKNOWN
                continue
            values[key] = text = str(value).lower() if isinstance(value, bool) else str(value)
            allowed = _ATTRIBUTES.get(key)
            if isinstance(allowed, range):
                yield from _within({key: text}, key, allowed)
            elif allowed is not None and text not in allowed:
                yield f"{key} is {text!r}; {', '.join(sorted(allowed))} are allowed"
    slow, algorithm = values.get("slow_start.duration_seconds", "0"), values.get("load_balancing.algorithm.type", "")
    if slow not in {"0", _UNKNOWN}:
        yield from _within({"slow_start.duration_seconds": slow}, "slow_start.duration_seconds", _SLOW_START)
        if algorithm in {"least_outstanding_requests", "weighted_random"}:
            yield f"slow_start.duration_seconds does not go with the algorithm {algorithm}"
    is_weighted = algorithm in {"weighted_random", _UNKNOWN}
    if values.get("load_balancing.algorithm.anomaly_mitigation") == "on" and not is_weighted:
        yield "load_balancing.algorithm.anomaly_mitigation is on, which only the algorithm weighted_random has"
    for log in ("access_logs", "connection_logs"):
        if values.get(f"{log}.s3.enabled") == "true" and not values.get(f"{log}.s3.bucket"):
            yield f"{log}.s3.enabled is true without {log}.s3.bucket"


def _balancer_name(properties: Properties) -> Iterator[str]:
    name = _text(properties, "Name")
    if name is None:
        return
    if not re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)", name):
        yield f"Name is {name!r}; up to 32 letters, digits and hyphens are allowed, no hyphen first or last"
    elif name.startswith("internal-"):
        yield f"Name is {name!r}; it may not begin with internal-"


def _target_group(properties: Properties) -> Iterator[str]:
    path = _text(properties, "HealthCheckPath")
    if path and not path.startswith("/"):
        yield f"HealthCheckPath is {path!r}; it begins with /"
    port = _text(properties, "HealthCheckPort")
    if port and port != "traffic-port":
        yield from _within(properties, "HealthCheckPort", range(1, _PORTS + 1))
    interval, timeout = (_number(properties, f"HealthCheck{each}Seconds") for each in ("Interval", "Timeout"))
    if interval is not None and timeout is not None and timeout >= interval:
        yield f"HealthCheckTimeoutSeconds {timeout:g} must be below HealthCheckIntervalSeconds {interval:g}"
    matcher = properties.get("Matcher")
    codes = _text(matcher, "HttpCode") if isinstance(matcher, Mapping) else None
    for part in codes.split(",") if codes else ():
        first, _, last = part.partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            continue  # the plan says how it is written
        low, high = int(first), int(last or first)
        if low not in _MATCHED or high not in _MATCHED or low > high:
            yield f"Matcher.HttpCode has {part}; codes from {_MATCHED.start} to {_MATCHED.stop - 1} are allowed"


def _listener(properties: Properties) -> Iterator[str]:
    policy = _text(properties, "SslPolicy")
    if policy and not policy.startswith("ELBSecurityPolicy-"):
        yield f"SslPolicy is {policy!r}; AWS's own begin with ELBSecurityPolicy-"


def _listener_rule(properties: Properties) -> Iterator[str]:
    if properties.get("Conditions") == []:
        yield "it has no condition"


def _task_definition(properties: Properties) -> Iterator[str]:
    if (family := _text(properties, "Family")) and not _NAME.fullmatch(family):
        yield f"Family is {family!r}; up to 255 letters, digits, hyphens and underscores are allowed"
    storage = properties.get("EphemeralStorage")
    if isinstance(storage, Mapping):
        yield from _within(storage, "SizeInGiB", _EPHEMERAL, "EphemeralStorage.")
    for container in _mappings(properties.get("ContainerDefinitions")):
        where = f"container {container.get('Name')}: "
        yield from (f"{where}{fault}" for fault in _container(container))
        logging = container.get("LogConfiguration")
        is_logged = isinstance(logging, Mapping) and logging.get("LogDriver") == "awslogs"
        if is_logged and "ExecutionRoleArn" not in properties:
            yield f"{where}Fargate wants an ExecutionRoleArn of a task that logs by awslogs"


def _container(container: Properties) -> Iterator[str]:
    memory = _number(container, "Memory")
    if memory is not None and memory < _LEAST_MEMORY:
        yield f"Memory is {memory:g}; {_LEAST_MEMORY} MiB are the least"
    for limit in _mappings(container.get("Ulimits")):
        soft, hard = _number(limit, "SoftLimit"), _number(limit, "HardLimit")
        if soft is not None and hard is not None and soft > hard:
            yield f"the ulimit {limit.get('Name')} has a SoftLimit {soft:g} above its HardLimit {hard:g}"
    paths = [path for each in _mappings(container.get("MountPoints")) if (path := _text(each, "ContainerPath"))]
    for path in sorted({each for each in paths if paths.count(each) > 1}):
        yield f"two volumes are mounted at {path}"
    logging = container.get("LogConfiguration")
    if isinstance(logging, Mapping):
        yield from _logging(logging)


def _logging(logging: Properties) -> Iterator[str]:
    driver = _text(logging, "LogDriver")
    if driver and driver not in _LOG_DRIVERS:
        yield f"LogDriver is {driver!r}; Fargate has {', '.join(sorted(_LOG_DRIVERS))}"
    options = logging.get("Options", {})
    if driver != "awslogs" or not isinstance(options, Mapping):
        return
    for name in ("awslogs-group", "awslogs-region", "awslogs-stream-prefix"):
        if name not in options:
            yield f"{name} of the log driver awslogs is missing; Fargate wants it"
    if unknown := sorted(set(options) - _LOG_OPTIONS):
        yield f"the log driver awslogs has no option {', '.join(unknown)}"
    if (mode := _text(options, "mode")) and mode not in {"blocking", "non-blocking"}:
        yield f"mode of the log driver is {mode!r}; blocking or non-blocking are allowed"
    if (size := _text(options, "max-buffer-size")) and not re.fullmatch(r"\d+\s?[bkmgBKMG]?i?[bB]?", size):
        yield f"max-buffer-size of the log driver is {size!r}; a size is wanted, as 8m"


def _service(properties: Properties) -> Iterator[str]:
    if (name := _text(properties, "ServiceName")) and not _NAME.fullmatch(name):
        yield f"ServiceName is {name!r}; up to 255 letters, digits, hyphens and underscores are allowed"
    for name in ("DesiredCount", "HealthCheckGracePeriodSeconds"):
        if (_number(properties, name) or 0) < 0:
            yield f"{name} is {properties[name]}, below 0"
    if (_number(properties, "HealthCheckGracePeriodSeconds") or 0) > 0 and not properties.get("LoadBalancers"):
        yield "HealthCheckGracePeriodSeconds is for services with load balancers, and this one has none"
    strategy = list(_mappings(properties.get("CapacityProviderStrategy")))
    if len([each for each in strategy if _number(each, "Base")]) > 1:
        yield "only one capacity provider of a strategy can have a Base"
    if strategy and all(_number(each, "Weight") == 0 for each in strategy):
        yield "no capacity provider of its strategy has a Weight above 0, so none could take a task"


def _scalable_target(properties: Properties) -> Iterator[str]:
    low, high = _number(properties, "MinCapacity"), _number(properties, "MaxCapacity")
    if low is not None and low < 0:
        yield f"MinCapacity is {low:g}, below 0"
    if low is not None and high is not None and low > high:
        yield f"MinCapacity {low:g} is above MaxCapacity {high:g}"


def _scaling_policy(properties: Properties) -> Iterator[str]:
    tracking = properties.get("TargetTrackingScalingPolicyConfiguration")
    for name in ("ScaleInCooldown", "ScaleOutCooldown") if isinstance(tracking, Mapping) else ():
        if (_number(tracking or {}, name) or 0) < 0:
            yield f"{name} is {(tracking or {})[name]}, below 0"


def _database(properties: Properties) -> Iterator[str]:
    if (name := _text(properties, "DatabaseName")) and not re.fullmatch(r"[A-Za-z]\w{0,63}", name, re.ASCII):
        yield f"DatabaseName is {name!r}; up to 64 letters and digits are allowed, a letter first"
    yield from _within(properties, "Port", _DATABASE_PORTS)
    if (user := _text(properties, "MasterUsername")) and user.lower() == "rdsadmin":
        yield f"MasterUsername is {user!r}, which is RDS's own"
    word = _text(properties, "MasterUserPassword")
    is_mysql = "mysql" in str(properties.get("Engine"))
    if word and is_mysql and (not 8 <= len(word) <= 41 or set('/@" ') & set(word)):
        yield 'MasterUserPassword is not what RDS takes: 8 to 41 printable characters, without /, @, " and blanks'
    window = _text(properties, "PreferredBackupWindow")
    if window and not re.fullmatch(f"{_CLOCK}-{_CLOCK}", window):
        yield f"PreferredBackupWindow is {window!r}; hh:mm-hh:mm is wanted"
    window = _text(properties, "PreferredMaintenanceWindow")
    if window and not re.fullmatch(f"{_WEEKDAY}:{_CLOCK}-{_WEEKDAY}:{_CLOCK}", window.lower()):
        yield f"PreferredMaintenanceWindow is {window!r}; ddd:hh:mm-ddd:hh:mm is wanted"
    logs = properties.get("EnableCloudwatchLogsExports")
    for log in logs if isinstance(logs, list) else ():
        if isinstance(log, str) and properties.get("Engine") == "aurora-mysql" and log not in _DATABASE_LOGS:
            yield f"EnableCloudwatchLogsExports has {log!r}; {', '.join(sorted(_DATABASE_LOGS))} are allowed"


def _parameter_group(properties: Properties) -> Iterator[str]:
    if (family := _text(properties, "Family")) and not _FAMILY.fullmatch(family):
        yield f"Family is {family!r}, which is none of RDS's, as aurora-mysql8.0"


def _file_system(properties: Properties) -> Iterator[str]:
    if properties.get("ThroughputMode") == "provisioned" and "ProvisionedThroughputInMibps" not in properties:
        yield "ThroughputMode is provisioned without ProvisionedThroughputInMibps"


def _alarm(properties: Properties) -> Iterator[str]:
    period, periods = _number(properties, "Period"), _number(properties, "EvaluationPeriods")
    if period is not None and period not in _ALARM_PERIODS and (period < _MINUTE or period % _MINUTE):
        yield f"Period is {period:g}; 10, 20, 30 and multiples of 60 are allowed"
    longest = _WEEK if (period or 0) >= _HOUR else _DAY
    if period is not None and periods is not None and period * periods > longest:
        yield f"{periods:g} periods of {period:g} s are looked at; {longest} s are the longest"
    percentile = re.fullmatch(r"p(\d+(\.\d+)?)", _text(properties, "ExtendedStatistic") or "")
    if percentile and float(percentile[1]) > 100:
        yield f"ExtendedStatistic is {percentile[0]}; p0 to p100 are allowed"
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        actions = properties.get(name)
        for action in actions if isinstance(actions, list) else ():
            if isinstance(action, str) and "${" not in action and not action.startswith("arn:"):
                yield f"{name} has {action!r}, which is no ARN"


def _dashboard(properties: Properties) -> Iterator[str]:
    if (name := _text(properties, "DashboardName")) and not _NAME.fullmatch(name):
        yield f"DashboardName is {name!r}; up to 255 letters, digits, hyphens and underscores are allowed"


def _metric_filter(properties: Properties) -> Iterator[str]:
    pattern = (_text(properties, "FilterPattern") or "").strip()
    if pattern[:1] in {"{", "["} and pattern[-1:] != {"{": "}", "[": "]"}[pattern[:1]]:
        yield f"FilterPattern is {pattern!r}, which begins with {pattern[0]} and does not end so"


def _event_rule(properties: Properties) -> Iterator[str]:
    pattern = properties.get("EventPattern")
    if isinstance(pattern, str) and "${" not in pattern:
        try:
            read = json.loads(pattern)
        except ValueError as error:
            yield f"EventPattern is no JSON: {error}"
        else:
            if not isinstance(read, Mapping):
                yield f"EventPattern is {pattern!r}; a mapping is wanted"


def _secret(properties: Properties) -> Iterator[str]:
    if (name := _text(properties, "Name")) and not re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,512}", name):
        yield f"Name is {name!r}; letters, digits and /_+=.@- are allowed"
    generate = properties.get("GenerateSecretString")
    if not isinstance(generate, Mapping):
        return
    yield from _within(generate, "PasswordLength", _PASSWORDS, "GenerateSecretString.")
    if str(generate.get("RequireEachIncludedType", True)).lower() == "true":
        kinds = [name for name in _KINDS_OF_CHARACTERS if str(generate.get(name, False)).lower() != "true"]
        length = _number(generate, "PasswordLength")
        if length is not None and length < len(kinds):
            yield f"GenerateSecretString.PasswordLength {length:g} is too short for one of each of {len(kinds)} kinds"


def _bucket(properties: Properties) -> Iterator[str]:
    lifecycle = properties.get("LifecycleConfiguration")
    for rule in _mappings(lifecycle.get("Rules")) if isinstance(lifecycle, Mapping) else ():
        for name in ("ExpirationInDays", "NoncurrentVersionExpirationInDays"):
            days = _number(rule, name)
            if days is not None and days < 1:
                yield f"{name} of a lifecycle rule is {days:g}; a day is the least"


_RULES: Final[Mapping[str, Sequence[Rule]]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": (_scalable_target,),
    "AWS::ApplicationAutoScaling::ScalingPolicy": (_scaling_policy,),
    "AWS::CloudWatch::Alarm": (_alarm,),
    "AWS::CloudWatch::Dashboard": (_dashboard,),
    "AWS::EC2::Route": (_route,),
    "AWS::EC2::SecurityGroup": (_security_group,),
    "AWS::EC2::SecurityGroupEgress": (_security_rule,),
    "AWS::EC2::SecurityGroupIngress": (_security_rule,),
    "AWS::EC2::Subnet": (_subnet,),
    "AWS::EC2::VPC": (_vpc,),
    "AWS::ECS::Service": (_service,),
    "AWS::ECS::TaskDefinition": (_task_definition,),
    "AWS::EFS::FileSystem": (_file_system,),
    "AWS::ElasticLoadBalancingV2::Listener": (_listener,),
    "AWS::ElasticLoadBalancingV2::ListenerRule": (_listener_rule,),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (_balancer_name, _attributes),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (_target_group, _attributes),
    "AWS::Events::Rule": (_event_rule,),
    "AWS::Logs::MetricFilter": (_metric_filter,),
    "AWS::RDS::DBCluster": (_database,),
    "AWS::RDS::DBClusterParameterGroup": (_parameter_group,),
    "AWS::RDS::DBParameterGroup": (_parameter_group,),
    "AWS::S3::Bucket": (_bucket,),
    "AWS::SecretsManager::Secret": (_secret,),
}
