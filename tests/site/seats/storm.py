"""One storm from its plan to its record: a course, the crowd, the hand that cancels, and what breaks meanwhile."""

from __future__ import annotations

import asyncio
import json

from tests.site.inside import Failed, php, rows
from tests.site.seats.faults import strike
from tests.site.seats.people import Crowd
from tests.site.seats.plan import Plan, Wish
from tests.site.seats.record import Place, Record, Row
from tests.site.sql import Refused
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


# Two minutes in a row, between which nobody has done anything: the second finds nothing to do.
ADVANCE = "$list = new Floodgate\\Registration\\WaitingList($database); $list->advance(); $list->advance();"


def run(task: Task, plan: Plan) -> Record:
    """Run it on a course of its own, wait until everything stands again, and read what is left."""
    course = make_storm(task, plan.seats)
    fields = f"'{json.dumps([QUESTION])}'" if plan.has_question else "NULL"
    rows(
        task.host,
        f"UPDATE wp_floodgate_courses SET one_per_email = {int(plan.one_per_email)}, fields = {fields},"
        f" waiting_list = {int(plan.waiting_list)}"
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
        crowd.storm(),
        break_things(),
        *(later(at, _cancel, task, course, plan) for at in plan.cancellations),
        *(_minute(task, course, crowd, after=at) for at in plan.minutes if plan.waiting_list),
    )
    await asyncio.to_thread(task.wait_until_ready)
    # Until nothing is given back and offered any more: each round ends at least one offer for good.
    for number in range(3 * len(plan.people) + plan.late_cancellations):
        if number < plan.late_cancellations:
            await asyncio.to_thread(_cancel, task, course, plan)
        if not plan.waiting_list or not (
            await _minute(task, course, crowd, comes_late=number == 0) or number < plan.late_cancellations
        ):
            break
    await crowd.settle()


def _cancel(task: Task, course: Storm, plan: Plan) -> None:
    """Cancel somebody as the organiser. Where something is killed it is not known whether; the ledger tells."""
    try:
        php(task, CANCEL, course.slug)
    except Failed:
        if not plan.faults:
            raise


async def _minute(task: Task, course: Storm, crowd: Crowd, *, after: float = 0.0, comes_late: bool = False) -> bool:
    """Move the list on, and let everybody do with an offer what they would; whether there was any."""
    await asyncio.sleep(after)
    this = f"(SELECT id FROM wp_floodgate_courses WHERE slug = '{course.slug}')"
    database = task.environment["DB_NAME"]
    try:
        await asyncio.to_thread(php, task, ADVANCE)
        statement = f"SELECT name, email FROM wp_floodgate_queue WHERE course_id = {this} AND state = 'offered'"
        offered = await asyncio.to_thread(rows, task.host, statement, database)
        if offered and comes_late:
            await crowd.come_late()
        for name, email in offered:
            who = crowd.plan.person(name, email)
            person = next(each for each in crowd.plan.people if crowd.plan.person(each.name, each.email) == who)
            answered = person.wish in (Wish.TAKE, Wish.LEAVE) and await crowd.answer_offer(person)
            if not answered:
                passes = f"offered_until = 1 WHERE course_id = {this} AND email = '{email}' AND name = '{name}'"
                await asyncio.to_thread(rows, task.host, f"UPDATE wp_floodgate_queue SET {passes}", database)
    except (Failed, Refused):
        if not crowd.plan.faults:
            raise
        return True
    return bool(offered)


def _read_ledger(task: Task, course: Storm, record: Record) -> None:
    # One statement sees one moment: requests that nobody waits for may still be under way.
    def read() -> list[list[str]] | None:
        columns = "HEX(claim_key), code, name, email, COALESCE(answers, ''), claimed_at"
        this = f"(SELECT id FROM wp_floodgate_courses WHERE slug = '{course.slug}')"
        place = "id, code, name, email, CONCAT(state, ' ', offered_until IS NOT NULL), claimed_at"
        found = rows(
            task.host,
            f"SELECT 'course', seats, taken, held, queued, '', '' FROM wp_floodgate_courses WHERE id = {this}"
            f" UNION ALL SELECT 'claim', {columns} FROM wp_floodgate_claims WHERE course_id = {this}"
            f" UNION ALL SELECT 'cancelled', {columns} FROM wp_floodgate_cancellations WHERE course_id = {this}"
            f" UNION ALL SELECT 'place', {place} FROM wp_floodgate_queue WHERE course_id = {this}",
            task.environment["DB_NAME"],
        )
        return found or None

    for kind, *values in eventually(read):
        if kind == "course":
            record.seats, record.taken, record.held, record.queued = map(int, values[:4])
            continue
        key, code, name, email, more, at = values
        shown = "-".join((code[:4], code[4:8], code[8:]))
        if kind == "place":
            state, offered = more.split()
            record.places.append(Place(int(key), shown, name, email, state, int(at), offered == "1"))
            continue
        row = Row(key, shown, name, email, more or None, int(at))
        (record.claims if kind == "claim" else record.cancelled).append(row)
