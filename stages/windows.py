"""A site that is larger while people register: the changes of its registration windows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import aws_cdk as cdk

from settings.production import Production
from stages.size_change import SizeChange


def window_changes(settings: Production) -> Iterator[SizeChange]:
    """Yield what is raised before each window and lowered after it, as moments of UTC, which no clock moves."""
    for window in settings.windows:
        size, name = settings.size_in(window), f"{window.opening:%Y%m%d%H%M}"
        if size.units and window.reservable:
            # Raised once, hours before; lowered once: a reservation may be lowered twice a day.
            yield SizeChange(
                f"{name}Reserved",
                at(window.reserved),
                "UTC",
                units=size.units,
                retries=20,
                within=cdk.Duration.hours(5),
            )
        yield SizeChange(
            f"{name}Raised",
            at(window.begins),
            "UTC",
            tasks=(size.tasks, settings.task.max),
            database=settings.database.model_copy(update={"min_acu": size.min_acu}),
            retries=20,
            within=cdk.Duration.minutes(window.lead),
        )
        yield SizeChange(
            f"{name}Dropped",
            at(window.ends),
            "UTC",
            tasks=(settings.task.min, settings.task.max),
            database=settings.database,
            units=0 if size.units else None,
            retries=185,
            within=cdk.Duration.hours(20),
        )


def at(moment: datetime.datetime) -> str:
    """Return a moment of UTC as a schedule that happens once."""
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"
