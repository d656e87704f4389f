"""Database clusters as Aurora MySQL Serverless v2 would run them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rehearsal.fargate.desired.backing_servers import Capacity, Database
from rehearsal.fargate.plan.lookup import Found, Lookup, number
from rehearsal.fargate.plan.references import ReadSecret, resolve

# Default max_connections by the maximum of Aurora capacity units, from "Maximum connections for Aurora Serverless v2"
# in the Aurora user guide. The cap of 2,000 for a minimum of 0 or 0.5 units is PostgreSQL's alone.
MAX_CONNECTIONS = (
    (1.0, 90),
    (4.0, 135),
    (8.0, 1000),
    (16.0, 2000),
    (32.0, 3000),
    (64.0, 4000),
    (128.0, 5000),
    (192.0, 6000),
)
MIB_PER_CAPACITY_UNIT = 2048
SMALLEST_MEMORY_MIB = 1024  # the server's own need; half a capacity unit is less than it takes to start

# From "ServerlessV2ScalingConfiguration" in the RDS API reference: the least, which is the default, and the most.
_IDLE = (300, 86400)

_FIELD = re.compile(r"(:SecretString:)[^:}]+(:|}})")

_HONOURED = """
    max_connections max_user_connections max_connect_errors
    wait_timeout interactive_timeout net_read_timeout net_write_timeout
    character_set_server collation_server sql_mode time_zone transaction_isolation max_allowed_packet
    group_concat_max_len innodb_lock_wait_timeout lock_wait_timeout innodb_print_all_deadlocks long_query_time
    slow_query_log event_scheduler require_secure_transport log_bin_trust_function_creators thread_cache_size
    table_open_cache
    tmp_table_size max_heap_table_size sort_buffer_size join_buffer_size
