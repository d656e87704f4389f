#!/bin/sh
# junitparser puts reports of tests together and counts what is in them. A test may say twice why it failed: what it asserted, and what came of its cleaning up. One
# would have guessed that the failures of a suite are of its tests, so that tests less failures have passed. Each <failure> counts: a report of one test that failed twice
# and one of one that passed are together "2 tests, 2 failures", none has passed, and a suite can have more failures than tests. And two suites of one name become one.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check junitparser==5.0.3
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from junitparser import JUnitXml

FAILED = '<testsuites><testsuite name="site"><testcase name="form"><failure message="a"/><failure message="b"/></testcase></testsuite></testsuites>'
PASSED = '<testsuites><testsuite name="site"><testcase name="page"/></testsuite></testsuites>'


def counted(report):
    report.update_statistics()
    found = report.tests, report.failures, len(list(report))
    print("{} tests, {} failures, in {} suites".format(*found))
    return found


alone = counted(JUnitXml.fromstring(FAILED))
both = counted(JUnitXml.fromstring(FAILED) + JUnitXml.fromstring(PASSED))
passing = [case.name for suite in JUnitXml.fromstring(FAILED) + JUnitXml.fromstring(PASSED) for case in suite if case.is_passed]
print("passed:", *passing)
sys.exit((alone, both, passing) != ((1, 2, 1), (2, 2, 1), ["page"]))
PYTHON
