"""The typed form of settings.toml.

Every value is checked when the file is read; a wrong one ends with ``file: key = value: what is wrong; allowed: …``.
"""

from __future__ import annotations

import datetime
import functools
import math
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import available_timezones

from aws_cdk.region_info import RegionInfo
from pydantic import model_validator

from settings import capacity, night_schedule
from settings.validation import MomentRule, Rule, Table, matches, read, refuse

PLACEHOLDER_ACCOUNTS = frozenset({"111111111111", "222222222222", "333333333333"})


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_zone(name: str) -> bool:
    # Empty where the system has no time zone data: then only the shape is checked.
    return name in _zones() if _zones() else matches(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*")(name)


@functools.cache
def _regions() -> frozenset[str]:
    return frozenset(region.name for region in RegionInfo.regions if region.partition == "aws")


HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
EMAIL = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{HOST}"
CONNECTION = r"arn:aws:(?:codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}"
MOST_WORKERS = 64  # what `python -m loadtest run --workers` takes
# Six fields; what each may hold is checked by EventBridge Scheduler when the schedule is deployed.
SCHEDULE = r"cron\((?:[0-9A-Z*?,/#L\-W]+ ){5}[0-9*,/\-]+\)|rate\([1-9]\d* (?:minutes?|hours?|days?)\)"

Name = Annotated[
    str,
    Rule(
        "2 to 20 lower-case letters, digits and hyphens, a letter first, and not internal-, which AWS keeps for itself",
        # Load balancers are named after it.
        matches(r"(?!internal-)[a-z][a-z0-9-]{0,18}[a-z0-9]"),
    ),
]
Account = Annotated[
    str, Rule('an AWS account number: 12 digits, in quotes, such as "123456789012"', matches(r"\d{12}"))
]
Region = Annotated[
    str,
    Rule("the name of an AWS region (of the partition aws), such as eu-central-1", lambda name: name in _regions()),
]
Text = Annotated[
    str, Rule("a text of 1 to 200 characters in one line", lambda t: 0 < len(t.strip()) <= 200 and t.isprintable())
]
Email = Annotated[str, Rule("an e-mail address", matches(EMAIL))]
Seconds = Annotated[int, Rule("a whole number of seconds from 1 to 3600", lambda s: 1 <= s <= 3600)]
Subnets = Annotated[
    list[str],
    Rule(
        "a list of different subnet ids, one per availability zone",
        lambda ids: len(ids) == len(set(ids)) and all(map(matches(r"subnet-[0-9a-f]{8,17}"), ids)),
    ),
]
Moment = Annotated[
    datetime.datetime,
    MomentRule(
        "an ISO 8601 date and time with its offset, such as 2027-01-15T18:00:00+01:00",
    ),
]


class Repository(Table):
    """Where commits come from."""

    name: Annotated[
        str,
        Rule(
            "owner/repository on GitHub, of at most 93 characters",
            # CodePipeline's artifacts and namespaces have names of 100, and CDK makes them of it and seven more.
            lambda name: matches(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")(name) and len(name) <= 93,
        ),
    ]
    branch: Annotated[str, Rule("the name of a branch", matches(r"[A-Za-z0-9._/-]{1,255}"))]
    connection_arn: Annotated[
        str,
        Rule("the ARN of a connection: arn:aws:codeconnections:REGION:ACCOUNT:connection/UUID", matches(CONNECTION)),
    ]

    @property
    def owner(self) -> str:
        """The part of the name before the slash."""
        return self.name.split("/")[0]

    @property
    def repo(self) -> str:
        """The part of the name after the slash."""
        return self.name.split("/")[1]


class Pipeline(Table):
    """Where the pipeline itself lives, and whom it tells."""

    account: Account
    region: Region
    notify: Annotated[
        list[str],
        Rule(
            "a list of different e-mail addresses",
            lambda all_: len(all_) == len(set(all_)) and all(map(matches(EMAIL), all_)),
        ),
    ]


class Site(Table):
    """What both stages' WordPress is called, who administrates it, and where its plugins and themes come from."""

    title: Text
    admin_email: Email
    content: Annotated[
        str,
        Rule(
            '"volume" (plugins and themes are installed through the web) or "image" (only from src/wordpress/content)',
            lambda where: where in {"volume", "image"},
        ),
    ] = "volume"


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
            '"dev" (the site as it is) or "prod" (with prod\'s number of tasks and database capacity around the storm)',
            lambda stage: stage in {"dev", "prod"},
        ),
    ] = "dev"
    time_zone: Annotated[str, Rule("a time zone of the IANA database, such as Europe/Berlin", _is_zone)]

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
        """Storms of one commit at most: as many again, where the first ones look slower."""
        return 2 * candidates

    def build_minutes(self, *, storms: int) -> int:
        """How long a build with so many storms may take."""
        return night_schedule.build_minutes(self.seconds, storms=storms, by_fleet=self.workers > 1)

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


