"""A task of a service that somebody stops: it goes as ECS takes one away, and another comes in its place."""

from __future__ import annotations

from dataclasses import replace

from containers.cgroups import ControlGroups
from containers.client import Client
from containers.file_lock import file_lock
from rehearsal.fargate.desired.key import Key
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.stand.balancer import Balancer
from rehearsal.fargate.stand.rollout import ROLLING, Rollout
from rehearsal.fargate.stand.sizes import as_set
from rehearsal.fargate.task.task import tasks
from rehearsal.values.stack import Stack, World


def replace_task(client: Client, world: World, stack: Stack, service: Key, name: str) -> None:
    """Stop a task, and bring its service back to as many as it has now. Raises as a deployment does."""
    plan = make_plan(world, stack, client.ctx.secret)
    balancers = [Balancer(client, balancer) for balancer in plan.balancers]
    with file_lock(client.ctx.state / ROLLING, wait=True):
        [planned] = as_set(client.ctx.state, plan.sized, [each for each in plan.services if each.key == service])
        count = sum(task.in_service for task in tasks(client, str(service)))
        Rollout(client, ControlGroups(client), balancers, replace(planned, count=count), ()).replace({name})
