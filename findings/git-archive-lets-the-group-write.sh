#!/bin/sh
# git knows of a file whether it is to be executed, and nothing else: a checkout has it as 644 or 755 by the usual umask. git archive makes a tar of the same commit in which each file is 664 or 775 and each folder 775, whatever the umask of
# whoever calls it; what unpacks it as root keeps that. The files of a release, or those that COPY puts into an image, may be written by their group. A zip of the same commit says nothing of who may
# write, and has the x. `git -c tar.umask=0022 archive` says what a checkout has; Python's tarfile with filter="data" takes the group's right away.
# Exit 0: as described. Exit 1: another behaviour. Needs git (seen with 2.39.5), GNU tar and Python.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
umask 022
git init --quiet --initial-branch=main checkout
mkdir checkout/folder
echo page >checkout/folder/page
echo program >checkout/folder/program
chmod +x checkout/folder/program
git -C checkout add .
git -C checkout commit --quiet --message=first
mkdir cloned archived told filtered
git clone --quiet checkout cloned
git -C checkout archive --output="$folder/files.tar" main
git -C checkout -c tar.umask=0022 archive --output="$folder/told.tar" main
tar --extract --preserve-permissions --directory=archived --file=files.tar
tar --extract --preserve-permissions --directory=told --file=told.tar
git -C checkout archive --output="$folder/files.zip" main
"${PYTHON:-python3}" - <<'PYTHON'
import sys
import tarfile
import zipfile
from pathlib import Path

with tarfile.open("files.tar") as archive:
    archive.extractall("filtered", filter="data")
found = {}
for place in ("cloned", "archived", "told", "filtered"):
    below = Path(place, "folder")
    found[place] = " ".join(f"{path.stat().st_mode & 0o777:o}" for path in (below, below / "page", below / "program"))
    print(f"{place}: folder, page, program {found[place]}")
with zipfile.ZipFile("files.zip") as archive:
    found["zip"] = " ".join(f"{entry.external_attr >> 16 & 0o777:o}" for entry in archive.infolist())
print("zip, by its own words:", found["zip"])
sys.exit([found[place] for place in ("cloned", "archived", "told")] != ["755 644 755", "775 664 775", "755 644 755"] or [found["filtered"], found["zip"]] != ["755 644 755", "0 0 755"])
PYTHON
