#!/bin/sh
# The attribute tests="…" of pytest's JUnit XML is no number of tests, and neither is that of its <testcase> elements. A test that fails,
# and whose fixture then fails too, is two elements of one name; a test with subtests is one element with a <failure> for each that failed,
# and tests="…" counts each outcome. Three tests, none of which passed: tests="7", four elements, and by tests minus failures and errors
# one has passed. Who tells how many tests ran or failed from a report has to count the names.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pytest==9.2.0
cat > "$folder/test_three.py" <<'PYTHON'
import pytest


@pytest.fixture
def site():
    yield
    raise RuntimeError("the site could not be stopped")


def test_fails_and_cannot_be_cleaned_up(site):
    assert False


def test_fails():
    assert False


def test_pages(subtests):
    for page in ("courses", "course", "seat"):
        with subtests.test(page=page):
            assert page == "course"
PYTHON
cd "$folder"
"$folder/venv/bin/pytest" -q -p no:cacheprovider --junitxml=report.xml test_three.py >said || true
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from xml.etree import ElementTree

import pytest

[suite] = ElementTree.parse("report.xml").getroot()
counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
cases = [case.get("name") for case in suite.iter("testcase")]
failures = [len(case.findall("failure")) for case in suite.iter("testcase")]
passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
print(f"pytest {pytest.__version__}: {counts}; elements: {len(cases)}, of {len(set(cases))} tests; failures in them: {failures}")
print(f"so many passed by these figures: {passed}")
sys.exit((counts["tests"], len(cases), len(set(cases)), max(failures), passed) != (7, 4, 3, 3, 1))
PYTHON
