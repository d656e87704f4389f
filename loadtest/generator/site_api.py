"""What the storm asks of the site besides storming it: is it ready, make a course, show the ledger."""

from __future__ import annotations

import json
import time
from typing import Any

import gevent

from loadtest.crowd.browser.address import joined, site
from loadtest.crowd.browser.answer import FAILURES, REDIRECTS, Answer
from loadtest.crowd.browser.browser import LeftSite
from loadtest.crowd.browser.client import Client, TooLate, Unanswered, reason
from loadtest.crowd.browser.page import Page, read
from loadtest.record.codec import read_json
from loadtest.record.record import Course, Ledger, LedgerRow

# Seconds for one answer of the site to us; a site that needs longer while it is idle cannot be stormed. Somebody who
# interrupts a storm meanwhile has its evidence within ten.
TIMEOUT = 7.0
# Right after its peak a site may still answer with its waiting page, or late: the ledger is worth asking for again, in
# so many seconds for all questions together, and each of them. The evidence waits for it, and is written within ten:
# what the waiting page says of when to come again is meant for people.
LEDGER_WITHIN = 6.0
LEDGER_TIMEOUT = 3.0
LEDGER_PAUSE = 0.25
# Seconds by which an opening may be off, beside those of the answer: a site may count in whole seconds.
PUNCTUAL = 1.0
# Seconds: beyond the years of the calendar, also in milliseconds.
FAR = 1e15
LEDGER = "/wp-json/floodgate/v1/ledger/"


class Unusable(Exception):
    """The site cannot be reached, or is not a Floodgate site that may be stormed; the message says which."""


class Astray(Unusable):
    """The site sends whoever asks to another one; the message names it."""


