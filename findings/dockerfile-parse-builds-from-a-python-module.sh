#!/bin/sh
# dockerfile-parse tells what a Dockerfile is built from. One would have guessed that it knows what Docker has read since 2021: a here-document, whose lines are a
# script and no instructions. To it each of them is one: "from pathlib import Path" is an image called "pathlib", the last one and so the one that the file is built
# from, a line "user = …" changes who runs it, and what the script sets is in no shell but a Dockerfile's.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check dockerfile-parse==2.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys

from dockerfile_parse import DockerfileParser

FILE = b"""\
FROM debian:trixie-slim
USER www-data
RUN <<EOF python3
from pathlib import Path
user = Path.home().name
EOF
CMD ["true"]
"""
parsed = DockerfileParser(fileobj=io.BytesIO(FILE))
instructions = [each["instruction"] for each in parsed.structure]
print("instructions:", *instructions)
print("images:", parsed.parent_images, "built from:", parsed.baseimage)
found = (instructions, parsed.parent_images, parsed.baseimage)
sys.exit(found != (["FROM", "USER", "RUN", "FROM", "USER", "EOF", "CMD"], ["debian:trixie-slim", "pathlib"], "pathlib"))
PYTHON
