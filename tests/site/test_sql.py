"""The tests' own session with the database: what it returns, and what becomes of it when something breaks."""

from __future__ import annotations

import pytest

from tests.site.sql import Refused
from tests.site.task import Host


def test_rows_are_text_as_the_client_writes_it(host: Host) -> None:
    assert host.sql.rows("SELECT 1, NULL, 'ä\n🏊', ''; SELECT 'a\tb' -- two statements", "mysql") == [
        ["1", "NULL", r"ä\n🏊", ""],
        [r"a\tb"],
    ]
    assert host.sql.rows("DO 1", "mysql") == []


@pytest.mark.parametrize(
    ("statement", "database", "words"),
    [
        ("SELECT 1; SELECT * FROM nowhere; SELECT 2", "mysql", r"ERROR 1146 .*Table 'mysql\.nowhere' doesn't exist$"),
        ("SELECT 1", "nowhere", r"ERROR 1049 .*Unknown database 'nowhere'$"),
        ("SELEKT", "mysql", r"ERROR 1064 .*error in your SQL syntax"),
    ],
    ids=["no such table", "no such database", "syntax"],
)
def test_what_the_server_refuses_is_raised_in_its_words(host: Host, statement: str, database: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        host.sql.rows(statement, database)
    assert host.sql.rows("SELECT DATABASE()", "mysql") == [["mysql"]]


def test_a_session_that_is_killed_is_told_and_the_next_statement_has_another(host: Host) -> None:
    with pytest.raises(Refused, match=r"ERROR 1317|ERROR 1927|ERROR 2013|Query execution was interrupted"):
        host.sql.rows("KILL CONNECTION_ID()", "mysql")
    assert host.sql.rows("SELECT 1", "mysql") == [["1"]]
