#!/bin/sh
# The Python library ics (0.7) writes what it has read with more changed than one asked for: a calendar that says no scale becomes one of CALSCALE:GEORGIAN, which is
# none (RFC 5545 knows GREGORIAN); ten o'clock in Berlin is a moment in UTC, and the zone gone, so that an event each week is an hour off in winter; a
# line of more than 75 octets is not folded. icalendar and vobject give back scale and zone as they were, and fold.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ics==0.7.3 arrow==1.4.0 icalendar==7.3.2 vobject==0.9.9
"$folder/venv/bin/python" - <<'PYTHON'
import re
import sys

import ics
import icalendar
import vobject

ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE"""
EVENT = """BEGIN:VEVENT
UID:course
DTSTAMP:20260630T100000Z
DTSTART;TZID=Europe/Berlin:20260701T100000
RRULE:FREQ=WEEKLY
SUMMARY:A course with a long name, longer by far than the seventy-five octets of a line
END:VEVENT"""
GIVEN = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//courses//\n{ZONE}\n{EVENT}\nEND:VCALENDAR\n".replace(",", "\\,").replace("\n", "\r\n")
texts = {
    "ics": ics.Calendar(GIVEN).serialize(),
    "icalendar": icalendar.Calendar.from_ical(GIVEN).to_ical().decode(),
    "vobject": vobject.readOne(GIVEN).serialize(),
}
found = {}
for name, text in texts.items():
    scale = re.search(r"CALSCALE:(\w+)", text)
    begin = re.search(r"^DTSTART[:;].*2026.*$", text, re.M)[0].strip()
    found[name] = (scale and scale[1], begin, max(len(line) for line in text.splitlines()) > 75)
    print(f"{name}: scale {found[name][0]}, {begin}, a line of more than 75: {found[name][2]}")
kept = (None, "DTSTART;TZID=Europe/Berlin:20260701T100000", False)
sys.exit(found != {"ics": ("GEORGIAN", "DTSTART:20260701T080000Z", True), "icalendar": kept, "vobject": kept})
PYTHON
