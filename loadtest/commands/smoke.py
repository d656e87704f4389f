"""``smoke``: is the site that was just deployed the site that was meant? No load, no token, good for production."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import requests

from loadtest.crowd.browser.page import joined, read
from loadtest.generator.site_api import reason
from loadtest.record.exit_codes import Exit
from loadtest.record.page_states import CLOSED, ENDED, OPEN, SOLD_OUT

TIMEOUT = 10.0
# Bytes: WordPress without a theme answers 200 with an empty body, and any real page is larger than this.
SMALLEST_PAGE = 500
_COURSE_LINK = re.compile(r"href=[\"']([^\"'<>]*/register/[^\"'<>/]+/?)[\"']")
# Every course is over or a draft: then the list says so, and links to none.
_NO_COURSES = 'data-floodgate-courses="none"'
_WORDPRESS = re.compile(r"wp-content/|wp-includes/|https://api\.w\.org/|<meta[^<>]*generator[^<>]*WordPress")


class NotYet(Exception):
    """A check that does not hold; the message says what was found."""


def smoke(host: str, commit: str, patience: float, say: Callable[[str], None]) -> Exit:
    """Check a site, each check again until it holds or ``patience`` seconds are over; PASS or FAIL."""
    until = time.monotonic() + patience
    for name, check in _checks(host, commit):
        while True:
            try:
                say(f"ok    {name}: {check()}")
                break
            except NotYet as error:
                if time.monotonic() >= until:
                    say(f"FAIL  {name}: {error}")
                    return Exit.FAIL
                time.sleep(min(2.0, max(0.1, until - time.monotonic())))
    return Exit.PASS


def _checks(host: str, commit: str) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "commit", lambda: _commit(host, commit)
    yield "front page", lambda: _front_page(host)
    yield "course page", lambda: _course_page(host)
    yield "install page closed", lambda: _install_closed(host)


def _get(url: str) -> requests.Response:
    try:
        return requests.get(url, timeout=TIMEOUT)
    except requests.RequestException as error:
        raise NotYet(f"{url} does not answer: {reason(error)}") from error


def _commit(host: str, commit: str) -> str:
    response = _get(f"{host}/floodgate/ready")
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or response.status_code != 200 or answer.get("ready") is not True:
        raise NotYet(f"/floodgate/ready answers {response.status_code} and not that the site is ready")
    if answer.get("commit") != commit:
        raise NotYet(f"the site runs commit {answer.get('commit')}, and {commit} was deployed")
    return commit


def _front_page(host: str) -> str:
    response = _get(f"{host}/")
    if response.status_code != 200:
        raise NotYet(f"the front page answers {response.status_code}")
    if len(response.content) < SMALLEST_PAGE:
        raise NotYet(f"the front page has {len(response.content)} bytes: WordPress without a theme?")
    if not _WORDPRESS.search(response.text):
        raise NotYet("the front page shows no sign of WordPress")
    return f"{len(response.content)} bytes of WordPress"


def _course_page(host: str) -> str:
    front_page = _get(f"{host}/").text
    link = _COURSE_LINK.search(front_page)
    if not link and _NO_COURSES in front_page:
        return "the list of courses is empty"
    if not link:
        raise NotYet("the front page links to no course")
    url = joined(f"{host}/", link.group(1))
    if url is None:
        raise NotYet(f"the front page links to a course at {link.group(1)}, which is no address")
    response = _get(url)
    state = read(response.text, url, with_assets=False).state
    if response.status_code != 200 or state not in (CLOSED, OPEN, SOLD_OUT, ENDED):
        raise NotYet(f"{url} answers {response.status_code} with the state {state!r}")
    return f"{url} is {state}"


def _install_closed(host: str) -> str:
    status = _get(f"{host}/wp-admin/install.php").status_code
    if not 400 <= status < 500:
        raise NotYet(f"/wp-admin/install.php answers {status}; a stranger must not reach it")
    return f"answers {status}"
