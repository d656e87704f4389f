"""``make prove-wordpress`` says what was proven, and no more."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.site.versions.__main__ import Outcome, counted

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><skipped/></testcase>
<testcase name="d"><error/></testcase><testcase name="e"/>
</testsuite></testsuites>"""


def test_each_test_of_a_report_is_counted_once() -> None:
    assert counted(REPORT) == {"passed": 2, "failure": 1, "skipped": 1, "error": 1}


@pytest.mark.parametrize(
    ("version", "counts", "proven"),
    [
        pytest.param("7.1.3", {"passed": 9}, True, id="all of them"),
        pytest.param("7.1", {"passed": 9}, True, id="the first of its line"),
        pytest.param("7.10", {"passed": 9}, False, id="another line that begins alike"),
        pytest.param("6.8.3", {"passed": 9}, False, id="the image holds another one"),
        pytest.param("7.1 (no image of it)", {}, False, id="no image"),
        pytest.param("7.1.3", {}, False, id="no test ran"),
        pytest.param("7.1.3", {"passed": 9, "skipped": 1}, False, id="one was skipped"),
        pytest.param("7.1.3", {"passed": 9, "failure": 1}, False, id="one failed"),
    ],
)
def test_a_wordpress_is_proven_when_all_tests_passed_on_it(version: str, counts: dict[str, int], proven: bool) -> None:
    assert Outcome("7.1", version, Counter(counts)).proven is proven
