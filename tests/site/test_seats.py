"""No seat is sold twice or lost, whatever breaks in the middle; and the proof of it can fail."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.site.inside import rows
from tests.site.seats.judge import broken_promises
from tests.site.seats.plan import Fault, Habit, Person, Plan, Try, Wish, draw
from tests.site.seats.record import Answer, Due, Record, Row
from tests.site.seats.storm import run
from tests.site.task import ROOT, Host, Task

REGISTRATION = ROOT / "src/wordpress/mu-plugins/floodgate/Registration"
IN_THE_IMAGE = "/var/www/wordpress/mu-plugins/floodgate/Registration"

# One storm with each of these in the middle; `make prove-seats` runs a hundred.
SEEDS = {
    Fault.DATABASE: 3,
    Fault.PHP: 5,
    Fault.PHP_WORKERS: 6,
}


@pytest.mark.parametrize(("fault", "seed"), SEEDS.items())
def test_a_storm_with_a_kill_in_the_middle_breaks_no_promise(task: Task, fault: Fault, seed: int) -> None:
    plan = draw(seed)
    assert fault in [struck for _, struck in plan.faults], "the seed's storm is another one now"
    record = run(task, plan)
    assert broken_promises(plan, record) == []
    assert len(record.answers) >= plan.wanted, "the storm was none"


def test_a_seed_gives_the_same_storm_again() -> None:
    assert draw(7) == draw(7) != draw(8)


PERSON = Person(0, "Person 000 of 1", "home-1-0@example.org", 0.0, (), quits=False, answer="-")
OTHER = dataclasses.replace(PERSON, number=1, name="Person 001 of 1", email="home-1-1@example.org")
PLAN = Plan(1, 1, one_per_email=True, has_question=False, people=(PERSON, OTHER), faults=(), cancellations=())
ROW = Row("00", "AAAA-AAAA-AAAA", PERSON.name, PERSON.email, None)
OTHER_ROW = Row("01", "BBBB-BBBB-BBBB", OTHER.name, OTHER.email, None)
YES = Answer(0, 1.0, 2.0, 200, "confirmed", ROW.code, again=False, foreign=None)
NO = Answer(1, 1.5, 2.5, 409, "sold-out", None, again=False, foreign=None)


DUE = Due(ROW.code.replace("-", ""), "confirmation", "sent")
MAIL = ("confirmation", ROW.code)


def good() -> Record:
    """Return a record of one seat, two people, nothing wrong."""
    settled = {0: YES, 1: NO}
    record = Record([YES, NO], {0: [1.0], 1: [1.5]}, settled, seats=1, taken=1, claims=[ROW])
    record.due, record.mails = [DUE], [MAIL]
    return record


def oversell(record: Record) -> None:
    record.claims.append(OTHER_ROW)
    record.taken = 2


def lose(record: Record) -> None:
    record.claims[0] = OTHER_ROW
    record.settled[1] = dataclasses.replace(NO, status=200, state="confirmed", code=OTHER_ROW.code)


def leave_unsold(record: Record) -> None:
    record.claims.clear()
    record.answers = [NO]
    record.settled = {0: dataclasses.replace(NO, person=0), 1: NO}
    record.taken = 0


def change(answer: Answer, **fields: object) -> Callable[[Record], None]:
    """Return a change by which the answer is given otherwise."""
    return lambda record: record.answers.append(dataclasses.replace(answer, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (oversell, "oversold: 2 of 1 seats"),
        (lambda record: setattr(record, "taken", 2), "the counter says 2, and 1 seats"),
        (lambda record: record.claims.append(dataclasses.replace(ROW, code="C")), "has 2 seats"),
        (lambda record: record.cancelled.append(ROW), "was given 2 times"),
        (lose, "was confirmed AAAA-AAAA-AAAA, which is in no ledger"),
        (change(NO, status=200, state="confirmed", code=ROW.code), "which is the seat of Person 000"),
        (leave_unsold, "sold 0 of 1 seats to 2 people"),
        (lambda record: record.settled.pop(1), "never got an answer"),
        (change(YES), "2 answers say that the seat AAAA-AAAA-AAAA is new"),
        (change(YES, asked_at=3.0, answered_at=4.0), "was not told so"),
        (change(YES, asked_at=3.0, answered_at=4.0, status=409, state="sold-out", code=None), "later told sold-out"),
        (change(YES, again=True), "asked once and was told"),
        (change(NO, status=500, state=None), "was answered 500 None"),
        (
            change(YES, asked_at=3.0, answered_at=4.0, status=409, state="sold-out", code=None),
            "Person 000 of 1 has a seat and was told that none is left",
        ),
        (change(NO, foreign="person 0"), "which is somebody else's"),
        (lambda record: setattr(record, "due", []), "has a seat, and the mail of it is None"),
        (lambda record: record.mails.clear(), "0 mails of kind confirmation came"),
        (lambda record: record.mails.append(("confirmation", ROW.code)), "came 2 times"),
    ],
)
def test_the_judge_names_each_broken_promise(spoil: Callable[[Record], None], says: str) -> None:
    record = good()
    assert broken_promises(PLAN, record) == []
    spoil(record)
    assert says in "; ".join(broken_promises(PLAN, record))


@pytest.fixture(scope="module")
def broken(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Task, Path]]:
    """A site on a database of its own whose claims can be broken: the task, and its folder of classes."""
    classes = tmp_path_factory.mktemp("broken") / "Registration"
    shutil.copytree(REGISTRATION, classes)
    for folder in [classes, *classes.parents[:2]]:
        folder.chmod(0o755)
    made = Task(host, "broken", DB_NAME="broken")
    installed = made.install()
    assert installed.code == 0, installed.log
    made.serve("-v", f"{classes}:{IN_THE_IMAGE}:ro")
    yield made, classes
    for container in ("nginx", "wordpress", "pause"):
        host.engine("rm", "-fv", made.container(container))


@dataclass(frozen=True)
class Break:
    """A way to claim wrongly: an edit of a class, a statement for the tables, and what the judge must say."""

    file: str
    right: str
    wrong: str
    says: str
    schema: str = "DO 1"
    # More edits of classes: file, right, wrong.
    more: tuple[tuple[str, str, str], ...] = ()
    waits: bool = False


BREAKS = {
    "no guard": Break(
        "SeatRoutine.php",
        " AND taken + held < seats",
        "",
        "oversold",
        "ALTER TABLE wp_floodgate_courses DROP CONSTRAINT wp_floodgate_never_oversold,"
        " DROP CONSTRAINT wp_floodgate_never_promised_twice",
    ),
    "no transaction": Break("SeatRoutine.php", "START TRANSACTION;", "DO SLEEP(0.01);", "the counter says"),
    "no unique key": Break(
        "Claims.php", "bin2hex($claimant->key($course->onePerEmail))", "bin2hex(random_bytes(32))", "has 2 seats"
    ),
    "no way back": Break(
        "Claims.php",
        "$row['code'] !== null => Claim::confirmed($row, $row['code'], again: true,",
        "$row['code'] === '' => Claim::confirmed($row, $row['code'], again: true,",
        "has a seat and was told that none is left",
    ),
    "past the list": Break(
        "SeatRoutine.php",
        " AND queued = 0",
        "",
        "got a seat past",
        more=(("Course.php", "$this->queued > 0 ? 0 : max(", "max("),),
        waits=True,
    ),
    "the last first": Break(
        "WaitingList.php",
        "id <= (SELECT MAX(id) FROM (SELECT id FROM $queue WHERE course_id = ? AND state = ? ORDER BY id LIMIT ?)",
        "id >= (SELECT MIN(id) FROM (SELECT id FROM $queue WHERE course_id = ? AND state = ? ORDER BY id DESC LIMIT ?)",
        "got a seat past",
        waits=True,
    ),
    "seats offered twice": Break(
        "WaitingList.php",
        "$course->taken - $count(PlaceState::Offered)",
        "$course->taken",
        "promised ",
        waits=True,
    ),
    "a seat that is held and sold": Break(
        "SeatRoutine.php",
        " AND taken + held < seats",
        " AND taken < seats",
        "oversold",
        more=(("Course.php", "$this->seats - $this->taken - $this->held", "$this->seats - $this->taken"),),
        waits=True,
    ),
    "a seat that nobody counts": Break(
        "WaitingList.php", "taken = taken + 1, held = held - 1", "held = held - 1", "the counter says", waits=True
    ),
    "no commit": Break(
        "SeatRoutine.php", "COMMIT;\n            END", "SAVEPOINT lost;\n            END", "which is in no ledger"
    ),
}


@pytest.mark.parametrize("mistake", BREAKS.values(), ids=BREAKS)
def test_a_site_that_claims_wrongly_is_found_out(broken: tuple[Task, Path], mistake: Break) -> None:
    task, classes = broken
    for file, right, wrong in ((mistake.file, mistake.right, mistake.wrong), *mistake.more):
        whole = (REGISTRATION / file).read_text()
        assert right in whole, f"{file} has changed: break it otherwise"
        (classes / file).write_text(whole.replace(right, wrong))
    task.host.engine("restart", "--time", "5", task.container("wordpress"))
    task.wait_until_ready()
    rows(task.host, mistake.schema, task.environment["DB_NAME"])
    rush = _promises_broken_by_a_wait if mistake.waits else _promises_broken_by_a_rush
    try:
        # Some mistakes show only when two people meet at the last seat: rush upon rush, until they do.
        assert any(mistake.says in promise for seed in range(40) for promise in rush(task, seed))
    finally:
        for file in (mistake.file, *(file for file, *_ in mistake.more)):
            shutil.copy(REGISTRATION / file, classes / file)


def _promises_broken_by_a_rush(task: Task, seed: int) -> list[str]:
    """Let thirty people rush at once, each of them twice."""
    twice = (Try(Habit.DOUBLE, 0.0, reset=False, spelling=0),)
    people = tuple(
        Person(n, f"Person {n:03d} of {seed}", f"{seed}-{n}@example.org", 0.0, twice, quits=False, answer="-")
        for n in range(30)
    )
    plan = Plan(seed, 20, one_per_email=True, has_question=False, people=people, faults=(), cancellations=())
    return broken_promises(plan, run(task, plan))


def _promises_broken_by_a_wait(task: Task, seed: int) -> list[str]:
    """Let people wait for the seats of others, and more people come meanwhile.

    In turn more wait than seats are given back, and two for three seats: late people find one beside two offers.
    """
    few = bool(seed % 2)
    people = tuple(
        Person(
            number=n,
            name=f"Person {n:03d} of {seed}",
            email=f"{seed}-{n}@example.org",
            arrives=0.0 if few else n / 20,
            tries=(),
            quits=False,
            answer="-",
            wish=Wish.TAKE if few or n % 3 else None,
            late=few and n >= 20,
        )
        for n in range(24)
    )
    plan = Plan(
        seed,
        18 if few else 5,
        one_per_email=True,
        has_question=False,
        people=people,
        faults=(),
        cancellations=(1.0, 1.0) if few else (0.5, 0.7, 0.9),
        waiting_list=True,
        minutes=() if few else (0.8, 1.0),
        late_cancellations=2,
    )
    return broken_promises(plan, run(task, plan))
