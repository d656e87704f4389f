"""Whatever is asked, in whatever order: a page is the one that was asked for, and nobody's own."""

from __future__ import annotations

import gzip
import http.client
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.site import probe
from tests.site.task import FRONT_KEY, Task, eventually
from tests.site.visitor import make_storm, marker

TRACKING = [
    "utm_source=a",
    "utm_medium=",
    "utm_campaign",
    "fbclid=x%26y",
    "gclid=1",
    "msclkid=2",
    "mc_cid=3",
    "mc_eid=4",
    "UTM_ID=1",
    "_kx=5",
    "mkt_tok=6",
    "srsltid=7",
    "a.nybody=8",
    "xfbclid=1",
    "=",
    "%00",
    "%zz=1",
    "[a]=1",
]
# What the probe's code names, WordPress and its blocks know.
OTHERS = [
    "a=1",
    "b",
    "a=utm_source",
    "b=%26utm_source=1",
    "e[]=1",
    "e%5B%5D=2",
    "+a=3",
    "%61=4",
    "s",
    "paged=1",
    "query-7-page=2",
    "cat=%0a",
]
HEADERS = [
    ("X-Forwarded-Host", "evil.example"),
    ("Via", "2.0 x.cloudfront.net (CloudFront)"),
    ("X-Floodgate-Front", "anybody's"),
    ("X-Floodgate-Front", FRONT_KEY),
    ("X-Floodgate-Uri", "/evil"),
    ("X-Floodgate-Script", "/claim.php"),
    ("X-Floodgate-Https", "on"),
    ("X-Original-URL", "/evil"),
    ("X-HTTP-Method-Override", "POST"),
    ("Range", "bytes=0-9"),
    ("If-None-Match", '"x"'),
    ("User-Agent", "evil"),
    ("Proxy", "http://evil.example"),
    ("Accept", "application/json"),
]
COOKIES = ["_ga=1", "wordpress_logged_in_1=secret", "comment_author_1=secret", "wp-postpass_1=secret"]


@pytest.fixture(scope="module")
def site(task: Task) -> Task:
    probe.install(task)
    return task


@dataclass(frozen=True)
class Request:
    """What somebody sends."""

    method: str
    host: str
    path: str
    query: tuple[str, ...]
    scheme: str
    encoding: str
    cookie: str
    headers: tuple[tuple[str, str], ...]
    address: str

    @property
    def personal(self) -> bool:
        return "secret" in self.cookie

    @property
    def target(self) -> str:
        return f"{self.path}?{'&'.join(['probe=1', *self.query])}"

    @property
    def kept(self) -> str:
        """The target without tracking."""
        left = ["probe=1", *(part for part in self.query if part not in TRACKING)]
        return f"{self.path}?{'&'.join(left)}"

    def send(self, task: Task) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(urlsplit(task.url).netloc, timeout=30)
        connection.putrequest(self.method, self.target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", self.host)
        connection.putheader("X-Forwarded-For", self.address)
        connection.putheader("X-Forwarded-Proto", self.scheme)
        for name, value in [("Accept-Encoding", self.encoding), ("Cookie", self.cookie), *self.headers]:
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body


REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["GET", "GET", "HEAD"]),
    host=st.sampled_from(["localhost", "LOCALHOST", "other.example", "localhost:1"]),
    path=st.sampled_from(["/", "/a/", "/a|gzip", "/%61/", "//a/", "/register/x/y/", "/a/../b", "/%C3%A9/"]),
    query=st.lists(st.sampled_from(TRACKING + OTHERS), max_size=4).map(tuple),
    scheme=st.sampled_from(["http", "https", "on"]),
    encoding=st.sampled_from(["", "gzip", "gzip;q=0", "br, gzip;q=0.5", "br;q=0, gzip", "identity"]),
    cookie=st.sampled_from(["", "", *COOKIES]),
    headers=st.lists(st.sampled_from(HEADERS), max_size=2, unique_by=lambda header: header[0]).map(tuple),
    # Many people, so that nobody's limit is met.
    address=st.integers(0, 2**24 - 1).map(lambda n: f"100.{n >> 16}.{n >> 8 & 255}.{n & 255}"),
)


def told(answer: http.client.HTTPResponse, body: bytes) -> dict[str, Any]:
    """Return what PHP said it was asked."""
    decode = {"br": brotli.decompress, "gzip": gzip.decompress}
    text = decode.get(answer.headers["Content-Encoding"] or "", bytes)(body)
    server: dict[str, Any] = json.loads(text)["server"]
    return server


