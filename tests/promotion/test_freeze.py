"""Who enters prod when: by AWS's own time, and inside a window only with a reason that somebody is told of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from promotion.errors import Refused, Unusable
from promotion.freeze import Override, check, decide, windows_of

COMMIT, OTHER = "3f9c1d2e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d", "c0ffee12" * 5
BEGIN, END = datetime(2027, 2, 1, 16, tzinfo=UTC), datetime(2027, 2, 1, 18, tzinfo=UTC)
WINDOWS = json.dumps([[BEGIN.isoformat(), END.isoformat()]])
REASON = "the form's link is dead"
PARAMETER = "/floodgate/enter-prod-now"


@pytest.mark.parametrize(
    ("now", "text", "answer"),
    [
        pytest.param(BEGIN - timedelta(seconds=1), None, "may enter prod", id="before it"),
        pytest.param(BEGIN, None, None, id="when it begins"),
        pytest.param(END - timedelta(seconds=1), None, None, id="until its end"),
        pytest.param(END, None, "may enter prod", id="when it has ended"),
        pytest.param(BEGIN, f"{COMMIT} {REASON}", "OVERRIDE at 2027-02-01 16:00 UTC", id="with a reason"),
        pytest.param(BEGIN, f"{OTHER} {REASON}", None, id="a reason for another commit"),
        pytest.param(BEGIN, f"{COMMIT} urgent", None, id="no reason to speak of"),
        pytest.param(BEGIN, f"{COMMIT}          ", None, id="blanks for a reason"),
        pytest.param(BEGIN, f"{COMMIT[:8]} {REASON}", None, id="not the whole commit"),
        pytest.param(BEGIN, "-", None, id="taken back"),
    ],
)
def test_who_enters(now: datetime, text: str | None, answer: str | None) -> None:
    decision = partial(
        decide, now, windows_of(WINDOWS), commit=COMMIT, override=Override.read(text), parameter=PARAMETER
    )
    if answer:
        assert answer in decision()
        return
    with pytest.raises(Refused, match="People register until 2027-02-01 18:00 UTC: 3f9c1d2e does not enter") as refused:
        decision()
    assert f"--name {PARAMETER} --value '{COMMIT} " in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "{", '[["2027-02-01T16:00:00", "2027-02-01T18:00:00"]]', '[["2027-02-01T16:00:00Z"]]', "[[1, 2]]",
     '[["2027-02-01T18:00:00Z", "2027-02-01T16:00:00Z"]]'],
    ids=["nothing", "no JSON", "no offset", "half a window", "numbers", "backwards"],
)  # fmt: skip
def test_windows_that_cannot_be_read_let_nobody_in(text: str) -> None:
    with pytest.raises(Unusable, match="FREEZE_WINDOWS"):
        windows_of(text)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An AWS of this process, and the headers of its answers."""
    import boto3

    from tests.emulated import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    with mock_aws():
        yield boto3.session.Session(region_name="eu-central-1")


@pytest.fixture
def environment(session: Any) -> dict[str, str]:
    """A window that is open by AWS's time, which here is the machine's."""
    now = datetime.now(UTC)
    around = [[(now - timedelta(hours=1)).isoformat(), (now + timedelta(hours=1)).isoformat()]]
    topic = session.client("sns").create_topic(Name="notices")["TopicArn"]
    return {
        "FREEZE_WINDOWS": json.dumps(around),
        "FREEZE_COMMIT": COMMIT,
        "FREEZE_OVERRIDE": PARAMETER,
        "FREEZE_TOPIC": topic,
    }


def test_aws_is_asked_for_time_and_override(session: Any, environment: dict[str, str]) -> None:
    with pytest.raises(Refused):
        check(environment, session)
    session.client("ssm").put_parameter(Name=PARAMETER, Type="String", Value=f"{COMMIT} {REASON}")
    assert REASON in check(environment, session)


def test_an_override_that_nobody_can_be_told_of_lets_nobody_in(session: Any, environment: dict[str, str]) -> None:
    session.client("ssm").put_parameter(Name=PARAMETER, Type="String", Value=f"{COMMIT} {REASON}")
    session.client("sns").delete_topic(TopicArn=environment["FREEZE_TOPIC"])
    with pytest.raises(Unusable, match="nobody could be told of the override"):
        check(environment, session)


def test_a_step_without_its_variables_says_so(session: Any) -> None:
    with pytest.raises(Unusable, match="FREEZE_WINDOWS is not set"):
        check({}, session)
