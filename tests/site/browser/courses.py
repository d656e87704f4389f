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
) -> str:
    """Offer a course and return its path; times in seconds from now by the database's clock."""
    slug = f"course-{uuid.uuid4().hex[:12]}"
    questions = [{"options": [], "max_length": 200, **field} for field in fields]
    now = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)"
    closes = "NULL" if closes_in is None else f"{now} + {round(closes_in * 1000)}"
    starts = "NULL" if starts_in is None else f"{now} + {round(starts_in * 1000)}"
    quoted = ", ".join(
        "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
        for word in (slug, title, text, json.dumps(questions), place)
    )
    sql = (
        "INSERT INTO wp_floodgate_courses"
        " (origin, time_zone, slug, title, text, fields, place, seats, taken, opens_at, closes_at, starts_at) VALUES"
        f" ('organiser', 'Europe/Berlin', {quoted}, {seats}, {taken},"
        f" {now} + {round(opens_in * 1000)}, {closes}, {starts})"
    )
    task.host.sql.rows(sql, task.environment["DB_NAME"])
    return f"/register/{slug}/"
