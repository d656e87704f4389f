"""``smoke``: is the site that was just deployed the site that was meant? No load, no token, good for production."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from loadtest.crowd.browser.address import joined, site
from loadtest.crowd.browser.answer import FAILURES
from loadtest.crowd.browser.browser import LeftSite
from loadtest.crowd.browser.client import Client, Unanswered, reason
from loadtest.crowd.browser.page import read
from loadtest.record.codec import read_json
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


class _Reply(NamedTuple):
    status: int
    text: str


def _checks(host: str, commit: str) -> Iterator[tuple[str, Callable[[], str]]]:
    client = Client(host)
    yield "commit", lambda: _commit(client, host, commit)
    yield "front page", lambda: _front_page(client, host)
    yield "course page", lambda: _course_page(client, host)
    yield "install page closed", lambda: _install_closed(client, host)


def _get(client: Client, url: str) -> _Reply:
    try:
        _, answer = client.page(url, within=TIMEOUT)
        return _Reply(answer.status, answer.text())
    except Unanswered as error:
        raise NotYet(f"{url} does not answer: {error}") from error
    except LeftSite as error:
        raise NotYet(f"{url} redirects to {error.target}, which is another site") from error
    except FAILURES as error:
        raise NotYet(f"{url} does not answer: {reason(error)}") from error


def _commit(client: Client, host: str, commit: str) -> str:
    reply = _get(client, f"{host}/floodgate/ready")
    try:
        answer = read_json(reply.text)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or reply.status != 200 or answer.get("ready") is not True:
        raise NotYet(f"/floodgate/ready answers {reply.status} and not that the site is ready")
    if answer.get("commit") != commit:
        raise NotYet(f"the site runs commit {answer.get('commit')}, and {commit} was deployed")
    return commit


def _front_page(client: Client, host: str) -> str:
    reply = _get(client, f"{host}/")
    size = len(reply.text.encode())
    if reply.status != 200:
        raise NotYet(f"the front page answers {reply.status}")
    if size < SMALLEST_PAGE:
        raise NotYet(f"the front page has {size} bytes: WordPress without a theme?")
    if not _WORDPRESS.search(reply.text):
        raise NotYet("the front page shows no sign of WordPress")
    return f"{size} bytes of WordPress"


def _course_page(client: Client, host: str) -> str:
    front_page = _get(client, f"{host}/").text
    link = _COURSE_LINK.search(front_page)
    if not link and _NO_COURSES in front_page:
        return "the list of courses is empty"
    if not link:
        raise NotYet("the front page links to no course")
    url = joined(f"{host}/", link.group(1))
    if url is None:
        raise NotYet(f"the front page links to a course at {link.group(1)}, which is no address")
    if site(url) != site(host):
        raise NotYet(f"the front page links to a course at {url}, which is another site than {host}")
    reply = _get(client, url)
    state = read(reply.text, url, with_assets=False).state
    if reply.status != 200 or state not in (CLOSED, OPEN, SOLD_OUT, ENDED):
        raise NotYet(f"{url} answers {reply.status} with the state {state!r}")
    return f"{url} is {state}"


def _install_closed(client: Client, host: str) -> str:
    status = _get(client, f"{host}/wp-admin/install.php").status
    if not 400 <= status < 500:
        raise NotYet(f"/wp-admin/install.php answers {status}; a stranger must not reach it")
    return f"answers {status}"
