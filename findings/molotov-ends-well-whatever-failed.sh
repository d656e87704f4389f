#!/bin/sh
# Molotov ends 0 when every scenario has failed: the failures are printed, and a build that goes by the exit code has passed. Only --fail N
# makes it end 1, once there are N failures; Locust, in comparison, ends 1 for a single one.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check molotov==2.6
cat > "$folder/people.py" <<'PYTHON'
from molotov import scenario


@scenario(weight=100)
async def reload(session):
    raise AssertionError("the page is not what it should be")
PYTHON
ended() {
    code=0
    "$folder/venv/bin/molotov" "$folder/people.py" --workers 1 --duration 3 "$@" > "$folder/said" 2>&1 < /dev/null || code=$?
    echo "$code"
}
told=$(ended --fail 1) plain=$(ended)
said=$(grep -a -o 'SUCCESSES: [0-9]* | FAILURES: [0-9]*' "$folder/said" | tail -1)
echo "molotov 2.6: $said: exit $plain; with --fail 1: exit $told"
[ "$plain" = 0 ] && [ "$told" != 0 ] && case $said in "SUCCESSES: 0 | FAILURES: 0") false ;; "SUCCESSES: 0 |"*) ;; *) false ;; esac
