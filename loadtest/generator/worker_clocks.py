"""How far the workers' clocks are from the parent's, by asking each a few times: the quickest answer tells best.

The answer was written somewhere between question and arrival, so the offset is known to within half of what the round
took. A message that travelled one way tells less: late delivery looks like a clock that is behind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from loadtest.generator.messages import Clock

ROUNDS: Final = 8
# Seconds after which a worker is asked again: one that has just come up may not listen yet.
ANSWERS_WITHIN: Final = 1.0


@dataclass
class Offset:
    """A worker's clock minus the parent's, and by how much that may be wrong, in seconds; ``code`` is its version."""

    apart: float = 0.0
    error: float = math.inf
    rounds: int = 0
    code: str = ""


class Clocks:
    """The clocks of workers, by client id.

    ``ask`` sends a worker its question, ``clock`` and ``now`` are the parent's clock in seconds from no particular
    moment, and in epoch seconds.
    """

    def __init__(
        self, ask: Callable[[str, Clock], None], *, clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        self._ask, self._clock, self._now = ask, clock, now
        self._asked: dict[str, float] = {}
        self.offsets: dict[str, Offset] = {}

    def known(self, clients: Iterable[str]) -> bool:
        """Return whether each client has answered each round.

        To be called until so: it asks who has not answered lately.
        """
        known = True
        for client in clients:
            if self.offsets.setdefault(client, Offset()).rounds < ROUNDS:
                known = False
                if self._clock() - self._asked.get(client, -math.inf) > ANSWERS_WITHIN:
                    self._ask_for(client)
        return known

    def answered(self, client: str, answer: Clock) -> None:
        """Take an answer, and ask again unless that was the last round."""
        offset = self.offsets.setdefault(client, Offset())
        # The hour first: what passes until the other clock is read is then a part of what may be wrong.
        now = self._now()
        took = self._clock() - answer.sent_at
        if took / 2 < offset.error:
            offset.apart, offset.error = answer.now - (now - took / 2), took / 2
        offset.code = answer.code
        offset.rounds += 1
        if offset.rounds < ROUNDS:
            self._ask_for(client)

    def _ask_for(self, client: str) -> None:
        self._asked[client] = self._clock()
        self._ask(client, Clock(self._clock()))
