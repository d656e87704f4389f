"""A person: arrives, reads, reloads, loses patience, aborts, claims a seat, gives up, leaves when done.

Every time is measured from the intended moment: the one at which the person wanted to act, not the one at which the
generator got round to it. A person's habits follow from the storm's seed and the person's number alone.
"""

from __future__ import annotations

import math
import re
import ssl
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlencode

from loadtest.crowd.browser.answer import FAILURES, Answer, is_shortage
from loadtest.crowd.browser.browser import LeftSite, LostFile
from loadtest.crowd.browser.client import reason
from loadtest.crowd.browser.page import Form, Page
from loadtest.crowd.draws import Draws
from loadtest.crowd.habits import Behaviour, Distribution
from loadtest.crowd.lives import Life
from loadtest.crowd.storm_clock import Abandoned, Clock
from loadtest.crowd.tracking import address
from loadtest.record import counters, page_states
from loadtest.record.counters import (
    ABORTS,
    ARRIVED,
    ATTEMPTS,
    CAME,
    CLAIM,
    ERRORS,
    FOREIGN,
    GAVE_UP,
    LAG,
    LEFT,
    LEFT_IN_FORM,
    LOST_FILE,
    PEOPLE,
    PEOPLE_WITH_ERRORS,
    REPEATED_SUBMITS,
    SAW_AGAIN,
    SERVED,
    SHORTAGE,
    STAYED_AWAY,
    SUBMITS,
    UNANSWERED,
    WAIT,
    WANTS,
    saw,
)
from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Recorder
from loadtest.record.page_states import CLOSED, CONFIRMED, ENDED, INVALID, SOLD_OUT, WAITING
from loadtest.record.phases import Phases
from loadtest.record.record import Claim

# Seconds that who is waiting for an answer at the storm's end still waits for it: less than a worker's grace.
STAYS = 1.0
# Seconds to the next try when a waiting page does not say when it reloads itself.
WAITING_PAGE_RELOAD = 2.0
# Seconds, about a microsecond. Sums of its multiples are exact, in whatever order the shares of workers are added.
TICK = 2.0**-20


class Site(Protocol):
    """What a person needs of a browser.

    ``read_lag``: seconds for which what had come for the last page lay unread, whether it came whole or not. ``lost``:
    the first file of the last page that is missing.
    """

    read_lag: float
    lost: LostFile | None

    def open(self, url: str) -> tuple[Page, Answer]:
        """Open a page; return what it says and how it was answered. Raise one of FAILURES if none arrives whole."""

    def submit(self, url: str, fields: str) -> tuple[Page, Answer]:
        """Post a form (urlencoded fields); return and raise as ``open`` does."""


@dataclass(frozen=True)
class Crowd:
    """What all people of a storm share."""

    url: str
    phases: Phases
    behaviour: Behaviour
    seed: int
    regulars: int
    emails: str


