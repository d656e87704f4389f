"""One person with a real browser: sees the page as it is drawn, waits for the form, registers, comes back.

Each acts as everybody hopes that people do: comes before the opening and touches nothing, for the page promises that
the form appears by itself; fills it in and presses; and presses again when no answer comes. The answer to the first
press is taken away on its last step, after the site has done its work: so every storm sees what the page says then.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from playwright.async_api import CDPSession, Error, Page
from playwright.async_api import TimeoutError as TooLate

from loadtest.record.counters import (
    CAME,
    CLAIM,
    CLOSED_VIEWS,
    COUNTDOWNS,
    DRAWN,
    FAILURES,
    FORM_READY,
    LAG,
    LAYOUT_SHIFT,
    LOST_ANSWERS,
    RESEND_MISSING,
    SCRIPT_ERRORS,
    SERVED,
    VIEWS,
)
from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Recorder
from loadtest.record.page_states import CLOSED, CONFIRMED, ENDED, OPEN, SOLD_OUT, UNANSWERED, WAITING
from loadtest.record.phases import Phases
from loadtest.record.real_browsers import Picture
from loadtest.record.record import Claim

# Seconds that somebody waits for a page, or for an answer, before asking again.
PATIENCE: Final = 15.0
# Seconds after the opening within which a page that counts down has to bring the form by itself; then people press.
BY_ITSELF: Final = 5.0
# Seconds until somebody asks again for a page that did not come.
AGAIN: Final = 1.0
# Seconds that a page has for its countdown: it may have to ask the site for the time first.
COUNTDOWN_WITHIN: Final = 3.0
# Seconds for which one has to have looked for it, to say that there is none.
LOOKED_FOR: Final = 1.0
# By how many seconds a countdown may be wrong: a page may be some seconds old, and so is what it knows of the time.
COUNTDOWN_WRONG: Final = 5.0
# Seconds within which a page has to be drawn, or did not come: for a wish of the last moments, nobody knows.
FAIR: Final = 5.0
# Seconds that who waits for a page when a phase ends still waits for it.
STAYS: Final = 1.0
# Seconds by which two tellings of one moment may be apart.
SAME_MOMENT: Final = 0.05
# Milliseconds for a field or a button of a page that is there to take what is done to it.
ACTS_WITHIN: Final = 5000
# Seconds for filling in two fields.
TYPES: Final = 1.0
# Seconds for a picture on a machine that is busy.
PICTURE_WITHIN: Final = 5.0
QUALITY: Final = 60

SCRIPT: Final = Path(__file__).with_name("page_watch.js")
FORM: Final = "#floodgate-claim"
FIND: Final = "#floodgate-find"
# The seconds that a countdown shows; null where none is seen.
COUNTED: Final = """() => {
    const countdown = document.querySelector('[data-countdown]');
    const fields = [...(countdown?.querySelectorAll('[data-unit]') ?? [])];
    return countdown?.checkVisibility() && fields.length
        ? fields.reduce((seconds, field) => seconds + field.dataset.unit * Number(field.textContent), 0) : null;
}"""


@dataclass(frozen=True)
class Screen:
    """A kind of window: its name, and its size in CSS pixels."""

    name: str
    width: int
    height: int


# Both are plain windows: where Chromium plays a phone, it takes the first shifts of a page for the visitor's own doing,
# and its CLS is none (findings/mobile-emulation-hides-layout-shifts.sh).
SCREENS: Final = (Screen("phone", 390, 844), Screen("desk", 1280, 800))


@dataclass(frozen=True)
class View:
    """A page that was drawn: its state (None: it is none of the site's), at which moment, and since when."""

    document: float
    state: str | None
    code: str | None
    usable: bool
    at: float
    since: float
    status: int
    address: str
    title: str


class BrowserPerson:
    """A person and the window before them; ``now`` is the storm's clock, in seconds from the opening."""

    def __init__(
        self,
        screen: Screen,
        claim: Claim,
        *,
        url: str,
        phases: Phases,
        now: Callable[[], float],
        recorder: Recorder,
    ) -> None:
        self.claim = claim
        self._pictures: list[Picture] = []
        self._screen = screen
        self._url = url
        self._phases = phases
        self._now = now
        self._recorder = recorder
        self._views: asyncio.Queue[View] = asyncio.Queue()
        self._seen: View | None = None
        self._moved: dict[float, float] = {}
        self._page: Page
        self._session: CDPSession
        self._headers: Mapping[str, str] = {}
        self._lost = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def sit_down(self, page: Page, headers: Mapping[str, str]) -> None:
        """Take a window that shows nothing yet; ``headers`` go with each request to the site.

        Raise Playwright's Error.
        """
        await page.expose_binding("floodgateDrawn", self._drawn)
        await page.expose_binding("floodgateMoved", self._shifted)
        await page.add_init_script(path=SCRIPT)
        self._page = page
        # Not by Playwright's own headers, which go to everybody, nor by its routes, under which nothing is cached.
        self._headers = headers
        self._session = await page.context.new_cdp_session(page)
        self._session.on("Fetch.requestPaused", self._paused)
        await self._listen()
        self._page.on("pageerror", self._script_error)

    async def live(self) -> None:
        """Live through a storm. Raise Playwright's Error where the browser itself has gone."""
        phases = self._phases
        await self._look(phases.start + min(1.0, phases.warm_up / 2), until=-phases.before)
        came = -0.8 * phases.before
        self._count(CAME, came)
        view = await self._look(came, until=0.0)
        if view and view.state == CLOSED:
            await self._look_for_the_countdown()
        leaves = phases.opening + phases.open
        view = await self._wait_for_the_form(leaves)
        if view and view.state == OPEN:
            await self._register(phases.end)  # as the crowd's people do, who wait for their answer to the last
        elif view:
            self._count(SERVED, self._now())
        await self._look(leaves + phases.recovery / 3, until=phases.end)
        self._leave()

    def take_pictures(self) -> list[Picture]:
        """Take the pictures that came since the last call."""
        taken, self._pictures = self._pictures, []
        return taken

    # The acts of a person

    async def _look(self, intended: float, *, until: float) -> View | None:
        """Open the page at a moment, and look at it."""
        intended = max(intended, self._now())  # somebody who is busy with the form comes later, and is not late
        await asyncio.sleep(intended - self._now())
        self._duration(LAG, intended, max(0.0, self._now() - intended))
        return await self._open(until)

    async def _wait_for_the_form(self, until: float) -> View | None:
        """Wait for what the opening brings, at first without touching anything."""
        view = self._seen
        if view is None or view.state in (None, CLOSED, WAITING):
            view = await self._next(BY_ITSELF, wanted=_is_news)
        while view is None or not _is_news(view):
            if view and view.state == OPEN:
                self._failed("form", "a form that cannot be used: no button that is seen and may be pressed", view)
                await asyncio.sleep(AGAIN)
            if self._now() >= until:
                break
            view = await self._open(until)
            if view and view.state == CLOSED:
                await asyncio.sleep(AGAIN)
        ready = max(0.0, (view.at if view and _is_news(view) else self._now()))
        self._recorder.duration(FORM_READY, self._phases.at(0.0), self._now(), ready)
        if view:
            await self._picture(view)
        return view if view and _is_news(view) else None

    async def _register(self, until: float) -> None:
        """Fill in the form and press; the answer is lost, so look at what the page says, and press again."""
        claim = self.claim
        await self._type()
        await asyncio.sleep(TYPES)
        intended = self._now()
        claim.answers.append(UNANSWERED)
        answer: View | None = None
        if await self._press_and_lose_the_answer():
            self._count(LOST_ANSWERS, self._now())
        view = await self._open(until)
        if view and claim.sends:
            await self._look_for_the_notice(view)
        while view and not answer and self._now() < until:
            view, answer = await self._press_again(view, until)
        if answer and answer.state:
            claim.answers[-1] = answer.state
            claim.codes += [answer.code] if answer.code else []
        if answer and answer.state in (CONFIRMED, SOLD_OUT, ENDED):
            self._count(SERVED, self._now())
        self._recorder.duration(CLAIM, self._phases.at(intended), self._now(), self._now() - intended)

    async def _type(self) -> None:
        with self._noting("form"):
            await self._page.fill(f"{FORM} [name=name]", f"Person {self.claim.person}", timeout=ACTS_WITHIN)
            await self._page.fill(f"{FORM} [name=email]", self.claim.email, timeout=ACTS_WITHIN)

    async def _press_again(self, view: View, until: float) -> tuple[View | None, View | None]:
        """Send the form again, or ask for the code of a seat by what the page offers in its place.

        Returns the page that is there then, and the answer, if it is one.
        """
        form = FORM if view.state == OPEN else FIND
        if not await self._page.locator(f"{form} button").count():
            return view, view  # nothing leads any further
        with self._noting(CLAIM):
            if form == FORM and not await self._page.input_value(f"{FORM} [name=email]", timeout=ACTS_WITHIN):
                await self._type()
            self._forget()
            await self._page.locator(f"{form} button").first.click(no_wait_after=True, timeout=ACTS_WITHIN)
            self.claim.sends += 1
            shown = await self._next(min(until, self._now() + PATIENCE), wanted=_is_answer)
            if shown:
                # The waiting page leads back to the course's: that is no answer yet.
                return shown, None if shown.address == self._url else shown
        await asyncio.sleep(AGAIN)
        return await self._open(until), None

    async def _press_and_lose_the_answer(self) -> bool:
        """Press, and let the site's answer get lost between it and the window; False if there was none to lose."""
        self._lost.clear()
        try:
            action = str(await self._page.locator(FORM).evaluate("(form) => form.action", timeout=ACTS_WITHIN))
            await self._listen(losing=_literal(action))
            self._forget()
            await self._page.locator(f"{FORM} button").first.click(no_wait_after=True, timeout=ACTS_WITHIN)
            self.claim.sends += 1
            await asyncio.wait_for(self._lost.wait(), PATIENCE)
        except (Error, TimeoutError) as error:
            why = str(error).partition("\n")[0]
            self._failed(CLAIM, f"the form could not be sent, or nothing came back: {why}", None)
            return False
        finally:
            await self._listen()
        return True

    async def _listen(self, losing: str | None = None) -> None:
        """Have requests to the site wait for their headers, and answers from one address be lost."""
        site = "/".join(self._url.split("/")[:3])
        patterns = [{"urlPattern": f"{_literal(site)}/*", "requestStage": "Request"}]
        if losing:
            patterns.append({"urlPattern": losing, "requestStage": "Response"})
        await self._session.send("Fetch.enable", {"patterns": patterns})

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.create_task(self._go_on(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _go_on(self, event: dict[str, Any]) -> None:
        """Send a request on its way, or lose an answer."""
        request = {"requestId": event["requestId"]}
        is_answer = "responseStatusCode" in event or "responseErrorReason" in event
        with contextlib.suppress(Error):  # the window was quicker, and shows another page
            if is_answer:
                await self._session.send("Fetch.failRequest", {**request, "errorReason": "ConnectionReset"})
            else:
                headers = {**event["request"]["headers"], **self._headers}
                pairs = [{"name": name, "value": value} for name, value in headers.items()]
                await self._session.send("Fetch.continueRequest", {**request, "headers": pairs})
        if is_answer:
            self._lost.set()

    # What a person looks at

    async def _look_for_the_countdown(self) -> None:
        """Look for a while whether the page counts down, and to the right moment."""
        began = self._now()
        until = min(began + COUNTDOWN_WITHIN, -1.0)
        shown: float | None = None
        while self._now() < until:
            try:
                shown = await self._page.evaluate(COUNTED)
            except Error:
                return  # it has just gone on to another page
            if shown is not None and abs(shown + self._now()) <= COUNTDOWN_WRONG:
                self._count(CLOSED_VIEWS, self._now())
                self._count(COUNTDOWNS, self._now())
                return
            await asyncio.sleep(0.1)
        if until - began >= LOOKED_FOR:
            self._count(CLOSED_VIEWS, self._now())
            wrong = (
                f"a countdown of {shown:.0f} s, {-self._now():.0f} s before the opening" if shown is not None else ""
            )
            self._example("countdown", wrong or "no countdown", self._seen)

    async def _look_for_the_notice(self, view: View) -> None:
        """See whether the page says that the answer got lost, and what was typed is there still."""
        try:
            notice = await self._page.locator("[data-resend]").first.is_visible()
            kept = view.state != OPEN or await self._page.input_value(f"{FORM} [name=email]") == self.claim.email
        except Error:
            notice = kept = False
        if not (notice and kept):
            self._count(RESEND_MISSING, self._now())
            what = "no word on it" if not notice else "the notice, but not what was typed"
            self._example("resend", f"after an answer that got lost: {what}", view)

    async def _picture(self, view: View) -> None:
        try:
            data = await self._page.screenshot(type="jpeg", quality=QUALITY, timeout=PICTURE_WITHIN * 1000)
        except Error as error:
            self._example("picture", str(error), view)
            return
        jpeg = base64.b64encode(data).decode()
        self._pictures.append(Picture(self._screen.name, round(view.at, 3), view.state or "", jpeg))

    # Pages as they come

    async def _open(self, until: float) -> View | None:
        """Ask for the page until it is there, with patience for the waiting page; None if ``until`` came first."""
        while True:
            self._forget()
            start = self._now()
            if await self._ask(start, until):
                view = await self._next(
                    min(until + STAYS, start + PATIENCE),
                    # Not one that was there before: it may be told of late.
                    wanted=partial(_is_page, start - SAME_MOMENT),
                )
                if view and view.state:
                    return view
                if view:
                    self._failed(f"http-{view.status}", f"no data-floodgate-state in the page: {view.title}", view)
                elif self._now() - start >= FAIR and (self._seen is None or self._seen.state != WAITING):
                    self._failed("not-drawn", f"not drawn {self._now() - start:.1f} s after it was asked for", None)
            if self._now() + AGAIN >= until:
                return None
            await asyncio.sleep(AGAIN)

    async def _ask(self, start: float, until: float) -> bool:
        """Ask for the page; return whether it, or one that it went on to by itself, is on its way."""
        left = max(0.1, min(PATIENCE, until + STAYS - start))
        try:
            await self._page.goto(self._url, wait_until="commit", timeout=left * 1000)
        except Error as error:
            if any(words in str(error) for words in ("net::ERR_ABORTED", "is interrupted by another navigation")):
                return True  # the page that was there had just begun to load itself anew
            if not isinstance(error, TooLate) or self._now() - start >= FAIR:
                self._failed("no-page", str(error).splitlines()[0], None)
            return False
        return True

    async def _next(self, until: float, *, wanted: Callable[[View], bool]) -> View | None:
        """Return the next page that is wanted, of those that are drawn; None if ``until`` came first."""
        while True:
            try:
                view = await asyncio.wait_for(self._views.get(), max(0.0, until - self._now()))
            except TimeoutError:
                return None
            if wanted(view):
                return view

    def _forget(self) -> None:
        """Let pages that were drawn up to now be no answer to what is asked for next."""
        while not self._views.empty():
            self._views.get_nowait()

    def _drawn(self, _source: Any, document: float, report: dict[str, Any]) -> None:
        now = self._now()
        self._leave()
        view = View(
            document=document,
            state=report["state"],
            code=report["code"],
            usable=report["usable"],
            at=now,
            since=now - report["seconds"],
            status=report["status"],
            address=report["address"],
            title=report["title"],
        )
        self._seen = view
        if view.state is not None:
            self._count(VIEWS, now)
            self._recorder.duration(DRAWN, self._phases.at(view.since), now, report["seconds"])
        self._views.put_nowait(view)

    def _shifted(self, _source: Any, document: float, worst: float) -> None:
        self._moved[document] = worst

    def _leave(self) -> None:
        """Keep how far the parts of the page that goes now have moved."""
        if self._seen is not None and self._seen.state is not None:
            moved = self._moved.pop(self._seen.document, 0.0)
            self._recorder.duration(LAYOUT_SHIFT, self._phases.at(self._seen.since), self._now(), moved)
        self._seen = None

    def _script_error(self, error: Error) -> None:
        self._count(SCRIPT_ERRORS, self._now())
        self._example("script", str(error), self._seen)

    # How it is kept

    def _failed(self, kind: str, what: str, view: View | None) -> None:
        self._count(FAILURES, self._now())
        self._example(kind, what, view)

    @contextlib.contextmanager
    def _noting(self, kind: str) -> Any:
        """Keep an act that the page did not let happen as an example."""
        try:
            yield
        except Error as error:
            self._failed(kind, str(error).splitlines()[0], self._seen)

    def _example(self, kind: str, what: str, view: View | None) -> None:
        address = view.address if view else self._url
        status = view.status if view else None
        self._recorder.example(kind, lambda: ErrorExample(kind, round(self._now(), 3), address, status, what))

    def _count(self, name: str, moment: float) -> None:
        self._recorder.count(name, self._phases.at(moment), max(moment, self._now()))

    def _duration(self, name: str, began: float, seconds: float) -> None:
        self._recorder.duration(name, self._phases.at(began), self._now(), seconds)


def _is_page(since: float, view: View) -> bool:
    return view.since >= since and view.state != WAITING


def _is_news(view: View) -> bool:
    """Return whether it is what all wait for at the opening: a form that can be used, or that there is no seat left."""
    return view.state in (SOLD_OUT, ENDED) or (view.state == OPEN and view.usable)


def _is_answer(view: View) -> bool:
    return view.state is not None and view.state != WAITING


def _literal(address: str) -> str:
    """Return the pattern of Chromium's that one address alone fits."""
    return re.sub(r"[*?\\]", r"\\\g<0>", address)


def clock(opening: float) -> Callable[[], float]:
    """Return the storm's clock by an opening on this machine's monotonic clock."""
    return lambda: time.monotonic() - opening
