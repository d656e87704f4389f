"""From a deployed stack to what shall run: pure, and complete, so that every fault shows before anything is started."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.fargate.desired.alarm import Alarm, Unwatched
from rehearsal.fargate.desired.balancer import LoadBalancer
from rehearsal.fargate.desired.errors import PlanError
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.desired.service import Schedule, Service
from rehearsal.fargate.desired.task import SharedVolume
from rehearsal.fargate.plan.alarm import alarm
from rehearsal.fargate.plan.dashboard import dashboard
from rehearsal.fargate.plan.database import databases, zone
from rehearsal.fargate.plan.distribution import differences, distribution
from rehearsal.fargate.plan.known import KNOWN_TYPES, PROPERTIES, check_properties
from rehearsal.fargate.plan.load_balancer import forwards, load_balancer
from rehearsal.fargate.plan.lookup import Found, Lookup, truth
from rehearsal.fargate.plan.mail import mail_server
from rehearsal.fargate.plan.reachability import Connections, balancer_peer
from rehearsal.fargate.plan.references import ReadSecret, check_references, secret_arn
from rehearsal.fargate.plan.routes import Routes, check_open, check_reach
from rehearsal.fargate.plan.scalable_target import scaling
from rehearsal.fargate.plan.schedule import RULE, SCHEDULE, runs_tasks, schedule, scheduled_tasks, task_run
from rehearsal.fargate.plan.scheduled_call import carried_out, sized, unfired
from rehearsal.fargate.plan.security_groups import Peer
from rehearsal.fargate.plan.service import service, task_network
from rehearsal.fargate.plan.web_acl import check_firewalls
from rehearsal.values import resource_schema, service_rules
from rehearsal.values.stack import Stack, World

NFS = 2049
_DEFINITION = "AWS::ECS::TaskDefinition"


def make_plan(world: World, stack: Stack, read: ReadSecret) -> Plan:
    """Plan what ``stack`` wants to run, given what ``world`` has deployed.

    ``read`` gives a secret's current string by account, region and ARN or name. Raise PlanError at the first fault
    that AWS would show when it ran the stack, and at anything that the rehearsal does not know how to honour.
    """
    for resource in stack.resources.values():
        _check_known(Found(stack, resource))
    lookup = Lookup(world, stack)
    found_services = list(lookup.own("AWS::ECS::Service"))
    services = tuple(service(found, lookup, read) for found in found_services)
    found_schedules = list(scheduled_tasks(lookup))
    schedules = tuple(schedule(found, lookup, read) for found in found_schedules)
    own_databases = databases(lookup, read)
    balancers = tuple(_balancers(lookup, services, read))
    found_fronts = list(lookup.own("AWS::CloudFront::Distribution"))
    fronts = tuple(distribution(found, world, lookup, read) for found in found_fronts)
    connections = Connections(lookup)
    notes = [note for found in found_fronts for note in differences(found)]
    notes += check_firewalls(lookup, read)
    for found in lookup.own("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        connections.check_listeners(found, next(each for each in balancers if each.key == found.key))
        if found.properties.get("Scheme") == "internal":
            notes.append(f"{found.where} is internal: on AWS nobody outside its VPC reaches it, nor does a build.")
        else:
            check_open(found, map(str, found.properties.get("Subnets", ())), Routes(lookup))
    for found, planned in zip(found_services, services, strict=True):
        _check_service(found, planned, lookup, balancers, connections)
        if not planned.circuit_breaker:
            notes.append(
                f"{found.where} has no deployment circuit breaker: on AWS a bad version would be retried for hours."
            )
        elif not planned.rollback:
            notes.append(
                f"{found.where} has a deployment circuit breaker without rollback: on AWS a bad version stays as far "
                "as it came, until CloudFormation takes the stack back."
            )
    for found, scheduled in zip(found_schedules, schedules, strict=True):
        run = task_run(found)
        _check_task(found, run, str(run["TaskDefinitionArn"]), scheduled, lookup, connections)
    mail = mail_server(stack, (*services, *schedules))
    networks = (*(d.network for d in own_databases), *(b.network for b in balancers), *(s.network for s in services))
    networks = (*networks, *(s.network for s in schedules), *(o.network for front in fronts for o in front.origins))
    volumes: dict[str, list[SharedVolume]] = {}
    for task in (*(s.task for s in services), *(s.task for s in schedules)):
        for volume in task.volumes.values():
            if isinstance(volume, SharedVolume):
                volumes.setdefault(str(volume.file_system), []).append(volume)
    for shared in volumes.values():
        _check_overlap(shared)
    watched = [alarm(found, lookup) for found in lookup.own("AWS::CloudWatch::Alarm")]
    unwatched = tuple(each for each in watched if isinstance(each, Unwatched))
    scalings = tuple(each for found in found_services if (each := scaling(found, lookup)))
    notes += [f"policy {name} does not scale here: {reason}." for s in scalings for name, reason in s.unscaled]
    notes += unfired(lookup)
    notes += connections.notes()
    notes += _unheeded(services, {each.name for each in watched})
    notes += [f"alarm {each.name} is not watched here: {each.reason}." for each in unwatched]
    return Plan(
        networks=tuple(dict.fromkeys(networks)),
        databases=own_databases,
        mail_server=mail,
        balancers=balancers,
        fronts=fronts,
        services=services,
        schedules=schedules,
        scalings=scalings,
        sized=sized(lookup, read),
        alarms=tuple(each for each in watched if isinstance(each, Alarm)),
        unwatched=unwatched,
        dashboards=tuple(dashboard(found, lookup) for found in lookup.own("AWS::CloudWatch::Dashboard")),
        notes=tuple(notes),
    )


def _unheeded(services: tuple[Service, ...], present: set[str]) -> Iterator[str]:
    for each in services:
        if absent := sorted(set(each.alarms) - present):
            yield f"service {each.key.short}: its stack has no alarm {', '.join(absent)}, which fail nothing here."


def _check_known(found: Found) -> None:
    """Raise PlanError at what CloudFormation or this package does not know in a resource, at any depth."""
    kind, properties = found.resource.type, found.properties
    if kind not in KNOWN_TYPES:
        raise PlanError(
            f"{found.stack.name}/{found.resource.logical_id}: the rehearsal does not know what {kind} runs. "
            f"Teach rehearsal/fargate/plan/known.py, or take it out."
        )
    refused = service_rules.faults(kind, properties, found.stack.region)
    for fault in (*resource_schema.faults(kind, properties, resolved=True), *refused):
        raise found.fault(f"{fault}.")
    if kind not in {SCHEDULE, RULE} or runs_tasks(found) or (kind == SCHEDULE and carried_out(found)):
        check_properties(kind, properties, found.where)
    if kind in PROPERTIES:
        check_references(found)


def _balancers(lookup: Lookup, services: tuple[Service, ...], read: ReadSecret) -> Iterator[LoadBalancer]:
    """Yield the stack's own load balancers, and those of other stacks that its services are registered with."""
    wanted = {target.group.key for planned in services for target in planned.targets}
    for found in lookup.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        balancer = load_balancer(found, lookup, read)
        if found.stack is lookup.stack or wanted & {group.key for group in forwards(balancer)}:
            yield balancer


