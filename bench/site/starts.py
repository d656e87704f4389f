"""From a task's start to its first page, at half a vCPU for all its containers together, as Fargate has it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.common.lab import CHECKOUT, Failed, Lab
from bench.site.results import Start
from bench.site.testbed import Testbed
from bench.site.variants import SITE, Running, install
from containers.cgroups import ControlGroups
from containers.checkout import Context
from containers.client import Client
from containers.engine import Engine
from settings.capacity import pools

CPU_UNITS = 512
MEMORY_MIB = 1024
HEALTHY_WITHIN = 60.0


def measure(testbed: Testbed, engine: Engine) -> Iterator[Start]:
    """Measure the first start on an empty database and volume, then a second task beside it."""
    lab = testbed.lab
    context = Context(CHECKOUT, engine.docker, engine.env, testbed.progress.say, lambda *_: "")
    groups = ControlGroups(Client(context))
    lab.make("volume", "fresh")
    changes = {"DB_NAME": "fresh", "TASK_CPU": str(CPU_UNITS), **pools(MEMORY_MIB).environment}
    for empty in (True, False):
        name = lab.name("start-empty" if empty else "start-filled")
        parent = groups.create(name, CPU_UNITS, MEMORY_MIB)
        limit = ("--cgroup-parent", parent) if parent else ("--cpus", str(CPU_UNITS / 1024))
        task = Running(lab, SITE, name="empty" if empty else "filled", changes=changes, content="fresh")
        try:
            start = Start(empty, _first_page(lab, task, limit), CPU_UNITS / 1024)
        finally:
            lab.remove(*(short for short in [*task.parts, task.load] if lab.exists(short)))
            if parent:
                groups.remove(name)
        testbed.progress.say(
            f"start  {'empty' if empty else 'filled'} database  first page after {start.seconds:.2f} s "
            f"at {start.cpus} vCPU"
        )
        yield start


def _first_page(lab: Lab, task: Running, limit: tuple[str, ...]) -> float:
    """Return seconds from the start of the install step until the task is healthy and has given its page."""
    task.start_load()
    began = time.time()
    install(lab, f"container:{lab.name(task.load)}", task.content, task.changes, *limit)
    task.start_part("wordpress", core=None, more=limit)
    deadline = time.monotonic() + HEALTHY_WITHIN
    while True:
        try:
            lab.exec(task.container("wordpress"), "floodgate-php-health")
        except Failed as failure:
            if time.monotonic() > deadline:
                raise Failed(f"php-fpm was not healthy within {HEALTHY_WITHIN:.0f} s: {failure}") from None
        else:
            break
    task.start_part("nginx", core=None, more=limit)
    task.fetch("/healthz")
    return task.fetch("/").moment - began
