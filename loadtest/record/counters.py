"""The names of everything that is counted and timed, and what each means: the one place that says so.

They are plain strings, not members of an enumeration: people count thousands of times a second, and on Python 3.11 the
look-up of a member adds more than half of what counting takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Durations, in seconds

WAIT: Final = "wait"
CLAIM: Final = "claim"
PAGE: Final = "page"
ASSET: Final = "asset"
CLAIM_REQUEST: Final = "claim-request"
LAG: Final = "lag"
READ_LAG: Final = "read-lag"

# A wait or a claim counts where it began, also when it was never answered: then it lasted at least as long as
# recorded.
DURATIONS: Final[Mapping[str, str]] = {
    WAIT: "from wanting the page to seeing it, across aborts, errors and waiting pages",
    CLAIM: "from pressing submit to the answer, across retries",
    PAGE: "a single request for the page",
    ASSET: "a single request for css, js or an image",
    CLAIM_REQUEST: "a single submit of the form",
    LAG: "how late the generator acted: started minus intended",
    READ_LAG: "how late the generator read: what had come for a request, its handshake included, lay there for so long",
}

# Counts

ABORTS: Final = "aborts"
ARRIVED: Final = "arrived"
ATTEMPTS: Final = "attempts"
CAME: Final = "came"
ERRORS: Final = "errors"
GAVE_UP: Final = "gave-up"
LEFT: Final = "left"
LEFT_IN_FORM: Final = "left-in-form"
PEOPLE: Final = "people"
PEOPLE_IN_ALL: Final = "people-in-all"
PEOPLE_WITH_ERRORS: Final = "people-with-errors"
PEOPLE_WITH_ERRORS_IN_ALL: Final = "people-with-errors-in-all"
REPEATED_SUBMITS: Final = "repeated-submits"
REQUESTS: Final = "requests"
SAW_AGAIN: Final = "saw-again"
SERVED: Final = "served"
STAYED_AWAY: Final = "stayed-away"
SUBMITS: Final = "submits"
UNANSWERED: Final = "unanswered"
WANTS: Final = "wants"

# Beside these, `error-<kind>` and `saw-<state>`: see ``error`` and ``saw``.
COUNTS: Final[Mapping[str, str]] = {
    PEOPLE: "different people who wanted something",
    PEOPLE_IN_ALL: "the same, once per person in the whole storm: in the phase that was the first",
    WANTS: "times that somebody wanted the page",
    ATTEMPTS: "attempts to load the page or to submit the form",
    REQUESTS: "requests that were sent",
    ABORTS: "attempts that were aborted by patience",
    ERRORS: "answers that are none of the site's pages, or none at all, and pages of which a file is missing",
    PEOPLE_WITH_ERRORS: "different people who saw an error",
    PEOPLE_WITH_ERRORS_IN_ALL: "the same, once per person in the whole storm: in the phase that was the first",
    GAVE_UP: "times that somebody gave up",
    UNANSWERED: "wishes that were never answered",
    SUBMITS: "times that somebody submitted the form",
    REPEATED_SUBMITS: "second presses on submit while the first was under way",
    SAW_AGAIN: "confirmations of a seat that the person had already",
    ARRIVED: "people who came: with those who left, running sums tell how many are there",
    LEFT: "people who left",
    CAME: "people who came for a seat, once per person",
    SERVED: "people who learnt whether there is a seat for them, once per person",
    LEFT_IN_FORM: "people who were still filling in the form when the crowd left, once per person",
    STAYED_AWAY: "people who looked before the opening, and meant to look again after the crowd had left",
}

# What the real browsers among the people count and time, beside CLAIM, LAG, CAME and SERVED

FORM_READY: Final = "form-ready"
DRAWN: Final = "drawn"
LAYOUT_SHIFT: Final = "layout-shift"
VIEWS: Final = "views"
FAILURES: Final = "failures"
SCRIPT_ERRORS: Final = "script-errors"
CLOSED_VIEWS: Final = "closed-views"
COUNTDOWNS: Final = "countdowns"
LOST_ANSWERS: Final = "lost-answers"
RESEND_MISSING: Final = "resend-missing"

BROWSER_DURATIONS: Final[Mapping[str, str]] = {
    FORM_READY: "from wanting to register to a form that can be used, or the word that no seat is left",
    DRAWN: "from asking for a page to seeing it drawn",
    CLAIM: "from pressing submit to the drawn answer, across an answer that was lost",
    LAG: "how late a browser was told to act: started minus intended",
}
# Kept as durations are, in histograms, and no seconds.
BROWSER_SCORES: Final[Mapping[str, str]] = {
    LAYOUT_SHIFT: "how far the parts of a page moved by themselves while it was seen (CLS; 0.1 is good)",
}
BROWSER_COUNTS: Final[Mapping[str, str]] = {
    VIEWS: "pages that were drawn",
    FAILURES: "pages that did not come, or not in time",
    SCRIPT_ERRORS: "errors that a page's scripts left uncaught",
    CLOSED_VIEWS: "pages of a course that was not open yet, seen for long enough to look for the countdown",
    COUNTDOWNS: "those of them that counted down to the opening",
    LOST_ANSWERS: "answers to the form that were taken away on their last step, to see what the page says then",
    RESEND_MISSING: "times that the page then said nothing, or had lost what was typed",
    CAME: "browsers that came for a seat",
    SERVED: "browsers that learnt whether there is a seat for them",
}

# Kinds of errors that say something of more than the site

# A good answer with a page, though not one of the site's: something else answered.
FOREIGN: Final = "foreign-page"
# A page of the site's that came without one of its styles, scripts or pictures.
LOST_FILE: Final = "lost-file"
# The generator's own: it had no descriptor, port or memory for another connection.
SHORTAGE: Final = "shortage"

_ERROR: Final = "error-"


def error(kind: str) -> str:
    """Name what counts the errors of a kind."""
    return _ERROR + kind


def kind_of_error(name: str) -> str | None:
    """Return the kind whose errors a name counts; None for a name that counts something else."""
    return name.removeprefix(_ERROR) if name.startswith(_ERROR) else None


def saw(state: str) -> str:
    """Name what counts the pages that were seen in a state (``loadtest.record.page_states``)."""
    return f"saw-{state}"


def in_all(name: str) -> str:
    """Name what counts a person once in the whole storm whom ``name`` counts once in a phase."""
    return f"{name}-in-all"


def of_request(kind: str) -> str:
    """Name the duration of requests of a kind (page, asset, claim).

    A claim is more than one request: it has its own.
    """
    return CLAIM_REQUEST if kind == CLAIM else kind