class Network(Table):
    """An existing VPC; the lists of subnets go by zone, in the order of ``availability_zones``."""

    vpc_id: Annotated[str, Rule("the id of a VPC, such as vpc-0123456789abcdef0", matches(r"vpc-[0-9a-f]{8,17}"))]
    availability_zones: Annotated[
        list[str],
        Rule(
            "two or more different zones, such as eu-central-1a",
            lambda zones: (
                len(zones) == len(set(zones)) >= 2 and all(map(matches(r"[a-z]{2}(-[a-z0-9]+)+-\d[a-z]"), zones))
            ),
        ),
    ]
    public_subnet_ids: Subnets
    private_subnet_ids: Subnets
    isolated_subnet_ids: Subnets

    @model_validator(mode="after")
    def _one_subnet_per_zone(self) -> Self:
        zones = len(self.availability_zones)
        for key in ("public_subnet_ids", "private_subnet_ids", "isolated_subnet_ids"):
            if len(getattr(self, key)) != zones:
                raise refuse(key, getattr(self, key), f"not one per availability zone; allowed: {zones} subnet ids")
        return self


class Domain(Table):
    """The site's own name: HTTPS with a certificate that renews itself."""

    name: Annotated[
        str,
        Rule(
            "a host name such as www.example.com, of at most 64 characters, as a certificate has them",
            lambda name: matches(HOST)(name) and len(name) <= 64,
        ),
    ]
    hosted_zone_id: Annotated[
        str, Rule("the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ", matches(r"Z[A-Z0-9]{1,31}"))
    ]
    hosted_zone_name: Annotated[str, Rule("the name of the hosted zone, such as example.com", matches(HOST))]

    @model_validator(mode="after")
    def _in_the_zone(self) -> Self:
        if self.name != self.hosted_zone_name and not self.name.endswith("." + self.hosted_zone_name):
            raise refuse(
                "name",
                self.name,
                f"not in the hosted zone; allowed: {self.hosted_zone_name}, or a name that ends in it",
            )
        return self


