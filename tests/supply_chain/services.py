"""OSV and the npm registry on loopback, in the formats of the real ones: each knows one vulnerable version."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JINJA = {
    "schema_version": "1.6.0",
    "id": "PYSEC-2019-217",
    "aliases": ["CVE-2019-10906", "GHSA-462w-v97r-4m45"],
    "summary": "Sandbox escape via str.format_map",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}],
        }
    ],
}

MINIMIST = {
    "id": 1096466,
    "url": "https://github.com/advisories/GHSA-vh95-rmgr-6w4m",
    "title": "Prototype Pollution in minimist",
    "severity": "moderate",
    "vulnerable_versions": "<0.2.1",
    "cwe": ["CWE-1321"],
    "cvss": {"score": 5.6, "vectorString": None},
}


class _Services(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = json.loads(body)
        if self.path == "/v1/query":
            vulnerable = (request["package"]["name"], request["version"]) == ("jinja2", "2.10")
            self._answer({"vulns": [JINJA]} if vulnerable else {})
        elif self.path == "/-/npm/v1/security/advisories/bulk":
            self._answer({"minimist": [MINIMIST]} if "0.0.8" in request.get("minimist", []) else {})
        else:
            self.send_error(404)

    def do_GET(self) -> None:
        if self.path.startswith("/nothing/"):
            self.send_error(404)
            return
        versions = {version: {"name": "minimist", "version": version} for version in ("0.0.8", "0.2.1", "1.2.8")}
        self._answer({"name": "minimist", "dist-tags": {"latest": "1.2.8"}, "versions": versions})

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing: a test's output is its own."""


@contextmanager
def services() -> Iterator[str]:
    """Serve both; the value is their address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Services)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
