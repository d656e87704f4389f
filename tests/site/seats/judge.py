"""Does what was seen of a storm keep the promises? Pure: a plan and a record in, broken promises out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.site.seats.plan import Plan
from tests.site.seats.record import Answer, Place, Record

SAID = ("sent", "unknown")
ALLOWED_STATES = {"confirmed": 200, "sent": 200, "queued": 200, "sold-out": 409}


def broken_promises(plan: Plan, record: Record) -> list[str]:
    """Return one sentence for each promise that does not hold; empty if all do."""
    return [
        *_counted(plan, record),
        *_nobody_twice(plan, record),
        *_nothing_lost(plan, record),
        *(_all_waited_for(plan, record) if plan.waiting_list else _nothing_unsold(plan, record)),
        *_found_again(plan, record),
        *_answers_are_right(plan, record),
        *_mailed(record),
    ]


def _counted(plan: Plan, record: Record) -> Iterator[str]:
    sold = len(record.claims)
    if record.seats != plan.seats:
        yield f"the course has {record.seats} seats and not {plan.seats}"
    if sold > plan.seats:
        yield f"oversold: {sold} of {plan.seats} seats"
    if record.taken != sold:
        yield f"the counter says {record.taken}, and {sold} seats are in the ledger"


def _nobody_twice(plan: Plan, record: Record) -> Iterator[str]:
    for person, count in Counter(plan.person(row.name, row.email) for row in record.claims).items():
        if count > 1:
            yield f"{person} has {count} seats"
    for code, count in Counter(row.code for row in [*record.claims, *record.cancelled]).items():
        if count > 1:
            yield f"the code {code} was given {count} times"
    new = Counter(answer.code for answer in record.answers if answer.state == "confirmed" and not answer.again)
    for seat, count in new.items():
        if count > 1:
            yield f"{count} answers say that the seat {seat} is new"


def _nothing_lost(plan: Plan, record: Record) -> Iterator[str]:
    rows = {row.code: row for row in [*record.claims, *record.cancelled]}
    people = {person.number: person for person in plan.people}
    known = {plan.person(person.name, person.email) for person in plan.people}
    seats = defaultdict(set)
    for answer in record.answers:
        if answer.state != "confirmed":
            continue
        person = people[answer.person]
        row = rows.get(str(answer.code))
        if row is None:
            yield f"{person.name} was confirmed {answer.code}, which is in no ledger"
        elif plan.person(row.name, row.email) != plan.person(person.name, person.email):
            yield f"{person.name} was confirmed {answer.code}, which is the seat of {row.name}"
        seats[plan.person(person.name, person.email)].add(answer.code)
    cancelled = Counter(plan.person(row.name, row.email) for row in record.cancelled)
    for who, codes in seats.items():
        if len(codes) > 1 + cancelled[who]:
            yield f"{who} was confirmed {len(codes)} codes, with {cancelled[who]} cancellations"
    for row in [*record.claims, *record.cancelled]:
        who = plan.person(row.name, row.email)
        if who not in known:
            yield f"{who} has a seat and never asked"
        typed = {f'{{"wish":"{p.answer}"}}' for p in plan.people if plan.person(p.name, p.email) == who}
        if plan.has_question and row.answers not in typed:
            yield f"{who} has an answer that nobody typed: {row.answers}"


def _nothing_unsold(plan: Plan, record: Record) -> Iterator[str]:
    """Check that nothing is left unsold.

    After the storm everybody who stayed asked once more; who quit counts where the request got through.
    """
    staying = {plan.person(p.name, p.email) for p in plan.people if not p.quits}
    demand = staying | {plan.person(row.name, row.email) for row in record.claims}
    if len(record.claims) != min(plan.seats, len(demand)):
        yield f"sold {len(record.claims)} of {plan.seats} seats to {len(demand)} people"
    in_ledger = {plan.person(row.name, row.email): row.code for row in record.claims}
    for person in plan.people:
        if person.quits:
            continue
        last = record.settled.get(person.number)
        code = in_ledger.get(plan.person(person.name, person.email))
        if last is None:
            yield f"{person.name} never got an answer"
        elif not _is_told(last, code):
            yield f"{person.name} was told {last.state} {last.code} in the end, and the ledger says {code}"


def _all_waited_for(plan: Plan, record: Record) -> Iterator[str]:
    """Check the waiting list: counted, in order, nobody past it, and everybody told what is true in the end."""
    offered = [place for place in record.places if place.state == "offered"]
    waiting = [place for place in record.places if place.state == "waiting"]
    if (record.held, record.queued) != (len(offered), len(waiting)):
        yield (
            f"the counters say {record.held} held and {record.queued} waiting, and the list {len(offered)} and"
            f" {len(waiting)}"
        )
    if record.taken + record.held > plan.seats:
        yield f"promised {record.taken + record.held} of {plan.seats} seats"
    if waiting and record.taken + record.held < plan.seats:
        yield f"{len(waiting)} people wait, and a seat is free"
    came = {place.code for place in record.places}
    holders = {plan.person(row.name, row.email) for row in record.claims}
    for place in [*offered, *waiting]:
        if plan.person(place.name, place.email) in holders:
            yield f"{place.name} has a seat and is on the waiting list"
    for place in waiting:
        passed = [other.name for other in record.places if other.was_offered and other.id > place.id]
        passed += [row.name for row in record.claims if row.code not in came and row.claimed_at > place.queued_at]
        if passed:
            yield f"{passed[0]} got a seat past {place.name}, who waits"
    yield from _told_the_place(plan, record, offered, waiting)


def _is_told(last: Answer, code: str | None) -> bool:
    """Return whether the answer is what the ledger says; who shares an address is sent the code, and not shown it."""
    if last.state == "sent":
        return code is not None
    return (last.state == "confirmed") == (code is not None) and last.code == code


def _told_the_place(plan: Plan, record: Record, offered: list[Place], waiting: list[Place]) -> Iterator[str]:
    places = {plan.person(place.name, place.email): place for place in [*offered, *waiting]}
    codes = {plan.person(row.name, row.email): row.code for row in record.claims}
    for person in plan.people:
        if person.quits:
            continue
        who = plan.person(person.name, person.email)
        last = record.settled.get(person.number)
        if last is None:
            yield f"{person.name} never got an answer"
        elif not _is_told(last, codes.get(who)):
            yield f"{person.name} was told {last.state} {last.code} in the end, and the ledger says {codes.get(who)}"
        elif who in places and (last.state, last.place) != ("queued", _shown(places[who], waiting)):
            yield f"{person.name} was told {last.state} {last.place} in the end, and the list says {places[who].state}"
        elif who not in places and who not in codes and last.state != "sold-out":
            yield f"{person.name} was told {last.state} in the end, and has no seat and no place"


def _shown(place: Place, waiting: list[Place]) -> str:
    return "offered" if place.state == "offered" else str(sum(other.id <= place.id for other in waiting))


def _mailed(record: Record) -> Iterator[str]:
    """Check that each mail went out once, and everybody who has a seat got one, or the site says that it may be so."""
    if record.due is None:
        return
    states = {(due.kind, due.code): due.state for due in record.due}
    for row in record.claims:
        state = states.get(("confirmation", row.code.replace("-", "")))
        if state not in ("sent", "unknown"):
            yield f"{row.name} has a seat, and the mail of it is {state}"
    for code, count in Counter(code for kind, code in record.mails if kind == "confirmation").items():
        if count > 1:
            yield f"the mail with the code {code} came {count} times"
    came = Counter(kind for kind, _ in record.mails)
    for kind in {due.kind for due in record.due} | set(came):
        sent, unknown = (sum(due.kind == kind and due.state == state for due in record.due) for state in SAID)
        if not sent <= came[kind] <= sent + unknown:
            yield f"{came[kind]} mails of kind {kind} came, and the outbox says {sent} sent and {unknown} perhaps"


def _found_again(plan: Plan, record: Record) -> Iterator[str]:
    """Check that nobody who has a seat was told that none is left: a seat is taken before the last one has gone."""
    holders = {plan.person(row.name, row.email) for row in record.claims}
    people = {person.number: person for person in plan.people}
    for answer in record.answers:
        person = people[answer.person]
        if answer.state == "sold-out" and not record.cancelled and plan.person(person.name, person.email) in holders:
            yield f"{person.name} has a seat and was told that none is left"


def _answers_are_right(plan: Plan, record: Record) -> Iterator[str]:
    people = {person.number: person for person in plan.people}
    same = defaultdict(list)
    for person in plan.people:
        same[plan.person(person.name, person.email)].append(person.number)
    for answer in record.answers:
        if answer.foreign is not None:
            yield f"person {answer.person} was shown {answer.foreign}, which is somebody else's"
        if answer.state == "waiting" and answer.status in (429, 503):
            continue
        if ALLOWED_STATES.get(str(answer.state)) != answer.status:
            yield f"person {answer.person} was answered {answer.status} {answer.state}"
        person = people[answer.person]
        others = same[plan.person(person.name, person.email)]
        begun = sum(at <= answer.answered_at for number in others for at in record.attempts[number])
        if answer.again and begun < 2:
            yield f"{person.name} asked once and was told that the seat was theirs before"
        if _was_confirmed_before(answer, others, record) and not answer.again and not record.cancelled:
            if answer.state == "confirmed":
                yield f"{person.name} has the seat again and was not told so"
            elif answer.state != "sent" or len(others) == 1:
                yield f"{person.name} was confirmed, and later told {answer.state}"


def _was_confirmed_before(answer: Answer, numbers: list[int], record: Record) -> bool:
    return any(
        other.person in numbers and other.state == "confirmed" and other.answered_at < answer.asked_at
        for other in record.answers
    )
