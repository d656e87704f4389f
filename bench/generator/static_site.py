"""The site of this benchmark: static pages from Debian's nginx on a core of its own, over HTTP and HTTPS."""

from __future__ import annotations

import gzip
import re
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from bench.common.images import build
from bench.common.lab import Failed, Lab
from bench.generator import certificate
from bench.generator.filler_page import page

ASSETS = ("style.css", "script.js", "picture.svg")
PAGE = "/page.html"
COURSE = "/register/benchmark/"
SOLD_OUT = "sold-out.html"
CONFIGURATION = """
worker_processes 1;
error_log stderr error;
events {{ worker_connections 20000; }}
http {{
    types {{ text/html html; text/css css; text/javascript js; image/svg+xml svg; }}
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    ssl_certificate /srv/certificate.pem;
    ssl_certificate_key /srv/key.pem;
    ssl_session_cache shared:all:10m;
    server {{
        listen 127.0.0.1:{plain} backlog=4096;
        listen 127.0.0.1:{secure} ssl backlog=4096;
        root /srv;
        gzip_static on;
        location = /page.html {{ open_file_cache max=100 inactive=60s; open_file_cache_valid 60s; }}
        location = /status {{ stub_status; }}
        location /assets/ {{ expires 1h; }}
        location = {course} {{ rewrite ^ /course.html last; }}
        location = /course.html {{ expires -1; }}
        location = /claim {{ error_page 409 /{sold_out}; return 409; }}
        location /wp-json/ {{ proxy_pass http://127.0.0.1:{api}; }}
        location /floodgate/ {{ proxy_pass http://127.0.0.1:{api}; }}
    }}
}}
"""
READY_WITHIN = 30.0


def free_ports(number: int) -> list[int]:
    """Find ports of 127.0.0.1 that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Site:
    """nginx in a container of a laboratory, on the host's own network: no bridge is between it and a client."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._lab = lab
        self.folder = folder
        self.plain, self.secure, self.api = free_ports(3)
        self.certificate, _ = certificate.write(folder)

    def start(self) -> None:
        """Write the files, build the images of nginx and wrk, start both, wait for the page."""
        self.folder.chmod(0o755)
        configuration = CONFIGURATION.format(
            plain=self.plain, secure=self.secure, api=self.api, course=COURSE, sold_out=SOLD_OUT
        )
        (self.folder / "nginx.conf").write_text(configuration)
        self.place("page.html", page("closed"))
        self.place(SOLD_OUT, page("sold-out"))
        (self.folder / "assets").mkdir(exist_ok=True)
        for name in ASSETS:
            self.place(f"assets/{name}", b"/* of the benchmark */\n" * 300)
        for image in ("static", "load"):
            build(self._lab, image)
        mounted = ("--network", "host", "--volume", f"{self.folder}:/srv:ro")
        command = ("nginx", "-c", "/srv/nginx.conf", "-g", "daemon off;")
        self._lab.start("nginx", "static", *mounted, core=self._lab.cores.site, command=command)
        self._lab.start("load", "load", "--network", "host", core=self._lab.cores.load)
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if time.monotonic() > deadline:
                raise Failed(f"nginx does not answer:\n{self._lab('logs', self._lab.name('nginx'))}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return self.requests() >= 0
        except requests.RequestException:
            return False

    def place(self, name: str, body: bytes) -> None:
        """Put a file, and its compressed twin, where nginx finds it; whoever reads now reads the old one or the new."""
        for file, content in ((self.folder / name, body), (self.folder / f"{name}.gz", gzip.compress(body, 6))):
            new = file.with_name(f".{file.name}")
            new.write_bytes(content)
            new.chmod(0o644)
            new.replace(file)

    def size(self) -> Mapping[str, int]:
        """Return the bytes of the page, plain and compressed."""
        return {
            "plain": (self.folder / "page.html").stat().st_size,
            "gzip": (self.folder / "page.html.gz").stat().st_size,
        }

    def origin(self, *, tls: bool) -> str:
        """Return scheme, host and port."""
        return f"https://127.0.0.1:{self.secure}" if tls else f"http://127.0.0.1:{self.plain}"

    def trust(self) -> Mapping[str, str]:
        """Return the environment in which a client takes the site's certificate for good."""
        return {"SSL_CERT_FILE": str(self.certificate), "REQUESTS_CA_BUNDLE": str(self.certificate)}

    def requests(self) -> int:
        """Return how many requests nginx has counted, this one not among them."""
        text = requests.get(f"{self.origin(tls=False)}/status", timeout=5).text
        found = re.search(r"^ *\d+ +\d+ +(\d+) *$", text, re.MULTILINE)
        if not found:
            raise Failed(f"nginx's status is unreadable: {text!r}")
        return int(found[1]) - 1
