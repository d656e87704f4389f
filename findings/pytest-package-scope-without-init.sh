#!/bin/sh
# A fixture with scope="package" lasts to the end of all tests, and is in force in folders beside its own, where the folders of tests hold no
# __init__.py: such a folder is no package to pytest, and the nearest scope that it has is the session. An autouse fixture that patches something
# for "the tests of this folder" then patches it for whatever the same process runs later, and only in some orders, so that a test elsewhere fails
# now and then under pytest-xdist. With an (empty) __init__.py it ends with its folder.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pytest==9.2.0
mkdir -p "$folder/tests/first" "$folder/tests/second"
cd "$folder"
cat >tests/first/conftest.py <<'PYTHON'
import os

import pytest


@pytest.fixture(scope="package", autouse=True)
def patched():
    os.environ["PATCHED"] = "yes"
    yield
    del os.environ["PATCHED"]
PYTHON
echo 'def test_here(): pass' >tests/first/test_a.py
cat >tests/second/test_b.py <<'PYTHON'
import os


def test_elsewhere():
    assert "PATCHED" not in os.environ
PYTHON
run() { "$folder/venv/bin/python" -m pytest -q -p no:cacheprovider -p no:randomly tests/first tests/second 2>&1 | tail -1; }
without=$(run)
touch tests/first/__init__.py tests/second/__init__.py
with=$(run)
echo "$("$folder/venv/bin/python" -m pytest --version 2>&1): without __init__.py: $without; with it: $with"
case "$without/$with" in
  "1 failed, 1 passed"*/"2 passed"*) exit 0 ;;
  *) exit 1 ;;
esac
