"""Groups of parameters of a database: which parameters are honoured, and what RDS takes as their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from rehearsal.fargate.plan.lookup import Found, Lookup

# The kinds of values, from ``DataType`` and ``AllowedValues`` of ``DescribeEngineDefaultClusterParameters``; bounds are
# the server's to hold.
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "a whole number": (
        r"\d+",
        """max_connections max_user_connections max_connect_errors wait_timeout interactive_timeout net_read_timeout
        net_write_timeout max_allowed_packet group_concat_max_len innodb_lock_wait_timeout lock_wait_timeout
        thread_cache_size table_open_cache tmp_table_size max_heap_table_size sort_buffer_size join_buffer_size""",
    ),
    "a number of seconds": (r"\d+(\.\d+)?", "long_query_time"),
    "0, 1, OFF or ON": (
        r"(?i)0|1|off|on",
        """innodb_print_all_deadlocks slow_query_log event_scheduler require_secure_transport
        log_bin_trust_function_creators""",
    ),
    "a level of isolation, as READ-COMMITTED,": (
        r"(?i)read-uncommitted|read-committed|repeatable-read|serializable",
        "transaction_isolation",
    ),
    "a name": (r"\w+", "character_set_server collation_server"),
    "a list of modes, as STRICT_TRANS_TABLES,": (r"[\w, ]*", "sql_mode"),
    "the name of a time zone, as Europe/Berlin,": (r"[A-Za-z]\w*([/+-][\w+-]+)*", "time_zone"),
}
HONOURED: Final[Mapping[str, str]] = {name: kind for kind, (_, names) in _KINDS.items() for name in names.split()}
WITHOUT_EFFECT: Final[Mapping[str, str]] = {
    "aurora_": "Aurora's own",
    "server_audit_": "audit logs go to CloudWatch",
    "binlog_format": "nothing replicates",
    "performance_schema": "nobody reads it here",
    "general_log": "nobody reads it here",
    "log_output": "logs go to CloudWatch",
    "tls_version": "the server's own defaults serve",
}
# What RDS works out from the instance's class: {DBInstanceClassMemory/12582880}, GREATEST(…), LEAST(…), SUM(…), log(…).
_FORMULA: Final = re.compile(r"\{|(?i:greatest|least|sum|log)\(")
_DEFAULT: Final = "default."


def family_of(cluster: Found) -> str:
    """Return the family that a cluster's groups of parameters have to be of, as far as its version is known."""
    version = re.match(r"\d+\.\d+", str(cluster.properties.get("EngineVersion", "")))
    return f"{cluster.properties['Engine']}{version[0] if version else ''}"


def parameters(lookup: Lookup, found: Found, name: str, resource_type: str, family: str) -> dict[str, str]:
    """Return what the group sets that a property of a cluster or an instance names; what RDS refuses is a PlanError."""
    value = found.properties.get(name)
    if value is None:
        return {}
    if str(value).startswith(_DEFAULT):
        _check_family(found, name, str(value).removeprefix(_DEFAULT), family)
        return {}
    group = lookup.need(str(value), resource_type, found, name)
    _check_family(found, name, str(group.properties["Family"]), family)
    settings = group.properties.get("Parameters", {})
    if not isinstance(settings, Mapping):
        raise group.fault("its Parameters are a text; a mapping is wanted.")
    return {
        parameter: _setting(group, parameter, str(setting))
        for parameter, setting in settings.items()
        if not parameter.startswith(tuple(WITHOUT_EFFECT))
    }


def _check_family(found: Found, name: str, written: str, wanted: str) -> None:
    # A family without a version is that of each version.
    family = written.lower()
    if family != wanted and not (family.startswith(wanted) and not wanted[-1].isdigit()):
        raise found.fault(f"{name} is a group of the family {written}; its engine's is {wanted}.")


def _setting(group: Found, parameter: str, setting: str) -> str:
    if parameter not in HONOURED:
        raise group.fault(f"the rehearsal does not know how to honour the database parameter {parameter}.")
    if _FORMULA.search(setting):
        raise group.fault(f"the parameter {parameter} is the formula {setting}, which the rehearsal does not work out.")
    kind = HONOURED[parameter]
    if not re.fullmatch(_KINDS[kind][0], setting):
        raise group.fault(f"the parameter {parameter} is {setting!r}; {kind} is wanted.")
    return setting
