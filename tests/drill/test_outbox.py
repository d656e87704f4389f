"""What the drill says of the mails of a storm whose mail server was killed."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from drill.outbox import codes_of, faults


@pytest.mark.parametrize(
    ("states", "mails", "sentences"),
    [
        pytest.param({"A": "sent", "B": "sent"}, {"A": 1, "B": 1}, [], id="each once"),
        pytest.param({"A": "sent", "B": "unknown"}, {"A": 1}, [], id="one of which nobody knows"),
        pytest.param({"A": "sent", "B": "unknown"}, {"A": 1, "B": 1}, [], id="nobody knows and it came"),
        pytest.param(
            {"A": "unknown", "B": "unknown"}, {}, ['2 mails are "perhaps sent" after one cut'], id="nobody knows of two"
        ),
        pytest.param({"A": "sent"}, {"A": 1}, ["1 registrations have no mail in the outbox"], id="never written"),
        pytest.param({"A": "sent", "B": "waiting"}, {"A": 1}, ["1 mails still wait"], id="still waiting"),
        pytest.param({"A": "sent", "B": "sending"}, {"A": 1}, ["1 mails still wait"], id="begun and left"),
        pytest.param({"A": "sent", "B": "refused"}, {"A": 1}, ["1 mails were given up"], id="given up"),
        pytest.param(
            {"A": "sent", "B": "sent"},
            {"A": 1},
            ["1 mails are marked as sent, and the server has none"],
            id="lost",
        ),
        pytest.param({"A": "sent", "B": "sent"}, {"A": 2, "B": 1}, ["1 mails came more than once"], id="twice"),
        pytest.param({"A": "sent", "B": "unknown"}, {"A": 1, "B": 2}, ["1 mails came more than once"], id="blindly"),
    ],
)
def test_a_mail_that_is_lost_or_doubled_is_a_broken_promise(
    states: dict[str, str], mails: dict[str, int], sentences: list[str]
) -> None:
    assert list(faults(["A", "B"], states, mails)) == sentences


def test_a_mail_is_known_by_the_code_in_its_text(tmp_path: Path) -> None:
    for number, text in enumerate(("Your code: AB12-CD34-EF56-GH78", "again AB12-CD34-EF56-GH78", "no code here")):
        mail = EmailMessage()
        mail.set_content(f"Hello,\n\n{text}\n")
        mail.add_alternative("<p>AB12-CD34-EF56-GH78</p>", subtype="html")
        (tmp_path / f"{number}.eml").write_bytes(bytes(mail))
    assert codes_of(tmp_path.glob("*.eml")) == {"AB12CD34EF56GH78": 2}
