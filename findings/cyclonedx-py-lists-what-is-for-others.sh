#!/bin/sh
# A lock for several Pythons and systems says behind a package whom it is for. cyclonedx-py reads the line and not its marker: the bill of
# materials that it makes of such a lock names what is installed nowhere here (a package for Windows), and two versions of one package
# where the lock has one for each of two Pythons, as uv writes it. What pip installs from the same file is one version, and nothing else. The
# marker stands in the bill as part of a description, where no program looks for it.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: cyclonedx-bom==7.5.0
cat > "$folder/lock.txt" <<'LOCK'
idna==3.10 ; python_full_version < '3.5'
idna==3.11 ; python_full_version >= '3.5'
colorama==0.4.6 ; sys_platform == 'win32'
LOCK
"$folder/venv/bin/cyclonedx-py" requirements --output-format JSON --output-file "$folder/bill.json" "$folder/lock.txt"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --no-deps --dry-run --report "$folder/report.json" \
    --ignore-installed --requirement "$folder/lock.txt"
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import sys
from importlib.metadata import version
from pathlib import Path

bill, report = (json.loads(Path(sys.argv[1], name).read_text()) for name in ("bill.json", "report.json"))
listed = sorted(f"{each['name']} {each['version']}" for each in bill["components"])
installed = sorted(f"{each['metadata']['name']} {each['metadata']['version']}" for each in report["install"])
marked = {name for each in bill["components"] for name, value in each.items() if "_full_version" in str(value) or "win32" in str(value)}
print(f"cyclonedx-bom {version('cyclonedx-bom')} lists {listed}, with markers in {marked}; pip installs {installed}")
sys.exit((listed, marked, installed) != (["colorama 0.4.6", "idna 3.10", "idna 3.11"], {"description"}, ["idna 3.11"]))
PYTHON
