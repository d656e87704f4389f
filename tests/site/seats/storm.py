"""One storm from its plan to its record: a course, the crowd, the hand that cancels, and what breaks meanwhile."""

from __future__ import annotations

import asyncio
import json
import re

from tests.site.inside import Failed, php, rows
from tests.site.mail_server import MailServer
from tests.site.seats.faults import strike
from tests.site.seats.people import Crowd
from tests.site.seats.plan import Plan, Wish
from tests.site.seats.record import Due, Place, Record, Row
from tests.site.sql import Refused
from tests.site.task import Task, eventually
from tests.site.visitor import Form, Storm, make_storm

QUESTION = {"key": "wish", "label": "Wish", "type": "text", "required": True, "options": [], "max_length": 100}
CANCEL = """
$course = (new Floodgate\\Registration\\Courses($database))->find($argv[1]);
$claim = $database->row(
    "SELECT id FROM wp_floodgate_claims WHERE course_id = ? ORDER BY RAND() LIMIT 1", [$course->id]);
if ($claim !== null) {
    (new Floodgate\\Registration\\Cancellations($database))->cancel($course, (int) $claim['id'], 1, false);
}
"""
# Two minutes in a row, between which nobody has done anything: the second finds nothing to do.
LINKS = """
$links = new Floodgate\\Registration\\SeatLink(getenv('WP_SALT'));
$course = (new Floodgate\\Registration\\Courses($database))->find($argv[1]);
$offered = "SELECT * FROM wp_floodgate_queue WHERE course_id = ? AND state = 'offered'";
foreach ($database->rows($offered, [$course->id]) as $row) {
    $link = $links->placePath($argv[1], (int) $row['id'], (int) $row['claimed_at']);
    echo json_encode([$row['name'], $row['email'], $link]), "\\n";
}
"""
# By subject, without the course's title.
KINDS = {
    "Your seat": "confirmation",
    "Waiting list": "queued",
    "A seat for you": "offer",
    "Your seat was passed on": "offer-ended",
}
ADVANCE = "$list = new Floodgate\\Registration\\WaitingList($database); $list->advance(); $list->advance();"


def run(task: Task, plan: Plan, mails: MailServer | None = None) -> Record:
    """Run it on a course of its own, wait until everything stands again, and read what is left.

    ``mails`` is the server of a task that sends mails.
    """
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
    asyncio.run(_run(task, plan, course, crowd, mails))
    if mails is not None:
        _send_mails(task, course, crowd.record, mails)
    _read_ledger(task, course, crowd.record)
    return crowd.record


async def _run(task: Task, plan: Plan, course: Storm, crowd: Crowd, mails: MailServer | None) -> None:
    async def later(seconds: float, *work: object) -> None:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(*work)  # type: ignore[arg-type]  # the callable comes first

    async def break_things() -> None:
        # One after the other: what a fault broke stands again before the next strikes.
        started = asyncio.get_running_loop().time()
        for at, fault in plan.faults:
            await later(max(0.0, at - asyncio.get_running_loop().time() + started), strike, task, fault)

    silence = zip(plan.mails_dead, (mails.stop, mails.start), strict=True) if plan.mails_dead and mails else ()
    await asyncio.gather(
        crowd.storm(),
        break_things(),
        *(later(at, work) for at, work in silence),
        *(later(at, _cancel, task, course, plan) for at in plan.cancellations),
        *(_minute(task, course, crowd, mails, after=at) for at in plan.minutes if plan.waiting_list),
    )
    await asyncio.to_thread(task.wait_until_ready)
    # Until nothing is given back and offered any more: each round ends at least one offer for good.
    for number in range(3 * len(plan.people) + plan.late_cancellations):
        if number < plan.late_cancellations:
            await asyncio.to_thread(_cancel, task, course, plan)
        if not plan.waiting_list or not (
            await _minute(task, course, crowd, mails, comes_late=number == 0) or number < plan.late_cancellations
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


async def _minute(
    task: Task,
    course: Storm,
    crowd: Crowd,
    mails: MailServer | None,
    *,
    after: float = 0.0,
    comes_late: bool = False,
) -> bool:
    """Move the list on, and let everybody do with an offer what they would; whether there was any."""
    await asyncio.sleep(after)
    this = f"(SELECT id FROM wp_floodgate_courses WHERE slug = '{course.slug}')"
    try:
        if mails is None:
            await asyncio.to_thread(php, task, ADVANCE)
        else:
            await asyncio.to_thread(_scheduled_work, task)
        lines = await asyncio.to_thread(php, task, LINKS, course.slug)
        offered = [json.loads(line) for line in lines.splitlines()]
        if offered and comes_late:
            await crowd.come_late()
        for name, email, link in offered:
            who = crowd.plan.person(name, email)
            person = next(each for each in crowd.plan.people if crowd.plan.person(each.name, each.email) == who)
            answered = person.wish in (Wish.TAKE, Wish.LEAVE) and await crowd.answer_offer(person, link)
            if not answered:
                passes = f"offered_until = 1 WHERE course_id = {this} AND email = '{email}' AND name = '{name}'"
                statement = f"UPDATE wp_floodgate_queue SET {passes}"
                await asyncio.to_thread(rows, task.host, statement, task.environment["DB_NAME"])
    except (Failed, Refused):
        if not crowd.plan.faults:
            raise
        return True
    return bool(offered)


def _scheduled_work(task: Task) -> None:
    """Run it once; a mail server that is away is no fault of it."""
    done = task.host.engine.run("exec", task.container("wordpress"), "floodgate-cron")
    if done.returncode not in (0, 70):
        raise Failed(done.stdout + done.stderr)


def _send_mails(task: Task, course: Storm, record: Record, mails: MailServer) -> None:
    """Let all mails go out that are due, and read the outbox and the mailbox."""
    database = task.environment["DB_NAME"]
    mine = f"course_id = (SELECT id FROM wp_floodgate_courses WHERE slug = '{course.slug}')"

    def none_waits() -> bool:
        rows(task.host, f"UPDATE wp_floodgate_outbox SET due_at = 0 WHERE {mine} AND state = 'waiting'", database)
        _scheduled_work(task)
        [[left]] = rows(
            task.host,
            f"SELECT COUNT(*) FROM wp_floodgate_outbox WHERE {mine} AND state IN ('waiting', 'sending')",
            database,
        )
        return left == "0"

    eventually(none_waits)
    outbox = rows(task.host, f"SELECT code, kind, state FROM wp_floodgate_outbox WHERE {mine}", database)
    record.due = [Due(*row) for row in outbox]
    for mail in mails.kept:
        if f"/register/{course.slug}/" in mail.text:
            kind = KINDS[str(mail.message["Subject"]).rpartition(": ")[0]]
            code = re.search(r"\b(?:[2-9A-Z]{4}-){2}[2-9A-Z]{4}\b", mail.text) if kind == "confirmation" else None
            record.mails.append((kind, code[0] if code else ""))
    mails.kept.clear()


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
