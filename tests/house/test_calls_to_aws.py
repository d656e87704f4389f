"""Each client of AWS says how often it tries: botocore's own default has changed before, and is nobody's decision."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROOMS = (
    *("bench", "containers", "drill", "loadtest", "pipeline", "preview", "promotion", "rehearsal", "settings"),
    "supply_chain",
)


def silent(text: str) -> Iterator[int]:
    """Yield the lines that make a client, of boto3 or of a session, without its configuration."""
    if "client" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client":
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            of_boto = name in {"boto3", "session", "_session"} or isinstance(owner, ast.Call)
            if of_boto and not any(keyword.arg == "config" for keyword in node.keywords):
                yield node.lineno


def test_every_client_says_how_often_it_tries() -> None:
    files = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    assert [f"{file}:{line}" for file in files for line in silent(file.read_text())] == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("boto3.client('s3')", [1], id="of boto3"),
        pytest.param("boto3.client('s3', config=PATIENCE)", [], id="with its configuration"),
        pytest.param("session.client('s3')", [1], id="of a session"),
        pytest.param("self._session.client('s3')", [1], id="of a session that is kept"),
        pytest.param("open_session(region).client('s3')", [1], id="of a session that is made for it"),
        pytest.param("cloud.client('s3', account, region)", [], id="the emulated one's"),
    ],
)
def test_a_client_that_does_not_is_found(text: str, lines: list[int]) -> None:
    assert list(silent(text)) == lines
