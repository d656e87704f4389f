"""Limits on the few who are real browsers: they decide where browsers were to come, and are told where none were."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as Xml

import pytest

from loadtest.evidence import junit, summary
from loadtest.gate import limits
from loadtest.gate.verdict import Answer, judge
from loadtest.history.judgement import judge_all
from loadtest.history.series import Series
from loadtest.record.error_example import ErrorExample
from loadtest.record.real_browsers import Browsers
from loadtest.record.record import Claim, Record
from loadtest.request.options import DEFAULT_LIMITS
from tests.loadtest.variations import good_browsers

LIMITS = limits.load(DEFAULT_LIMITS)
INSISTING = limits.parse(
    DEFAULT_LIMITS.read_text().replace("demand >= 100 %", 'browser views >= 1", "demand >= 100 %'), "insisting.toml"
)


def slow_form(browsers: Browsers) -> None:
    browsers.measurements.phases["opening"].duration("form-ready").add(5.0)


def moving_page(browsers: Browsers) -> None:
    browsers.measurements.phases["opening"].duration("layout-shift").add(0.25)


def script_error(browsers: Browsers) -> None:
    browsers.measurements.phases["before"].counts["script-errors"] = 1


def no_countdown(browsers: Browsers) -> None:
    browsers.measurements.phases["before"].counts["countdowns"] = 1


def no_notice(browsers: Browsers) -> None:
    browsers.measurements.phases["opening"].counts["resend-missing"] = 1


def page_missing(browsers: Browsers) -> None:
    browsers.measurements.phases["before"].counts["failures"] = 1


def late(browsers: Browsers) -> None:
    browsers.measurements.phases["before"].duration("lag").add(2.0)


def broken_off(browsers: Browsers) -> None:
    browsers.finished = False


def saw_no_form(browsers: Browsers) -> None:
    del browsers.measurements.phases["opening"].durations["form-ready"]


def rendered(series: Series) -> str:
    from loadtest.evidence import report

    return report.render(series, judge_all(series, LIMITS))


@pytest.mark.parametrize(
    ("change", "answer", "reason"),
    [
        pytest.param(slow_form, Answer.FAIL, "opening: browser form-ready p95 is 5 s, the limit is < 3 s", id="slow"),
        pytest.param(moving_page, Answer.FAIL, "layout-shift max is 0.25, the limit is < 0.1", id="moving page"),
        pytest.param(script_error, Answer.FAIL, "browser script-errors is 1, the limit is <= 0", id="script error"),
        pytest.param(no_countdown, Answer.FAIL, "before: browser countdown is 50 %", id="no countdown"),
        pytest.param(no_notice, Answer.FAIL, "browser resend-missing is 1", id="no notice"),
        pytest.param(page_missing, Answer.FAIL, "browser failures is 1", id="page missing"),
        pytest.param(late, Answer.VOID, "browser lag max is 2 s", id="told late"),
        pytest.param(broken_off, Answer.VOID, "the browsers did not come to their end", id="broken off"),
        pytest.param(saw_no_form, Answer.VOID, "browser form-ready p95 was not measured", id="nothing measured"),
    ],
)
def test_what_browsers_see_decides(
    record: Record, change: Callable[[Browsers], None], answer: Answer, reason: str
) -> None:
    record.browsers = good_browsers()
    assert judge(record, LIMITS).reasons == ()
    change(record.browsers)
    verdict = judge(record, LIMITS)
    assert verdict.answer is answer
    assert reason in verdict.reasons[0]


def test_where_no_browser_took_part_everything_says_so_and_nothing_is_decided(record: Record) -> None:
    record.browsers = Browsers(absent="Chromium was not found")
    series = Series([record])
    judgement = judge_all(series, LIMITS)
    assert judgement.answer is Answer.PASS
    words = "no browser took part (Chromium was not found)"
    assert words in summary.line(series, judgement)
    text = summary.text(series, judgement, "report.html")
    assert words in text
    assert "20 of 20 kept, 6 on browsers not looked at" in text
    html = rendered(series)
    assert "No browser took part: Chromium was not found" in html
    assert html.count("\N{EN DASH} no browser") == 7
    suite = Xml.fromstring(junit.text(series, judgement))
    skipped = [case.get("name", "") for case in suite.findall("testcase") if case.find("skipped") is not None]
    assert len(skipped) == 7 == int(suite.get("skipped", ""))
    assert all("browser" in name for name in skipped)


def test_a_team_may_insist_on_browsers(record: Record) -> None:
    record.browsers = Browsers(absent="none was asked for")
    verdict = judge(record, INSISTING)
    assert verdict.answer is Answer.VOID
    assert "browser views was not measured, for no browser took part (none was asked for)" in verdict.reasons[0]
    record.browsers = good_browsers()
    assert judge(record, INSISTING).answer is Answer.PASS


def test_a_site_that_failed_is_not_excused_by_a_browser_that_broke_off(record: Record) -> None:
    record.browsers = good_browsers()
    broken_off(record.browsers)
    assert record.ledger is not None
    record.ledger.sold = record.ledger.taken = 11
    assert judge(record, LIMITS).answer is Answer.FAIL


def test_claims_of_browsers_are_in_the_invariants(record: Record) -> None:
    record.browsers = good_browsers()
    people = record.parameters.people
    record.claims.append(Claim(people, "person-40@storm.example.org", 2, ["confirmed"], ["ABCD-0099-EFGH"]))
    verdict = judge(record, LIMITS)
    assert "no confirmation lost: not in the ledger: ABCD-0099-EFGH" in verdict.reasons[0]


def test_the_report_shows_what_they_saw(record: Record) -> None:
    record.browsers = good_browsers()
    record.browsers.examples = [ErrorExample("script", 0.2, "http://localhost/", 200, "x <b>is not</b> a function")]
    series = Series([record])
    html = rendered(series)
    assert "2 browsers beside the crowd (Chromium 1.2.3)" in html
    assert 'src="data:image/jpeg;base64,/9j/"' in html
    assert "x &lt;b&gt;is not&lt;/b&gt; a function" in html
    assert "<dt>resend notice was there</dt><dd>2 of 2</dd>" in html


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("browser", "a metric of browsers is missing here", id="no metric"),
        pytest.param("browser wait p95 < 1 s", "unknown metric", id="a metric of the crowd"),
        pytest.param("browser layout-shift max < 0.1 s", "unknown unit for browser layout-shift", id="s"),
        pytest.param("browser script-errors <= 0.5", "a count is a whole number", id="half an error"),
    ],
)
def test_a_slip_in_a_limit_on_browsers_is_pointed_at(text: str, message: str) -> None:
    with pytest.raises(Exception, match=message):
        limits.parse(f'[limits]\nstorm = ["{text}"]\n[sound]\nstorm=["cpu < 9 %"]\n[enough]\nstorm=["wants >= 1"]', "x")
