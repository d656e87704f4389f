"""A plan: what a stack's templates say shall run, as plain values with every default of AWS filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from rehearsal.fargate.plan.alarm_state import Missing
from rehearsal.fargate.plan.statements import Firewall
from rehearsal.fargate.plan.timetable import Timetable
from rehearsal.values.stack import Resource, Stack


@dataclass(frozen=True)
class Key:
    """What a resource is known by between deployments: its place in the template, not its physical id.

    What replaces a resource there is another one, of the next ``generation``.
    """

    account: str
    region: str
    stack: str
    logical_id: str
    generation: int = 1

    @classmethod
    def of(cls, stack: Stack, resource: Resource) -> Key:
        """Make it for a resource of a stack."""
        return cls(stack.account, stack.region, stack.name, resource.logical_id, resource.generation)

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read what ``str`` gives."""
        account, region, stack, name = text.split("/")
        logical_id, _, generation = name.partition("#")
        return cls(account, region, stack, logical_id, int(generation or 1))

    def __str__(self) -> str:
        later = "" if self.generation == 1 else f"#{self.generation}"
        return f"{self.account}/{self.region}/{self.stack}/{self.logical_id}{later}"

    @property
    def short(self) -> str:
        """The logical id without the eight digits that the CDK puts behind it."""
        return re.sub(r"(?<=.)[0-9A-F]{8}$", "", self.logical_id)


class Condition(StrEnum):
    """When a container that others depend on counts as reached."""

    START = "START"
    COMPLETE = "COMPLETE"
    SUCCESS = "SUCCESS"
    HEALTHY = "HEALTHY"


@dataclass(frozen=True)
class HealthCheck:
    """A container's own health check; times in seconds. ``command`` starts with CMD or CMD-SHELL."""

    command: tuple[str, ...]
    interval: int
    timeout: int
    retries: int
    start_period: int

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as the container's kernel sees it."""
        kind, *rest = self.command
        return ("/bin/sh", "-c", " ".join(rest)) if kind == "CMD-SHELL" else tuple(rest)

    @property
    def patience(self) -> int:
        """Seconds after which a container that never passed counts as unhealthy."""
        return self.start_period + self.retries * max(self.interval, self.timeout)


@dataclass(frozen=True)
class Mount:
    """One of the task's volumes at a path of one container."""

    volume: str
    path: str
    read_only: bool


@dataclass(frozen=True)
class SharedVolume:
    """An EFS file system's folder: ``uid``, ``gid``, ``mode`` are what the folder is made with."""

    file_system: Key
    path: str
    uid: int
    gid: int
    mode: str


@dataclass(frozen=True)
class EphemeralVolume:
    """A Fargate bind volume: fresh for each task, gone with it."""


@dataclass(frozen=True)
class Ulimit:
    """One resource limit of a container's processes."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True)
class Container:
    """One container of a task. ``secrets`` holds values, and so never shows in a message."""

    name: str
    image: str
    essential: bool
    command: tuple[str, ...] | None
    entry_point: tuple[str, ...] | None
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    user: str | None
    working_directory: str | None
    read_only_root: bool
    init: bool
    ports: tuple[int, ...]
    mounts: tuple[Mount, ...]
    depends_on: tuple[tuple[str, Condition], ...]
    health: HealthCheck | None
    ulimits: tuple[Ulimit, ...]
    drop_capabilities: tuple[str, ...]
    cpu_units: int | None
    memory_mib: int | None
    memory_reservation_mib: int | None
    start_timeout: int
    stop_timeout: int


@dataclass(frozen=True)
class TaskDefinition:
    """A task: containers that share a network, volumes, and a limit of CPU (1024 units a core) and memory."""

    key: Key
    family: str
    cpu_units: int
    memory_mib: int
    containers: tuple[Container, ...]
    volumes: Mapping[str, SharedVolume | EphemeralVolume]
    sysctls: Mapping[str, str]

    def container(self, name: str) -> Container:
        """Return the container of that name."""
        return next(c for c in self.containers if c.name == name)


@dataclass(frozen=True)
class TargetGroup:
    """A target group with its health check; times in seconds; ``matcher`` as the template writes it ("200-299")."""

    key: Key
    port: int
    algorithm: str
    deregistration_delay: int
    slow_start: int
    check_path: str
    check_port: int | None
    matcher: str
    interval: int
    timeout: int
    healthy_threshold: int
    unhealthy_threshold: int


@dataclass(frozen=True)
class Target:
    """Where a service's tasks are registered: a port of one of its containers in a target group."""

    group: TargetGroup
    container: str
    port: int


