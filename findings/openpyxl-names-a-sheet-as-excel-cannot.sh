#!/bin/sh
# Excel takes no name of a sheet that begins or ends with an apostrophe, by which formulas quote such names; a workbook that has one is "repaired" when it is opened. A title from people's hands is soon one: Rock 'n', or 'tis spring, or one that was cut at
# the 31 characters that Excel allows. XlsxWriter and ExcelJS refuse it. openpyxl, which refuses the characters that a name may not have anywhere, and SheetJS write the workbook without a word. Of 31 characters openpyxl counts those of
# Unicode, and warns beyond; XlsxWriter counts halves of UTF-16, as Excel does.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --only-binary :all: openpyxl==3.1.5 XlsxWriter==3.3.1
npm install --silent --no-audit --no-fund --prefix "$folder" exceljs@4.4.0 xlsx@0.18.5
cat > "$folder/names.js" <<'JS'
const excel = require("exceljs");
const sheets = require("xlsx");
const names = JSON.parse(require("fs").readFileSync(0, "utf8"));
const takes = (write) => names.map((name) => { try { write(name); return true; } catch { return false; } });
console.log(JSON.stringify({
    "exceljs 4.4.0": takes((name) => new excel.Workbook().addWorksheet(name)),
    "xlsx 0.18.5": takes((name) => {
        const book = sheets.utils.book_new();
        sheets.utils.book_append_sheet(book, sheets.utils.aoa_to_sheet([["a"]]), name);
        sheets.write(book, { type: "buffer" });
    }),
}));
JS
cat > "$folder/names.py" <<'PYTHON'
import io
import json
import subprocess
import sys
import warnings
from importlib.metadata import version

import openpyxl
import xlsxwriter

NAMES = ["Rock 'n' Roll", "Rock 'n'", "'tis spring", "a/b", "\U0001d11e" * 16]


def by_openpyxl(name):
    book = openpyxl.Workbook()
    book.active.title = name
    book.save(io.BytesIO())


def by_xlsxwriter(name):
    with xlsxwriter.Workbook(io.BytesIO()) as book:
        book.add_worksheet(name)


def takes(write, name):
    try:
        with warnings.catch_warnings(action="error"):
            write(name)
    except (ValueError, xlsxwriter.exceptions.XlsxWriterException):
        return False
    return True


found = {
    f"openpyxl {version('openpyxl')}": [takes(by_openpyxl, name) for name in NAMES],
    f"XlsxWriter {version('XlsxWriter')}": [takes(by_xlsxwriter, name) for name in NAMES],
}
asked = subprocess.run(["node", "names.js"], cwd=sys.argv[1], input=json.dumps(NAMES[:4]), capture_output=True, text=True, check=True)
found |= json.loads(asked.stdout)
for library, taken in found.items():
    print(f"{library} takes {[name for name, each in zip(NAMES, taken) if each]}")
sys.exit(list(found.values()) != [[True, True, True, False, True], [True, False, False, False, False], [True, False, False, False], [True, True, True, False]])
PYTHON
"$folder/venv/bin/python" "$folder/names.py" "$folder"
