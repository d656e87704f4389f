"""All checks: of each stage, and of the pipeline."""

from __future__ import annotations

from tests.templates import access_checks, data_checks, edge_checks, pipeline_checks, schedule_checks, service_checks
from tests.templates.world import STAGES, World

SITE_CHECKS = (
    *service_checks.CHECKS,
    *data_checks.CHECKS,
    *access_checks.CHECKS,
    *edge_checks.CHECKS,
    *schedule_checks.CHECKS,
)
PIPELINE_CHECKS = pipeline_checks.CHECKS


def check_all(world: World) -> None:
    """Make every check on everything that one settings file makes."""
    for stage in STAGES:
        for site_check in SITE_CHECKS:
            site_check(world, stage)
    for pipeline_check in PIPELINE_CHECKS:
        pipeline_check(world)