@dataclass(frozen=True)
class Service:
    """An ECS service as it shall run. ``network`` names the VPC; ``grace_period`` in seconds.

    ``failure_threshold`` is after how many failed tasks a deployment fails; a healthy one sets their count to 0 where
    ``failures_reset``. ``alarms`` are the names of those that fail a deployment when they ring.
    """

    key: Key
    network: str
    task: TaskDefinition
    count: int
    minimum_percent: int
    maximum_percent: int
    circuit_breaker: bool
    rollback: bool
    failure_threshold: int
    failures_reset: bool
    grace_period: int
    targets: tuple[Target, ...]
    alarms: tuple[str, ...]
    alarm_rollback: bool


@dataclass(frozen=True)
class Schedule:
    """A task that is started again and again, as its timetable says. ``network`` names the VPC."""

    key: Key
    network: str
    task: TaskDefinition
    timetable: Timetable
    # Nobody sends requests to such a task.
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Run:
    """A task that is run once, until somebody stops it. ``network`` names the VPC."""

    key: Key
    network: str
    task: TaskDefinition
    # Nobody sends requests to such a task.
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Forward:
    """Send the request to a target group."""

    group: TargetGroup


@dataclass(frozen=True)
class Redirect:
    """Answer with a redirect; parts may hold ALB's placeholders ``#{host}`` ``#{path}`` ``#{query}`` and so on."""

    protocol: str
    host: str
    port: str
    path: str
    query: str
    status: int


@dataclass(frozen=True)
class FixedResponse:
    """Answer from the load balancer itself."""

    status: int
    content_type: str
    body: str


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True)
class RuleCondition:
    """One condition of a rule: one of its ``values`` matches; ``regular`` where they are regular expressions.

    ``header`` is the one that an ``http-header`` condition looks at.
    """

    field: str
    values: tuple[str, ...]
    regular: bool = False
    header: str = ""


@dataclass(frozen=True)
class Rule:
    """A listener rule: all ``conditions`` must hold."""

    priority: int
    conditions: tuple[RuleCondition, ...]
    action: Action


@dataclass(frozen=True)
class Listener:
    """A listener's port and what it does with a request."""

    port: int
    tls: bool
    default: Action
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class LoadBalancer:
    """An application load balancer, reached at ``host:port`` on this machine; times in seconds.

    ``names`` are the public names that lead to it, ``certified`` those that its certificates are for.
    """

    key: Key
    network: str
    host: str
    port: int
    idle_timeout: int
    keep_alive: int
    drop_invalid_headers: bool
    forwarded_for: str
    listeners: tuple[Listener, ...]
    names: tuple[str, ...] = ()
    certified: tuple[str, ...] = ()
    firewall: Firewall | None = None


@dataclass(frozen=True)
class CachePolicy:
    """What of a request tells kept answers apart; nothing is kept where it does not ``keep``.

    ``cookies`` are names in which ``*`` and ``?`` stand for anything; ``encodings`` those that CloudFront tells apart,
    and compresses to.
    """

    keeps: bool
    cookies: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    query: bool = False
    encodings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a front asks: a listener of a load balancer. ``headers`` it says over a visitor's own; times in seconds."""

    balancer: Key
    network: str
    host: str
    port: int
    tls: tuple[str, ...]
    headers: Mapping[str, str] = field(repr=False)
    connect_timeout: int
    read_timeout: int
    keep_alive: int