def _check_service(
    found: Found, planned: Service, lookup: Lookup, balancers: tuple[LoadBalancer, ...], connections: Connections
) -> None:
    task = _task_peer(found, found.properties)
    for target in planned.targets:
        holders = [b for b in balancers if target.group.key in {g.key for g in forwards(b)}]
        if not holders:
            raise found.fault(f"its target group {target.group.key.logical_id} is behind no listener.")
        for holder in holders:
            balancer = next(
                f for f in lookup.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer") if f.key == holder.key
            )
            for port in {target.port, target.group.check_port or target.port}:
                connections.check(found, balancer_peer(balancer), task, port)
    properties = found.properties
    _check_task(found, properties, str(properties["TaskDefinition"]), planned, lookup, connections)


def _check_task(  # noqa: PLR0917 - a task in its surroundings
    found: Found,
    properties: Mapping[str, Any],
    definition: str,
    planned: Service | Schedule,
    lookup: Lookup,
    connections: Connections,
) -> None:
    """Check that a task reaches its volumes and databases; ``properties`` say where in the network it is."""
    task = _task_peer(found, properties)
    _check_surroundings(found, properties, task, lookup.need(definition, _DEFINITION, found, "TaskDefinition"), lookup)
    connections.check_image(found, task)
    for volume in planned.task.volumes.values():
        if isinstance(volume, SharedVolume):
            _check_mount(found, volume, task, lookup, connections)
    for database in _databases_used(found, definition, planned, lookup):
        port = int(database.properties.get("Port", 3306))
        connections.check(found, task, _database_peer(database, lookup), port)
    if mail := mail_server(found.stack, [planned]):
        connections.check_mail(found, task, mail.host, mail.port)


