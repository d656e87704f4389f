#!/bin/sh
# EventBridge's schedules have six fields, the last of them years, a ? for "any day", and weekdays from 1, which is Sunday. cron-descriptor (PyPI) and cronstrue
# (npm) put such a line into words and take the years and the ? for what they are; so one would have guessed that they know whose line it is. They count weekdays
# from 0, as cron does: "0 9 ? * 2 *", each Monday at nine in AWS, is "only on Tuesday" in words, and 2#1, the month's first Monday, its first Tuesday. Each has an
# option for it. Names of days are right.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check cron-descriptor==2.2.1
npm install --silent --no-audit --no-fund --prefix "$folder" cronstrue@3.39.0
cat > "$folder/words.js" <<'JS'
const cronstrue = require("cronstrue");
const [lines, dayOfWeekStartIndexZero] = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(lines.map((line) => cronstrue.toString(line, { dayOfWeekStartIndexZero }))));
JS
cat > "$folder/words.py" <<'PYTHON'
import json
import subprocess
import sys

from cron_descriptor import Options, get_description

LINES = ["0 9 ? * 2 *", "0 9 ? * 2#1 *", "0 9 ? * MON *", "0 10 1 12 ? 2026"]


def by_cron_descriptor(from_zero):
    options = Options()
    options.day_of_week_start_index_zero = from_zero
    return [get_description(line, options) for line in LINES]


def by_cronstrue(from_zero):
    asked = subprocess.run(["node", "words.js"], cwd=sys.argv[1], input=json.dumps([LINES, from_zero]), capture_output=True, text=True, check=True)
    return json.loads(asked.stdout)


found = [describe(from_zero) for describe in (by_cron_descriptor, by_cronstrue) for from_zero in (True, False)]
for line, *words in zip(LINES, *found):
    print(f"{line}: " + " | ".join(words))
as_cron, as_aws = ["Tuesday", "first Tuesday", "Monday", "in 2026"], ["Monday", "first Monday", "Monday", "in 2026"]
expected = [as_cron, as_aws] * 2
sys.exit(not all(part in text for texts, parts in zip(found, expected) for text, part in zip(texts, parts)))
PYTHON
"$folder/venv/bin/python" "$folder/words.py" "$folder"
