#!/bin/sh
# pip-audit says "No known vulnerabilities found", exit 0, when the service answered 404 for every package of a lock: a mirror of PyPI
# that has no vulnerabilities looks like a clean bill. Only the JSON report tells, by `skip_reason`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pip-audit==2.10.1 2>/dev/null
"$folder/venv/bin/pip-audit" --version
# A locked package of one's own, which the public index does not have.
printf 'our-own-package-of-nowhere==1.0 --hash=sha256:%064d\n' 0 > "$folder/lock.txt"
code=0
"$folder/venv/bin/pip-audit" --disable-pip --require-hashes --progress-spinner off --format json \
    --requirement "$folder/lock.txt" > "$folder/report.json" 2> "$folder/said" || code=$?
cat "$folder/said" "$folder/report.json"
echo "exit $code"
[ "$code" = 0 ] && grep -q 'No known vulnerabilities found' "$folder/said" && grep -q skip_reason "$folder/report.json"
