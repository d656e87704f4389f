"""Runs what CloudFormation templates say as containers on this machine: a small Fargate, ALB, EFS and Aurora.

It knows resource types and their resolved properties, and nothing of the project that wrote the templates.

Where it differs from AWS, and knows it:

- A task in service in which an essential container ends is replaced as by ECS, by the clock; until it notices, the
  container engine starts the container again. An unhealthy task stays until the next deployment.
- A new task is checked oftener than its intervals say, so that it serves as soon as it can; it is given up after the
  same patience. A task that only ran out of patience is not tried again: that would wait as long for the same answer.
- Of many new tasks so many are started at a time as the machine gives their CPU; when a deployment is to fail, those
  that have not been begun are not begun.
- The containers of many tasks are checked more rarely than their intervals say, once they are in service; of those that
  a deployment has beside each other, twice as rarely.
- A changed secret replaces the tasks that have it; on ECS they keep the old value until they are replaced.
- The database is MySQL 9.7, or MariaDB where its packages cannot be had or FLOODGATE_DATABASE asks for it, with
  Aurora's limits of connections and memory; it does not fail over. The load balancer is HAProxy; a file
  system's folder is a volume, so its user mapping is checked and not done. Security groups are judged, not enforced.
- CloudFront is one nginx with one cache, and speaks no HTTP/3. Of a firewall AWS's own rules are not in force, and its
  rates are judged at each request, not some seconds late.
- Mails go to a server beside the stack, which keeps them as files; nothing is sent to anybody.
- Services are kept at their numbers of tasks, and schedules kept, by a process that ends with the machine; the next
  deployment starts it again.
- Alarms are watched from the end of the first deployment on, by the same process; their metrics begin anew with it.
- Services are scaled by that process too, within what the machine carries, and never while a deployment is under way.
- A container that says nothing of open files may have as many as on Fargate, where this machine allows so many. Task
  metadata does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from containers.cgroups import ControlGroups
from containers.checkout import Context
from containers.client import Client
from containers.file_lock import file_lock
from rehearsal.fargate.desired.plan import Plan
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand import sizes
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.stand.experiment import undo_experiment
from rehearsal.fargate.stand.front import ensure_front
from rehearsal.fargate.stand.mail import ensure_mail_server
from rehearsal.fargate.stand.mysql import ensure_database, resize
from rehearsal.fargate.stand.network import ensure_network
from rehearsal.fargate.stand.prune import prune, prune_balancers
from rehearsal.fargate.stand.rollout import ROLLING, Rollout
from rehearsal.fargate.stand.scaling_state import deployed
from rehearsal.fargate.stand.stack_clock import StackClock
from rehearsal.fargate.task.task import servers, tasks_of
from rehearsal.values.stack import Stack, World


def deploy(world: World, stack: Stack, ctx: Context) -> None:
    """Bring what runs for ``stack`` to what its template says; ``world`` is all that is deployed, with or without it.

    May be called again at any time, also after a run that was killed. Raise PlanError before anything is touched,
    EngineError when the container engine does not obey, and DeploymentFailed when new tasks do not come up: then the
    tasks that served before serve on.
    """
    plan = make_plan(world, stack, ctx.secret)
    for note in plan.notes:
        ctx.say(f"note: {note}")
    client = Client(ctx)
    groups = ControlGroups(client)
    balancers = [Balancer(client, balancer) for balancer in plan.balancers]
    clock = StackClock(client, groups, stack, plan)
    ctx.state.mkdir(parents=True, exist_ok=True)
    with file_lock(ctx.state / ROLLING, wait=True):
        services = sizes.deployed(ctx, stack.place, plan.sized, plan.services)
        services = deployed(ctx, stack.place, services, clock.scalings)
        _roll(client, groups, stack, replace(plan, services=services), balancers)
        clock.ensure()
    prune(client, groups, stack, plan, balancers)


def _roll(
    client: Client, groups: ControlGroups, stack: Stack, plan: Plan, balancers: Sequence[Balancer]
) -> None:  # fmt: skip
    """Bring everything but the clock to the plan."""
    rollouts = [Rollout(client, groups, balancers, service, plan.alarms) for service in plan.services]
    if frozen := [each["Id"] for each in client.containers() if each["State"].get("Paused")]:
        client("unpause", *frozen)
        client.ctx.say(f"{len(frozen)} of the containers were frozen: they go on")
    undo_experiment(client, groups, stack)
    for network in plan.networks:
        ensure_network(client, network)
    capacities = sizes.capacities(client.ctx.state, plan.sized)
    for database in plan.databases:
        ensure_database(client, database)
        # One that was just made has the template's.
        if database.key in capacities:
            resize(client, database.key, capacities[database.key])
    if plan.mail_server:
        ensure_mail_server(client, plan.mail_server)
    containers = client.containers()
    prune_balancers(client, containers, stack, plan)
    serving = servers(tasks_of(containers))
    for balancer in balancers:
        balancer.ensure(serving)
    for front in plan.fronts:
        ensure_front(client, front)
    for rollout in rollouts:
        rollout.run()
