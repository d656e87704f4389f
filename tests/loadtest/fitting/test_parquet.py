"""CloudFront's logs in Parquet say what its other logs say."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pytest

from loadtest.fitting import access_log, parquet
from loadtest.record.exit_codes import BadInput

# The columns of standard logging (version 2), all of them texts, as Athena's table of these logs has them.
COLUMNS = [
    "date",
    "time",
    "x_edge_location",
    "sc_bytes",
    "c_ip",
    "cs_method",
    "cs_host",
    "cs_uri_stem",
    "sc_status",
    "cs_referer",
    "cs_user_agent",
    "cs_uri_query",
    "cs_cookie",
    "x_edge_result_type",
    "x_edge_request_id",
    "x_host_header",
    "cs_protocol",
    "cs_bytes",
    "time_taken",
    "x_forwarded_for",
    "ssl_protocol",
    "ssl_cipher",
    "x_edge_response_result_type",
    "cs_protocol_version",
    "fle_status",
    "fle_encrypted_fields",
    "c_port",
    "time_to_first_byte",
    "x_edge_detailed_result_type",
    "sc_content_type",
    "sc_content_len",
    "sc_range_start",
    "sc_range_end",
]
LINE = {
    "date": "2026-11-23",
    "time": "17:00:01",
    "c-ip": "203.0.113.9",
    "cs-method": "GET",
    "cs-uri-stem": "/kurs/",
    "sc-status": "200",
    "cs(User-Agent)": "Mozilla/5.0%20(X)",
    "time-taken": "0.25",
}


def write(file: Path, lines: Sequence[Mapping[str, str]], columns: Sequence[str] = COLUMNS) -> None:
    """Write a file of Parquet; what a line does not say is nothing, and by its usual name, or a column's."""
    names = ", ".join(f'"{column}" VARCHAR' for column in columns)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE TABLE log ({names})")
        for line in lines:
            fields = {parquet._plain(name): value for name, value in line.items()}
            values = [fields.get(parquet._plain(column)) for column in columns]
            connection.execute(f"INSERT INTO log VALUES ({', '.join('?' * len(columns))})", values)
        connection.execute(f"COPY log TO '{file}' (FORMAT parquet, COMPRESSION snappy)")


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(COLUMNS, id="the names of Parquet"),
        pytest.param([*LINE, "x-edge-location"], id="the names of the other formats"),
    ],
)
def test_parquet_says_what_json_says(tmp_path: Path, columns: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_AT_ONCE", 70)
    lines = [
        {**LINE, "c-ip": f"203.0.113.{number % 250}", "time": f"17:{number // 60:02}:{number % 60:02}"}
        for number in range(200)
    ]
    (tmp_path / "a.json").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    write(tmp_path / "log.parquet", lines, columns)
    # A name that DuckDB would take for a pattern, in a folder that it would take for a column.
    odd = tmp_path / "date=2020-01-01" / "log[1]*.parquet"
    odd.parent.mkdir()
    (tmp_path / "log.parquet").rename(odd)
    found = [access_log.read([str(file)]) for file in (tmp_path / "a.json", odd)]
    assert {log.format.name for log in found} == {"CloudFront (JSON)"}
    assert [len(log.requests) for log in found] == [200, 200]
    one, other = (list(log.requests.by_visitor(log.requests.acts(), by_end=True)) for log in found)
    assert one == other
    assert one[0][1] == "Mozilla/5.0 (X)"


def test_a_line_that_says_nothing_of_who_asked_is_strange(tmp_path: Path) -> None:
    write(tmp_path / "log.parquet", [LINE] * 20 + [{**LINE, "c-ip": "-"}, {"date": "2026-11-23"}])
    log = access_log.read([str(tmp_path / "log.parquet")])
    assert (len(log.requests), log.strange) == (20, 2)


def test_parquet_of_something_else_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    write(tmp_path / "log.parquet", [LINE], [column for column in COLUMNS if column not in {"c_ip", "time_taken"}])
    with pytest.raises(BadInput, match=r"log\.parquet is Parquet without c-ip, time-taken: CloudFront's has them"):
        access_log.read([str(tmp_path / "log.parquet")])


def test_broken_parquet_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "log.parquet").write_bytes(b"PAR1" + bytes(99))
    with pytest.raises(BadInput, match=r"log\.parquet is broken Parquet: .+") as refused:
        access_log.read([str(tmp_path / "log.parquet")])
    assert "\n" not in str(refused.value)


def test_where_its_library_is_missing_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (tmp_path / "log.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadInput, match="is Parquet, which duckdb reads, and that is missing: `make setup`"):
        access_log.read([str(tmp_path / "log.parquet")])
