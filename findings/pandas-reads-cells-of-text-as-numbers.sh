#!/bin/sh
# A workbook knows of each cell whether it is a text. pandas.read_excel does not ask: a column of texts that could be numbers becomes numbers, with either
# engine. Telephone numbers (01512345678) and post codes (01067) lose their zero, "NA" is nothing, and what is written back is
# another list of people. polars and openpyxl give the texts. dtype=str with keep_default_na=False does in pandas.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pandas==2.3.3 openpyxl==3.1.5 python-calamine==0.9.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import openpyxl
import pandas

ROWS = [["name", "telephone", "post_code"], ["Ada", "01512345678", "01067"], ["NA", "01512345679", "04103"]]
workbook = openpyxl.Workbook()
for row in ROWS:
    workbook.active.append(row)
for cell in (*workbook.active["B"], *workbook.active["C"]):
    cell.number_format = "@"
workbook.save("people.xlsx")
cells = [[cell.data_type for cell in row] for row in openpyxl.load_workbook("people.xlsx").active]
print("types of the cells:", cells)
found = {engine: pandas.read_excel("people.xlsx", engine=engine).astype(object).values.tolist() for engine in ("openpyxl", "calamine")}
as_texts = pandas.read_excel("people.xlsx", dtype=str, keep_default_na=False).values.tolist()
for engine, rows in found.items():
    print(f"pandas {pandas.__version__} by {engine}: {rows}")
changed = all(rows[0] == ["Ada", 1512345678, 1067] and pandas.isna(rows[1][0]) for rows in found.values())
sys.exit({kind for row in cells for kind in row} != {"s"} or not changed or as_texts != ROWS[1:])
PYTHON
