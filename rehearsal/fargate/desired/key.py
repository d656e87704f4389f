"""What a resource is known by between deployments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rehearsal.values.stack import Resource, Stack


@dataclass(frozen=True)
class Key:
    """What a resource is known by between deployments: its place in the template, not its physical id.

    What replaces a resource there is another one, of the next ``generation``.
    """

    account: str
    region: str
    stack: str
    logical_id: str
    generation: int = 1

    @classmethod
    def of(cls, stack: Stack, resource: Resource) -> Key:
        """Make it for a resource of a stack."""
        return cls(stack.account, stack.region, stack.name, resource.logical_id, resource.generation)

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read what ``str`` gives."""
        account, region, stack, name = text.split("/")
        logical_id, _, generation = name.partition("#")
        return cls(account, region, stack, logical_id, int(generation or 1))

    def __str__(self) -> str:
        later = "" if self.generation == 1 else f"#{self.generation}"
        return f"{self.account}/{self.region}/{self.stack}/{self.logical_id}{later}"

    @property
    def short(self) -> str:
        """The logical id without the eight digits that the CDK puts behind it."""
        return re.sub(r"(?<=.)[0-9A-F]{8}$", "", self.logical_id)