class SiteApi:
    """The site's own interface for storms, at ``host`` (scheme://name[:port]) with its bearer token."""

    def __init__(self, host: str, token: str) -> None:
        self._host = host
        self._client = Client(host)
        # The second is for who stands before the site, and lets only known people in.
        self._headers = {"Authorization": f"Bearer {token}", "X-Floodgate-Storm": token}

    def commit(self) -> str | None:
        """Ask for the commit that the site says it runs. Raise Unusable unless the site is ready."""
        status, answer = self._json("GET", "/floodgate/ready")
        if status == 200 and answer.get("ready") is True:
            commit = answer.get("commit")
            return commit if isinstance(commit, str) else None
        if status == 503 and answer.get("ready") is False:
            raise Unusable(f"{self._host} is not ready: {answer.get('reason', 'no reason given')}")
        raise Unusable(f"{self._host}/floodgate/ready answers {status}: this is not a Floodgate site")

    def make_course(self, seats: int, opens_in: float) -> Course:
        """Make a fresh course that opens in so many seconds. Raise Unusable."""
        start = time.time()
        status, answer = self._json(
            "POST", "/wp-json/floodgate/v1/storms", body={"seats": seats, "opens_in": round(opens_in, 3)}
        )
        answered = time.time()
        self._refuse(status, "/wp-json/floodgate/v1/storms", 201)
        match answer:
            case {
                "course": str(slug),
                "path": str(path),
                "seats": int(promised),
                "opens_at": int() | float() as opens_at,
                "now": int() | float() as now,
            } if max(abs(opens_at), abs(now)) < FAR:
                url = joined(self._host, path)
                if url is None or site(url) != site(self._host):
                    raise Unusable(f"{self._host} made a course at {path!r:.200}, which is no address of its own")
                if promised != seats:
                    raise Unusable(f"{self._host} made a course of {promised} seats, and was asked for {seats}")
                late = opens_at - now - opens_in
                if not -PUNCTUAL - (answered - start) <= late <= PUNCTUAL:
                    raise Unusable(
                        f"{self._host} made a course that opens {opens_at - now:.6g} s after its own time of day, and "
                        f"was asked for one in {opens_in:.6g} s (opens_at and now are epoch seconds)"
                    )
                return Course(
                    slug=slug,
                    url=url,
                    seats=promised,
                    opens_at=float(opens_at),
                    clock_offset=float(now) - (start + answered) / 2,
                    clock_error=(answered - start) / 2,
                )
        raise Unusable(f"{self._host} made a course and described it as {answer!r:.200}, which has no opening to go by")

    def ledger(self, slug: str) -> Ledger:
        """Read the ledger of a course. Raise Unusable."""
        path = f"{LEDGER}{slug}"
        status, answer = self._patiently(path)
        self._refuse(status, path, 200)
        match answer:
            case {
                "course": str(course),
                "seats": int(seats),
                "sold": int(sold),
                "taken": int(taken),
                "claims": list(claims),
            } if course == slug and all(map(_is_claim, claims)):
                return Ledger(seats, sold, taken, [LedgerRow(row["code"], row["email"]) for row in claims])
        raise Unusable(f"{self._host}{path} answers something that is not the ledger of this course")

    def page(self, url: str) -> Page:
        """Read a page as a person who meets it. Raise Unusable when none comes, or only an error."""
        try:
            found, answer = self._client.page(url, within=TIMEOUT)
            if answer.status >= 400:
                raise Unusable(f"{url} answers {answer.status}")
            return read(answer.text(), found, with_assets=True)
        except Unanswered as error:
            raise Unusable(f"{url} does not answer: {error}") from error
        except LeftSite as error:
            raise Astray(_astray(url, error.target, self._host)) from error
        except FAILURES as error:
            raise Unusable(f"{url} does not answer: {reason(error)}") from error

    def _patiently(self, path: str) -> tuple[int, dict[str, Any]]:
        """Ask for what may not be there yet, again and again until it is, or time is up. Raise Unusable."""
        until = time.monotonic() + LEDGER_WITHIN
        while True:
            left = until - time.monotonic()
            try:
                status, answer = self._json("GET", path, within=min(LEDGER_TIMEOUT, left))
                failure = None
            except Unusable as error:
                if not isinstance(error.__cause__, TooLate):
                    raise
                status, answer, failure = 0, {}, error
            left = until - time.monotonic()
            if left < 2 * LEDGER_PAUSE or (failure is None and status != 503):
                if failure:
                    raise Unusable(f"{self._host} does not answer: no answer within {LEDGER_WITHIN:.0f} s") from failure
                return status, answer
            gevent.sleep(LEDGER_PAUSE)

    def _refuse(self, status: int, path: str, expected: int) -> None:
        if status in (401, 403):
            raise Unusable(
                f"{self._host} refuses the storm's token ({status} on {path}): is it the token of this stage?"
            )
        if status == 404:
            raise Unusable(
                f"{self._host}{path} does not exist: the site has no STORM_TOKEN (production never has one), "
                "or this is not a Floodgate site"
            )
        if status != expected:
            raise Unusable(f"{self._host}{path} answers {status} and not {expected}")

    def _json(
        self, method: str, path: str, body: dict[str, Any] | None = None, within: float = TIMEOUT
    ) -> tuple[int, dict[str, Any]]:
        """Return status and JSON object of an answer; an empty object if it is none."""
        url = self._host + path
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {**self._headers, **({"Content-Type": "application/json"} if sent else {})}
        try:
            answer = self._client.ask(method, url, headers=headers, body=sent, within=within)
        except Unanswered as error:
            raise Unusable(f"{self._host} does not answer: {error}") from error
        if answer.location is not None and answer.status in REDIRECTS:
            raise Astray(_astray(url, answer.location, self._host))
        return answer.status, _object(answer)


def _astray(url: str, target: str, host: str) -> str:
    return (
        f"{url} redirects to {target}: {host} is not the address by which the site calls itself; storm it by that "
        "(--host, SITE_URL), or mend what redirects"
    )


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = read_json(answer.text())
    except (ValueError, *FAILURES):
        return {}
    return found if isinstance(found, dict) else {}


def _is_claim(row: object) -> bool:
    match row:
        case {"code": str(), "email": str()}:
            return True
    return False