class Person:
    """One person of the crowd, from the first look at the page to the last."""

    __slots__ = (
        "_browser",
        "_clock",
        "_crowd",
        "_habits",
        "_hears_until",
        "_leaves",
        "_now",
        "_phases",
        "_recorder",
        "_regular",
        "_rng",
        "_seen",
        "_served",
        "_url",
        "_watches",
        "claim",
        "number",
    )

    def __init__(self, number: int, crowd: Crowd, clock: Clock, browser: Site, recorder: Recorder) -> None:
        self.number = number
        self.claim: Claim | None = None
        self._crowd = crowd
        self._habits = crowd.behaviour
        self._url = address(crowd.url, crowd.behaviour.tracked, crowd.seed, number)
        self._phases = crowd.phases
        self._clock = self._now = clock
        self._browser = browser
        self._recorder = recorder
        self._rng = Draws(f"{crowd.seed}:{number}")
        self._regular = number < crowd.regulars
        self._watches = self._rng.random() < self._habits.watch_clock
        self._leaves = crowd.phases.opening + crowd.phases.open
        self._hears_until = crowd.phases.end + STAYS
        self._served = False
        # When the last attempt ended.
        self._seen = 0.0

    def live(self) -> Life:
        """Live the whole storm of this person; give the moments until which they rest."""
        if self._regular:
            yield from self._read_calmly(self._phases.start, -self._phases.before)
        yield from self._rush(earliest=self._now() if self._regular else -math.inf)
        if self._regular:
            yield from self._read_calmly(self._now(), self._phases.end)

    # The acts of a person

    def _rush(self, earliest: float) -> Life:
        intended = max(self._arrival(), earliest)
        yield intended
        self._note_lag(intended)
        self._count(CAME, intended)
        self._count(ARRIVED, intended)
        while intended < self._leaves:
            page = yield from self._want(intended, until=self._leaves, may_give_up=True)
            if page is None:
                break
            if page.state in (SOLD_OUT, ENDED):
                self._learn()
                break
            if page.form is not None and (yield from self._claim_seat(page.form)):
                break
            moment, intended = intended, self._next_reload(intended)
            if intended >= self._leaves and moment < 0:
                self._count(STAYED_AWAY, self._leaves)
            due = max(min(intended, self._leaves), self._seen)
            yield due
            self._note_lag(due)
        self._count(LEFT, self._now())

    def _read_calmly(self, start: float, end: float) -> Life:
        intended = max(start, self._now()) + self._rng.random() * min(2.0, (end - start) / 2)
        self._count(ARRIVED, intended)
        while intended < end:
            yield intended
            self._note_lag(intended)
            yield from self._want(intended, until=end, may_give_up=False)
            intended = self._seen + self._draw(self._habits.regular_gap)
        self._count(LEFT, self._now())

    def _want(self, intended: float, *, until: float, may_give_up: bool) -> Generator[float, None, Page | None]:
        """Try until the page is seen; None if the person gave up, or ``until`` came first.

        No attempt begins after ``until``. One that is under way then lasts as long as the person's patience: a wish of
        the last moment is no fault of a site that answers it.
        """
        phase, count = self._phases.at(intended), self._recorder.count
        count(WANTS, phase, max(intended, self._now()))
        self._recorder.person(PEOPLE, phase, self.number)
        while True:
            wait = 0.0
            count(ATTEMPTS, phase, max(intended, self._now()))
            try:
                page, answer = self._attempt(self._draw(self._habits.patience), self._browser.open, self._url)
            except Abandoned:
                if self._seen >= until:
                    break
                self._count(ABORTS, intended)
            except FAILURES as error:
                self._failed(intended, error, self._url)
            else:
                if self._saw(page, answer, intended, self._url):
                    if self._browser.lost:
                        self._lost(intended, self._browser.lost)
                    if page.state != WAITING:
                        self._done(WAIT, intended)
                        return page
                wait = self._reload_pause(page, answer)
            if not wait:
                if may_give_up and self._rng.random() < self._habits.give_up:
                    self._count(GAVE_UP, intended)
                    self._done(WAIT, intended)
                    return None
                wait = self._draw(self._habits.retry_gap)
            if self._seen + wait >= until:
                yield until
                self._seen = self._now()
                break
            yield self._seen + wait
        self._count(UNANSWERED, intended)
        self._done(WAIT, intended)
        return None

    def _claim_seat(self, form: Form) -> Generator[float, None, bool]:
        """Fill in the form and submit it until it is answered; False if the person has to look at the page again."""
        intended = self._seen + self._draw(self._habits.form)
        if intended >= self._leaves:
            due = max(self._leaves, self._seen)
            yield due
            self._note_lag(due)
            self._count(LEFT_IN_FORM, self._leaves)
            return True
        yield intended
        self._note_lag(intended)
        sure = yield from self._submit(form, intended)
        claim = self._claimed()
        if claim.outcome == CONFIRMED and self._rng.random() < self._habits.submit_again and not sure:
            yield from self._submit(form, self._now())
        if claim.outcome in (CONFIRMED, SOLD_OUT, ENDED):
            self._learn()
        return claim.outcome != CLOSED

    def _submit(self, form: Form, intended: float) -> Generator[float, None, bool]:
        """Press submit, and again after each attempt without an answer; the outcome is in the claim.

        A waiting page leads back to the form's address, as a browser's does, and what the page there offers is used:
        the form once more, or, where there is none any more, the one that asks for the code of a seat that one has.

        Returns whether the answer says that the seat was the person's already, which leaves no doubt.
        """
        phase = self._phases.at(intended)
        claim = self._claimed()
        offered: Form | None = form
        double = self._rng.random() < self._habits.submit_twice
        self._count(SUBMITS, intended)
        self._recorder.person(PEOPLE, phase, self.number)
        until = self._phases.end
        outcome, sure = page_states.UNANSWERED, False
        while self._now() < until:
            wait = 0.0
            patience = self._draw(self._habits.claim_patience)
            if double:
                patience = min(patience, self._habits.double_submit_after)
            claim.sends += offered is not None
            self._count(ATTEMPTS, intended)
            try:
                page, answer = self._attempt(patience, self._press, offered, form.action, claim)
            except Abandoned:
                if self._seen >= until:
                    break
                self._count(REPEATED_SUBMITS if double else ABORTS, intended)
                wait, double = 0.001 if double else 0.0, False
            except FAILURES as error:
                self._failed(intended, error, (offered or form).action)
            else:
                url = (offered or form).action
                if self._saw(page, answer, intended, url, of_claim=bool(offered)) and page.state not in (WAITING, None):
                    back, offered = not offered, page.form or page.find
                    if not back or offered is None:
                        outcome, sure = page.state, page.again
                        _note_code(claim, page.code)
                        break
                    wait = max(TICK, self._draw(self._habits.reaction))
                elif page.state == WAITING:
                    offered, wait = None, self._reload_pause(page, answer)
            if not wait:
                if self._rng.random() < self._habits.give_up:
                    self._count(GAVE_UP, intended)
                    outcome = page_states.GAVE_UP
                    break
                wait = self._draw(self._habits.retry_gap)
            yield min(self._seen + wait, until)
        if outcome == page_states.UNANSWERED:
            self._seen = self._now()
            self._count(UNANSWERED, intended)
        claim.answers.append(outcome)
        self._done(CLAIM, intended)
        return sure

    def _press(self, form: Form | None, url: str, claim: Claim) -> tuple[Page, Answer]:
        """Send a form, or look at the page again where none is offered."""
        if form is None:
            return self._browser.open(url)
        own = {"browser": f"{self.number:032x}"} if "browser" in form.hidden else {}
        fields = urlencode({**form.hidden, **own, "name": f"Person {self.number}", "email": claim.email})
        return self._browser.submit(form.action, fields)

    def _attempt(
        self, patience: float, ask: Callable[..., tuple[Page, Answer]], *arguments: object
    ) -> tuple[Page, Answer]:
        """Ask the site, and note when that ended: an answer is seen when it has come, however late it is read."""
        try:
            with self._listening(patience):
                return ask(*arguments)
        except Abandoned:
            self._browser.read_lag = 0.0
            raise
        finally:
            self._seen = self._now() - self._browser.read_lag

    # What a person notices, and how it is counted

    def _saw(self, page: Page, answer: Answer, intended: float, url: str, *, of_claim: bool = False) -> bool:
        """Count what came back; False if it is no page that this person can go on with."""
        if page.state is None:
            self._error(intended, _no_page(answer), url, answer.status, lambda: _without_marker(answer))
            return False
        if lacking := _lacking(page, of_claim=of_claim):
            self._error(intended, f"{page.state}-page", url, answer.status, lambda: lacking)
            return of_claim and page.state == INVALID
        self._recorder.count(saw(page.state), self._phases.at(intended), self._now())
        if page.again:
            self._recorder.count(SAW_AGAIN, self._phases.at(intended), self._now())
        return True

    def _reload_pause(self, page: Page, answer: Answer) -> float:
        """Return the seconds until a waiting page reloads itself, with jitter; 0 for any other page."""
        if page.state != WAITING:
            return 0.0
        delay = page.reload_after if page.reload_after is not None else answer.retry_after
        return max(0.1, (WAITING_PAGE_RELOAD if delay is None else delay) * self._rng.uniform(0.5, 1.5))

    def _failed(self, intended: float, error: Exception, url: str) -> None:
        status = error.status if isinstance(error, LeftSite) else None
        self._error(intended, _kind(error), url, status, lambda: reason(error))

    def _lost(self, intended: float, file: LostFile) -> None:
        """Count a page that is seen without one of its styles, scripts or pictures; the person goes on with it."""
        if isinstance(file.came, Answer):
            self._error(intended, LOST_FILE, file.url, file.came.status, lambda: "a file of the page is missing")
        else:
            why = file.came
            self._error(intended, LOST_FILE, file.url, None, lambda: f"a file of the page: {reason(why)}")

    def _error(self, intended: float, kind: str, url: str, status: int | None, what: Callable[[], str]) -> None:
        self._count(ERRORS, intended)
        self._count(counters.error(kind), intended)
        self._recorder.person(PEOPLE_WITH_ERRORS, self._phases.at(intended), self.number)
        self._recorder.example(kind, lambda: ErrorExample(kind, round(self._now(), 3), url, status, what()))

    def _learn(self) -> None:
        if not self._served:
            self._served = True
            self._count(SERVED, self._now())

    def _done(self, name: str, intended: float) -> None:
        """Record what was wanted at a moment, and is over since the last attempt ended."""
        self._recorder.duration(name, self._phases.at(intended), self._seen, _exact(self._seen - intended))

    def _count(self, name: str, intended: float) -> None:
        """Count in the phase that a wish belongs to; the timeline shows it now."""
        self._recorder.count(name, self._phases.at(intended), max(intended, self._now()))

    def _claimed(self) -> Claim:
        if self.claim is None:
            email = self._crowd.emails.format(number=self.number)
            self.claim = Claim(self.number, email)
        return self.claim

    # When a person acts

    def _arrival(self) -> float:
        """Draw the arrival: some come at the opening itself, the others before it, ever more as it comes nearer."""
        if self._rng.random() < self._habits.late:
            return self._draw(self._habits.reaction)
        return -self._phases.before * (1 - math.sqrt(self._rng.random()))

    def _next_reload(self, moment: float) -> float:
        """Return when a page that was asked for at one moment, and has been seen, is asked for again."""
        last = self._seen
        since = moment if self._habits.paced else last
        if last >= 0:
            return max(last, since + self._draw(self._habits.eager_gap))
        planned = max(last, since + self._draw(self._habits.reload_gap))
        if self._watches and planned > 0:
            return self._draw(self._habits.reaction)
        return planned

    def _note_lag(self, intended: float) -> None:
        """Record how much later than intended the generator has got round to an act."""
        now = self._now()
        self._recorder.duration(LAG, self._phases.at(intended), now, _exact(now - intended))

    def _listening(self, patience: float) -> AbstractContextManager[object]:
        """Raise Abandoned in an attempt that takes longer than this person waits, or than the storm is listened to."""
        return self._clock.patience(max(0.001, min(patience, self._hears_until - self._now())))

    def _draw(self, distribution: Distribution) -> float:
        return distribution.draw(self._rng)