@dataclass(frozen=True)
class Behaviour:
    """What a front does with requests of a ``path``, in which ``*`` and ``?`` stand for anything.

    ``viewers`` is the viewer protocol policy; the name that a visitor asks for is passed on where ``own_host`` is true.
    """

    path: str
    origin: Origin
    viewers: str
    methods: tuple[str, ...]
    policy: CachePolicy
    compressed: bool
    own_host: bool


@dataclass(frozen=True)
class Front:
    """A distribution of CloudFront under its ``names``; ``behaviours`` in the order in which they are tried."""

    key: Key
    address: str
    names: tuple[str, ...]
    tls: tuple[str, ...]
    http2: bool
    behaviours: tuple[Behaviour, ...]
    firewall: Firewall | None = None

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where it asks, each once."""
        return tuple({(o.balancer, o.port, o.host): o for o in (b.origin for b in self.behaviours)}.values())


@dataclass(frozen=True)
class Capacity:
    """What the capacity of a database means here; ``minimum`` and ``maximum`` in Aurora's units.

    With a minimum of 0 it pauses after ``idle`` seconds without a client; None: it never does.
    """

    minimum: float
    maximum: float
    memory_mib: int
    idle: int | None


@dataclass(frozen=True)
class Database:
    """A database cluster: ``aliases`` are its endpoints' names in the container network.

    ``snapshot`` is the ARN or name of the snapshot that it begins with; None: it begins empty.
    """

    key: Key
    network: str
    aliases: tuple[str, ...]
    port: int
    name: str | None
    user: str
    password: str = field(repr=False)
    max_connections: int
    capacity: Capacity
    parameters: Mapping[str, str]
    snapshot: str | None = None


@dataclass(frozen=True)
class MailServer:
    """A mail server by SMTP, known as ``host`` in the container network; mails that it takes stay on this machine."""

    key: Key
    network: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class BalancerMetric:
    """A metric of a load balancer, or of one of its target groups."""

    name: str
    balancer: Key
    group: Key | None

    @property
    def words(self) -> str:
        """What a person calls it."""
        return self.name


@dataclass(frozen=True)
class LogMetric:
    """A metric that a filter makes of what tasks print: ``value`` for each line that holds all ``terms``.

    With a ``field`` a line counts that is a JSON object in which that has the value, ``*`` in it standing for anything.
    A ``value`` that is a text names the field of such an object in which the value is.
    ``sources`` are schedules and services, each with a container; ``default`` is what output without such a line gives.
    """

    sources: tuple[tuple[Key, str], ...]
    terms: tuple[str, ...]
    value: float | str
    default: float | None
    field: tuple[str, str] | None = None

    @property
    def words(self) -> str:
        """What a person calls it."""
        return f"lines with {' and '.join(self.terms) or ' = '.join(self.field or ())}"

    def values(self, lines: Sequence[str]) -> list[float]:
        """Return what some lines give: nothing where there are none."""
        hits = [value for line in lines if (value := self._value(line)) is not None]
        return hits or ([] if self.default is None or not lines else [self.default])

    def _value(self, line: str) -> float | None:
        if self.field is None and isinstance(self.value, float):
            return self.value if all(term in line for term in self.terms) else None
        try:
            found = json.loads(line)
        except ValueError:
            return None
        name, wanted = self.field or ("", "")
        if not isinstance(found, dict) or name not in found or not fnmatchcase(str(found[name]), wanted):
            return None
        if isinstance(self.value, float):
            return self.value
        value = found.get(self.value)
        return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True)
class ServiceMetric:
    """``CPUUtilization`` or ``MemoryUtilization`` of a service's tasks: per cent of what each is given."""

    name: str
    service: Key

    @property
    def words(self) -> str:
        """What a person calls it."""
        return self.name


Metric = BalancerMetric | LogMetric | ServiceMetric


