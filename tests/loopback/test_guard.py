"""Who is let in, and who may act: a table of knocks at the page's door."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loopback.guard import Answer, Guard, Request

GUARD = Guard(8070, "folder", "token", "session", "act")
OWN = Request("GET", GUARD.host, GUARD.root, cookie="session", fetch_site="same-origin")
ACT = replace(OWN, method="POST", path=f"{GUARD.root}decisions", origin=GUARD.origin, act_token="act")


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param(OWN, Answer.ALLOWED, id="the page itself"),
        pytest.param(replace(OWN, path=f"{GUARD.root}events"), Answer.ALLOWED, id="its events"),
        pytest.param(replace(OWN, fetch_site=None), Answer.ALLOWED, id="a browser that tells no site"),
        pytest.param(
            replace(OWN, fetch_site="none", cookie=None, token="token"), Answer.ENTERS, id="the printed address"
        ),
        pytest.param(replace(OWN, cookie=None, token="other"), Answer.STRANGER, id="another token"),
        pytest.param(replace(OWN, token="other"), Answer.STRANGER, id="another token, from who is in already"),
        pytest.param(
            replace(OWN, cookie=None, token="token", path=f"{GUARD.root}events"),
            Answer.STRANGER,
            id="a token elsewhere",
        ),
        pytest.param(replace(OWN, cookie=None), Answer.STRANGER, id="no cookie"),
        pytest.param(replace(OWN, cookie="sessiön"), Answer.STRANGER, id="another cookie"),
        pytest.param(replace(OWN, path="/"), Answer.NOT_HERE, id="the server's root"),
        pytest.param(replace(OWN, path="/földer/"), Answer.NOT_HERE, id="another folder"),
        pytest.param(replace(OWN, host="localhost:8070"), Answer.MISDIRECTED, id="another name of loopback"),
        pytest.param(replace(OWN, host="evil.example:8070"), Answer.MISDIRECTED, id="a name that leads to loopback"),
        pytest.param(replace(OWN, host="127.0.0.1:8080"), Answer.MISDIRECTED, id="another port"),
        pytest.param(replace(OWN, host=None), Answer.MISDIRECTED, id="no host"),
        pytest.param(
            replace(OWN, path=f"{GUARD.root}events", fetch_site="cross-site"), Answer.STRANGER, id="another site reads"
        ),
        pytest.param(
            replace(OWN, path=f"{GUARD.root}events", fetch_site="same-site"), Answer.STRANGER, id="another port reads"
        ),
        pytest.param(replace(OWN, origin="http://localhost:8080"), Answer.STRANGER, id="a rehearsed site reads"),
        pytest.param(
            replace(OWN, fetch_site="cross-site", fetch_mode="cors"), Answer.STRANGER, id="another site's script reads"
        ),
        pytest.param(ACT, Answer.ALLOWED, id="a decision on the page"),
        pytest.param(replace(ACT, act_token=None), Answer.STRANGER, id="a decision without the page's token"),
        pytest.param(replace(ACT, act_token="other"), Answer.STRANGER, id="a decision with another token"),
        pytest.param(replace(ACT, cookie=None), Answer.STRANGER, id="a decision without the cookie"),
        pytest.param(replace(ACT, origin=None), Answer.STRANGER, id="a decision of no origin"),
        pytest.param(replace(ACT, origin="null"), Answer.STRANGER, id="a decision from a sandbox"),
        pytest.param(replace(ACT, origin="http://evil.example"), Answer.STRANGER, id="another site decides"),
        pytest.param(
            replace(ACT, path=GUARD.root, token="token"), Answer.ALLOWED, id="a token in a post counts nothing"
        ),
    ],
)
def test_who_is_let_in(request_: Request, answer: Answer) -> None:
    assert GUARD.judge(request_) is answer


def test_no_two_pages_have_a_secret_in_common() -> None:
    secrets = [
        getattr(guard, name) for guard in (Guard(1), Guard(1)) for name in ("folder", "token", "session", "act_token")
    ]
    assert len(set(secrets)) == 8
    assert min(map(len, secrets)) > 40
