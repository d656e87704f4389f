"""What the people of a storm saw who were real browsers: the part of the record that is theirs alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import NonNegativeInt

from loadtest.record.error_example import ErrorExample
from loadtest.record.measurements import Measurements

# Said of storms that were recorded before there were any.
BEFORE_BROWSERS = "storms had no browsers then"


@dataclass
class Picture:
    """What a window showed ``at`` so many seconds after the opening: a JPEG in base64, and the page's state."""

    window: str
    at: float
    state: str
    jpeg: str


@dataclass
class Browsers:
    """Real browsers among the people: how many were ``planned``, and what they measured and met.

    None are planned where none was asked for or none is to be had: ``absent`` says why. ``fault`` says why those that
    were planned did not come to their end; ``finished`` that they did. Moments are in seconds from the opening.
    """

    planned: NonNegativeInt = 0
    absent: str = ""
    program: str = ""
    finished: bool = False
    fault: str = ""
    measurements: Measurements = field(default_factory=Measurements)
    examples: list[ErrorExample] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
