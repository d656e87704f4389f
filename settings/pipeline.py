"""Where commits come from, and where the pipeline lives."""

from __future__ import annotations

from typing import Annotated

from settings.validation import Rule, Table, matches
from settings.values import EMAIL, Account, Region

CONNECTION = r"arn:aws:(?:codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}"


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
    """Where the pipeline itself lives, whom it tells, and whence its builds take the base of all images."""

    account: Account
    region: Region
    notify: Annotated[
        list[str],
        Rule(
            "a list of different e-mail addresses",
            lambda all_: len(all_) == len(set(all_)) and all(map(matches(EMAIL), all_)),
        ),
    ]
    base_image: Annotated[
        str,
        Rule(
            "a copy of debian:trixie-slim in a registry, such as public.ecr.aws/docker/library/debian:trixie-slim",
            matches(r"[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9._-]+)+:[A-Za-z0-9._-]+"),
        ),
    ] = "public.ecr.aws/docker/library/debian:trixie-slim"
