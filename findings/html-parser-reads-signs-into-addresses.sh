#!/bin/sh
# In an address in HTML an & should be written &amp;, and where it is not, the rules of HTML say what is meant: the name of a sign without its semicolon is none in an attribute where "=" or a letter follows. <a href="/list?sort=1&copy=2"> is
# valid, and leads to /list?sort=1&copy=2. Python's html.parser (3.11; to 3.13.0 it was seen) reads /list?sort=1©=2, and Beautiful Soup does so with it, which is what it takes where nobody names another parser: reg, sect, para, not and lt
# are parameters' names as well. Whoever follows links by it asks for pages that are not there. html5lib and lxml read what browsers do.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI and a Python of 3.11 to 3.13.0.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check beautifulsoup4==4.15.0 html5lib==1.1 lxml==6.1.3
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from html.parser import HTMLParser
from importlib.metadata import version

import bs4

PAGE = '<!doctype html><title>Courses</title><a href="/list?sort=1&copy=2&sect=3&notice=4&amp;page=5">next</a>'
RIGHT = "/list?sort=1&copy=2&sect=3&notice=4&page=5"
addresses = {}


class Links(HTMLParser):
    def handle_starttag(self, tag, attrs):
        if tag == "a":
            addresses[f"html.parser of Python {sys.version.split()[0]}"] = dict(attrs)["href"]


Links().feed(PAGE)
for parser, by in (("html.parser", ""), ("html5lib", f" {version('html5lib')}"), ("lxml", f" {version('lxml')}")):
    addresses[f"Beautiful Soup {bs4.__version__} by {parser}{by}"] = bs4.BeautifulSoup(PAGE, parser).a["href"]
for name, address in addresses.items():
    print(f"{name}: {address}")
wrong = "/list?sort=1\u00a9=2\u00a7=3\u00acice=4&page=5"
sys.exit(list(addresses.values()) != [wrong, wrong, RIGHT, RIGHT])
PYTHON
