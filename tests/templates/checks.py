"""All checks: of each stage, and of the pipeline."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

from tests.templates import (
    access_checks,
    data_checks,
    edge_checks,
    front_checks,
    pipeline_checks,
    schedule_checks,
    service_checks,
    window_checks,
)
from tests.templates.inputs import ROOT
from tests.templates.world import STAGES, World

SITE_CHECKS = (
    *service_checks.CHECKS,
    *data_checks.CHECKS,
    *access_checks.CHECKS,
    *edge_checks.CHECKS,
    *front_checks.CHECKS,
    *schedule_checks.CHECKS,
    *window_checks.SITE_CHECKS,
)
PIPELINE_CHECKS = (*pipeline_checks.CHECKS, *window_checks.PIPELINE_CHECKS)


def check_all(world: World) -> None:
    """Make every check on everything that one settings file makes."""
    for stage in STAGES:
        for site_check in SITE_CHECKS:
            hold(site_check, world, stage)
    for pipeline_check in PIPELINE_CHECKS:
        hold(pipeline_check, world)


def hold(check: Callable[..., None], *arguments: World | str) -> None:
    """Make a check; where it does not hold, say what is broken and what to do where that is meant."""
    try:
        check(*arguments)
    except (AssertionError, KeyError) as broken:
        file = Path(inspect.getfile(check)).relative_to(ROOT)
        first = " ".join((inspect.getdoc(check) or check.__name__).split())
        where = f" ({arguments[1]})" if len(arguments) > 1 else ""
        missing = "there is no " if isinstance(broken, KeyError) else ""
        raise AssertionError(
            f"{check.__name__}{where} does not hold any more.\n"
            f"  What it is for: {first}\n"
            f"  What broke it: {missing}{broken}\n"
            f"  Where that is meant: change {check.__name__} in {file}, and its faults in the test beside it."
        ) from broken


def holds(check: Callable[..., None], *arguments: World | str) -> bool:
    """Return whether a check holds."""
    try:
        check(*arguments)
    except (AssertionError, KeyError):
        return False
    return True
