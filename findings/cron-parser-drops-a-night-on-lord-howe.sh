#!/bin/sh
# On Lord Howe Island clocks are put ahead by half an hour. A schedule for 02:15 there meets, one night a year, a time that does not come, as one for 02:30 does in Berlin; one would have guessed that a library does in both what it does in one. cron-parser
# (npm) lets that night's run begin an hour late in Berlin, at 03:30, and has none on Lord Howe Island. croner (npm) and cronsim (PyPI) let it begin as soon as the clock has leapt, 02:30 there and 03:00 in Berlin. APScheduler names a time that no clock shows,
# 02:15 with the offset of the day before. EventBridge Scheduler, by its user guide, leaves such a run out everywhere. The others' autumn is no more alike: APScheduler runs twice.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check cronsim==2.8 APScheduler==3.11.3 tzdata==2026.6
npm install --silent --no-audit --no-fund --prefix "$folder" croner@11.0.1 cron-parser@5.10.6
cat > "$folder/runs.js" <<'JS'
const { Cron } = require("croner");
const { CronExpressionParser } = require("cron-parser");
const nights = JSON.parse(require("fs").readFileSync(0, "utf8"));
const shown = (date, timezone) => date.toLocaleString("sv", { timeZone: timezone }).slice(0, 16);
const runs = {
    croner: nights.map(([line, timezone, from]) => new Cron(line, { timezone }).nextRuns(2, new Date(from)).map((each) => shown(each, timezone))),
    "cron-parser": nights.map(([line, tz, from]) => {
        const found = CronExpressionParser.parse(line, { tz, currentDate: new Date(from) });
        return [found.next(), found.next()].map((each) => shown(each.toDate(), tz));
    }),
};
console.log(JSON.stringify(runs));
JS
cat > "$folder/runs.py" <<'PYTHON'
import json
import subprocess
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from cronsim import CronSim

SPRING = [("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"), ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z")]
AUTUMN = [("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z"), ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z")]
NIGHTS = SPRING + AUTUMN


def shown(moment):
    return f"{moment:%Y-%m-%d %H:%M}"


def by_cronsim(line, zone, start):
    found = CronSim(line, start.astimezone(ZoneInfo(zone)))
    return [shown(next(found)), shown(next(found))]


def by_apscheduler(line, zone, start):
    trigger = CronTrigger.from_crontab(line, timezone=ZoneInfo(zone))
    first = trigger.get_next_fire_time(None, start)
    return [shown(first), shown(trigger.get_next_fire_time(first, first + timedelta(seconds=1)))]


asked = subprocess.run(["node", "runs.js"], cwd=sys.argv[1], input=json.dumps(NIGHTS), capture_output=True, text=True, check=True)
found = json.loads(asked.stdout)
for name, runs in (("cronsim", by_cronsim), ("APScheduler", by_apscheduler)):
    found[name] = [runs(line, zone, datetime.fromisoformat(start.replace("Z", "+00:00"))) for line, zone, start in NIGHTS]
for place, (line, zone, _) in enumerate(NIGHTS):
    for name, runs in found.items():
        print(f"{line} in {zone}: {name} {' and '.join(runs[place])}")
berlin, lord_howe = ["2026-03-29 {}", "2026-03-30 02:30"], ["2026-10-04 {}", "2026-10-05 02:15"]
at = lambda days, time: [each.format(time) for each in days]
spring = {
    "croner": [at(berlin, "03:00"), at(lord_howe, "02:30")],
    "cron-parser": [at(berlin, "03:30"), ["2026-10-05 02:15", "2026-10-06 02:15"]],
    "cronsim": [at(berlin, "03:00"), at(lord_howe, "02:30")],
    "APScheduler": [at(berlin, "02:30"), at(lord_howe, "02:15")],
}
once = [["2026-10-25 02:30", "2026-10-26 02:30"], ["2026-04-05 01:45", "2026-04-06 01:45"]]
twice = [["2026-10-25 02:30"] * 2, ["2026-04-05 01:45"] * 2]
autumn = {name: twice if name == "APScheduler" else once for name in spring}
sys.exit(found != {name: spring[name] + autumn[name] for name in spring})
PYTHON
"$folder/venv/bin/python" "$folder/runs.py" "$folder"
