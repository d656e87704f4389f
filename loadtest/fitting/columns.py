"""The requests of a log, in columns: a log has millions, of the same few people, pages and answers."""

from __future__ import annotations

import pickle
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from loadtest.fitting.formats import Request, address

Act = tuple[str, str]
# What was done, and what came of it: method, path, status, and what the cache said.
Kind = tuple[str, str, int, str]
# Half a pair of a character, which JSON may have, is kept as it is.
_HALVES: Final = "surrogatepass"


class Done(NamedTuple):
    """What a visitor did: how, with which answer, from when until when, and the seconds in between, where known."""

    method: str
    status: int
    start: float
    end: float
    seconds: float | None


class Visitors(dict[tuple[bytes, bytes], int]):
    """The numbers of visitors, each an address with a user agent, by what a line says of them.

    A new one gets the next number; KeyError for what is no address.
    """

    def __init__(self) -> None:
        super().__init__()
        # By their numbers: the address, and the number of the user agent.
        self.clients: list[bytes] = []
        self.agent_of = array("i")
        self.agents: dict[bytes, int] = {}
        self._same: dict[bytes, bytes] = {}

    def __missing__(self, key: tuple[bytes, bytes]) -> int:
        client, agent = key
        who = address(client.decode(errors="replace"))
        if who is None:
            raise KeyError(key)
        number = self.number(who.encode(), agent.decode(errors="replace").encode())
        self[client, self._same.setdefault(agent, agent)] = number
        return number

    def number(self, client: bytes, agent: bytes) -> int:
        """Return the number of an address in its usual form with a user agent in UTF-8."""
        key = client, self._same.setdefault(agent, agent)
        if (known := self.get(key)) is not None:
            return known
        self[key] = number = len(self.clients)
        self.clients.append(client)
        self.agent_of.append(self.agents.setdefault(key[1], len(self.agents)))
        return number


class Requests:
    """Requests in the order in which they were added; 20 bytes each.

    An act is a method with a path. Of a request that says nothing of how long it took the seconds are no number.
    """

    def __init__(self) -> None:
        self.visitors = Visitors()
        self._kinds: dict[Kind, int] = {}
        self._visitor, self._kind = array("i"), array("i")
        self._end, self._seconds = array("d"), array("f")
        self._count = 0

    def add(self, request: Request) -> None:
        """Append one."""
        client, agent, method, path, status, end, seconds, cache = request
        self._visitor.append(self.visitors.number(client.encode(), agent.encode(errors=_HALVES)))
        self._kind.append(self.kind(method, path, status, cache))
        self._end.append(end)
        self._seconds.append(nan if seconds is None else seconds)
        self._count += 1

    def kind(self, method: str, path: str, status: int, cache: str = "") -> int:
        """Return the number of an act with its answer."""
        return self._kinds.setdefault((method, path, status, cache), len(self._kinds))

    def add_columns(self, *columns: NDArray[Any]) -> None:
        """Append many: the numbers of their visitors and kinds here, when they ended, and how long they took."""
        for column, values in zip(self._columns(), columns, strict=True):
            column.frombytes(values.tobytes())
        self._count += len(columns[0])

    def write(self, file: IO[bytes]) -> None:
        """Write all of it, for ``append``."""
        visitors = self.visitors
        about = visitors.clients, visitors.agent_of, list(visitors.agents), list(self._kinds), len(self)
        pickle.dump(about, file)
        for column in self._columns():
            column.tofile(file)

    def append(self, file: IO[bytes]) -> None:
        """Append what another process has written, as if it had been added here one by one."""
        clients, agent_of, agents, kinds, count = pickle.load(file)  # noqa: S301 - a child of this process has written it
        visitors = zip(clients, map(agents.__getitem__, agent_of), strict=True)
        numbers = [
            np.array([self.visitors.number(*visitor) for visitor in visitors], np.int32),
            np.array([self.kind(*kind) for kind in kinds], np.int32),
        ]
        for column in self._columns():
            column.fromfile(file, count)
            if numbers and count:
                added = np.frombuffer(column, np.int32)[-count:]
                added[:] = numbers.pop(0)[added]
        self._count += count

    def __len__(self) -> int:
        return self._count

    @property
    def caches(self) -> set[str]:
        """What nginx's cache said to any of them."""
        return {cache for *_, cache in self._kinds}

    @property
    def span(self) -> tuple[float, float]:
        """The first start and the last end, in epoch seconds; raises ValueError where there is none."""
        ends = np.frombuffer(self._end)
        return float((ends - _known(np.frombuffer(self._seconds, np.float32))).min()), float(ends.max())

    def acts(self) -> Counter[Act]:
        """Return how often each act was done, in the order in which they were first done."""
        counts = np.bincount(np.frombuffer(self._kind, np.int32), minlength=len(self._kinds)) if self._kinds else ()
        acts: Counter[Act] = Counter()
        for (method, path, *_), count in zip(self._kinds, counts, strict=True):
            acts[method, path] += int(count)
        return acts

    def by_visitor(self, acts: Collection[Act], *, by_end: bool) -> Visits:
        """Return the visitors who did some acts, with those, in the order of their ends, or else of their starts.

        What is alike in that stays in the order of the log. It takes the requests from here, a column after the other,
        so that a long log is not in memory twice: nothing but how many they were can be asked for afterwards.
        """
        wanted = np.array([kind[:2] in acts for kind in self._kinds], bool)
        places = np.flatnonzero(wanted[np.frombuffer(self._kind, np.int32)]).astype(np.int32)
        visits = Visits(
            self.visitors.clients,
            np.array(self.visitors.agent_of, np.int32),
            [agent.decode(errors=_HALVES) for agent in self.visitors.agents],
            [(method, status) for method, _, status, _ in self._kinds],
        )
        self.visitors = Visitors()
        visits.whose = np.frombuffer(self._visitor, np.int32)[places]
        self._visitor = array("i")
        visits.kind = np.frombuffer(self._kind, np.int32)[places]
        self._kind = array("i")
        visits.seconds = np.frombuffer(self._seconds, np.float32)[places]
        self._seconds = array("f")
        visits.ends = np.frombuffer(self._end)[places]
        self._end = array("d")
        visits.sort(by_end=by_end)
        return visits

    def _columns(self) -> Sequence[array[Any]]:
        return self._visitor, self._kind, self._end, self._seconds


