#!/usr/bin/python3
"""A site in one file: ``prepare`` writes to the shared folder and the database, ``serve`` answers from both.

VERSION steers what it does: "exits" ends at once, "fails-prepare" ends in prepare, "hungry" takes more memory than the
task has, "sick" never passes its health check, "sluggish" takes seconds for it, "unready" passes its own but not the
load balancer's, "faulty" passes both and answers people, who send no User-Agent here, with 500.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

import pymysql  # type: ignore[import-untyped]  # Debian's package brings no types

VERSION = os.environ["VERSION"]
NUMBERS = itertools.count()
NOTHING: Mapping[str, str] = {}


def database(name: str | None = None) -> Any:
    """Open a connection to the database that the environment names."""
    return pymysql.connect(
        host=os.environ["DB_HOST"],
        port=int(os.environ["DB_PORT"]),
        user=os.environ["DB_USERNAME"],
        password=os.environ["DB_PASSWORD"],
        database=name,
        autocommit=True,
        # With the authorities of the image's SSL_CERT_DIR that are RDS's, and none else.
        ssl={"capath": "/srv/rds"},
    )


def prepare() -> None:
    """Do what comes before the site runs."""
    if VERSION == "fails-prepare":
        sys.exit("prepare: this version cannot prepare")
    Path("/content/version").write_text(VERSION)
    with database(os.environ["DB_DBNAME"]) as connection, connection.cursor() as cursor:
        for table in ("versions", "works"):
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (id INT AUTO_INCREMENT PRIMARY KEY, version VARCHAR(20))"
            )
        cursor.execute("INSERT INTO versions (version) VALUES (%s)", (VERSION,))


def written(path: str) -> str:
    """Return whether a file can be written, or why not."""
    try:
        Path(path).write_text("x")
    except OSError as error:
        return str(error.strerror)
    return "written"


def listened(port: int) -> str:
    """Return whether a port can be listened on, or why not."""
    try:
        socket.create_server(("", port)).close()
    except OSError as error:
        return os.strerror(error.errno or 0)
    return "listened"


def facts() -> dict[str, Any]:
    """Return what the site sees of its surroundings."""
    with database("site") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version FROM versions ORDER BY id")
        rows = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT @@max_connections")
        connections = cursor.fetchone()[0]
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "version": VERSION,
        "task": socket.gethostname(),
        "rows": rows,
        "max_connections": connections,
        "content": Path("/content/version").read_text(),
        "content_written": written("/content/other"),
        "root_written": written("/other"),
        "scratch_written": written("/tmp/other"),
        "port_80": listened(80),
        "token": os.environ["TOKEN"],
        "regions": [os.environ["AWS_REGION"], os.environ["AWS_DEFAULT_REGION"]],
        "uid": os.getuid(),
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE),
        "capabilities": int(status["CapBnd"], 16),
        "no_new_privileges": status["NoNewPrivs"] == "1",
    }


class Handler(BaseHTTPRequestHandler):
    """The site's pages."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer one request."""
        if self.path.startswith("/slow"):
            time.sleep(1.5)
        if self.path == "/healthz":
            self.answer(503 if VERSION == "unready" else 200, "ok\n")
        elif VERSION == "faulty" and "User-Agent" not in self.headers:
            self.answer(500, "broken")
        elif self.path == "/ends":
            self.close_connection = True
        elif self.path == "/facts":
            self.answer(200, json.dumps(facts()))
        elif self.path.partition("?")[0].endswith("/say"):
            self.say()
        elif self.path.startswith("/headers"):
            self.answer(200, json.dumps({name.lower(): value for name, value in self.headers.items()}))
        else:
            self.answer(200, VERSION)

    def do_POST(self) -> None:
        """Answer one request with a body."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def say(self) -> None:
        """Answer with the headers of the query, and with what was asked: never twice the same."""
        headers = dict(parse_qsl(urlsplit(self.path).query))
        status = int(headers.pop("status", "200"))
        if "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]:
            status = 304
        request = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"number": next(NUMBERS), "asked": request, "filling": "of a page " * 200})
        self.answer(status, "" if status == 304 else body, headers)

    def answer(self, status: int, body: str, headers: Mapping[str, str] = NOTHING) -> None:
        """Send a page."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Say nothing of requests."""


def serve() -> None:
    """Serve until told to stop, and then end what has begun."""
    if VERSION == "exits":
        print("serve: the configuration is broken", flush=True)
        sys.exit(78)
    if VERSION == "hungry":
        print("serve: very hungry", flush=True)
        bytearray(b"x") * (1100 * 1024 * 1024)
    # Else the kernel takes five connections at a time, and whoever comes with 500 others waits for seconds.
    ThreadingHTTPServer.request_queue_size = 512
    server = ThreadingHTTPServer(("", 8080), Handler)
    server.daemon_threads = False
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"serve: version {VERSION} is serving", flush=True)
    server.serve_forever()
    server.server_close()
    print("serve: ended in good order", flush=True)


def check() -> None:
    """Check the container's health."""
    if VERSION == "sick":
        sys.exit("check: not feeling well")
    if VERSION == "sluggish":
        time.sleep(4)
    with urlopen("http://localhost:8080/", timeout=1) as answer:
        answer.read()


def work() -> None:
    """Leave a row: this is what a schedule runs, on the volume that the site's tasks have."""
    Path("/content/version").read_text()
    Path("/content/worked").write_text("")
    with database("site") as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO works (version) VALUES (%s)", (VERSION,))
    print(f"work: version {VERSION} has done it", flush=True)
    if VERSION == "lingers":
        time.sleep(60)
    if VERSION == "breaks":
        sys.exit(3)


COMMANDS: dict[str, Callable[[], None]] = {"prepare": prepare, "serve": serve, "check": check, "work": work}
COMMANDS[sys.argv[1]]()
