#!/bin/sh
# DuckDB takes a folder named year=2025 for a column. Where the file in it has a column of that name too, each row says the folder's
# value, and the file's is gone, without an error or a warning; also where one file is named by its path. CloudFront's logs in Parquet are
# stored under such folders where a team asks for it, and whoever copies a log into a folder of a name of their own has other data.
# Only hive_partitioning = false reads what the file says.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: duckdb==2.0.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from pathlib import Path

import duckdb

file = Path(sys.argv[1], "year=2025", "log.parquet")
file.parent.mkdir()
connection = duckdb.connect(":memory:")
connection.execute(f"COPY (SELECT 2026 AS year, 'GET' AS method) TO '{file}' (FORMAT parquet)")
[read] = connection.execute("SELECT year, method FROM read_parquet(?)", [str(file)]).fetchall()
[plain] = connection.execute("SELECT year, method FROM read_parquet(?, hive_partitioning = false)", [str(file)]).fetchall()
print(f"DuckDB {duckdb.__version__}: {file.relative_to(sys.argv[1])} holds {plain}, and is read as {read}")
sys.exit((read, plain) != ((2025, "GET"), (2026, "GET")))
PYTHON
