"""A plan: what a stack's templates say shall run, as plain values with every default of AWS filled in."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.fargate.desired.alarm import Alarm, Unwatched
from rehearsal.fargate.desired.backing_servers import Database, MailServer
from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.desired.dashboard import Dashboard
from rehearsal.fargate.desired.front import Front
from rehearsal.fargate.desired.scaling import Scaling
from rehearsal.fargate.desired.scheduled_size import Sized
from rehearsal.fargate.desired.service import Schedule, Service


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
