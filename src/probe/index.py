"""Read a course's page from outside, as a visitor does: a canary of CloudWatch Synthetics, which alarms wait for.

The front page leads to a course; where all of them are over, it says so. What a page is, it says in its body, never by
its status alone.
"""

from __future__ import annotations

import os
import re
import urllib.request

TIMEOUT = 20.0
_COURSE = re.compile(r"href=[\"']([^\"'<>]*/register/[^\"'<>/]+/?)[\"']")
_NO_COURSES = 'data-floodgate-courses="none"'
_STATE = re.compile(r'data-floodgate-state="(closed|open|sold-out|ended)"')


class NotServed(Exception):
    """A visitor would not get the page; the message says what they get."""


def read(url: str) -> str:
    """Return a page. Raise NotServed where it does not come, or with another status than 200."""
    request = urllib.request.Request(url, headers={"User-Agent": "floodgate-probe"})  # noqa: S310 - the site's own
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - the site's own address
            return str(answer.read().decode("utf-8", "replace"))
    except OSError as error:  # an answer that is an error, a connection, a certificate, a time-out
        raise NotServed(f"{url}: {error}") from error


def look(site: str) -> str:
    """Return a sentence of what a visitor of the site's course sees. Raise NotServed."""
    front_page = read(f"{site}/")
    link = _COURSE.search(front_page)
    if link is None:
        if _NO_COURSES in front_page:
            return f"{site}/ has no course"
        raise NotServed(f"{site}/ leads to no course")
    course = link[1] if link[1].startswith("http") else f"{site}{link[1]}"
    state = _STATE.search(read(course))
    if state is None:
        raise NotServed(f"{course} is not in a state of a course: a waiting page, or another one")
    return f"{course} is {state[1]}"


def handler(_event: object, _context: object) -> str:
    """Be run by Synthetics: who returns has succeeded, who raises has not."""
    sentence = look(os.environ["SITE_URL"].rstrip("/"))
    print(sentence)
    return sentence
