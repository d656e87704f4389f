"""What the storm asks of the site besides storming it: is it ready, make a course, show the ledger."""

from __future__ import annotations

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.exceptions import ReadTimeoutError

from loadtest.record.record import Course, Ledger, LedgerRow

# Seconds for one answer of the site to us; a site that needs longer while it is idle cannot be stormed. Somebody who
# interrupts a storm meanwhile has its evidence within ten.
TIMEOUT = 7.0
# Seconds for the ledger, which is small: the evidence waits for it, and is written within ten.
LEDGER_TIMEOUT = 3.0


# Right after its peak a site may still answer with its waiting page, or late: the ledger is worth asking for again.
LEDGER_RETRIES = Retry(
    total=4,
    connect=0,
    read=1,
    status_forcelist=(503,),
    allowed_methods=("GET",),
    backoff_factor=0.2,
    raise_on_status=False,
)
LEDGER = "/wp-json/floodgate/v1/ledger/"


class Unusable(Exception):
    """The site cannot be reached, or is not a Floodgate site that may be stormed; the message says which."""


class SiteApi:
    """The site's own interface for storms, at ``host`` (scheme://name[:port]) with its bearer token."""

    def __init__(self, host: str, token: str) -> None:
        self._host = host
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.mount(f"{host}{LEDGER}", HTTPAdapter(max_retries=LEDGER_RETRIES))

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
            }:
                return Course(
                    slug=slug,
                    url=self._host + path,
                    seats=promised,
                    opens_at=float(opens_at),
                    clock_offset=float(now) - (start + answered) / 2,
                    clock_error=(answered - start) / 2,
                )
        raise Unusable(f"{self._host} made a course and described it as {answer!r:.200}, which has no opening to go by")

    def ledger(self, slug: str) -> Ledger:
        """Read the ledger of a course. Raise Unusable."""
        path = f"{LEDGER}{slug}"
        status, answer = self._json("GET", path, timeout=LEDGER_TIMEOUT)
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

    def text(self, url: str) -> str:
        """Read the bytes of a page, as text. Raise Unusable when none comes, or only an error."""
        try:
            response = self._session.get(url, timeout=TIMEOUT, headers={"Authorization": None})
        except requests.RequestException as error:
            raise Unusable(f"{url} does not answer: {reason(error)}") from error
        if response.status_code >= 400:
            raise Unusable(f"{url} answers {response.status_code}")
        return response.text

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
        self, method: str, path: str, body: dict[str, Any] | None = None, timeout: float = TIMEOUT
    ) -> tuple[int, dict[str, Any]]:
        """Return status and JSON object of an answer; an empty object if it is none."""
        try:
            response = self._session.request(
                method, self._host + path, json=body, timeout=timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise Unusable(f"{self._host} does not answer: {reason(error, timeout)}") from error
        try:
            answer = response.json()
        except ValueError:
            return response.status_code, {}
        return response.status_code, answer if isinstance(answer, dict) else {}


def _is_claim(row: object) -> bool:
    match row:
        case {"code": str(), "email": str()}:
            return True
    return False


def reason(error: requests.RequestException, timeout: float = TIMEOUT) -> str:
    """Say why a request failed, in a few words instead of a chain of classes."""
    if isinstance(error, requests.Timeout):
        return f"no answer within {timeout:.0f} s"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ReadTimeoutError):
            return f"no answer within {timeout:.0f} s"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        inner = cause.args[0] if cause.args and isinstance(cause.args[0], BaseException) else None
        cause = getattr(cause, "reason", None) or inner or cause.__cause__ or cause.__context__
        if not isinstance(cause, BaseException):
            break
    return type(error).__name__
