from __future__ import annotations

from collections.abc import Callable

import pytest

from loadtest.gate import limits
from loadtest.gate.verdict import Answer, judge
from loadtest.record.exit_codes import Exit
from loadtest.record.record import KilledTask, LedgerRow, Record
from loadtest.request.options import DEFAULT_LIMITS
from tests.loadtest.variations import saturated, slow

LIMITS = limits.load(DEFAULT_LIMITS)


def errors(record: Record) -> None:
    record.measurements.phases["recovery"].counts["errors"] = 3
    record.workers[0].totals["errors"] = 3


def oversold(record: Record) -> None:
    assert record.ledger is not None
    record.ledger.claims.append(LedgerRow("ABCD-0010-EFGH", "person-10@storm.example.org"))
    record.ledger.sold = record.ledger.taken = 11


def never_opened(record: Record) -> None:
    record.workers[0].totals["saw-open"] = 0
    for tally in [*record.measurements.phases.values(), *record.measurements.seconds.values()]:
        tally.counts["saw-open"] = 0


def stale(record: Record) -> None:
    record.measurements.second(12).counts["saw-closed"] = 1


def worker_lost(record: Record) -> None:
    record.workers[0].finished = False


def no_worker(record: Record) -> None:
    record.workers.clear()


def interrupted(record: Record) -> None:
    record.faults.append("the storm was interrupted by SIGTERM")


def phase_missing(record: Record) -> None:
    del record.measurements.phases["recovery"]
    record.workers[0].finished = False


def phase_empty(record: Record) -> None:
    record.measurements.phases["open"].counts["wants"] = 0
    record.workers[0].totals["wants"] -= 60


def report_lost(record: Record) -> None:
    record.workers[0].totals["wants"] += 1


def locust_disagrees(record: Record) -> None:
    record.locust = {"page": 299}


def locust_agrees(record: Record) -> None:
    record.locust = {"page": 300}


def no_task_stopped(record: Record) -> None:
    record.parameters.kills_task = True


def task_stopped(record: Record) -> None:
    record.parameters.kills_task = True
    record.killed = KilledTask("arn:aws:ecs:eu-central-1:222222222222:task/dev/1", 0.1, 2)


def no_ledger(record: Record) -> None:
    record.ledger = None


def died(record: Record) -> None:
    """Let the site answer until the opening, and nothing afterwards."""
    no_ledger(record)
    phase_empty(record)
    record.measurements.phases["opening"].counts["people-with-errors"] = 40
    record.workers[0].totals["people-with-errors"] = 40


def lagging(record: Record) -> None:
    for _ in range(20):
        record.measurements.phases["opening"].durations["lag"].add(1.0)
    record.workers[0].totals["lag"] += 20


def read_late(record: Record) -> None:
    for _ in range(20):
        record.measurements.phases["opening"].durations["read-lag"].add(1.0)
    record.workers[0].totals["read-lag"] += 20


def silent(record: Record) -> None:
    record.workers[0].silence = 3.4


def foreign(record: Record) -> None:
    """Add one page of somebody else's among many: one error is no reason to fail, and yet nothing can be trusted."""
    record.measurements.phases["open"].counts["error-foreign-page"] = 1
    record.workers[0].totals["error-foreign-page"] = 1


def short_of_ports(record: Record) -> None:
    """Add many errors, none of them the site's."""
    for name in ("errors", "error-shortage", "people-with-errors"):
        record.measurements.phases["open"].counts[name] = 30
        record.workers[0].totals[name] = 30


def cut(record: Record) -> None:
    """Cut 15 s after the opening: half of the phase ``open`` and all that follows is not there."""
    record.cut = "the storm was cut 15 s after the opening"
    record.seconds_run = 35.0
    record.workers[0].finished = False
    record.ledger = None
    del record.measurements.phases["recovery"]
    record.measurements.phases["opening"].counts["came"] = 20
    record.measurements.phases["open"].counts["errors"] = 30
    for second in range(15, 30):
        record.measurements.seconds.pop(second)


def clocks_apart(record: Record) -> None:
    record.workers[0].clock_apart = -1.0


def opened_early(record: Record) -> None:
    record.measurements.second(-8).counts["saw-open"] = 1