class Task(Table):
    """Size of one Fargate task (CPU units, MiB), and how many of them there may be."""

    cpu: Annotated[
        int,
        Rule(
            f"a Fargate CPU size: {', '.join(map(str, capacity.FARGATE_MEMORY))}",
            lambda cpu: cpu in capacity.FARGATE_MEMORY,
        ),
    ]
    memory: Annotated[int, Rule("a Fargate memory size in MiB, such as 1024", lambda mib: mib >= 512)]
    min: Annotated[int, Rule("a whole number of tasks, at least 1", lambda n: n >= 1)]
    max: Annotated[int, Rule("a whole number of tasks, at least 1", lambda n: n >= 1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        sizes = [mib for mib in capacity.FARGATE_MEMORY[self.cpu] if mib >= capacity.SMALLEST_TASK_MIB]
        if self.memory not in sizes:
            listed = ", ".join(map(str, sizes))
            raise refuse(
                "memory",
                self.memory,
                f"does not go with cpu = {self.cpu} and a task of nginx and PHP; allowed: {listed}",
            )
        if self.max < self.min:
            raise refuse("max", self.max, f"below min; allowed: {self.min} or more")
        return self

    @property
    def pools(self) -> capacity.Pools:
        """php-fpm's children in one task."""
        return capacity.pools(self.memory)


class Database(Table):
    """Bounds of an Aurora Serverless v2 cluster, in Aurora capacity units of 2 GiB."""

    min_acu: Annotated[
        float,
        Rule(
            "0 (pauses when idle) or 0.5 to 256 in steps of 0.5",
            lambda acu: 0 <= acu <= 256 and acu * 2 == int(acu * 2),
        ),
    ]
    max_acu: Annotated[float, Rule("1 to 256 in steps of 0.5", lambda acu: 1 <= acu <= 256 and acu * 2 == int(acu * 2))]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_acu < self.min_acu:
            raise refuse("max_acu", self.max_acu, f"below min_acu; allowed: {self.min_acu:g} to 256")
        return self


class Course(Table):
    """What people register for."""

    title: Text
    seats: Annotated[int, Rule("a whole number from 1 to 1000000", lambda n: 1 <= n <= 1_000_000)]
    opens_at: Moment


class Stage(Table):
    """One place where the site is deployed."""

    account: Account
    region: Region
    network: Network | None = None
    domain: Domain | None = None
    task: Task
    database: Database
    course: Course

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        limit = capacity.max_connections(self.database.max_acu)
        children = self.task.pools.children
        wanted = capacity.connections(tasks=self.task.max, children=children)
        if wanted > limit:
            most = limit // capacity.connections(tasks=1, children=children)
            raise refuse(
                "task.max",
                self.task.max,
                f"{children} PHP children a task, twice in a deployment, make {wanted} connections, "
                f"and a database of max_acu = {self.database.max_acu:g} takes {limit}; "
                f"allowed: {most} or less, or a larger database.max_acu",
            )
        if self.network and not all(zone.startswith(self.region) for zone in self.network.availability_zones):
            raise refuse(
                "network.availability_zones",
                self.network.availability_zones,
                f"not in this stage's region; allowed: zones of {self.region}",
            )
        return self


class Settings(Table):
    """All of settings.toml."""

    name: Name
    repository: Repository
    pipeline: Pipeline
    site: Site
    storm: Storm
    dev: Stage
    prod: Stage

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
        if self.dev.domain and self.prod.domain and self.dev.domain.name == self.prod.domain.name:
            raise refuse(
                "prod.domain.name",
                self.prod.domain.name,
                "dev has that name already; allowed: another name than dev.domain.name",
            )
        return self

    def _night_fits(self) -> None:
        children = self.dev.task.pools.children
        wanted = capacity.connections(tasks=self.night.task.max, children=children)
        # The number of connections follows the largest capacity only when an instance is started anew.
        limit = capacity.max_connections(self.dev.database.max_acu)
        if wanted > limit:
            raise refuse(
                "storm.nightly_as",
                self.storm.nightly_as,
                f"prod's {self.night.task.max} tasks with dev's {children} PHP children make {wanted} connections, "
                f"twice in a deployment, and dev's database of max_acu = {self.dev.database.max_acu:g} takes {limit}; "
                'allowed: "dev", or a larger dev.database.max_acu (which costs nothing by itself)',
            )

    @property
    def night(self) -> Stage:
        """Dev as the nightly storm finds it."""
        if self.storm.nightly_as == "dev":
            return self.dev
        bounds = {"min": self.prod.task.min, "max": self.prod.task.max}
        return self.dev.model_copy(
            update={"task": self.dev.task.model_copy(update=bounds), "database": self.prod.database}
        )

    def placeholders(self) -> list[str]:
        """Keys that must be filled in before the first deployment."""
        unset = {
            "repository.name": self.repository.name.startswith("example/"),
            "repository.connection_arn": self.repository.connection_arn.endswith(
                "/00000000-0000-0000-0000-000000000000"
            ),
            "pipeline.account": self.pipeline.account in PLACEHOLDER_ACCOUNTS,
            "site.admin_email": self.site.admin_email.endswith("@example.com"),
            "dev.account": self.dev.account in PLACEHOLDER_ACCOUNTS,
            "prod.account": self.prod.account in PLACEHOLDER_ACCOUNTS,
        }
        return [key for key, is_unset in unset.items() if is_unset]


def load(path: Path) -> Settings:
    """The settings in the file; raises validation.SettingsError with one line for each wrong value."""
    return read(Settings, path)
