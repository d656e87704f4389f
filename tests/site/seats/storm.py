"""One storm from its plan to its record: a course, the crowd, the hand that cancels, and what breaks meanwhile."""

from __future__ import annotations

import asyncio
import json

from tests.site.inside import Failed, php, rows
from tests.site.seats.faults import strike
from tests.site.seats.people import Crowd
from tests.site.seats.plan import Plan
from tests.site.seats.record import Record, Row
from tests.site.task import Task, eventually
from tests.site.visitor import Form, Storm, make_storm

QUESTION = {"key": "wish", "label": "Wish", "type": "text", "required": True, "options": [], "max_length": 100}
CANCEL = """
$course = (new Floodgate\\Registration\\Courses($database))->find($argv[1]);
$claim = $database->row(
    "SELECT id FROM wp_floodgate_claims WHERE course_id = ? ORDER BY RAND() LIMIT 1", [$course->id]);
if ($claim !== null) {
    (new Floodgate\\Registration\\Cancellations($database))->cancel($course, (int) $claim['id'], 1);
}
"""


def run(task: Task, plan: Plan) -> Record:
    """Run it on a course of its own, wait until everything stands again, and read what is left."""
    course = make_storm(task, plan.seats)
    fields = f"'{json.dumps([QUESTION])}'" if plan.has_question else "NULL"
    rows(
        task.host,
        f"UPDATE wp_floodgate_courses SET one_per_email = {int(plan.one_per_email)}, fields = {fields}"
        f" WHERE slug = '{course.slug}'",
        task.environment["DB_NAME"],
    )
    crowd = Crowd(plan, Form.on(task, course.path))
    asyncio.run(_run(task, plan, course, crowd))
    _read_ledger(task, course, crowd.record)
    return crowd.record


async def _run(task: Task, plan: Plan, course: Storm, crowd: Crowd) -> None:
    async def later(seconds: float, *work: object) -> None:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(*work)  # type: ignore[arg-type]  # the callable comes first

    async def break_things() -> None:
        # One after the other: what a fault broke stands again before the next strikes.
        started = asyncio.get_running_loop().time()
        for at, fault in plan.faults:
            await later(max(0.0, at - asyncio.get_running_loop().time() + started), strike, task, fault)

    await asyncio.gather(
        crowd.storm(), break_things(), *(later(at, _cancel, task, course, plan) for at in plan.cancellations)
    )
    await asyncio.to_thread(task.wait_until_ready)
    await crowd.settle()


def _cancel(task: Task, course: Storm, plan: Plan) -> None:
    """Cancel somebody as the organiser. Where something is killed it is not known whether; the ledger tells."""
    try:
        php(task, CANCEL, course.slug)
    except Failed:
        if not plan.faults:
            raise


def _read_ledger(task: Task, course: Storm, record: Record) -> None:
    # One statement sees one moment: requests that nobody waits for may still be under way.
    def read() -> list[list[str]] | None:
        columns = "HEX(claim_key), code, name, email, COALESCE(answers, '')"
        this = f"(SELECT id FROM wp_floodgate_courses WHERE slug = '{course.slug}')"
        found = rows(
            task.host,
            f"SELECT 'course', seats, taken, '', '', '' FROM wp_floodgate_courses WHERE slug = '{course.slug}'"
            f" UNION ALL SELECT 'claim', {columns} FROM wp_floodgate_claims WHERE course_id = {this}"
            f" UNION ALL SELECT 'cancelled', {columns} FROM wp_floodgate_cancellations WHERE course_id = {this}",
            task.environment["DB_NAME"],
        )
        return found or None

    for kind, *values in eventually(read):
        if kind == "course":
            record.seats, record.taken = int(values[0]), int(values[1])
            continue
        key, code, name, email, answers = values
        row = Row(key, "-".join((code[:4], code[4:8], code[8:])), name, email, answers or None)
        (record.claims if kind == "claim" else record.cancelled).append(row)