@dataclass(frozen=True)
class Alarm:
    """An alarm that is watched; ``period`` in seconds.

    Its data points are ``expression`` of each id's metric and statistic. ``notified`` has the e-mail addresses behind
    the topics of each state's actions, and only those states that have a topic.
    """

    key: Key
    name: str
    description: str
    metrics: Mapping[str, tuple[Metric, str]]
    expression: str
    period: int
    threshold: float
    comparison: str
    periods: int
    to_alarm: int
    missing: Missing
    notified: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Unwatched:
    """An alarm that is not watched, and why."""

    key: Key
    name: str
    reason: str


@dataclass(frozen=True)
class Line:
    """A line of a chart: a data point in ``period`` seconds, of ``expression`` over each id's metric and statistic."""

    key: str
    label: str
    metrics: Mapping[str, tuple[Metric, str]]
    expression: str
    period: int


@dataclass(frozen=True)
class Widget:
    """A rectangle of a dashboard, ``width`` of its 24 columns wide.

    ``alarms`` are resources; ``thresholds`` are horizontal lines, each with its label; ``undrawn`` says what of the
    widget is not drawn here, and why.
    """

    kind: str
    title: str
    width: int
    text: str = ""
    single: bool = False
    lines: tuple[Line, ...] = ()
    alarms: tuple[str, ...] = ()
    thresholds: tuple[tuple[str, float], ...] = ()
    undrawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dashboard:
    """A dashboard, its widgets from left to right and from top to bottom."""

    key: Key
    name: str
    widgets: tuple[Widget, ...]


@dataclass(frozen=True)
class ScheduledAction:
    """New bounds of a number of tasks, from a moment on; what is None stays."""

    name: str
    timetable: Timetable
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True)
class TargetTracking:
    """A policy that keeps a metric at its ``target``; cooldowns in seconds.

    ``high`` and ``low`` are the alarms that Application Auto Scaling makes for it.
    """

    name: str
    target: float
    high: Alarm
    low: Alarm
    scales_in: bool
    out_cooldown: int
    in_cooldown: int


@dataclass(frozen=True)
class Scaling:
    """What drives the number of a service's tasks.

    ``desired`` is what the template says of that number. ``suspended`` names the kinds of scaling that are;
    ``unscaled`` the policies that change nothing here, each with the reason.
    """

    key: Key
    service: Key
    desired: int | None
    minimum: int
    maximum: int
    actions: tuple[ScheduledAction, ...]
    policies: tuple[TargetTracking, ...]
    suspended: frozenset[str]
    unscaled: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Units:
    """The capacity units that are reserved of a load balancer; None: none are."""

    reserved: int | None


@dataclass(frozen=True)
class ServiceSize:
    """What a service's tasks are made of, and how many there are; what is None is left as it is."""

    task: TaskDefinition | None
    count: int | None


Setting = Capacity | Units | ServiceSize


@dataclass(frozen=True)
class ScheduledCall:
    """A call of AWS's API that a schedule makes, as ``service:action`` with its ``request``, and what that sets."""

    key: Key
    timetable: Timetable
    operation: str
    request: str
    setting: Setting


@dataclass(frozen=True)
class Sized:
    """A resource of which schedules set something, and what the template says of the same."""

    resource: Key
    template: Setting
    calls: tuple[ScheduledCall, ...]


@dataclass(frozen=True)
class Plan:
    """All that one stack wants to run, in the order in which it is started."""

    networks: tuple[str, ...]
    databases: tuple[Database, ...]
    mail_server: MailServer | None
    balancers: tuple[LoadBalancer, ...]
    fronts: tuple[Front, ...]
    services: tuple[Service, ...]
    schedules: tuple[Schedule, ...]
    scalings: tuple[Scaling, ...]
    sized: tuple[Sized, ...]
    alarms: tuple[Alarm, ...]
    unwatched: tuple[Unwatched, ...]
    dashboards: tuple[Dashboard, ...]
    notes: tuple[str, ...]
