"""What RDS refuses in clusters, instances and groups of parameters.

Sources: ``CreateDBCluster``, ``CreateDBInstance`` and ``CreateDBClusterParameterGroup`` in the API reference, "Naming
constraints", "Aurora Serverless v2 capacity" and "Database Insights" in the Aurora user guide, and RDS's errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from rehearsal.values.as_written import PORTS, Properties, number, text, truth, within

_DATABASE_PORTS: Final = range(1150, PORTS.stop)
_LOGS: Final = frozenset({"audit", "error", "general", "slowquery", "instance", "iam-db-auth-error"})
_FAMILY: Final = re.compile(
    r"aurora5\.6|aurora-mysql\d\.\d|mysql\d\.\d|(aurora-postgresql|postgres|docdb|neptune|mariadb)\d+(\.\d+)?"
    r"|(custom-)?(oracle|sqlserver|db2)-[a-z0-9-]+-\d+(\.\d+)?",
    re.IGNORECASE,
)
# The form of a version, which outlives each list of versions; a major version alone stands for its default. Aurora
# MySQL's begins with MySQL's own, which is 5 and above.
_VERSIONS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "aurora-mysql": (
        re.compile(r"([5-9]|\d\d+)\.\d+(\.\d+)?(\.mysql_aurora\.\d+\.\d+\.\d+(\.\d+)?)?"),
        "8.0 or 8.0.mysql_aurora.3.08.2",
    ),
    "aurora-postgresql": (re.compile(r"\d+(\.\d+){0,2}(-limitless)?"), "16 or 16.8"),
}
_LONGEST_USERS: Final[Mapping[str, int]] = {"aurora-mysql": 16, "mysql": 16, "aurora-postgresql": 63, "postgres": 63}
_PASSWORD: Final = re.compile(r"[!#-.0-?A-~]{8,41}")
_CLOCK: Final = r"([01]\d|2[0-3]):[0-5]\d"
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAILY: Final = re.compile(f"{_CLOCK}-{_CLOCK}")
_WEEKLY: Final = re.compile(f"({'|'.join(_WEEKDAYS)}):{_CLOCK}-({'|'.join(_WEEKDAYS)}):{_CLOCK}")
# Seconds from one measurement to the next.
_MONITORED: Final = (0, 1, 5, 10, 15, 30, 60)
# Aurora MySQL's first version that pauses, and for how many days the advanced mode of Database Insights keeps.
_OF_AURORA: Final = re.compile(r".*mysql_aurora\.(\d+)\.(\d+)\..*")
_PAUSES: Final = (3, 8)
_ADVANCED: Final = 465
_SHORTEST: Final = 30  # minutes of a window
_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY


def cluster(properties: Properties) -> Iterator[str]:
    """Yield what RDS refuses in a cluster."""
    engine = text(properties, "Engine") or ""
    if (name := text(properties, "DatabaseName")) and not re.fullmatch(r"[A-Za-z]\w{0,63}", name, re.ASCII):
        yield f"DatabaseName is {name!r}; up to 64 letters and digits are allowed, a letter first"
    version, form = text(properties, "EngineVersion"), _VERSIONS.get(engine)
    if version is not None and form and not form[0].fullmatch(version):
        yield f"EngineVersion is {version!r}, which is no version of {engine}, as {form[1]}"
    yield from within(properties, "Port", _DATABASE_PORTS)
    yield from _credentials(properties, engine)
    yield from instance(properties)
    yield from _insights(properties)
    logs = properties.get("EnableCloudwatchLogsExports")
    for log in logs if isinstance(logs, list) else ():
        if isinstance(log, str) and engine == "aurora-mysql" and log not in _LOGS:
            yield f"EnableCloudwatchLogsExports has {log!r}; {', '.join(sorted(_LOGS))} are allowed"
    scaling = properties.get("ServerlessV2ScalingConfiguration")
    if isinstance(scaling, Mapping) and "SecondsUntilAutoPause" in scaling and number(scaling, "MinCapacity"):
        yield "SecondsUntilAutoPause is for a MinCapacity of 0 alone"
    release = _OF_AURORA.fullmatch(version or "")
    is_older = release is not None and (int(release[1]), int(release[2])) < _PAUSES
    if is_older and isinstance(scaling, Mapping) and number(scaling, "MinCapacity") == 0:
        yield f"MinCapacity is 0, which Aurora MySQL takes from 3.08.0 on; EngineVersion is {version}"


def _insights(properties: Properties) -> Iterator[str]:
    """Yield what Database Insights lacks in its advanced mode."""
    days = number(properties, "PerformanceInsightsRetentionPeriod")
    if text(properties, "DatabaseInsightsMode") != "advanced":
        return
    if truth(properties, "PerformanceInsightsEnabled") is False:
        yield "DatabaseInsightsMode is advanced without PerformanceInsightsEnabled"
    if "PerformanceInsightsRetentionPeriod" not in properties or (days is not None and days < _ADVANCED):
        yield f"DatabaseInsightsMode is advanced; a PerformanceInsightsRetentionPeriod of {_ADVANCED} days is the least"


def instance(properties: Properties) -> Iterator[str]:
    """Yield what RDS refuses in an instance, and in a cluster of what an instance has as well."""
    yield from windows(properties)
    interval = number(properties, "MonitoringInterval")
    if interval is not None and interval not in _MONITORED:
        yield f"MonitoringInterval is {interval:g}; {', '.join(map(str, _MONITORED))} are allowed"
    if interval and "MonitoringRoleArn" not in properties:
        yield f"MonitoringInterval is {interval:g} without a MonitoringRoleArn"


def _credentials(properties: Properties, engine: str) -> Iterator[str]:
    if user := text(properties, "MasterUsername"):
        if user.lower() == "rdsadmin":
            yield f"MasterUsername is {user!r}, which is RDS's own"
        longest = _LONGEST_USERS.get(engine)
        if longest and len(user) > longest:
            yield f"MasterUsername has {len(user)} characters; {longest} are the most of {engine}"
    word = text(properties, "MasterUserPassword")
    if word and "mysql" in engine and not _PASSWORD.fullmatch(word):
        yield 'MasterUserPassword is not what RDS takes: 8 to 41 printable characters, without /, @, " and blanks'
    if word and truth(properties, "ManageMasterUserPassword"):
        yield "MasterUserPassword does not go with ManageMasterUserPassword"


def windows(properties: Properties) -> Iterator[str]:
    """Yield what RDS refuses in the windows of backups and of maintenance."""
    daily, weekly = (text(properties, f"Preferred{each}Window") for each in ("Backup", "Maintenance"))
    if daily and not _DAILY.fullmatch(daily):
        yield f"PreferredBackupWindow is {daily!r}; hh:mm-hh:mm is wanted"
        daily = None
    if weekly and not _WEEKLY.fullmatch(weekly.lower()):
        yield f"PreferredMaintenanceWindow is {weekly!r}; ddd:hh:mm-ddd:hh:mm is wanted"
        weekly = None
    for name, length in (("Backup", _length(daily, _DAY)), ("Maintenance", _length(weekly, _WEEK))):
        if length is not None and length < _SHORTEST:
            yield f"Preferred{name}Window is of {length} minutes; {_SHORTEST} are the least"
    if daily and weekly and _overlap(daily, weekly):
        yield f"PreferredBackupWindow {daily} overlaps PreferredMaintenanceWindow {weekly}"


def _moments(window: str) -> tuple[int, int]:
    """Return where a window begins and ends, in minutes of the day or of the week."""
    first, last = (each.split(":") for each in window.lower().split("-"))
    minutes = [(_WEEKDAYS.index(each[0]) * _DAY if each[2:] else 0) + int(each[-2]) * 60 + int(each[-1])
               for each in (first, last)]  # fmt: skip
    return minutes[0], minutes[1]


def _length(window: str | None, cycle: int) -> int | None:
    if window is None:
        return None
    first, last = _moments(window)
    return (last - first) % cycle


def _overlap(daily: str, weekly: str) -> bool:
    """Return whether a window of each day and one of the week have a minute in common."""
    (first, _), (start, _) = _moments(daily), _moments(weekly)
    begins = (start - first) % _DAY
    return begins < (_length(daily, _DAY) or 0) or begins + (_length(weekly, _WEEK) or 0) > _DAY


def parameter_group(properties: Properties) -> Iterator[str]:
    """Yield what RDS refuses in a group of parameters."""
    if (family := text(properties, "Family")) and not _FAMILY.fullmatch(family):
        yield f"Family is {family!r}, which is none of RDS's, as aurora-mysql8.0"
