"""The process of the browsers: ``python -m loadtest.chromium SECONDS NUMBER [KEY]``; told and telling by lines of JSON.

It ends by itself when its standard input closes, and by the interpreter's own watchdog after so many seconds. Chromium,
which listens to no port but to a pipe, ends with it.
"""

from __future__ import annotations

import asyncio
import copy
import faulthandler
import os
import sys
import threading
from collections.abc import Sequence

from playwright.async_api import Browser, Page, async_playwright

from loadtest.chromium.browser_person import SCREENS, BrowserPerson, Screen, clock
from loadtest.chromium.messages import News, Order, line, read
from loadtest.chromium.program import steady
from loadtest.record.measurements import Recorder
from loadtest.record.phases import Phases
from loadtest.record.record import Claim

# Seconds between two reports.
TELLS_EVERY = 1.0
# How far the browsers stand back behind the crowd's people where both want the processor (19 would be last of all).
NICE = 5
# No proxy of the environment: the crowd asks the site itself, too.
ARGUMENTS = ("--no-proxy-server", "--disable-dev-shm-usage", "--mute-audio")


async def main(browsers: int, keys: Sequence[str]) -> None:
    """Start Chromium with so many windows, wait for the order, carry it out; a site with one of ``keys`` is trusted.

    Raise Playwright's Error where the browser has gone.
    """
    orders: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def listen() -> None:
        for text in sys.stdin:
            loop.call_soon_threadsafe(orders.put_nowait, text)
        if task:
            loop.call_soon_threadsafe(task.cancel)

    threading.Thread(target=listen, daemon=True).start()
    async with async_playwright() as playwright:
        arguments = [*ARGUMENTS, *(f"--ignore-certificate-errors-spki-list={key}" for key in keys)]
        browser = await playwright.chromium.launch(executable_path=str(steady()), args=arguments)
        pages = [await _page(browser, _screen(place)) for place in range(browsers)]
        _tell(News(program=f"Chromium {browser.version}"))
        await _carry_out(read(Order, await orders.get()), pages)
        await browser.close()


def _screen(place: int) -> Screen:
    return SCREENS[place % len(SCREENS)]


async def _page(browser: Browser, screen: Screen) -> Page:
    """Open a window with no past."""
    context = await browser.new_context(viewport={"width": screen.width, "height": screen.height}, locale="en-GB")
    return await context.new_page()


async def _carry_out(order: Order, pages: Sequence[Page]) -> None:
    phases, now, recorder = Phases.of(order.phases), clock(order.opening), Recorder()
    people = []
    for place, page in enumerate(pages):
        number = order.first + place
        claim = Claim(number, order.emails.format(number=number))
        person = BrowserPerson(_screen(place), claim, url=order.url, phases=phases, now=now, recorder=recorder)
        await person.sit_down(page, order.passes[place])
        people.append(person)
    lives = [asyncio.create_task(person.live()) for person in people]
    sent: dict[int, Claim] = {}
    left: set[asyncio.Task[None]] = set(lives)
    while left:
        done, left = await asyncio.wait(left, timeout=TELLS_EVERY, return_when=asyncio.FIRST_EXCEPTION)
        for life in done:
            life.result()
        claims = [each.claim for each in people if each.claim.sends and each.claim != sent.get(each.claim.person)]
        sent |= {claim.person: copy.deepcopy(claim) for claim in claims}
        pictures = [picture for person in people for picture in person.take_pictures()]
        _tell(
            News(
                measurements=recorder.take(),
                examples=recorder.take_examples(),
                claims=claims,
                pictures=pictures,
                final=not left,
            )
        )


def _tell(news: News) -> None:
    sys.stdout.write(line(news))
    sys.stdout.flush()


if __name__ == "__main__":
    faulthandler.dump_traceback_later(float(sys.argv[1]), exit=True)
    os.nice(NICE)
    try:
        asyncio.run(main(int(sys.argv[2]), sys.argv[3:]))
    except asyncio.CancelledError:
        raise SystemExit(1) from None