def _task_peer(found: Found, properties: Mapping[str, Any]) -> Peer:
    subnets, groups = task_network(properties)
    return Peer(found.where, tuple(groups), tuple(subnets))


def _database_peer(found: Found, lookup: Lookup) -> Peer:
    group = lookup.find(str(found.properties.get("DBSubnetGroupName")), "AWS::RDS::DBSubnetGroup")
    subnets = group.properties.get("SubnetIds", ()) if group else ()
    return Peer(found.where, tuple(map(str, found.properties.get("VpcSecurityGroupIds", ()))), tuple(map(str, subnets)))


def _check_surroundings(
    found: Found, properties: Mapping[str, Any], task: Peer, definition: Found, lookup: Lookup
) -> None:
    """Check that a task comes to its image, and finds the groups that its containers log to."""
    containers = definition.properties["ContainerDefinitions"]
    logging = [each["LogConfiguration"] for each in containers if "LogConfiguration" in each]
    options = [each.get("Options", {}) for each in logging if each.get("LogDriver") == "awslogs"]
    for each in options:
        group, is_made = str(each.get("awslogs-group")), truth(each.get("awslogs-create-group", False))
        is_here = each.get("awslogs-region") == definition.stack.region
        if is_here and not is_made and lookup.find(group, "AWS::Logs::LogGroup") is None:
            raise definition.fault(
                f"it logs to the group {group}, which no deployed stack in this account and region has: no task would "
                "start. awslogs-create-group makes it."
            )
    needed = ["logs"] if options else []
    values = [str(secret["ValueFrom"]) for each in containers for secret in each.get("Secrets", ())]
    needed += sorted({"ssm" if secret_arn(each) is None else "secretsmanager" for each in values})
    network = properties.get("NetworkConfiguration", {}).get("AwsvpcConfiguration", {})
    public = network.get("AssignPublicIp", "DISABLED") == "ENABLED"
    check_reach(found, task.subnets, Routes(lookup), public=public, needed=needed)


def _check_mount(found: Found, volume: SharedVolume, task: Peer, lookup: Lookup, connections: Connections) -> None:
    file_system = next(f for f in lookup.of_type("AWS::EFS::FileSystem") if f.key == volume.file_system)
    targets = [
        t
        for t in lookup.of_type("AWS::EFS::MountTarget")
        if str(t.properties.get("FileSystemId")) in file_system.names()
    ]
    zones = {zone(lookup, str(t.properties["SubnetId"])) for t in targets}
    for subnet in task.subnets:
        if not targets or (zone(lookup, subnet) not in zones and None not in zones):
            raise found.fault(f"{file_system.where} has no mount target in the zone of the task's subnet {subnet}.")
    for target in targets:
        groups = tuple(map(str, target.properties.get("SecurityGroups", ())))
        connections.check(found, task, Peer(target.where, groups, (str(target.properties["SubnetId"]),)), NFS)


def _databases_used(found: Found, definition: str, planned: Service | Schedule, lookup: Lookup) -> Iterator[Found]:
    """Yield the clusters whose endpoint or secret stands in the environment of the task's containers."""
    task = lookup.need(definition, _DEFINITION, found, "TaskDefinition")
    containers = task.properties["ContainerDefinitions"]
    secrets = {secret_arn(str(s["ValueFrom"])) for c in containers for s in c.get("Secrets", ())}
    values = [v for c in planned.task.containers for v in (*c.environment.values(), *c.secrets.values())]
    attachments = list(lookup.of_type("AWS::SecretsManager::SecretTargetAttachment"))
    for cluster in lookup.of_type("AWS::RDS::DBCluster"):
        attached = {
            name
            for a in attachments
            if str(a.properties.get("TargetId")) in cluster.names()
            for name in (str(a.properties.get("SecretId")), a.resource.physical_id)
        }
        endpoint = cluster.resource.attributes.get("Endpoint.Address")
        if secrets & attached or (endpoint and any(endpoint in value for value in values)):
            yield cluster


def _check_overlap(volumes: list[SharedVolume]) -> None:
    paths = sorted({v.path.rstrip("/") + "/" for v in volumes})
    for outer, inner in itertools.pairwise(paths):
        if inner.startswith(outer):
            raise PlanError(
                f"{volumes[0].file_system}: the paths {outer} and {inner} are mounted, one inside the other; "
                f"the rehearsal keeps a volume for each path and cannot show one in the other."
            )
