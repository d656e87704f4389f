"""The stage that people register at: what is asked of it beyond what any stage is asked."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Annotated, Self

from pydantic import Field, model_validator

from settings.registration_window import RegistrationWindow
from settings.site import Stage
from settings.validation import Rule, matches, refuse
from settings.window_size import WindowSize, window_size

# Fargate's quota of an account that has never asked for more (docs/aws.md).
NEW_ACCOUNT_VCPUS = 6
# The scheduled work's task, which runs beside the others.
SCHEDULED_VCPUS = 0.25
# Minutes between two looks of prod's canary.
LOOK_EVERY = 5


class Production(Stage):
    """The stage that people register at."""

    insecure: Annotated[
        bool, Rule("true (without a domain: names and passwords travel in clear, by plain HTTP) or false")
    ] = False
    loses_data: Annotated[
        list[str],
        Rule(
            "logical ids of resources that this commit may replace or remove with their data",
            lambda names: len(names) == len(set(names)) and all(map(matches("[A-Za-z0-9]{1,255}"), names)),
        ),
    ] = Field(default_factory=list)
    # TOML has lists; strict as all else is, pydantic would take nothing but a tuple here.
    windows: Annotated[tuple[RegistrationWindow, ...], Field(strict=False)] = ()
    vcpu_quota: Annotated[
        int, Rule("vCPUs: the account's quota Fargate On-Demand vCPU resource count", lambda n: n >= 1)
    ] = NEW_ACCOUNT_VCPUS

    @model_validator(mode="after")
    def _is_for_people(self) -> Self:
        if not self.domain and not self.insecure:
            raise refuse(
                "domain",
                None,
                "without a domain there is no certificate, and names, addresses and passwords travel in clear; "
                "allowed: a table [prod.domain], or insecure = true under [prod] for a site that nobody registers at",
            )
        if self.domain and self.insecure:
            raise refuse(
                "insecure", self.insecure, "prod has a domain, and is served by HTTPS; allowed: false, or no such line"
            )
        if self.database.min_acu == 0:
            raise refuse(
                "database.min_acu",
                self.database.min_acu,
                "prod's database would pause, and the first to come would wait for it for 15 seconds or longer; "
                "allowed: 0.5 to 256",
            )
        return self

    @model_validator(mode="after")
    def _windows_follow_each_other(self) -> Self:
        for earlier, later in itertools.pairwise(sorted(self.windows, key=lambda window: window.opening)):
            # A reservation that is given back is not asked for again the same minute.
            begin = later.reserved if self.size_in(later).units else later.begins
            if begin <= earlier.ends:
                raise refuse(
                    f"windows.{self.windows.index(later)}.opens",
                    later.opens.isoformat(),
                    f"its preparation begins at {begin:%Y-%m-%d %H:%M} UTC, and the window before it ends at "
                    f"{earlier.ends:%Y-%m-%d %H:%M} UTC; allowed: one window for both, with a longer cool_down",
                )
        return self

    @model_validator(mode="after")
    def _windows_fit(self) -> Self:
        for index, window in enumerate(self.windows):
            size, key = self.size_in(window), f"windows.{index}.people"
            for bound, needed, limit in (
                ("prod.task.max", size.tasks, self.task.max),
                ("prod.database.max_acu", size.min_acu, self.database.max_acu),
                ("prod.vcpu_quota", math.ceil(size.vcpus + SCHEDULED_VCPUS), self.vcpu_quota),
            ):
                if needed > limit:
                    raise refuse(
                        key,
                        window.people,
                        f"so many people need {size.tasks} tasks of {self.task.cpu / 1024:g} vCPU and {size.min_acu:g} "
                        f"ACU, and {bound} is {limit:g}; allowed: {bound} of {needed:g} or more, or fewer people",
                    )
        return self

    def size_in(self, window: RegistrationWindow) -> WindowSize:
        """Return what stands in a window: what it needs, and never less than on any day."""
        return self.larger(window_size(window.people, vcpus_per_task=self.task.cpu / 1024))

    def larger(self, size: WindowSize) -> WindowSize:
        """Return a size that is nowhere below what stands on any day."""
        tasks = max(size.tasks, self.task.min)
        return replace(
            size, tasks=tasks, vcpus=tasks * self.task.cpu / 1024, min_acu=max(size.min_acu, self.database.min_acu)
        )
