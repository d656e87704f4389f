"""Courses as an organiser would have set them up, put straight into the site's database."""

from __future__ import annotations

import json
import uuid
from typing import Final

from tests.site.task import Task

TEXT: Final = (
    "<p>Eight evenings in the warm pool for adults who always wanted to learn it. Small groups, two teachers, and"
    " nobody who hurries you.</p><h2>What we do</h2><ul><li>Breathing, floating, gliding</li><li>Backstroke and"
    " breaststroke</li><li>Fifty metres without a stop, at the end</li></ul><h2>Where and when</h2><p>Riverside Baths,"
    ' Mill Lane 4. Tuesdays from 19:00, starting on 14 September. <a href="/">How to get there</a></p>'
)
FIELDS: Final = [
    {"key": "phone", "label": "Telephone", "type": "tel", "required": True},
    {"key": "group", "label": "Which group?", "type": "select", "required": True, "options": ["Early", "Late"]},
    {"key": "age", "label": "Age", "type": "number", "required": False},
    {"key": "wishes", "label": "Anything we should know?", "type": "textarea", "required": False, "max_length": 1000},
    {"key": "rules", "label": "I keep to the rules of the house.", "type": "checkbox", "required": True},
]


def offer(
    task: Task,
    title: str = "Swimming for adults",
    *,
    opens_in: float = -60,
    closes_in: float | None = None,
    seats: int = 120,
    taken: int = 0,
    text: str = TEXT,
    fields: list[dict[str, object]] = FIELDS,
    starts_in: float | None = None,
    place: str = "",
    summary: str = "",
    picture: str | None = None,
) -> str:
    """Offer a course and return its path; times in seconds from now by the database's clock.

    ``picture`` is what a drawing has been called that ``draw`` has made.
    """
    slug = f"course-{uuid.uuid4().hex[:12]}"
    questions = [{"options": [], "max_length": 200, **field} for field in fields]
    now = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)"
    closes = "NULL" if closes_in is None else f"{now} + {round(closes_in * 1000)}"
    starts = "NULL" if starts_in is None else f"{now} + {round(starts_in * 1000)}"
    quoted = ", ".join(
        "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
        for word in (slug, title, text, json.dumps(questions), place, summary)
    )
    sizes = [{"path": f"/wp-content/{picture}", "width": 1600, "height": 900}]
    shown = "NULL" if picture is None else "'" + json.dumps({"id": 0, "alt": "", "sizes": sizes}) + "'"
    sql = (
        "INSERT INTO wp_floodgate_courses"
        " (origin, time_zone, slug, title, text, fields, place, summary, picture, seats, taken,"
        " opens_at, closes_at, starts_at) VALUES"
        f" ('organiser', 'Europe/Berlin', {quoted}, {shown}, {seats}, {taken},"
        f" {now} + {round(opens_in * 1000)}, {closes}, {starts})"
    )
    task.host.sql.rows(sql, task.environment["DB_NAME"])
    return f"/register/{slug}/"


def draw(task: Task, name: str, sky: str, water: str) -> str:
    """Draw a picture of two colours, with a sun, on the site's volume, and return its name."""
    wave = "q200-90 400 0t400 0 400 0 400 0V900H0z"
    waves = "".join(
        f'<path d="M0 {520 + 90 * i}{wave}" fill="{water}" fill-opacity="{0.3 + 0.15 * i}"/>' for i in range(4)
    )
    task.write(
        name,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 900" width="1600" height="900">'
        f'<path fill="{sky}" d="M0 0h1600v900H0z"/><circle cx="1240" cy="220" r="90" fill="#fff3c9"/>{waves}</svg>',
    )
    return name