"""
HONOURED_PARAMETERS = frozenset(_HONOURED.split())
PARAMETERS_WITHOUT_EFFECT: Mapping[str, str] = {
    "aurora_": "Aurora's own",
    "server_audit_": "audit logs go to CloudWatch",
    "binlog_format": "nothing replicates",
    "performance_schema": "nobody reads it here",
    "general_log": "nobody reads it here",
    "log_output": "logs go to CloudWatch",
    "tls_version": "the server's own defaults serve",
}


def databases(lookup: Lookup, read: ReadSecret) -> tuple[Database, ...]:
    """Return the database clusters of the stack that is being deployed."""
    return tuple(_database(found, lookup, read) for found in lookup.own("AWS::RDS::DBCluster"))


def _database(found: Found, lookup: Lookup, read: ReadSecret) -> Database:
    properties = found.properties
    if properties.get("Engine") != "aurora-mysql":
        raise found.fault(f"Engine is {properties.get('Engine')!r}; the rehearsal runs aurora-mysql.")
    if properties.get("EngineMode", "provisioned") != "provisioned":
        raise found.fault(f"EngineMode {properties['EngineMode']!r} is gone from Aurora; leave it out.")
    snapshot = properties.get("SnapshotIdentifier")
    if snapshot and properties.get("MasterUsername"):
        raise found.fault("a cluster that begins with a snapshot has its MasterUsername from there; leave it out.")
    for name in ("MasterUsername", "MasterUserPassword", "DBSubnetGroupName"):
        if not properties.get(name) and not (snapshot and name == "MasterUsername"):
            raise found.fault(f"{name} is missing.")
    instances = [i for i in lookup.of_type("AWS::RDS::DBInstance") if _belongs(i, found)]
    if not instances:
        raise found.fault("the cluster has no DBInstance, so nothing answers at its endpoint.")
    parameters: dict[str, str] = {}
    for instance in instances:
        if (engine := instance.properties.get("Engine", "aurora-mysql")) != "aurora-mysql":
            raise instance.fault(f"Engine is {engine!r}, and that of its cluster aurora-mysql.")
        kind = instance.properties.get("DBInstanceClass")
        if kind != "db.serverless":
            raise instance.fault(f"DBInstanceClass {kind!r}: the rehearsal knows the limits of db.serverless only.")
        parameters |= _parameters(lookup, instance, "DBParameterGroupName", "AWS::RDS::DBParameterGroup")
    parameters |= _parameters(lookup, found, "DBClusterParameterGroupName", "AWS::RDS::DBClusterParameterGroup")
    parameters |= _parameters(lookup, found, "DBInstanceParameterGroupName", "AWS::RDS::DBParameterGroup")
    scaling = found.properties.get("ServerlessV2ScalingConfiguration")
    if not scaling:
        raise found.fault("ServerlessV2ScalingConfiguration is missing, and its instances are db.serverless.")
    size = capacity(found, scaling)
    connections = max(limit for units, limit in MAX_CONNECTIONS if units <= size.maximum)
    if "max_connections" in parameters:
        connections = number(found, "max_connections", parameters.pop("max_connections"))
    groups = [str(g) for g in properties.get("VpcSecurityGroupIds", ())]
    aliases = [found.resource.attributes.get(a) for a in ("Endpoint.Address", "ReadEndpoint.Address")]
    if aliases[0] is None:
        raise found.fault("it has no Endpoint.Address.")
    return Database(
        key=found.key,
        network=lookup.network(None, _subnets(found, lookup), groups, found),
        aliases=tuple(dict.fromkeys(a for a in aliases if a)),
        port=number(found, "Port", properties.get("Port", 3306)),
        name=properties.get("DatabaseName"),
        user=resolve(found, "MasterUsername", _user(found), read),
        password=resolve(found, "MasterUserPassword", str(properties["MasterUserPassword"]), read),
        max_connections=connections,
        capacity=size,
        parameters=parameters,
        snapshot=snapshot,
    )


def _user(found: Found) -> str:
    """Return the master user: the template's, or the one that stands in the secret beside the password.

    With a snapshot, RDS keeps the snapshot's; what reaches the database reads the secret's.
    """
    if user := found.properties.get("MasterUsername"):
        return str(user)
    password = str(found.properties["MasterUserPassword"])
    user = _FIELD.sub(r"\1username\2", password)
    if user == password:
        raise found.fault("MasterUserPassword is no field of a secret, which would tell the snapshot's master user.")
    return user


def _belongs(instance: Found, cluster: Found) -> bool:
    return str(instance.properties.get("DBClusterIdentifier")) in cluster.names()


def capacity(found: Found, scaling: Mapping[str, Any]) -> Capacity:
    """Read bounds of capacity units; what Aurora would refuse is a fault of ``found``, which sets them."""
    low, high = float(scaling["MinCapacity"]), float(scaling["MaxCapacity"])
    if not 0 <= low <= high or not 1 <= high <= 256 or low * 2 % 1 or high * 2 % 1:
        raise found.fault(
            f"capacity {low} to {high}: halves, the minimum at least 0, the maximum 1 to 256 and not below the minimum."
        )
    idle = number(found, "SecondsUntilAutoPause", scaling.get("SecondsUntilAutoPause", _IDLE[0]))
    if not _IDLE[0] <= idle <= _IDLE[1]:
        raise found.fault(f"SecondsUntilAutoPause is {idle}; it is from {_IDLE[0]} to {_IDLE[1]}.")
    memory = max(SMALLEST_MEMORY_MIB, int(high * MIB_PER_CAPACITY_UNIT))
    return Capacity(low, high, memory, None if low else idle)


def _subnets(found: Found, lookup: Lookup) -> list[str]:
    group = lookup.need(
        str(found.properties["DBSubnetGroupName"]), "AWS::RDS::DBSubnetGroup", found, "DBSubnetGroupName"
    )
    subnets = [str(s) for s in group.properties.get("SubnetIds", ())]
    zones = [zone(lookup, s) for s in subnets]
    known = {z for z in zones if z is not None}
    if len(set(subnets)) < 2 or (None not in zones and len(known) < 2):
        raise group.fault(
            f"it has {len(set(subnets))} subnet(s) in {len(known)} zone(s); RDS wants subnets in two zones at least."
        )
    return subnets


def zone(lookup: Lookup, subnet: str) -> str | None:
    """Return a subnet's availability zone; None for a subnet that no deployed stack has."""
    found = lookup.find(subnet, "AWS::EC2::Subnet")
    return str(found.properties["AvailabilityZone"]) if found else None


def _parameters(lookup: Lookup, found: Found, name: str, resource_type: str) -> dict[str, str]:
    value = found.properties.get(name)
    if value is None or str(value).startswith("default."):
        return {}
    group = lookup.need(str(value), resource_type, found, name)
    result = {}
    parameters = group.properties.get("Parameters", {})
    if not isinstance(parameters, Mapping):
        raise group.fault("its Parameters are a text; a mapping is wanted.")
    for parameter, setting in parameters.items():
        if any(parameter.startswith(prefix) for prefix in PARAMETERS_WITHOUT_EFFECT):
            continue
        if parameter not in HONOURED_PARAMETERS:
            raise group.fault(f"the rehearsal does not know how to honour the database parameter {parameter}.")
        result[parameter] = str(setting)
    return result