@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(REQUESTS, min_size=2, max_size=4))
def test_every_answer_is_the_one_that_was_asked_for(site: Task, requests: list[Request]) -> None:
    for request in [*requests, *requests[:1]]:
        answer, body = request.send(site)
        assert answer.status == 200, (request, answer.status)
        if request.method == "HEAD":
            assert body == b""
            continue
        server = told(answer, body)
        passed = {name: value for name, value in server.items() if name.startswith("HTTP_")}
        assert server["HTTP_HOST"] == request.host
        assert server.get("HTTPS", "") == ("on" if request.scheme == "https" else "")
        assert "HTTP_PROXY" not in passed
        assert not [name for name in passed if name.startswith("HTTP_X_FLOODGATE")]
        assert server["SCRIPT_FILENAME"] == "/var/www/wordpress/core/index.php"
        if request.personal:
            assert answer.headers["X-Cache"] == "BYPASS"
            assert server["REQUEST_URI"] == request.target
            assert server["HTTP_COOKIE"] == request.cookie
            assert server["REMOTE_ADDR"] == request.address
        else:
            assert answer.headers["X-Cache"] != "BYPASS"
            assert server["REQUEST_URI"] == request.kept
            assert server["REQUEST_METHOD"] == "GET"
            assert set(passed) <= {"HTTP_HOST", "HTTP_ACCEPT_ENCODING"}


@pytest.mark.parametrize(
    ("query", "reaches"),
    [
        pytest.param("?probe=1&utm_source=a", "?probe=1", id="one"),
        pytest.param("?fbclid=1&probe=1&gclid=2&utm_medium=3&a=1", "?probe=1&a=1", id="several between others"),
        pytest.param("?utm_source&a=1&utm_x&b=2&utm_x&probe=1", "?a=1&b=2&probe=1", id="without values"),
        pytest.param("?probe=1&vero_id=1&anybodys=2&UTM_ID=3", "?probe=1", id="of nobody knows whom"),
        pytest.param("?probe=1&s=x&e%5Ba%5D=1&query-3-page=2", "?probe=1&s=x&e%5Ba%5D=1&query-3-page=2", id="known"),
        pytest.param("?probe=1&a=utm_source=1", "?probe=1&a=utm_source=1", id="within a value"),
        pytest.param("?probe=1&" + "&".join(["a", "utm_x"] * 900), None, id="hundreds"),
        pytest.param("?probe=1&" + "&" * 7000, None, id="thousands of empty ones"),
    ],
)
def test_tracking_parameters_do_not_reach_php(site: Task, query: str, reaches: str | None) -> None:
    answer = site.get(f"/key/{query}")
    assert answer.status_code == 200
    if reaches is not None:
        assert answer.json()["server"]["REQUEST_URI"] == f"/key/{reaches}"
        assert answer.json()["server"]["QUERY_STRING"] == reaches[1:]


def test_a_page_with_tracking_is_the_page_without(site: Task) -> None:
    def renderings() -> set[str]:
        spellings = ("", "utm_source=a&", "gclid=b&", "")
        return {site.get(f"/same/?{extra}probe=1").json()["rendered"] for extra in spellings}

    # A second may end in between; then there are more.
    eventually(lambda: len(renderings()) == 1)


def test_each_recipients_own_parameter_costs_no_page_of_its_own(site: Task) -> None:
    """However many recipients of a newsletter come, PHP renders what it renders without them: a page each second."""
    page, people = "/?probe=1", 400

    def come(number: int) -> str:
        address = f"{page}&invented_{number % 7}={uuid.uuid4().hex}&_kx={number}"
        # Whom a busy machine shows the page to wait comes again, as that page does by itself.
        return eventually(lambda: str(found.json()["rendered"]) if (found := site.get(address)).ok else None)

    started = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        rendered = set(pool.map(come, range(people)))
    # Where a second ends while a page is rendered, one more is; with each recipient's own there would be hundreds.
    assert len(rendered) <= 2 * (time.monotonic() - started) + 4


def test_a_courses_page_is_its_address_alone(task: Task) -> None:
    course = make_storm(task, 3)
    answers = [task.get(f"{course.path}?P={uuid.uuid4().hex}&s={n}&page={n}&probe=1") for n in range(40)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({marker(answer.text, "now") for answer in answers}) <= 4, "rendered once a second"
