"""The decisions of a deployment as tables: what starts next, what has failed, how many tasks may go or come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.fargate.desired.task import Condition, Container, HealthCheck, Ulimit
from rehearsal.fargate.plan.make import make_plan
from rehearsal.fargate.plan.service import failure_threshold
from rehearsal.fargate.stand.rollout import Moves, moves, side_by_side
from rehearsal.fargate.task.engine_options import container_options, order, spread
from rehearsal.fargate.task.ordering import Failure, Health, Next, Observed, next_step
from rehearsal.fargate.task.task import servers, tasks_of
from rehearsal.values.stack import World
from tests.rehearsal.fargate import templates

CHECK = HealthCheck(("CMD", "check"), 5, 2, 3, 10)


def containers(condition: Condition, check: HealthCheck | None = None) -> tuple[Container, ...]:
    """Return a first container, one that waits for it to reach ``condition``, and one that waits for nothing."""
    stack = templates.stack(templates.web(image="app", port=1))
    (service,) = make_plan(World((stack,)), stack, templates.Secrets()).services
    plain = replace(service.task.containers[0], depends_on=(), essential=True, health=None, start_timeout=100)
    first = replace(plain, name="first", essential=condition in (Condition.START, Condition.HEALTHY), health=check)
    second = replace(plain, name="second", depends_on=(("first", condition),))
    return first, second, replace(plain, name="third")


RUNS = Observed(None, Health.UNKNOWN, 1.0)
HEALTHY = Observed(None, Health.HEALTHY, 1.0)
UNHEALTHY = Observed(None, Health.UNHEALTHY, 30.0, "check: no")
DONE = Observed(0, Health.UNKNOWN, 1.0)
BROKEN = Observed(3, Health.UNKNOWN, 1.0)
LATE = Observed(None, Health.UNKNOWN, 101.0)


@pytest.mark.parametrize(
    ("condition", "observed", "start", "steady"),
    [
        pytest.param(Condition.START, {}, ("first", "third"), False, id="START, nothing runs"),
        pytest.param(Condition.START, {"first": RUNS}, ("second", "third"), False, id="START, first runs"),
        pytest.param(Condition.START, {"first": RUNS, "second": RUNS, "third": RUNS}, (), True, id="START, all run"),
        pytest.param(Condition.SUCCESS, {"first": RUNS, "third": RUNS}, (), False, id="SUCCESS, first runs"),
        pytest.param(Condition.SUCCESS, {"first": DONE, "third": RUNS}, ("second",), False, id="SUCCESS, first done"),
        pytest.param(
            Condition.SUCCESS, {"first": DONE, "third": RUNS, "second": RUNS}, (), True, id="SUCCESS, second runs"
        ),
        pytest.param(Condition.COMPLETE, {"first": RUNS, "third": RUNS}, (), False, id="COMPLETE, first runs"),
        pytest.param(
            Condition.COMPLETE, {"first": BROKEN, "third": RUNS}, ("second",), False, id="COMPLETE, first broken"
        ),
        pytest.param(Condition.HEALTHY, {"first": RUNS, "third": RUNS}, (), False, id="HEALTHY, first runs"),
        pytest.param(
            Condition.HEALTHY, {"first": HEALTHY, "third": RUNS}, ("second",), False, id="HEALTHY, first healthy"
        ),
        pytest.param(
            Condition.HEALTHY, {"first": RUNS, "third": RUNS, "second": RUNS}, (), False, id="HEALTHY, first no longer"
        ),
        pytest.param(
            Condition.HEALTHY, {"first": HEALTHY, "third": RUNS, "second": RUNS}, (), True, id="HEALTHY, all run"
        ),
    ],
)
def test_containers_start_inorder(
    condition: Condition, observed: dict[str, Observed], start: tuple[str, ...], steady: bool
) -> None:
    check = CHECK if condition is Condition.HEALTHY else None
    assert next_step(containers(condition, check), observed) == Next(start, steady)


@pytest.mark.parametrize(
    ("condition", "observed", "container", "reason", "patience_spent"),
    [
        pytest.param(
            Condition.START,
            {"third": DONE},
            "third",
            "essential container third ended with exit code 0",
            False,
            id="essential container ended",
        ),
        pytest.param(
            Condition.SUCCESS,
            {"first": BROKEN},
            "first",
            "first ended with exit code 3, and SUCCESS",
            False,
            id="first ended badly",
        ),
        pytest.param(
            Condition.SUCCESS,
            {"first": LATE},
            "first",
            "first did not reach SUCCESS within 100 s",
            True,
            id="first too slow to succeed",
        ),
        pytest.param(
            Condition.COMPLETE,
            {"first": LATE},
            "first",
            "first did not reach COMPLETE within 100 s",
            True,
            id="first too slow to complete",
        ),
        pytest.param(
            Condition.HEALTHY,
            {"first": UNHEALTHY},
            "first",
            "container first is unhealthy: check: no",
            True,
            id="first unhealthy",
        ),
        pytest.param(
            Condition.HEALTHY,
            {"first": BROKEN},
            "first",
            "essential container first ended with exit code 3",
            False,
            id="first ended before healthy",
        ),
        pytest.param(
            Condition.HEALTHY,
            {"first": LATE},
            "first",
            "first did not reach HEALTHY within 100 s",
            True,
            id="first too slow to be healthy",
        ),
    ],
)
def test_a_failed_task_is_recognised(
    condition: Condition, observed: dict[str, Observed], container: str, reason: str, patience_spent: bool
) -> None:
    check = CHECK if condition is Condition.HEALTHY else None
    step = next_step(containers(condition, check), observed)
    assert isinstance(step, Failure)
    assert (step.container, step.patience_spent) == (container, patience_spent)
    assert reason in step.reason


def test_a_container_that_nobody_needs_may_fail() -> None:
    first, second, third = containers(Condition.COMPLETE)
    observed = {"first": BROKEN, "second": RUNS, "third": RUNS}
    assert next_step((first, second, third), observed) == Next((), True)


def test_only_a_service_heeds_the_checks_of_its_tasks() -> None:
    first, second, third = containers(Condition.HEALTHY, CHECK)
    observed = {"first": UNHEALTHY, "third": RUNS}
    assert isinstance(next_step((first, third), observed), Failure)
    assert next_step((first, third), observed, of_service=False) == Next((), True)
    # What waits for a check waits in vain, whoever runs the task.
    assert isinstance(next_step((first, second, third), observed, of_service=False), Failure)


@pytest.mark.parametrize(
    ("grace", "interval", "threshold", "patience"),
    [
        pytest.param(0, 10, 3, 30, id="no grace"),
        pytest.param(20, 10, 3, 30, id="a grace that is over before the checks have failed"),
        pytest.param(180, 10, 3, 180, id="what is unhealthy when the grace ends goes at once"),
    ],
)
def test_a_task_that_passes_no_check_goes_when_grace_and_checks_are_over(
    grace: int, interval: int, threshold: int, patience: int
) -> None:
    stack = templates.stack(templates.web(image="app", port=1))
    (service,) = make_plan(World((stack,)), stack, templates.Secrets()).services
    [target] = service.targets
    target = replace(target, group=replace(target.group, interval=interval, unhealthy_threshold=threshold))
    assert replace(service, grace_period=grace, targets=(target,)).patience == patience
    assert replace(service, grace_period=grace, targets=()).patience == grace


@pytest.mark.parametrize(
    ("limits", "allowed", "option"),
    [
        pytest.param((), 1 << 20, "nofile=65535:65535", id="as on Fargate"),
        pytest.param((), 20000, "nofile=20000:20000", id="as far as the machine allows"),
        pytest.param((Ulimit("nofile", 9, 10),), 20000, "nofile=9:10", id="as the template says"),
    ],
)
def test_a_container_has_as_many_open_files_as_on_fargate(
    limits: tuple[Ulimit, ...], allowed: int, option: str
) -> None:
    plain = replace(containers(Condition.START)[0], ulimits=limits)
    options = container_options(plain, shared=True, open_files=allowed)
    assert [each for each in options if "nofile" in each] == [f"--ulimit={option}"]


@pytest.mark.parametrize(
    ("command", "argv", "line"),
    [
        pytest.param(("CMD", "app", "a check"), ("app", "a check"), "exec app 'a check'", id="words"),
        pytest.param(
            ("CMD-SHELL", "curl -f localhost || exit 1"),
            ("/bin/sh", "-c", "curl -f localhost || exit 1"),
            "curl -f localhost || exit 1",
            id="a line of the shell",
        ),
        pytest.param(
            ("CMD-SHELL", "curl", "-f", "localhost"),
            ("/bin/sh", "-c", "curl", "-f", "localhost"),
            "exec /bin/sh -c curl -f localhost",
            id="words for the shell, which runs the first alone",
        ),
    ],
)
def test_a_health_check_is_what_the_kernel_gets_from_ecs(
    command: tuple[str, ...], argv: tuple[str, ...], line: str
) -> None:
    check = replace(CHECK, command=command)
    checked = replace(containers(Condition.START)[0], health=check)
    assert check.argv == argv
    assert f"--health-cmd={line}" in container_options(checked, shared=True, open_files=9)


def test_dependents_are_stopped_first() -> None:
    parts = containers(Condition.SUCCESS)
    assert [order(parts, name) for name in ("first", "second", "third")] == [0, 1, 0]


def test_patience_is_the_start_period_and_the_retries() -> None:
    assert CHECK.patience == 25


@pytest.mark.parametrize(
    ("count", "new", "old", "percent", "expected"),
    [
        pytest.param(2, 0, 0, (100, 200), Moves(2, 0), id="first deployment"),  # first deployment
        pytest.param(2, 0, 2, (100, 200), Moves(2, 0), id="both at once"),  # beside the old ones
        pytest.param(2, 1, 2, (100, 200), Moves(1, 0), id="one new already"),
        pytest.param(2, 2, 2, (100, 200), Moves(0, 0), id="all new ones started"),
        pytest.param(4, 0, 4, (100, 150), Moves(2, 0), id="half more at once"),  # as many as there is room for
        pytest.param(4, 2, 4, (100, 150), Moves(0, 2), id="old ones make room"),  # then old ones go
        pytest.param(3, 0, 3, (50, 100), Moves(0, 1), id="no more than before"),  # no room: ceil(1.5) = 2 must serve
        pytest.param(1, 0, 1, (0, 100), Moves(0, 1), id="none needs to serve"),
        pytest.param(1, 0, 3, (100, 200), Moves(0, 2), id="surplus of old ones"),  # scaled down at the same time
    ],
)
def test_a_rolling_deployment_keeps_its_percentages(
    count: int, new: int, old: int, percent: tuple[int, int], expected: Moves
) -> None:
    minimum, maximum = percent
    assert moves(count=count, new=new, old=old, minimum_percent=minimum, maximum_percent=maximum) == expected


@pytest.mark.parametrize(
    ("kind", "value", "count", "failures"),
    [
        pytest.param("BOUNDED_PERCENT", 50, 1, 3, id="at least 3"),
        pytest.param("BOUNDED_PERCENT", 50, 6, 3, id="half of 6"),
        pytest.param("BOUNDED_PERCENT", 50, 7, 4, id="more than half of 7"),
        pytest.param("BOUNDED_PERCENT", 50, 1000, 200, id="at most 200"),
        pytest.param("UNBOUNDED_PERCENT", 50, 1000, 500, id="half of 1000 without a bound"),
        pytest.param("UNBOUNDED_PERCENT", 50, 1, 1, id="half of 1 without a bound"),
        pytest.param("COUNT", 1, 1000, 1, id="counted"),
    ],
)
def test_the_circuit_breaker_trips_after_so_many_failed_tasks(kind: str, value: int, count: int, failures: int) -> None:
    assert failure_threshold(count, kind, value) == failures


def engine_tells(*, running: bool, network_since: str) -> list[dict[str, Any]]:
    """Return what an engine tells of a task in service: its pause container, and the one that is essential."""
    labels = {
        "floodgate.task": "task-1",
        "floodgate.resource": "web",
        "floodgate.revision": "1",
        "floodgate.targets": '[["group", 8080]]',
        "floodgate.essential": "yes",
    }
    return [
        {
            "Name": f"/{name}",
            "Created": "2026-11-29T04:00:00Z",
            "Config": {"Labels": labels},
            "State": {"Running": running, "StartedAt": since},
            "HostConfig": {"RestartPolicy": {"Name": "unless-stopped"}},
            "NetworkSettings": {"Networks": {"vpc": {"IPAddress": "172.17.0.6"}}},
        }
        for name, since in (("task-1", network_since), ("task-1-web", "2026-11-29T04:45:14.2Z"))
    ]


@pytest.mark.parametrize(
    ("found", "well", "served"),
    [
        pytest.param(engine_tells(running=True, network_since="2026-11-29T04:45:14.1Z"), True, True, id="all run"),
        pytest.param(
            engine_tells(running=True, network_since="2026-11-29T04:45:14.19999999Z"), True, True, id="just before"
        ),
        pytest.param(
            engine_tells(running=True, network_since="2026-11-29T04:45:14.200001Z"), False, True, id="network anew"
        ),
        # So it tells after it was killed: nothing runs, and the address is still there.
        pytest.param(
            engine_tells(running=False, network_since="2026-11-29T04:45:14Z"), False, False, id="found dead at a start"
        ),
    ],
)
def test_a_task_serves_where_its_network_is_there(found: list[dict[str, Any]], well: bool, served: bool) -> None:
    (task,) = tasks_of(found)
    assert task.well is well
    assert bool(servers([task])) is served


@pytest.mark.parametrize(
    ("tasks", "cores", "rarer"),
    [pytest.param(4, 2, 1, id="as the template says"), pytest.param(20, 2, 10, id="20 tasks on two cores")],
)
def test_containers_of_many_tasks_are_checked_more_rarely(tasks: int, cores: int, rarer: int) -> None:
    assert spread(tasks, cores) == rarer


@pytest.mark.parametrize(
    ("cpu_units", "cores", "tasks"),
    [
        pytest.param(512, 2, 5, id="half a vCPU on two cores"),
        pytest.param(1024, 2, 3, id="one vCPU on two cores"),
        pytest.param(4096, 2, 2, id="more than the machine has"),
        pytest.param(256, 8, 33, id="small tasks on a large machine"),
    ],
)
def test_a_machine_starts_as_many_tasks_at_a_time_as_it_gives_their_cpu(cpu_units: int, cores: int, tasks: int) -> None:
    assert side_by_side(cpu_units, cores) == tasks
