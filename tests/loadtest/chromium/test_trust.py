"""Browsers trust a site whose authority SSL_CERT_FILE names, as the crowd does, and no other."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import Error, async_playwright

from bench.generator import certificate
from loadtest.chromium.program import find
from loadtest.generator.site_key import key_of
from tests.loadtest.conftest import ROOT


class Page(BaseHTTPRequestHandler):
    """Answers with a title."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>A course</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate.write(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def site(authority: tuple[Path, Path]) -> Iterator[str]:
    """A site whose certificate no list of authorities has."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def title(url: str, keys: list[str]) -> str:
    """Return the title of a page as the storm's browsers see it; what Chromium says where it shows none."""
    program = find()

    async def look() -> str:
        arguments = [f"--ignore-certificate-errors-spki-list={key}" for key in keys]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=str(ROOT / "loadtest/chromium/steady_chromium.py"),
                args=arguments,
                env={**os.environ, "CHROMIUM": program.chromium},
            )
            try:
                page = await browser.new_page()
                await page.goto(url)
                return await page.title()
            except Error as error:
                return str(error)
            finally:
                await browser.close()

    return asyncio.run(look())


def test_a_site_that_the_crowd_trusts_is_shown(
    site: str, authority: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if node := find().node:
        monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", node)
    key = key_of(site, {"SSL_CERT_FILE": str(authority[0])})
    assert key is not None
    assert title(site, [key]) == "A course"
    other, _ = certificate.write(tmp_path)
    assert key_of(site, {"SSL_CERT_FILE": str(other)}) is None, "an authority that has nothing to do with it"
    assert "ERR_CERT_AUTHORITY_INVALID" in title(site, [])


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        pytest.param("https://localhost:1", {}, id="Chromium decides"),
        pytest.param("http://localhost:1", {"SSL_CERT_FILE": "PEM"}, id="no certificate to trust"),
        pytest.param("https://localhost:1", {"SSL_CERT_FILE": "PEM"}, id="nobody there"),
        pytest.param("https://localhost:1", {"SSL_CERT_FILE": "/none"}, id="no such file"),
    ],
)
def test_where_nobody_vouches_for_a_site_no_key_is_trusted(
    authority: tuple[Path, Path], url: str, environment: dict[str, str]
) -> None:
    variables = {name: str(authority[0]) if value == "PEM" else value for name, value in environment.items()}
    assert key_of(url, variables) is None
