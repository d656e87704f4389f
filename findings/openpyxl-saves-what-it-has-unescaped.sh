#!/bin/sh
# In a workbook _x0041_ is the sign with that number, an A; a text that is those seven characters is written _x005F_x0041_. XlsxWriter does so.
# openpyxl takes the escape away when it reads, and does not put it back when it saves: a workbook that was read and saved, and not touched,
# holds _x0041_, which spreadsheets show as A. (And of what it reads it undoes that one escape alone: a line's end that XlsxWriter has
# written as _x000D_ is those seven characters to it.)
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: openpyxl==3.1.5 XlsxWriter==3.3.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import re
import sys
import zipfile
from importlib.metadata import version

import openpyxl
import xlsxwriter


def texts(name):
    """What the cells of a workbook hold, as it is written in its files."""
    with zipfile.ZipFile(name) as parts:
        files = [part for part in parts.namelist() if part == "xl/sharedStrings.xml" or part.startswith("xl/worksheets/sheet")]
        return re.findall(r"<t[^>]*>([^<]*)</t>", "".join(parts.read(file).decode() for file in sorted(files)))


with xlsxwriter.Workbook("written.xlsx") as book:
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "_x0041_")
    sheet.write_string(1, 0, "one\rtwo")
workbook = openpyxl.load_workbook("written.xlsx")
read = [cell.value for cell in workbook.active["A"]]
workbook.save("saved.xlsx")
print(f"XlsxWriter {version('XlsxWriter')} wrote {texts('written.xlsx')}; openpyxl {version('openpyxl')} read {read}", end=" ")
print(f"and saved {texts('saved.xlsx')}")
written = ["_x005F_x0041_", "one_x000D_two"]
sys.exit((texts("written.xlsx"), read, texts("saved.xlsx")) != (written, ["_x0041_", "one_x000D_two"], ["_x0041_", "one_x000D_two"]))
PYTHON
