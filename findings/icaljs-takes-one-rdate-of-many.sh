#!/bin/sh
# The Python library icalendar writes a time zone into a calendar (add_missing_timezones) as a list of the days on which clocks are set: one
# RDATE with all of them, which RFC 5545 allows. ical.js, which reads calendars in JavaScript, takes the first day of such a list: for it the
# rest of the years is winter, and ten o'clock in Berlin in July is an hour late. The same days in a line each, or as a rule, are right; so
# is a moment in UTC, which needs no zone.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: icalendar==7.3.2
npm install --silent --no-audit --no-fund --prefix "$folder" ical.js@2.2.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
import re
import zoneinfo
from pathlib import Path

import icalendar

calendar = icalendar.Calendar()
calendar.add("prodid", "-//courses//")
calendar.add("version", "2.0")
event = icalendar.Event()
event.add("uid", "course")
event.add("dtstart", datetime.datetime(2026, 7, 1, 10, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")))
calendar.add_component(event)
calendar.add_missing_timezones()
list_ = calendar.to_ical().decode()
Path("list.ics").write_text(list_, newline="")
unfolded = list_.replace("\r\n ", "")
lines = re.sub(r"^RDATE:(.*?)\r$", lambda dates: "\r\n".join(f"RDATE:{day}" for day in dates[1].split(",")) + "\r", unfolded, flags=re.M)
Path("lines.ics").write_text(lines, newline="")
PYTHON
cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
for (const name of ["list", "lines"]) {
    const calendar = new ICAL.Component(ICAL.parse(readFileSync(`${name}.ics`, "utf8")));
    const { startDate } = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
    console.log(name, startDate.zone.tzid, startDate.toJSDate().toISOString());
}
JS
node read.mjs > said
echo "icalendar 7.3.2, read by ical.js 2.2.1; 10:00 in Berlin in July is 08:00 UTC:"
cat said
printf 'list Europe/Berlin 2026-07-01T09:00:00.000Z\nlines Europe/Berlin 2026-07-01T08:00:00.000Z\n' | cmp -s - said
