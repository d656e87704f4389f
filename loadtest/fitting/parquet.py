"""Logs in Parquet, as CloudFront writes them: read by DuckDB, as the lines of JSON that it would have written."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from loadtest.record.exit_codes import BadInput

# The fields that are read of a line. In Parquet, where brackets and hyphens may not be, others stand in their places.
_FIELDS: Final = ("date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "time-taken")
_AGENT: Final = "cs(User-Agent)"
_AT_ONCE: Final = 2000


def pieces(path: str) -> Iterator[bytes]:
    """Yield the requests of a file as lines of JSON, some thousand at once. Raise BadInput."""
    try:
        import duckdb  # noqa: PLC0415 - 66 MB, for who has Parquet; the storm's builds do without
    except ImportError as error:
        raise BadInput(f"the log {path} is Parquet, which duckdb reads, and that is missing: `make setup`") from error
    with tempfile.TemporaryDirectory() as folder:
        # By a name of its own: DuckDB takes brackets and asterisks for a pattern, and a folder such as date=2026-11-23
        # for a column that goes before the file's.
        file = Path(folder, "log.parquet")
        file.symlink_to(Path(path).resolve())
        try:
            with duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"}) as connection:
                described = connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(file)]).description
                columns = {_plain(column[0]): column[0] for column in described or ()}
                fields = [field for field in (*_FIELDS, _AGENT) if _plain(field) in columns]
                if missing := set(_FIELDS).difference(fields):
                    raise BadInput(
                        f"the log {path} is Parquet without {', '.join(sorted(missing))}: CloudFront's has them"
                    )
                wanted = ", ".join('"{}"'.format(columns[_plain(field)].replace('"', '""')) for field in fields)
                rows = connection.execute(f"SELECT {wanted} FROM read_parquet(?)", [str(file)])  # noqa: S608 - quoted
                while some := rows.fetchmany(_AT_ONCE):
                    lines = (dict(zip(fields, map(_text, row), strict=True)) for row in some)
                    yield "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        except duckdb.Error as error:
            raise BadInput(f"the log {path} is broken Parquet: {str(error).partition(chr(10))[0]}") from error


def _plain(name: str) -> str:
    """Return a name as it is alike in all of CloudFront's forms."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _text(value: object) -> str:
    return "-" if value is None else str(value)
