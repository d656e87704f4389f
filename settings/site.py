"""The site, and the stages in which it is deployed."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from settings import capacity
from settings.validation import Rule, Table, matches, refuse
from settings.values import HOST, Account, Email, Moment, Region, Subnets, Text, is_zone

# The lines of WordPress that the site's tests pass on (``make prove-wordpress``); the first is the default.
LINES: Final = ("6.8", "7.1")


class Mail(Table):
    """How the site sends mails: by SMTP, with the user and password of a secret in each stage's account and region."""

    sender: Annotated[Email, Field(alias="from")]
    credentials: Annotated[
        str,
        Rule(
            "the name of a secret, of letters, digits and /_+=.@-, not ending in a hyphen and six letters or digits",
            # Secrets Manager takes such an end for the one that it gives to each ARN.
            lambda name: matches(r"[A-Za-z0-9/_+=.@-]{1,256}")(name) and not matches(r".*-[A-Za-z0-9]{6}")(name),
        ),
    ]
    host: (
        Annotated[
            str, Rule("a host name such as smtp.example.com, or none: Amazon SES of the stage's region", matches(HOST))
        ]
        | None
    ) = None
    port: Annotated[
        int,
        Rule("a port of 25, 587 or 2587, where a server encrypts by STARTTLS", lambda port: port in {25, 587, 2587}),
    ] = 587
    per_second: Annotated[int, Rule("mails a second, from 1 to 1000", lambda n: 1 <= n <= 1000)] = 1


class Site(Table):
    """What both stages' WordPress is called and which it is, who administrates it, whence its plugins, how it mails."""

    title: Text
    admin_email: Email
    content: Annotated[
        str,
        Rule(
            '"volume" (plugins and themes are installed through the web) or "image" (only from src/wordpress/content)',
            lambda where: where in {"volume", "image"},
        ),
    ] = "volume"
    wordpress: Annotated[
        str,
        Rule(
            '"6.8" (of Debian\'s stable release) or "7.1" (of its next one), the lines of WordPress that are tested',
            lambda line: line in LINES,
        ),
    ] = LINES[0]
    time_zone: (
        Annotated[str, Rule("a time zone of the IANA database, such as Europe/Berlin, or none", is_zone)] | None
    ) = None
    mail: Mail | None = None


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
    s3_endpoint: Annotated[
        bool, Rule("true (the VPC has a gateway endpoint of S3 in the private subnets' routes) or false")
    ] = False

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


# The one region in which CloudFront takes a certificate and a firewall.
FRONT_REGION: Final = "us-east-1"


class Front(Table):
    """CloudFront before the load balancer, under the domain's name.

    Without ``distribution`` it is built, and the name leads to the load balancer still; ``only`` lets nobody past it.
    """

    distribution: (
        Annotated[
            str,
            Rule(
                "the domain name of the distribution, as the output FrontAddress says it, such as "
                "d111111abcdef8.cloudfront.net, or none",
                matches(r"[a-z0-9]+\.cloudfront\.net"),
            ),
        ]
        | None
    ) = None
    only: Annotated[bool, Rule("true (the load balancer answers nobody but CloudFront) or false")] = False

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.only and not self.distribution:
            raise refuse(
                "only",
                self.only,
                "the name leads to the load balancer, which would refuse everybody; allowed: false, or a distribution",
            )
        return self


class Firewall(Table):
    """AWS WAF: its managed rules, and how many requests one address may make in five minutes."""

    requests: Annotated[
        int, Rule("requests of one address in five minutes, from 1000 to 10000000", lambda n: 1000 <= n <= 10_000_000)
    ] = 30_000


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


class Backup(Table):
    """How long prod's daily backups are kept, and the vault in another region that gets a copy of each."""

    keep_days: Annotated[int, Rule("days from 7 to 3650", lambda days: 7 <= days <= 3650)] = 35
    copy_to: (
        Annotated[
            str,
            Rule(
                "the ARN of a backup vault, such as arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME, or none",
                matches(r"arn:aws[a-z-]*:backup:[a-z0-9-]+:\d{12}:backup-vault:[A-Za-z0-9_-]{2,50}"),
            ),
        ]
        | None
    ) = None


class Restored(Table):
    """What a stage's data begin with, once something was lost: a snapshot, and a folder that AWS Backup has restored.

    Both stay as long as what was restored is in use: without them the stage goes back to what it had before, its
    database anew and empty.
    """

    snapshot: (
        Annotated[
            str,
            Rule(
                "the ARN of a cluster's snapshot, such as arn:aws:rds:REGION:ACCOUNT:cluster-snapshot:NAME, or none",
                matches(r"arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:cluster-snapshot:[A-Za-z0-9:-]{1,255}"),
            ),
        ]
        | None
    ) = None
    content: (
        Annotated[
            str,
            Rule(
                "the folder of the file system that AWS Backup restored into, such as "
                "/aws-backup-restore_2027-02-01T18-00-00-000Z, or none",
                # An access point's path has at most 100 characters, and /wp-content comes behind.
                lambda path: matches(r"(/aws-backup-restore_[A-Za-z0-9_.:-]+)+")(path) and len(path) <= 89,
            ),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.snapshot is None and self.content is None:
            raise refuse("snapshot", None, "nothing is restored; allowed: snapshot, content or both, or no such table")
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
    restored: Restored | None = None
    backup: Backup = Backup()
    front: Front | None = None
    firewall: Firewall | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.front and not self.domain:
            raise refuse(
                "front",
                {},
                "CloudFront asks the load balancer by HTTPS, for which it needs a certificate; allowed: a table domain "
                "of the same stage, or no table front",
            )
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
        if self.backup.copy_to:
            _, _, _, region, account, *_ = self.backup.copy_to.split(":")
            # A cluster that RDS's own key encrypts cannot leave its account.
            if region == self.region or account != self.account:
                raise refuse(
                    "backup.copy_to",
                    self.backup.copy_to,
                    f"not in another region of this stage's account; allowed: a vault of {self.account} outside "
                    f"{self.region}",
                )
        if self.restored and self.restored.snapshot and self.restored.snapshot.split(":")[3] != self.region:
            raise refuse(
                "restored.snapshot",
                self.restored.snapshot,
                f"not in this stage's region; allowed: a snapshot in {self.region}, copied there if need be",
            )
        if self.network and not all(zone.startswith(self.region) for zone in self.network.availability_zones):
            raise refuse(
                "network.availability_zones",
                self.network.availability_zones,
                f"not in this stage's region; allowed: zones of {self.region}",
            )
        return self
