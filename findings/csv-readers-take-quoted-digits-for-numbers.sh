#!/bin/sh
# "01512345678" in quotes is a text to who writes CSV. pandas and pyarrow make a number of it, without its zero, as long as the whole column is digits:
# one person who typed +49 makes all of them texts. polars does too, unless somebody gave no number and the field is a pair of quotes; then all are
# texts. With a gap pandas makes floats. DuckDB keeps the texts each time. What comes out depends on the other people in the list.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI, about 200 MB.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --only-binary :all: pandas==2.3.3 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from pathlib import Path

import duckdb
import pandas
import polars
from pyarrow import csv

LISTS = {"digits": [], "a gap": [""], "a plus": ["+49 1512"]}
READERS = {
    "pandas": lambda file: pandas.read_csv(file)["telephone"].tolist(),
    "pyarrow": lambda file: csv.read_csv(file)["telephone"].to_pylist(),
    "polars": lambda file: polars.read_csv(file)["telephone"].to_list(),
    "DuckDB": lambda file: [row[0] for row in duckdb.sql(f"select telephone from '{file}'").fetchall()],
}
found = {}
for name, others in LISTS.items():
    Path("people.csv").write_text('"name","telephone"\n' + "".join(f'"Ada","{each}"\n' for each in ["01512345678", *others]))
    for reader, read in READERS.items():
        found[reader, name] = read("people.csv")[0]
for reader in READERS:
    print(reader, {name: found[reader, name] for name in LISTS})
TEXT, NUMBER = "01512345678", 1512345678
expected = {
    "pandas": [NUMBER, float(NUMBER), TEXT],
    "pyarrow": [NUMBER, NUMBER, TEXT],
    "polars": [NUMBER, TEXT, TEXT],
    "DuckDB": [TEXT] * 3,
}
sys.exit({reader: [found[reader, name] for name in LISTS] for reader in READERS} != expected)
PYTHON
