#!/bin/sh
# jsonschema checks a "format" only where it is given a format checker, and then only the formats whose library is there. "date-time", "uri",
# "duration" and "hostname" need one each (its extra "format"); without it "tomorrow" is a date-time, and nothing says that it was not looked
# at. What was held in one environment, since another package brought the library, passes in the next. "time" is held by FormatChecker()
# without any, and not by the draft's own checker.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: jsonschema==4.26.0
cat > "$folder/check.py" <<'PYTHON'
import jsonschema

Validator = jsonschema.Draft202012Validator
TEXTS = {
    "date-time": "tomorrow",
    "uri": "no address",
    "duration": "a while",
    "hostname": "no name",
    "time": "25:00",
    "date": "2026-13-45",
    "email": "nobody",
}
CHECKERS = {"none": None, "FormatChecker()": jsonschema.FormatChecker(), "FORMAT_CHECKER": Validator.FORMAT_CHECKER}
for name, checker in CHECKERS.items():
    print(name, *(form for form, text in TEXTS.items() if Validator({"format": form}, format_checker=checker).is_valid(text)))
PYTHON
{
    "$folder/venv/bin/python" "$folder/check.py"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: rfc3339-validator==0.1.4 rfc3986-validator==0.1.1 isoduration==20.11.0 fqdn==1.5.1
    "$folder/venv/bin/python" "$folder/check.py"
} > "$folder/said"
echo "jsonschema 4.26.0 takes a wrong text for each of these, without the extra packages and with them:"
cat "$folder/said"
cat > "$folder/expected" <<'SAID'
none date-time uri duration hostname time date email
FormatChecker() date-time uri duration hostname
FORMAT_CHECKER date-time uri duration hostname time
none date-time uri duration hostname time date email
FormatChecker()
FORMAT_CHECKER
SAID
cmp -s "$folder/expected" "$folder/said"
