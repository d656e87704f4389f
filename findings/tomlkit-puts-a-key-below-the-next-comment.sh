#!/bin/sh
# tomlkit changes a TOML file and keeps its comments. A key that is added to a table comes last in it, and to tomlkit the table ends where
# the next one's head stands: the comment above that head, and the blank line before it, are the earlier table's. The new key lands
# between the next table and its own comment, which from then on explains the wrong thing. The values are right all the same.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: tomlkit==0.15.2
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import tomlkit

WRITTEN = """\
[dev]
tasks = 1

# Ask the team on call before you change these.
[prod]
tasks = 4
"""
document = tomlkit.parse(WRITTEN)
document["dev"]["memory"] = 2048
print(f"tomlkit {tomlkit.__version__}, one key added to [dev]:\n{tomlkit.dumps(document)}", end="")
lines = tomlkit.dumps(document).splitlines()
place = lines.index("memory = 2048")
sys.exit(lines[place - 1 : place + 2] != ["# Ask the team on call before you change these.", "memory = 2048", "[prod]"])
PYTHON
