"""Three people who look in all the time: at a page, at one that is never cached, and for a seat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import requests

from loadtest.crowd.browser.page import Form, read
from loadtest.generator.site_api import SiteApi, Unusable
from loadtest.record.page_states import CONFIRMED, OPEN

# Seconds: what takes longer is not back to normal, and what is asked for again no sooner.
NORMAL = 1.0
EVERY = 0.4
_PATIENCE = 5.0
# So many good looks in a row are calm; one of them may be luck.
_CALM = 4
_SEATS = 100_000


@dataclass(frozen=True)
class Look:
    """One look: when it began (``time.monotonic``), and whether all was as always."""

    at: float
    good: bool


@dataclass
class Looks:
    """What one of them saw, in order."""

    looks: list[Look] = field(default_factory=list)

    def calm_since(self, moment: float) -> float | None:
        """Return the first moment from ``moment`` on after which all looks were good; None while they are not."""
        later = [look for look in self.looks if look.at >= moment]
        bad = [number for number, look in enumerate(later) if not look.good]
        rest = later[bad[-1] + 1 :] if bad else later
        return rest[0].at if len(rest) >= _CALM else None


class Probe:
    """The three, from the beginning of the block to its end."""

    def __init__(self, host: str, token: str) -> None:
        """Make a course of their own. Raise Unusable where the site is not well before anything breaks."""
        self._host, self._token, self._over = host, token, threading.Event()
        self._page, self._form = _opened(SiteApi(host, token), host)
        kinds: dict[str, Callable[[], bool]] = {
            "page": self._sees_the_page, "uncached page": self._sees_the_login, "claim": self._gets_a_seat,
        }  # fmt: skip
        self.looks = {name: Looks() for name in kinds}
        self._threads = [threading.Thread(target=self._look, args=each, daemon=True) for each in kinds.items()]

    def __enter__(self) -> Probe:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def recovered(self, healed: float, patience: float) -> dict[str, float | None]:
        """Wait until all are calm, for so many seconds at most; return how long after ``healed`` each was."""
        deadline = time.monotonic() + patience
        while None in (calm := {name: looks.calm_since(healed) for name, looks in self.looks.items()}).values():
            if time.monotonic() > deadline:
                break
            time.sleep(EVERY / 2)
        # A look that begins within one interval of the healing is the first that could be: nobody waited for it.
        return {name: None if at is None else 0.0 if at - healed <= EVERY else at - healed for name, at in calm.items()}

    def _look(self, name: str, good: Callable[[], bool]) -> None:
        while not self._over.is_set():
            at = time.monotonic()
            try:
                normal = good()
            except requests.RequestException:
                normal = False
            self.looks[name].looks.append(Look(at, normal and time.monotonic() - at < NORMAL))
            self._over.wait(max(0.0, at + EVERY - time.monotonic()))

    def _sees_the_page(self) -> bool:
        return read(requests.get(self._page, timeout=_PATIENCE).text, self._page, with_assets=False).state == OPEN

    def _sees_the_login(self) -> bool:
        answer = requests.get(f"{self._host}/wp-login.php", timeout=_PATIENCE)
        return answer.status_code == 200 and 'id="loginform"' in answer.text

    def _gets_a_seat(self) -> bool:
        person = uuid4().hex
        answer = requests.post(
            self._form.action,
            data={**self._form.hidden, "name": "Somebody who looks in", "email": f"{person}@probe.example.org"},
            headers={"X-Floodgate-Storm": self._token, "X-Floodgate-Person": person, "Accept": "text/html"},
            timeout=_PATIENCE,
        )
        return read(answer.text, self._form.action, with_assets=False).state == CONFIRMED


def _opened(api: SiteApi, host: str) -> tuple[str, Form]:
    """Return a course's page and its form, once it is open."""
    course = api.make_course(_SEATS, 0.0)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        form = read(requests.get(course.url, timeout=_PATIENCE).text, course.url, with_assets=False).form
        if form is not None:
            return course.url, form
        time.sleep(EVERY)
    raise Unusable(f"{host}: a course that is open shows no form within {_PATIENCE:.0f} s")
