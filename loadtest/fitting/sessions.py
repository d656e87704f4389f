"""What people did, as an access log shows it: their visits, and the times and shares that these tell of.

A person is an address with a user agent. Several people behind one address are told apart by their user agents; where
these are the same too, and together they do what one person cannot, they are left out.
"""

from __future__ import annotations

import pickle
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final

from loadtest.fitting.access_log import Log
from loadtest.fitting.beside import Beside, is_room
from loadtest.fitting.columns import Done, Requests, Visits
from loadtest.fitting.lognormals import Times

# The client went away, as nginx and AWS's load balancer say it.
ABORTED: Final = (499, 460)
FAILED: Final = (500, 502, 504)
# What a waiting page may come with: it reloads itself, nobody presses anything.
LATER: Final = (202, 429, 503)
# Seconds; who comes back after a longer pause has been away.
NEW_VISIT: Final = 120.0
# Seconds; who tries again after a longer pause did not try again at once.
RETRY: Final = 10.0
LONGEST_FORM: Final = 1800.0
# Page loads in ten seconds that are more than one person's; a person of ShmooCon's rounds asked for 24 at most.
TOO_MANY: Final = 30
# Seconds; who aborts a submit and submits again this quickly pressed the button twice: a browser drops the first.
AT_ONCE: Final = 0.15
# Visitors whose times are kept one by one.
AT_A_TIME: Final = 1000
# Visitors that a second process has to have, to be worth its start.
WORTH: Final = 2000
# A `CUBOT NOTE 20` is a phone.
_ROBOT: Final = re.compile(
    r"(?<!cu)bot\b|crawl|spider|monitor|health|uptime|curl|wget|python|floodgate-storm", re.IGNORECASE
)
_ASSET: Final = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|json|xml|txt|pdf|mp4)$|^/wp-"
)


@dataclass
class Share:
    """So many did it, of so many who could have."""

    did: int = 0
    could: int = 0

    def add(self, did: bool) -> None:
        """Count one who could have."""
        self.could += 1
        self.did += did


@dataclass
class Observed:
    """Everything that a log tells of people's habits, and how many people it tells of."""

    people: int = 0
    robots: int = 0
    crowds: int = 0
    reload_gap: Times = field(default_factory=Times)
    patience: Times = field(default_factory=Times)
    claim_patience: Times = field(default_factory=Times)
    retry_gap: Times = field(default_factory=Times)
    form: Times = field(default_factory=Times)
    late: Share = field(default_factory=Share)
    give_up: Share = field(default_factory=Share)
    submit_again: Share = field(default_factory=Share)
    # Seconds from the first press on submit to the second.
    pressed_twice: array[float] = field(default_factory=lambda: array("d"))
    # Seconds that the first press was waited for by those who did not press twice.
    waited: array[float] = field(default_factory=lambda: array("d"))

    def lay_by(self) -> None:
        """Keep of the times so far what a fit asks for alone."""
        for each in (self.reload_gap, self.patience, self.claim_patience, self.retry_gap, self.form):
            each.lay_by()

    def add(self, later: Observed) -> None:
        """Add what was observed of visitors who come after these."""
        for each in fields(self):
            ours, theirs = getattr(self, each.name), getattr(later, each.name)
            match ours:
                case Share():
                    ours.did, ours.could = ours.did + theirs.did, ours.could + theirs.could
                case Times() | array():
                    ours.extend(theirs)
                case _:
                    setattr(self, each.name, ours + theirs)


def busiest(requests: Requests, method: str) -> str | None:
    """Return the path that was asked for most often by a method, other than assets and WordPress's own."""
    for (how, path), _ in requests.acts().most_common():
        if how == method and path and not _ASSET.search(path):
            return path
    return None


def visits(log: Log, page: str, claim: str | None) -> Visits:
    """Return the visitors, each an address with a user agent, with what they asked of a page and its form, in order."""
    acts = [("GET", page)] + ([("POST", claim)] if claim else [])
    # A log of whole seconds has its own order, that of the answers, and so have the acts of one person.
    return log.requests.by_visitor(acts, by_end=log.format.resolution > 0)


def observe(log: Log, page: str, claim: str | None, opening: float | None) -> Observed:
    """Return what the visitors of a page did.

    ``claim`` is the path that the form is sent to; ``opening`` is in epoch seconds. Of many visitors another process
    observes the second half, where there is a processor for it.
    """
    _, end = log.span
    everybody = visits(log, page, claim)
    look = partial(_observe, log, opening, end)
    middle = len(everybody) // 2
    if middle < WORTH or not is_room():
        return look(everybody)
    with Beside(lambda file: pickle.dump(look(everybody.between(middle, len(everybody))), file)) as other:
        observed = look(everybody.between(0, middle))
        observed.add(pickle.load(other.join()))  # noqa: S301 - a child of this process has written it
    return observed