def few_people(record: Record) -> None:
    record.measurements.phases["opening"].counts["came"] = 30
    record.workers[0].totals["came"] = 30


def few_wants(record: Record) -> None:
    record.measurements.phases["before"].counts["wants"] = 3
    record.workers[0].totals["wants"] -= 57


def little_demand(record: Record) -> None:
    assert record.ledger is not None
    record.claims = record.claims[:9]
    record.ledger.claims = record.ledger.claims[:9]
    record.ledger.sold = record.ledger.taken = 9
    record.measurements.phases["open"].counts["saw-sold-out"] = 0
    record.workers[0].totals["saw-sold-out"] = 0


def no_claims_timed(record: Record) -> None:
    for tally in record.measurements.phases.values():
        del tally.durations["claim"]
    del record.workers[0].totals["claim"]


def nothing_measured(record: Record) -> None:
    record.measurements.phases.clear()
    record.measurements.seconds.clear()
    record.workers[0].totals.clear()
    record.claims.clear()


@pytest.mark.parametrize(
    ("harms", "answer", "reason"),
    [
        pytest.param([], Answer.PASS, None, id="no harm"),
        pytest.param([slow], Answer.FAIL, "opening: wait p95 is 3.99 s, the limit is < 3 s", id="slow"),
        pytest.param([errors], Answer.FAIL, "recovery: errors is 5 %, the limit is < 1 %", id="errors"),
        pytest.param([oversold], Answer.FAIL, "never oversold: 11 seats sold of 10", id="oversold"),
        pytest.param([never_opened], Answer.FAIL, "the course opened: the form was seen 0 times", id="never opened"),
        pytest.param([stale], Answer.FAIL, "storm: closed-until is 13 s, the limit is <= 10 s", id="a stale page"),
        pytest.param([worker_lost], Answer.VOID, "worker 0 never reported that it had finished", id="worker lost"),
        pytest.param([no_worker], Answer.VOID, "no worker took part", id="no worker"),
        pytest.param([interrupted], Answer.VOID, "the storm was interrupted by SIGTERM", id="interrupted"),
        pytest.param([phase_missing], Answer.VOID, "worker 0 never reported that it had finished", id="phase missing"),
        pytest.param([phase_empty], Answer.VOID, "nothing was measured in the phase open", id="phase empty"),
        pytest.param([report_lost], Answer.VOID, "the workers counted 301 wants, and 300 arrived", id="report lost"),
        pytest.param(
            [locust_disagrees],
            Answer.VOID,
            "Locust's statistics counted 299 requests of the kind page, and 300 arrived",
            id="statistics disagree",
        ),
        pytest.param([locust_agrees], Answer.PASS, None, id="statistics agree"),
        pytest.param(
            [no_task_stopped],
            Answer.VOID,
            "a task was to be stopped at the opening, and none was",
            id="no task was stopped",
        ),
        pytest.param([task_stopped], Answer.PASS, None, id="a task was stopped"),
        pytest.param(
            [task_stopped, slow],
            Answer.FAIL,
            "opening: wait p95 is 3.99 s, the limit is < 3 s",
            id="slow because a task was stopped",
        ),
        pytest.param(
            [no_ledger],
            Answer.VOID,
            "the ledger was not read, so nobody can say whether the seats were sold rightly",
            id="no ledger",
        ),
        pytest.param([died], Answer.FAIL, "opening: people-with-errors is 100 %, the limit is < 1 %", id="died"),
        pytest.param([lagging], Answer.VOID, "storm: lag p99 is 995 ms, the limit is < 250 ms", id="lagging generator"),
        pytest.param(
            [read_late],
            Answer.VOID,
            "storm: read-lag p99 is 995 ms, the limit is < 250 ms",
            id="generator that reads late",
        ),
        pytest.param([saturated], Answer.VOID, "storm: cpu is 97 %, the limit is < 90 %", id="saturated generator"),
        pytest.param([silent], Answer.VOID, "storm: silence is 3.4 s, the limit is < 3 s", id="silent generator"),
        pytest.param(
            [foreign],
            Answer.VOID,
            "1 answers were pages without the site's marker: something else answered",
            id="foreign pages",
        ),
        pytest.param(
            [short_of_ports],
            Answer.VOID,
            "30 attempts failed because the generator had no descriptor, port or memory for a connection: more "
            "workers, or a higher limit (ulimit -Hn), are needed",
            id="short of ports",
        ),
        # A cut storm is held to what was broken for good, and to nothing that it could not come to.
        pytest.param([slow, cut], Answer.FAIL, "opening: wait p95 is 3.99 s, the limit is < 3 s", id="slow and cut"),
        pytest.param([cut], Answer.VOID, "the storm was cut 15 s after the opening", id="cut"),
        pytest.param(
            [slow, cut, saturated], Answer.VOID, "storm: cpu is 97 %, the limit is < 90 %", id="slow, cut and saturated"
        ),
        pytest.param(
            [slow, cut, interrupted],
            Answer.VOID,
            "the storm was interrupted by SIGTERM",
            id="slow, cut and interrupted",
        ),
        pytest.param([clocks_apart], Answer.VOID, "storm: clocks is 1 s, the limit is < 250 ms", id="clocks apart"),
        pytest.param(
            [opened_early],
            Answer.FAIL,
            "not open before its time: the form was seen 7 s before the opening, by the site's own clock, known to "
            "0.01 s",
            id="opened early",
        ),
        pytest.param(
            [opened_early, clocks_apart],
            Answer.VOID,
            "storm: clocks is 1 s, the limit is < 250 ms",
            id="opened early and clocks apart",
        ),
        pytest.param([few_people], Answer.VOID, "storm: arrived is 75 %, the limit is >= 95 %", id="few people"),
        pytest.param([few_wants], Answer.VOID, "before: wants is 3, the limit is >= 20", id="few wants"),
        pytest.param([little_demand], Answer.VOID, "storm: demand is 90 %, the limit is >= 100 %", id="little demand"),
        pytest.param(
            [no_claims_timed],
            Answer.VOID,
            "storm: claim p95 was not measured, the limit is < 5 s",
            id="no claims timed",
        ),
        pytest.param([nothing_measured], Answer.VOID, "nothing was measured", id="nothing measured"),
        # What decides when several things went wrong: what no generator excuses, its soundness, the site, the rest.
        pytest.param(
            [oversold, interrupted], Answer.FAIL, "never oversold: 11 seats sold of 10", id="oversold and interrupted"
        ),
        pytest.param(
            [slow, saturated], Answer.VOID, "storm: cpu is 97 %, the limit is < 90 %", id="slow and saturated"
        ),
        pytest.param(
            [never_opened, worker_lost],
            Answer.VOID,
            "worker 0 never reported that it had finished",
            id="never opened and worker lost",
        ),
        pytest.param(
            [slow, few_wants], Answer.FAIL, "opening: wait p95 is 3.99 s, the limit is < 3 s", id="slow and few wants"
        ),
    ],
)
def test_the_verdict_and_its_first_reason(
    record: Record, harms: list[Callable[[Record], None]], answer: Answer, reason: str | None
) -> None:
    for harm in harms:
        harm(record)
    verdict = judge(record, LIMITS)
    assert verdict.answer is answer
    assert (verdict.reasons[0] if verdict.reasons else None) == reason


def test_a_void_names_what_failed_as_well(record: Record) -> None:
    slow(record)
    saturated(record)
    assert any("wait p95" in reason for reason in judge(record, LIMITS).reasons)


def test_a_fail_says_that_the_storm_was_cut_and_asks_for_nothing_more(record: Record) -> None:
    slow(record)
    cut(record)
    assert judge(record, LIMITS).reasons == (
        "opening: wait p95 is 3.99 s, the limit is < 3 s",
        "the storm was cut 15 s after the opening",
    )


def test_only_a_pass_ends_with_zero() -> None:
    assert {answer: answer.exit_code for answer in Answer} == {
        Answer.PASS: Exit.PASS,
        Answer.FAIL: Exit.FAIL,
        Answer.VOID: Exit.VOID,
    }
    assert [int(code) for code in (Exit.PASS, Exit.FAIL, Exit.BAD_INPUT, Exit.VOID)] == [0, 1, 2, 3]
