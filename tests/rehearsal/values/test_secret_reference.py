"""Dynamic references to secrets: filled, or told in words what of them cannot be read."""

from __future__ import annotations

import pytest

from rehearsal.values.secret_reference import Unreadable, fill

ARN = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:site-AbCdEf"
KEPT = {"site": '{"user": "admin", "port": 3306}', "plain": "a text", ARN: '{"user": "by its ARN"}'}


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("site:SecretString:user", "admin"),
        ("site:SecretString:port::", "3306"),
        ("site:SecretString:user:AWSCURRENT:", "admin"),
        ("plain", "a text"),
        ("plain:SecretString:::", "a text"),
        (f"{ARN}:SecretString:user::", "by its ARN"),
    ],
)
def test_a_reference_is_filled_within_its_text(reference: str, value: str) -> None:
    text = f"before {{{{resolve:secretsmanager:{reference}}}}} after"
    assert fill(text, KEPT.__getitem__) == f"before {value} after"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        pytest.param("gone", "names the secret gone, which does not exist", id="no such secret"),
        pytest.param("site:SecretString:host", "'host' of the secret site, which has port, user", id="no such field"),
        pytest.param("plain:SecretString:user", "which has no JSON fields", id="no JSON"),
        pytest.param("site:SecretString:user:AWSPREVIOUS", "the current one only", id="an earlier version"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(reference: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        fill(f"{{{{resolve:secretsmanager:{reference}}}}}", KEPT.__getitem__)
