"""The requests of a log, in columns: a log has millions, of the same few people, pages and answers."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from loadtest.fitting.formats import Request

Visitor = tuple[str, str]
Act = tuple[str, str]


class Requests:
    """Requests in the order in which they were added; some 30 bytes each.

    A visitor is an address with a user agent, an act a method with a path. Of one that says nothing of how long it took
    the seconds are no number.
    """

    def __init__(self) -> None:
        self._visitors: dict[Visitor, int] = {}
        self._acts: dict[Act, int] = {}
        self._answers: dict[tuple[int, str], int] = {}
        self._visitor, self._act, self._answer = array("i"), array("i"), array("i")
        self._end, self._seconds = array("d"), array("f")

    def add(self, request: Request) -> None:
        """Append one."""
        client, agent, method, path, status, end, seconds, cache = request
        visitors, acts, answers = self._visitors, self._acts, self._answers
        self._visitor.append(visitors.setdefault((client, agent), len(visitors)))
        self._act.append(acts.setdefault((method, path), len(acts)))
        self._answer.append(answers.setdefault((status, cache), len(answers)))
        self._end.append(end)
        self._seconds.append(nan if seconds is None else seconds)

    def __len__(self) -> int:
        return len(self._end)

    def __iter__(self) -> Iterator[Request]:
        return map(self._reader(), range(len(self)))

    @property
    def caches(self) -> set[str]:
        """What nginx's cache said to any of them."""
        return {cache for _, cache in self._answers}

    @property
    def span(self) -> tuple[float, float]:
        """The first start and the last end, in epoch seconds; raises ValueError where there is none."""
        ends = np.frombuffer(self._end)
        return float((ends - self._durations()).min()), float(ends.max())

    def acts(self) -> Counter[Act]:
        """Return how often each act was done."""
        counts = np.bincount(np.frombuffer(self._act, np.int32), minlength=len(self._acts)) if self._acts else ()
        return Counter({act: int(count) for act, count in zip(self._acts, counts, strict=True)})

    def by_visitor(self, acts: Collection[Act], *, by_end: bool) -> Iterator[tuple[Visitor, list[Request]]]:
        """Yield each visitor who did one of some acts, with those, in the order of their ends, or else of their starts.

        What is alike in that stays in the order of the log.
        """
        wanted = [number for act in acts if (number := self._acts.get(act)) is not None]
        places = np.flatnonzero(np.isin(np.frombuffer(self._act, np.int32), wanted))
        whose = np.frombuffer(self._visitor, np.int32)[places]
        moments = np.frombuffer(self._end)[places]
        if not by_end:
            moments = moments - self._durations()[places]
        order = np.lexsort((moments, whose))
        bounds = np.flatnonzero(np.diff(whose[order])) + 1
        visitors, request = list(self._visitors), self._reader()
        for group in np.split(places[order], bounds) if len(order) else ():
            found = group.tolist()
            yield visitors[self._visitor[found[0]]], [request(place) for place in found]

    def _durations(self) -> NDArray[np.float64]:
        """Return how many seconds each took; none where the log does not say."""
        seconds: NDArray[np.float64] = np.nan_to_num(np.frombuffer(self._seconds, np.float32)).astype(float)
        return seconds

    def _reader(self) -> Callable[[int], Request]:
        """Return what makes the request at a place."""
        visitors, acts, answers = list(self._visitors), list(self._acts), list(self._answers)
        visitor, act, answer, end, seconds = self._visitor, self._act, self._answer, self._end, self._seconds

        def request(place: int) -> Request:
            client, agent = visitors[visitor[place]]
            method, path = acts[act[place]]
            status, cache = answers[answer[place]]
            took = seconds[place]
            return Request(client, agent, method, path, status, end[place], None if isnan(took) else took, cache)

        return request
