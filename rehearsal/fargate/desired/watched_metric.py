"""What is measured: of a load balancer, a service, a log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rehearsal.fargate.desired.key import Key


@dataclass(frozen=True)
class BalancerMetric:
    """A metric of a load balancer, or of one of its target groups."""

    name: str
    balancer: Key
    group: Key | None

    @property
    def words(self) -> str:
        """What a person calls it."""
        return self.name


@dataclass(frozen=True)
class LogMetric:
    """A metric that a filter makes of what tasks print: ``value`` for each line that holds all ``terms``.

    With a ``field`` a line counts that is a JSON object in which that has the value, ``*`` in it standing for anything.
    A ``value`` that is a text names the field of such an object in which the value is.
    ``sources`` are schedules and services, each with a container; ``default`` is what output without such a line gives.
    """

    sources: tuple[tuple[Key, str], ...]
    terms: tuple[str, ...]
    value: float | str
    default: float | None
    field: tuple[str, str] | None = None

    @property
    def words(self) -> str:
        """What a person calls it."""
        return f"lines with {' and '.join(self.terms) or ' = '.join(self.field or ())}"

    def values(self, lines: Sequence[str]) -> list[float]:
        """Return what some lines give: nothing where there are none."""
        hits = [value for line in lines if (value := self._value(line)) is not None]
        return hits or ([] if self.default is None or not lines else [self.default])

    def _value(self, line: str) -> float | None:
        if self.field is None and isinstance(self.value, float):
            return self.value if all(term in line for term in self.terms) else None
        try:
            found = json.loads(line)
        except ValueError:
            return None
        name, wanted = self.field or ("", "")
        if not isinstance(found, dict) or name not in found or not fnmatchcase(str(found[name]), wanted):
            return None
        if isinstance(self.value, float):
            return self.value
        value = found.get(self.value)
        return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True)
class ServiceMetric:
    """``CPUUtilization`` or ``MemoryUtilization`` of a service's tasks: per cent of what each is given."""

    name: str
    service: Key

    @property
    def words(self) -> str:
        """What a person calls it."""
        return self.name


Metric = BalancerMetric | LogMetric | ServiceMetric
