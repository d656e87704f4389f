"""The storm: its people, its phases, its nights."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import model_validator

from settings import night_schedule
from settings.validation import Rule, Table, matches, refuse
from settings.values import Seconds, is_zone

MOST_WORKERS = 64  # what `python -m loadtest run --workers` takes
# Six fields; what each may hold is checked by EventBridge Scheduler when the schedule is deployed.
SCHEDULE = r"cron\((?:[0-9A-Z*?,/#L\-W]+ ){5}[0-9*,/\-]+\)|rate\([1-9]\d* (?:minutes?|hours?|days?)\)"


class Storm(Table):
    """Size of the load test, its phases in seconds, and when it runs at night."""

    people: Annotated[int, Rule("a whole number from 10 to 100000", lambda n: 10 <= n <= 100_000)]
    seats: Annotated[int, Rule("a whole number from 1 to 100000", lambda n: 1 <= n <= 100_000)]
    people_per_worker: Annotated[int, Rule("a whole number from 100 to 10000", lambda n: 100 <= n <= 10_000)] = 1000
    warm_up: Seconds
    before: Seconds
    opening: Seconds
    open: Seconds
    recovery: Seconds
    people_file: Annotated[
        str,
        Rule(
            "the path of a people file in this repository, such as loadtest/people.toml",
            matches(r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]*\.toml"),
        ),
    ] = "loadtest/people.toml"
    profile: Annotated[
        str, Rule("the name of a profile in storm.people_file, such as people", matches(r"[A-Za-z][A-Za-z0-9_-]{0,63}"))
    ] = "people"
    candidates: Annotated[int, Rule("a whole number of storms from 1 to 20", lambda n: 1 <= n <= 20)] = 3
    kill_task: Annotated[bool, Rule("true (one of dev's tasks is stopped at the opening) or false")] = False
    nightly: Annotated[
        str,
        Rule(
            "cron(minute hour day month weekday year) or rate(value unit), as EventBridge Scheduler has them "
            "(day or weekday is ?), by days of the week, and at least once in six days: else a missed night would "
            "not be noticed",
            lambda text: (
                matches(SCHEDULE)(text) and (night_schedule.longest_gap(text) or math.inf) <= night_schedule.LONGEST_GAP
            ),
        ),
    ]
    nightly_as: Annotated[
        str,
        Rule(
            '"dev" (the site as it is) or "prod" (with prod\'s tasks and database capacity around the storm)',
            lambda stage: stage in {"dev", "prod"},
        ),
    ] = "dev"
    time_zone: Annotated[str, Rule("a time zone of the IANA database, such as Europe/Berlin", is_zone)]

    @model_validator(mode="after")
    def _sells_out(self) -> Self:
        if self.seats >= self.people:
            raise refuse(
                "seats",
                self.seats,
                f"the storm would never sell out; allowed: below storm.people, which is {self.people}",
            )
        if self.workers > MOST_WORKERS:
            raise refuse(
                "people_per_worker",
                self.people_per_worker,
                f"storm.people = {self.people} would need {self.workers} workers, and {MOST_WORKERS} are the most; "
                f"allowed: {math.ceil(self.people / MOST_WORKERS)} or more",
            )
        return self

    @model_validator(mode="after")
    def _ends(self) -> Self:
        def fits(candidates: int) -> bool:
            return self.build_minutes(storms=self.most_storms(candidates)) <= night_schedule.LONGEST_BUILD

        if not fits(self.candidates):
            raise refuse(
                "candidates",
                self.candidates,
                f"{self.most_storms(self.candidates)} storms of {self.seconds} s, if there is a doubt, are more than "
                f"the {night_schedule.LONGEST_BUILD // 60} hours of a build; "
                f"allowed: {max(filter(fits, range(1, self.candidates)))} or less, or shorter phases",
            )
        return self

    @model_validator(mode="after")
    def _has_room_around_it(self) -> Self:
        if self.nightly_as == "prod" and self.window is None:
            raise refuse(
                "nightly",
                self.nightly,
                'with nightly_as = "prod", dev is made larger before the storm and smaller after it; '
                f"allowed: cron(minute hour …) with one minute and one hour, from 00:{night_schedule.LEAD} on, "
                "an hour or more before midnight",
            )
        return self

    @property
    def window(self) -> night_schedule.Window | None:
        """When a night that is larger than dev begins and ends; None where the schedule leaves no room for it."""
        return night_schedule.window(self.nightly, self.build_minutes(storms=1))

    @staticmethod
    def most_storms(candidates: int) -> int:
        """Return the storms of one commit at most: as many again, where the first ones look slower."""
        return 2 * candidates

    def build_minutes(self, *, storms: int) -> int:
        """Return how long a build with so many storms may take."""
        return night_schedule.build_minutes(
            self.seconds, storms=storms, by_fleet=self.workers > 1, until_whole=self.kill_task
        )

    @property
    def longest_gap(self) -> float:
        """Hours from one night to the next, at most."""
        return night_schedule.longest_gap(self.nightly) or math.inf

    @property
    def workers(self) -> int:
        """Workers of the generator: one is a process of the build, more are Fargate tasks, each one vCPU."""
        return math.ceil(self.people / self.people_per_worker)

    @property
    def seconds(self) -> int:
        """How long the phases last together."""
        return self.warm_up + self.before + self.opening + self.open + self.recovery
