"""A registration window: when people come, how many, and what stands still and ready around it."""

from __future__ import annotations

import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import PrivateAttr, model_validator

from settings.validation import Rule, Table, refuse
from settings.values import is_zone

# A reservation of the load balancer's capacity takes minutes to hours (Elastic Load Balancing User Guide, "Capacity
# reservations", 2026-11), and may be lowered twice a day: it is raised once, this long before the rest.
RESERVED_BEFORE = datetime.timedelta(hours=6)

# What happens at a window's end is tried again for 20 hours: its schedules stand so long, and go with the next commit.
FORGOTTEN_AFTER = datetime.timedelta(days=1)

# Time alone stops no commit so soon: a team has a month of warnings. One that lies longer behind is a slip of the year.
REFUSED_AFTER = datetime.timedelta(days=30)

Minutes = Annotated[int, Rule("whole minutes from 10 to 1440", lambda n: 10 <= n <= 1440)]


class RegistrationWindow(Table):
    """The minute that people come for, and the time around it in which a stage is larger and is not deployed."""

    opens: Annotated[
        datetime.datetime,
        Rule(
            "a local date and time without an offset, such as 2027-02-01T18:00:00: that is time_zone's",
            lambda moment: moment.tzinfo is None and moment.second == 0 and moment.microsecond == 0,
        ),
    ]
    time_zone: Annotated[str, Rule("a time zone of the IANA database, such as Europe/Berlin", is_zone)]
    people: Annotated[int, Rule("a whole number from 10 to 1000000", lambda n: 10 <= n <= 1_000_000)]
    lead: Minutes = 60
    cool_down: Minutes = 60
    # EventBridge Scheduler takes no schedule for a moment that is past, and CloudFormation then none of its stack.
    _reservable: bool = PrivateAttr(default=True)

    @model_validator(mode="after")
    def _happens_once(self) -> Self:
        zone = ZoneInfo(self.time_zone)
        first = self.opens.replace(tzinfo=zone, fold=0)
        if first.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) != self.opens:
            later = first.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None)
            raise refuse(
                "opens",
                self.opens.isoformat(),
                f"clocks of {self.time_zone} leap over it; allowed: another time of day, such as {later.isoformat()}",
            )
        if first.utcoffset() != first.replace(fold=1).utcoffset():
            raise refuse(
                "opens",
                self.opens.isoformat(),
                f"clocks of {self.time_zone} show it twice that day; allowed: another time of day",
            )
        return self

    @property
    def opening(self) -> datetime.datetime:
        """The moment, in UTC."""
        return self.opens.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(datetime.UTC)

    @property
    def begins(self) -> datetime.datetime:
        """When the stage is larger and no deployment enters it any more, in UTC."""
        return self.opening - datetime.timedelta(minutes=self.lead)

    @property
    def ends(self) -> datetime.datetime:
        """When both are over, in UTC."""
        return self.opening + datetime.timedelta(minutes=self.cool_down)

    @property
    def reserved(self) -> datetime.datetime:
        """When the load balancer's capacity is asked for, in UTC."""
        return self.begins - RESERVED_BEFORE

    @property
    def reservable(self) -> bool:
        """Whether the clock can still ask for the load balancer's capacity, as far as ``seen_at`` was told the time."""
        return self._reservable

    def seen_at(self, now: datetime.datetime) -> Self:
        """Return the window as it is deployed at ``now``."""
        if self.reserved > now:
            return self
        window = self.model_copy()
        window._reservable = False
        return window

    @property
    def forgotten(self) -> datetime.datetime:
        """When nothing of it need be deployed any more, in UTC."""
        return self.ends + FORGOTTEN_AFTER

    @property
    def refused(self) -> datetime.datetime:
        """When no commit may have it any more, in UTC."""
        return self.ends + REFUSED_AFTER
