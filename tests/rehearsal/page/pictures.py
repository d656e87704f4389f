"""The picture of the page in docs/rehearsal.md, taken anew: ``python -m tests.rehearsal.page.pictures``."""

from __future__ import annotations

from terminal.interruption import importing

with importing("pictures", __name__):
    import argparse
    import io
    import sys
    import tempfile
    from pathlib import Path
    from typing import Final

    from PIL import Image
    from playwright.sync_api import ViewportSize, expect

    from loadtest.evidence import report
    from loadtest.gate import limits
    from loadtest.history.judgement import judge_all
    from loadtest.request.options import DEFAULT_LIMITS
    from terminal.standard_streams import run
    from tests.loadtest.conftest import good_record
    from tests.loadtest.variations import in_a_history
    from tests.rehearsal.conftest import ROOT
    from tests.rehearsal.page.conftest import page_of
    from tests.rehearsal.page.recorded import COMMIT, Recorded
    from tests.site.browser.site import chromium

FILE: Final = ROOT / "docs/images/rehearsal-page.png"
DESK: Final[ViewportSize] = {"width": 1180, "height": 900}
PHONE: Final[ViewportSize] = {"width": 390, "height": 900}
GAP, GROUND, COLOURS = 24, "#c3ccd6", 128


def main() -> int:
    """Take the picture of a commit that waits for its approval, on a desk and on a phone."""
    argparse.ArgumentParser(prog="python -m tests.rehearsal.page.pictures", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        recorded = Recorded(Path(folder))
        recorded.stands()
        recorded.waits()
        record = good_record()
        record.commit = record.site_commit = COMMIT
        series = in_a_history(record)
        evidence = report.render(series, judge_all(series, limits.load(DEFAULT_LIMITS)))
        (recorded.folder / "s3/evidence/storms/report.html").write_text(evidence, encoding="utf-8")
        with page_of(recorded.checkout) as address, chromium() as browser:
            shots = []
            for size in (DESK, PHONE):
                page = browser.new_page(viewport=size, locale="en-GB")
                page.goto(address)
                expect(page.frame_locator("iframe").locator("h1")).to_have_text("PASS")
                shots.append(Image.open(io.BytesIO(page.screenshot())))
    whole = Image.new("RGB", (sum(shot.width for shot in shots) + 3 * GAP, DESK["height"] + 2 * GAP), GROUND)
    left = GAP
    for shot in shots:
        whole.paste(shot, (left, GAP))
        left += shot.width + GAP
    whole.quantize(COLOURS).save(FILE, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(run("pictures", main))
