from __future__ import annotations

from collections.abc import Callable

import pytest

from loadtest.gate.invariants import check
from loadtest.record.record import Ledger, LedgerRow, Record


def ledger(record: Record) -> Ledger:
    assert record.ledger is not None
    return record.ledger


def oversold(record: Record) -> None:
    ledger(record).claims.append(LedgerRow("ABCD-0010-EFGH", "person-10@storm.example.org"))
    ledger(record).sold = ledger(record).taken = 11


def counter_wrong(record: Record) -> None:
    ledger(record).taken = 9


def other_seats(record: Record) -> None:
    ledger(record).seats = 11


def same_person_twice(record: Record) -> None:
    ledger(record).claims[1].email = " Person-0@storm.example.org"


def same_code_twice(record: Record) -> None:
    ledger(record).claims[1].code = ledger(record).claims[0].code


def confirmation_lost(record: Record) -> None:
    del ledger(record).claims[3]
    ledger(record).sold = ledger(record).taken = 9


def another_code_stored(record: Record) -> None:
    ledger(record).claims[3].code = "WXYZ-9999-WXYZ"


def two_codes_seen(record: Record) -> None:
    record.claims[2].codes.append("WXYZ-9999-WXYZ")


def taken_back(record: Record) -> None:
    record.claims[2].answers.append("sold-out")


def ticket_lost(record: Record) -> None:
    """Tell somebody in the end that nothing is left whose claim was taken, and whose answer was lost."""
    record.claims[2].answers, record.claims[2].codes = ["sold-out"], []


def unasked(record: Record) -> None:
    record.claims[0].sends = 0


def unsold_though_refused(record: Record) -> None:
    record.claims.pop(9)
    ledger(record).claims.pop(9)
    ledger(record).sold = ledger(record).taken = 9


def unsold_though_unanswered(record: Record) -> None:
    unsold_though_refused(record)
    record.measurements.phases["open"].counts["saw-sold-out"] = 0
    record.claims = [claim for claim in record.claims if claim.outcome == "confirmed"]
    record.claims[0].answers, record.claims[0].codes = ["unanswered"], []


def never_opened(record: Record) -> None:
    for tally in record.measurements.phases.values():
        tally.counts["saw-open"] = 0


def opened_early(record: Record) -> None:
    record.measurements.second(-4).counts["saw-open"] = 1


@pytest.mark.parametrize(
    ("harm", "broken"),
    [
        pytest.param(oversold, {"never oversold", "no ticket lost"}, id="oversold"),
        pytest.param(other_seats, {"never oversold"}, id="other seats"),
        pytest.param(counter_wrong, {"the counter agrees with the ledger"}, id="wrong counter"),
        pytest.param(same_person_twice, {"nothing sold twice", "no confirmation lost"}, id="same person twice"),
        pytest.param(same_code_twice, {"nothing sold twice", "no confirmation lost"}, id="same code twice"),
        pytest.param(
            confirmation_lost, {"no confirmation lost", "no seat unsold while wanted"}, id="confirmation lost"
        ),
        pytest.param(another_code_stored, {"no confirmation lost"}, id="another code stored"),
        pytest.param(two_codes_seen, {"asking again gives the same seat", "no confirmation lost"}, id="two codes seen"),
        pytest.param(taken_back, {"asking again gives the same seat"}, id="seat taken back"),
        pytest.param(ticket_lost, {"no ticket lost"}, id="ticket lost"),
        pytest.param(unasked, {"nobody got a seat unasked"}, id="seat unasked"),
        pytest.param(unsold_though_refused, {"no seat unsold while wanted"}, id="unsold though refused"),
        pytest.param(unsold_though_unanswered, {"no seat unsold while wanted"}, id="unsold though unanswered"),
        pytest.param(never_opened, {"the course opened"}, id="never opened"),
        pytest.param(opened_early, {"not open before its time"}, id="opened early"),
        pytest.param(lambda _: None, set(), id="no harm"),
    ],
)
def test_each_harm_breaks_its_invariant(record: Record, harm: Callable[[Record], None], broken: set[str]) -> None:
    harm(record)
    assert {each.name for each in check(record) if not each.holds} == broken


def test_seats_may_stay_unsold_when_nobody_else_wanted_one(record: Record) -> None:
    unsold_though_refused(record)
    record.measurements.phases["open"].counts["saw-sold-out"] = 0
    record.claims = [claim for claim in record.claims if claim.outcome == "confirmed"]
    assert all(each.holds for each in check(record))


def test_without_a_ledger_only_what_needs_none_is_looked_at(record: Record) -> None:
    taken_back(record)
    opened_early(record)
    record.ledger = None
    assert [(each.name, each.holds) for each in check(record)] == [
        ("asking again gives the same seat", False),
        ("not open before its time", False),
    ]
