"""All of settings.toml, and what holds only between its tables."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Self

from pydantic import model_validator

from settings import capacity
from settings.development import Development
from settings.pipeline import Pipeline, Repository
from settings.production import Production
from settings.registration_window import RegistrationWindow
from settings.site import Site, Stage
from settings.storm import Storm
from settings.validation import SettingsError, Table, refuse
from settings.values import Name

PLACEHOLDER_ACCOUNTS = frozenset({"111111111111", "222222222222", "333333333333"})


class Settings(Table):
    """All of settings.toml."""

    name: Name
    repository: Repository
    pipeline: Pipeline
    site: Site
    storm: Storm
    dev: Development
    prod: Production

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        account = self.repository.connection_arn.split(":")[4]
        if account != self.pipeline.account:
            raise refuse(
                "repository.connection_arn",
                self.repository.connection_arn,
                f"of another account; allowed: a connection in pipeline.account, which is {self.pipeline.account}",
            )
        self._night_fits()
        if self.storm.kill_task and self.dev.task.min < 2:
            raise refuse(
                "storm.kill_task",
                self.storm.kill_task,
                f"of dev's tasks one would be stopped at the opening, and dev.task.min is {self.dev.task.min}: nobody "
                "would be left to serve; allowed: false, or a dev.task.min of 2 or more",
            )
        if self.dev.domain and self.prod.domain and self.dev.domain.name == self.prod.domain.name:
            raise refuse(
                "prod.domain.name",
                self.prod.domain.name,
                "dev has that name already; allowed: another name than dev.domain.name",
            )
        return self

    def _night_fits(self) -> None:
        children = self.night.task.pools.children
        wanted = capacity.connections(tasks=self.night.task.max, children=children)
        # The number of connections follows the largest capacity only when an instance is started anew.
        limit = capacity.max_connections(self.dev.database.max_acu)
        if wanted > limit:
            raise refuse(
                "storm.nightly_as",
                self.storm.nightly_as,
                f"prod's {self.night.task.max} tasks of {children} PHP children make {wanted} connections, "
                f"twice in a deployment, and dev's database of max_acu = {self.dev.database.max_acu:g} takes {limit}; "
                'allowed: "dev", or a larger dev.database.max_acu (which costs nothing by itself)',
            )

    @property
    def night(self) -> Stage:
        """Dev as the nightly storm finds it."""
        if self.storm.nightly_as == "dev":
            return self.dev
        return self.dev.model_copy(update={"task": self.prod.task, "database": self.prod.database})

    def over(self, now: datetime.datetime) -> list[str]:
        """Return what lies behind ``now``, so that it is not deployed: a sentence each, its key first."""
        return [
            *(
                f"{ended}, and nothing of it is deployed any more; take its table out"
                for window, ended in self._windows()
                if window.forgotten <= now
            ),
            *self._unreserved(now),
        ]

    def _unreserved(self, now: datetime.datetime) -> Iterator[str]:
        for index, window in enumerate(self.prod.windows):
            units = self.prod.size_in(window).units
            if units and now < window.begins and not window.seen_at(now).reservable:
                yield (
                    f"prod.windows.{index}.opens = {window.opens.isoformat()}: the load balancer's capacity was to be "
                    f"reserved at {window.reserved:%Y-%m-%d %H:%M} UTC, and AWS takes no schedule for what is past; "
                    f"where prod did not have the window by then, reserve {units} units by hand (docs/windows.md)"
                )

    def current(self, now: datetime.datetime) -> Settings:
        """Return the settings without what is over at ``now``; raise SettingsError for what is long over."""
        slips = [
            f"settings.toml: {ended}, and nothing would be ready for it; allowed: an opening to come, or its table "
            "taken out"
            for window, ended in self._windows()
            if window.refused <= now
        ]
        if slips:
            raise SettingsError("\n".join(slips))
        windows = tuple(window.seen_at(now) for window in self.prod.windows if window.forgotten > now)
        return self.model_copy(update={"prod": self.prod.model_copy(update={"windows": windows})})

    def _windows(self) -> Iterator[tuple[RegistrationWindow, str]]:
        """Yield each window with the beginning of what is said of it when it is over."""
        for index, window in enumerate(self.prod.windows):
            key = f"prod.windows.{index}.opens = {window.opens.isoformat()}"
            yield window, f"{key}: the window ended at {window.ends:%Y-%m-%d %H:%M} UTC"

    def warnings(self) -> list[str]:
        """Return what is allowed, and costs more than its author may think: a sentence each, its key first."""
        found = [
            f"{stage}.network: without a gateway endpoint of S3, each task's image (about 120 MB) comes by the NAT "
            "gateway, once a minute for scheduled work, and is charged for; add one, and say s3_endpoint = true"
            for stage, network in (("dev", self.dev.network), ("prod", self.prod.network))
            if network and not network.s3_endpoint
        ]
        for name, stage in (("dev", self.dev), ("prod", self.prod)):
            if stage.front and not stage.front.distribution:
                found.append(
                    f"{name}.front: no distribution: it is built, and people still go to the load balancer; write what "
                    f"the output FrontAddress of {self.name}-{name}-front says (docs/front.md)"
                )
            elif stage.front and not stage.front.only:
                found.append(
                    f"{name}.front.only = false: whoever knows the load balancer's name passes CloudFront and its "
                    "firewall by; say true a day after the name leads to CloudFront"
                )
        if self.prod.insecure:
            found.append(
                "prod.insecure = true: names and passwords travel in clear; fill in [prod.domain] before people "
                "register"
            )
        return found

    def placeholders(self) -> list[str]:
        """Return the keys that must be filled in before the first deployment."""
        unset = {
            "repository.name": self.repository.name.startswith("example/"),
            "repository.connection_arn": self.repository.connection_arn.endswith(
                "/00000000-0000-0000-0000-000000000000"
            ),
            "pipeline.account": self.pipeline.account in PLACEHOLDER_ACCOUNTS,
            # Else nobody hears of anything.
            "pipeline.notify": not self.pipeline.notify,
            "site.admin_email": self.site.admin_email.endswith("@example.com"),
            "dev.account": self.dev.account in PLACEHOLDER_ACCOUNTS,
            "prod.account": self.prod.account in PLACEHOLDER_ACCOUNTS,
        }
        return [key for key, is_unset in unset.items() if is_unset]