def _note_code(claim: Claim, code: str | None) -> None:
    if code is not None and code not in claim.codes:
        claim.codes.append(code)


def _exact(seconds: float) -> float:
    """Return a duration in whole ticks; what would be negative is nothing."""
    return max(0.0, round(seconds / TICK) * TICK)


def _no_page(answer: Answer) -> str:
    """Return a short name for an answer without the site's marker: an error of the site's, or somebody else's page."""
    if answer.status >= 400:
        return f"http-{answer.status}"
    return FOREIGN if answer.body else "empty-page"


def _without_marker(answer: Answer) -> str:
    """Say what an answer is that is no page of the site's: by its title, or by how it begins."""
    if not answer.body:
        return "an empty body"
    text = answer.text()
    title = re.search(r"<title[^<>]*>([^<]*)", text, re.IGNORECASE)
    shown = title[1] if title and title[1].strip() else re.sub(r"<[^<>]*>", " ", text[:2000])
    return f"no data-floodgate-state in the page: {' '.join(shown.split())[:120]}"


def _lacking(page: Page, *, of_claim: bool) -> str | None:
    """Say what a page of the site lacks that the person looked for; None if it is all there."""
    match page.state:
        case page_states.OPEN if of_claim:
            return "an answer to a claim that says open: neither a code, nor that there is no seat"
        case page_states.OPEN if page.form is None:
            return "open, and no form with the id floodgate-claim and an address to send it to"
        case page_states.CONFIRMED if not of_claim:
            return "a confirmation of a claim that nobody has made: a page of somebody else's, from a cache?"
        case page_states.CONFIRMED if not page.code:
            return "a confirmation without data-floodgate-code"
        case page_states.INVALID:
            return "the form was refused as wrong, and it was filled in as people fill it in"
    return None


# What went wrong on the wire, in a short name; the first that fits.
_KINDS: Final = (
    (LeftSite, "led-away"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "reset"),
    (OSError, "network"),
)


def _kind(error: Exception) -> str:
    """Return a short name for what went wrong on the wire."""
    if is_shortage(error):
        return SHORTAGE
    return next((name for kind, name in _KINDS if isinstance(error, kind)), "broken-answer")
