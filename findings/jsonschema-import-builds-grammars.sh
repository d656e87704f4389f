#!/bin/sh
# `import jsonschema` becomes many times slower when another package brings rfc3987-syntax, as jsonschema[format-nongpl] and so CycloneDX's
# validation do: the module of formats imports it if it is there, and that builds 38 parsers of a grammar at its import, whether or not
# a schema has a format. Nothing that is asked of jsonschema changes.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: jsonschema==4.26.0
measure() {
    "$folder/venv/bin/python" - <<'PYTHON'
import sys
import time

start = time.process_time()
import jsonschema  # noqa: F401

print(f"{(time.process_time() - start) * 1000:.0f} {'rfc3987_syntax' in sys.modules}")
PYTHON
}
measure > /dev/null
plain=$(measure)
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: rfc3987-syntax==1.1.0
measure > /dev/null
slow=$(measure)
"$folder/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(jsonschema|rfc3987-syntax|lark) '
echo "import jsonschema, ms of CPU, and whether rfc3987_syntax came with it: $plain; with rfc3987-syntax installed: $slow"
[ "${plain#* } ${slow#* }" = "False True" ] && [ "${slow%% *}" -gt $((4 * ${plain%% *})) ]
