"""What a page can say, and how a claim can end: words that the site's pages, people and the gate share."""

from __future__ import annotations

from typing import Final

CLOSED: Final = "closed"
OPEN: Final = "open"
SOLD_OUT: Final = "sold-out"
ENDED: Final = "ended"
WAITING: Final = "waiting"
CONFIRMED: Final = "confirmed"
INVALID: Final = "invalid"

# The states that the site's marker `data-floodgate-state` knows.
STATES: Final = (CLOSED, OPEN, SOLD_OUT, ENDED, WAITING, CONFIRMED, INVALID)

GAVE_UP: Final = "gave-up"
# How a press on submit ends that no page of the site answers; the others end in a state.
UNANSWERED: Final = "unanswered"
