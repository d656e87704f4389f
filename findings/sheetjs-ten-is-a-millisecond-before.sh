#!/bin/sh
# A date in a workbook is a number of days. SheetJS (xlsx on npm, 0.18.5 its last there), asked for dates (cellDates), makes 09:59:59.999 of ten
# o'clock on the first of December as openpyxl writes it: the day's fraction is cut, not rounded, to milliseconds. Cut to minutes that is
# 09:59, and a course that "starts at ten" does not. exceljs rounds. As a formatted text SheetJS, too, says 10:00.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: openpyxl==3.1.5
npm install --silent --no-audit --no-fund --prefix "$folder" xlsx@0.18.5 exceljs@4.4.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
import re
import zipfile

import openpyxl

workbook = openpyxl.Workbook()
workbook.active["A1"] = datetime.datetime(2026, 12, 1, 10)
workbook.save("course.xlsx")
print("in the file:", re.findall(rb"<v>.*?</v>", zipfile.ZipFile("course.xlsx").read("xl/worksheets/sheet1.xml"))[0].decode())
PYTHON
cat >read.mjs <<'JS'
import ExcelJS from "exceljs";
import XLSX from "xlsx";
const cell = XLSX.readFile("course.xlsx", { cellDates: true }).Sheets.Sheet.A1;
const workbook = new ExcelJS.Workbook();
await workbook.xlsx.readFile("course.xlsx");
const found = [cell.v.toISOString(), XLSX.readFile("course.xlsx").Sheets.Sheet.A1.w, workbook.worksheets[0].getCell("A1").value.toISOString()];
console.log(`SheetJS ${XLSX.version}: ${found[0]}, as a text ${found[1]}; exceljs: ${found[2]}`);
process.exit(found.join() === "2026-12-01T09:59:59.999Z,2026-12-01 10:00:00,2026-12-01T10:00:00.000Z" ? 0 : 1);
JS
TZ=UTC node read.mjs