def _observe(
    log: Log, opening: float | None, end: float, visitors: Iterable[tuple[str, str, Sequence[Done]]]
) -> Observed:
    observed = Observed()
    for number, (_, agent, acts) in enumerate(visitors, start=1):
        if number % AT_A_TIME == 0:
            observed.lay_by()
        if not any(each.method == "GET" for each in acts):
            continue
        if _is_robot(agent):
            observed.robots += 1
        elif _are_many(acts, 0.05 + log.format.resolution):
            observed.crowds += 1
        else:
            observed.people += 1
            _Visitor(log, observed, opening, end).follow(acts)
    return observed


@lru_cache(maxsize=1 << 12)
def _is_robot(agent: str) -> bool:
    return bool(_ROBOT.search(agent))


def _are_many(acts: Sequence[Done], slack: float) -> bool:
    """Return whether this is more than one person does.

    Too many page loads, or loads side by side (for more than ``slack`` seconds), or too many seats.
    """
    loads = [each for each in acts if each.method == "GET"]
    if any(later.start - first.start <= 10 for first, later in zip(loads, loads[TOO_MANY:], strict=False)):
        return True
    beside = sum(
        later.start < first.end - slack and first.status not in ABORTED
        for first, later in pairwise(loads)
        if first.seconds is not None
    )
    answered = sum(each.method == "POST" and 200 <= each.status < 400 for each in acts)
    return beside > max(1, 0.1 * len(loads)) or answered > 2


class _Visitor:
    """Adds to what was observed what one visitor did."""

    def __init__(self, log: Log, observed: Observed, opening: float | None, end: float) -> None:
        self._blurred = log.format.resolution > 0
        self._durations = log.format.has_durations
        self._hides_cached = log.hides_cached
        self._observed, self._opening, self._end = observed, opening, end

    def follow(self, acts: Sequence[Done]) -> None:
        """Look at all that a visitor did, in order."""
        first = next(each for each in acts if each.method == "GET")
        if self._opening is not None and not self._hides_cached and first.start < self._opening + 60:
            self._observed.late.add(first.start >= self._opening)
        for act, following in _pairs(acts):
            if act.method == "GET":
                self._load(act, following)
        claims = [each for each in acts if each.method == "POST"]
        if claims:
            self._form([each for each in acts if each.method == "GET" and each.start <= claims[0].start], claims[0])
        self._claims(claims)

    def _load(self, load: Done, following: Done | None) -> None:
        failed = load.status in ABORTED or load.status in FAILED
        self._patience(self._observed.patience, load)
        if failed:
            self._after_failure(load, following)
        elif following and following.method == "GET" and load.status not in LATER and not self._hides_cached:
            self._reload(load.end, following.start)

    def _reload(self, end: float, again: float) -> None:
        if again - end > NEW_VISIT:
            return
        if self._opening is None or again < self._opening:
            self._add(self._observed.reload_gap, again - end)
        elif end < self._opening:
            # They came back for the opening; by themselves they would have waited until then at least.
            self._observed.reload_gap.at_least.append(self._opening - end)

    def _patience(self, times: Times, request: Done) -> None:
        if request.seconds is not None:
            (times.exact if request.status in ABORTED else times.at_least).append(request.seconds)

    def _after_failure(self, failed: Done, following: Done | None) -> None:
        if self._end - failed.end > 3 * RETRY:
            self._observed.give_up.add(following is None)
        # A page from the cache that leaves no line would pass for a pause; and a second press on submit for a retry.
        hidden = self._hides_cached if failed.method == "GET" else self._blurred
        if following and not hidden and following.start - failed.end < RETRY:
            self._add(self._observed.retry_gap, following.start - failed.end)

    def _form(self, loads: Sequence[Done], claim: Done) -> None:
        read = [each for each in loads if 200 <= each.status < 400]
        if not read or self._hides_cached:
            return
        if self._opening is not None and read[-1].end < self._opening - 2:
            return  # the page with the form came from somewhere else
        if claim.start - read[-1].end < LONGEST_FORM:
            self._add(self._observed.form, claim.start - read[-1].end)

    def _claims(self, claims: Sequence[Done]) -> None:
        for number, (claim, following) in enumerate(_pairs(claims)):
            twice = (
                following is not None
                and claim.status in ABORTED
                and following.start - claim.end < AT_ONCE
                and not self._blurred
            )
            if twice and following is not None and claim.seconds is not None:
                self._observed.claim_patience.at_least.append(claim.seconds)
                self._observed.pressed_twice.append(following.start - claim.start)
                continue
            self._patience(self._observed.claim_patience, claim)
            if number == 0 and claim.seconds is not None and not self._blurred:
                self._observed.waited.append(claim.seconds)
            if claim.status in ABORTED or claim.status in FAILED:
                self._after_failure(claim, following)
        confirmed = [number for number, each in enumerate(claims) if 200 <= each.status < 400]
        if confirmed:
            self._observed.submit_again.add(confirmed[0] + 1 < len(claims))

    def _add(self, times: Times, seconds: float) -> None:
        if not self._blurred:
            times.exact.append(max(0.0, seconds))
        elif seconds > -1:
            times.blurred.append(seconds)


def _pairs(acts: Sequence[Done]) -> Iterator[tuple[Done, Done | None]]:
    """Return each act with the one that follows it."""
    return ((act, acts[place + 1] if place + 1 < len(acts) else None) for place, act in enumerate(acts))