@dataclass
class Visits:
    """Visitors, by the order in which they first came, with what they did, of which each column says something."""

    clients: Sequence[bytes]
    agent_of: NDArray[np.int32]
    agents: Sequence[str]
    # Method and status.
    kinds: Sequence[tuple[str, int]]
    whose: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    kind: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    seconds: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    starts: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    ends: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    # Where each visitor begins, and the end.
    bounds: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))

    def sort(self, *, by_end: bool) -> None:
        """Bring what each visitor did together."""
        self.starts = self.ends - _known(self.seconds)
        order = np.lexsort((self.ends if by_end else self.starts, self.whose))
        for name in ("whose", "kind", "seconds", "starts", "ends"):
            setattr(self, name, getattr(self, name)[order])
        if len(order):
            self.bounds = np.concatenate(([0], np.flatnonzero(np.diff(self.whose)) + 1, [len(order)]))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __iter__(self) -> Iterator[tuple[str, str, Sequence[Done]]]:
        return self.between(0, len(self))

    def between(self, first: int, last: int) -> Iterator[tuple[str, str, Sequence[Done]]]:
        """Yield the visitors from one place up to another: address, user agent, and what they did."""
        columns = self.starts, self.ends, self.seconds
        for place in range(first, min(last, len(self))):
            begin, end = self.bounds[place : place + 2]
            number = self.whose[begin]
            starts, ends, took = (column[begin:end].tolist() for column in columns)
            kinds = map(self.kinds.__getitem__, self.kind[begin:end].tolist())
            acts = [
                Done(method, status, start, over, None if lasted != lasted else lasted)  # noqa: PLR0124 - no number
                for (method, status), start, over, lasted in zip(kinds, starts, ends, took, strict=True)
            ]
            yield self.clients[number].decode(), self.agents[self.agent_of[number]], acts


def _known(seconds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how many seconds each took; none where the log does not say."""
    return np.nan_to_num(seconds)
