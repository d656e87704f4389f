#!/bin/sh
# A field of pydantic that is Literal[1, 2] takes true, and 1.0, and gives 1, also in strict mode, in which an int refuses both. In a file of TOML or
# JSON "version = true" is so taken for version 1. What a Literal compares is equal in Python, and True == 1.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pydantic==2.14.4
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import tomllib
from typing import Literal

import pydantic


class File(pydantic.BaseModel, strict=True):
    version: Literal[1, 2]


class Numbered(pydantic.BaseModel, strict=True):
    version: int


def said(model, text):
    try:
        return repr(model.model_validate(tomllib.loads(text)).version)
    except pydantic.ValidationError as error:
        return error.errors()[0]["type"]


found = [said(model, f"version = {value}") for model in (File, Numbered) for value in ("true", "1.0", "false")]
print(f"pydantic {pydantic.VERSION}, strict, of true, 1.0 and false: Literal[1, 2] says {found[:3]}, int says {found[3:]}")
sys.exit(found != ["1", "1", "literal_error", "int_type", "int_type", "int_type"])
PYTHON
