"""The storm's report, opened from its file as an approver opens it: on a phone, on a desk, on paper."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, ViewportSize

from loadtest.chromium.browser_person import SCREENS, Screen
from loadtest.gate import limits
from loadtest.gate.verdict import Answer
from loadtest.history.judgement import judge_all
from loadtest.history.series import Series
from loadtest.record.error_example import ErrorExample
from loadtest.record.real_browsers import Picture
from loadtest.record.record import Record
from loadtest.request.options import DEFAULT_LIMITS
from tests.loadtest.conftest import good_record
from tests.loadtest.variations import good_browsers, in_a_history
from tests.site.browser.visitor import DESKTOP, PHONE, Visitor, visitor

LIMITS = limits.load(DEFAULT_LIMITS)
# What a browser lays out for A4 with 12 mm of margin, in CSS pixels.
A4: ViewportSize = {"width": 703, "height": 1000}
CUT = """() => [...document.querySelectorAll('body *:not(svg *, .aside)')]
    .filter((element) => getComputedStyle(element).display !== 'inline')
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 160))"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg text')].map(
    (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""


def passing() -> tuple[Series, Answer]:
    """Return three storms that are compared with thirty nights, of a commit with a name of full length."""
    record = good_record()
    record.commit = record.site_commit = "3f9c1d2e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d"
    record.environment = {"region": "eu-central-1", "tasks": "1-3", "database": "0-2"}
    record.browsers = good_browsers()
    record.browsers.pictures = [Picture(screen.name, 0.4, "open", picture(screen)) for screen in SCREENS]
    return in_a_history(record), Answer.PASS


def picture(screen: Screen) -> str:
    """Return a picture as large as a window."""
    file = io.BytesIO()
    Image.new("RGB", (screen.width, screen.height), "#0b3d6e").save(file, "JPEG")
    return base64.b64encode(file.getvalue()).decode()


def failing() -> tuple[Series, Answer]:
    """Return a site that was slow, sold too much and answered with errors: many reasons."""
    record = good_record()
    record.browsers = good_browsers()
    record.browsers.examples = [ErrorExample("script", 0.2, f"{record.host}/register/storm-1/", 200, "x" * 200)]
    for phase in record.measurements.phases.values():
        phase.counts.update({"errors": 40, "error-http-502": 40, "people-with-errors": 20, "gave-up": 3})
        for _ in range(60):
            phase.duration("wait").add(9.0)
    for worker in record.workers:
        worker.totals = {}
    record.workers[0].finished = True
    whole = record.measurements.whole()
    record.workers[0].totals = {**whole.counts, **{name: each.count for name, each in whole.durations.items()}}
    assert record.ledger is not None
    record.ledger.sold = record.ledger.taken = 13
    return Series([record]), Answer.FAIL


def empty() -> tuple[Series, Answer]:
    """Return a storm that never came to anything."""
    record = good_record()
    nothing = Record(record.host, record.commit, record.started_at, record.parameters, faults=["x" * 300])
    return Series([nothing]), Answer.VOID


@pytest.fixture(scope="module", params=[passing, failing, empty], ids=lambda each: str(each.__name__))
def opened(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitor]:
    from loadtest.evidence import report

    series, answer = request.param()
    judgement = judge_all(series, LIMITS)
    assert judgement.answer is answer, judgement.reasons
    folder = tmp_path_factory.mktemp("report")
    (folder / "report.html").write_text(report.render(series, judgement), encoding="utf-8")
    with visitor(browser, f"file://{folder}") as somebody:
        somebody.go("/report.html")
        assert somebody.page.inner_text("h1") == answer.value
        yield somebody


def test_nothing_stands_in_anybodys_way(opened: Visitor) -> None:
    opened.assert_accessible()


def test_the_words_of_a_drawing_stand_out_from_what_is_behind_them() -> None:
    """axe-core cannot tell; 4.5 is what WCAG 1.4.3 asks of small letters, computed as it says."""
    from loadtest.evidence import plots

    contrast = {name: (luminance(band) + 0.05) / (luminance(plots.INK) + 0.05) for name, band in plots.BANDS.items()}
    assert min(contrast.values()) > 4.5, contrast


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_it_is_read_on_a_phone_on_a_desk_and_on_paper(opened: Visitor) -> None:
    page = opened.page
    for size, media in ((PHONE, "screen"), (DESKTOP, "screen"), (A4, "print")):
        page.set_viewport_size(size)
        page.emulate_media(media="print" if media == "print" else "screen")
        assert page.evaluate(CUT) == [], (size, media)
        if page.locator("svg").count():
            assert page.evaluate(SMALLEST) > 7.5, (size, media)
    page.set_viewport_size(PHONE)
    page.emulate_media(media="screen")
    for place in ("h1", ".why li") if page.locator(".why li").count() else ("h1", ".figures"):
        box = page.locator(place).first.bounding_box()
        assert box is not None and box["y"] + box["height"] < PHONE["height"], "the verdict and why, before all else"
