"""The claim path under anything that can be sent: no error page, and nobody is shown what is somebody else's."""

from __future__ import annotations

import http.client
import itertools
import re
from collections.abc import Iterator
from urllib.parse import quote_plus, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.site.inside import rows
from tests.site.task import Task
from tests.site.test_claim_path import with_fields
from tests.site.visitor import Form, as_person, marker

ALLOWED = {200, 303, 400, 404, 405, 409, 413, 414, 415, 422}
MARK = re.compile(r"fuzz-(\d+)-mark")
counter = itertools.count()

# Bytes that break decoders, pages and statements, besides arbitrary ones.
NASTY = st.sampled_from([
    *(b"", b" ", b"\x00", b"%00", b"%", b"%zz", b"+", b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *(b"' OR 1=1 -- ", b'"><script>alert(1)</script>', b"\\'; DROP TABLE wp_options; -- ", b"?", b"? ?", b"%s%n"),
    *("e\u0301".encode(), "\u202e\u200b".encode(), "\U0001f600".encode() * 60, b"a" * 300, b"<?php echo 1;"),
    b"\r\n\r\n",
])  # fmt: skip
BYTES = st.one_of(NASTY, st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode(errors="replace")))
NAMES = st.sampled_from([
    *("name", "email", "token", "nothing", "find", "second", "answer", "answer[level]", "answer[notes]"),
    *("answer[level][]", "name[]"),
    *("email[a][b]", "answer[]", "answer[level", "NAME", "na.me", "", "_SERVER[REQUEST_URI]", "course", "taken"),
])  # fmt: skip
EXTRA = st.lists(st.tuples(NAMES, BYTES), max_size=6)
TYPES = st.sampled_from([
    *("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16", "application/json"),
    *("multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "", "x" * 300),
])  # fmt: skip
ACCEPTS = st.sampled_from(["text/html", "application/json", "*/*", "", "text/html;q=0, application/json", "\xff"])


@pytest.fixture(scope="module")
def form(task: Task) -> Iterator[Form]:
    """The form of a course with room for everybody; afterwards PHP must have complained of nothing."""
    before = len(task.log("wordpress"))
    yield with_fields(task, seats=100_000)
    # "Request Startup" is PHP's own word on a body that it cannot read, before any of ours runs.
    lines = task.log("wordpress")[before:].replace("PHP Warning:  PHP Request Startup", "").splitlines()
    complaints = [line for line in lines if re.search(r"PHP (Warning|Notice|Deprecated|Fatal):  \S|floodgate:", line)]
    assert complaints == []


def post(
    form: Form, body: bytes, content_type: str, accept: str, path: str | None = None
) -> tuple[int, dict[str, str], str]:
    """Post, and return status, headers and body of one answer."""
    where = urlsplit(form.action)
    connection = http.client.HTTPConnection(where.netloc, timeout=30)
    person = as_person(f"fuzz {next(counter)}")
    headers = {"Content-Type": content_type, "Accept": accept.encode("latin-1"), **person}
    try:
        connection.request("POST", path or where.path, body, headers)  # type: ignore[arg-type]  # bytes are fine
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()
    finally:
        connection.close()


def check(task: Task, mark: str, answer: tuple[int, dict[str, str], str]) -> None:
    """Check what holds for every answer, whatever was sent."""
    status, headers, page = answer
    assert status in ALLOWED, (status, page[:500])
    assert set(MARK.findall(page)) <= {mark}, "somebody else's answer"
    assert "<script>" not in page.replace("\n", "") or "alert(1)" not in page
    if status in (200, 409, 422):
        assert headers["Cache-Control"] == "no-store"
    code = marker(page, "code") or (re.search(r'"code":"([^"]+)"', page) or [None, None])[1]
    assert (status == 200) == (code is not None)
    if code:
        [[email]] = rows(task.host, f"SELECT email FROM wp_floodgate_claims WHERE code = '{code.replace('-', '')}'")
        assert MARK.findall(email) == [mark]


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(extra=EXTRA, first=st.booleans(), content_type=TYPES, accept=ACCEPTS, raw=st.booleans())
@example(extra=[], first=True, content_type="application/x-www-form-urlencoded", accept="text/html", raw=False)
@example(
    extra=[("email", b"other@example.org")],
    first=True,
    content_type="application/x-www-form-urlencoded",
    accept="application/json",
    raw=False,
)
def test_any_form(
    task: Task, form: Form, *, extra: list[tuple[str, bytes]], first: bool, content_type: str, accept: str, raw: bool
) -> None:
    mark = str(next(counter))
    own = {"name": "Ada", "email": f"fuzz-{mark}-mark@example.org", "answer[level]": "A", **form.hidden}
    good = [(name, value.encode()) for name, value in own.items()]
    pairs = [*extra, *good] if first else [*good, *extra]
    quoted = (lambda value: value) if raw else (lambda value: quote_plus(value).encode())
    body = b"&".join(name.encode() + b"=" + quoted(value) for name, value in pairs)
    check(task, mark, post(form, body, content_type, accept))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=400), content_type=TYPES, accept=ACCEPTS)
def test_any_bytes(task: Task, form: Form, body: bytes, content_type: str, accept: str) -> None:
    check(task, "", post(form, body, content_type, accept))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    path=st.one_of(
        st.sampled_from(["", "/", "//", "/.", "%2e%2e/", "%00/", "a/b/", "A/", f"{'a' * 300}/", "storm-x/?a=b:80"]),
        st.binary(max_size=30).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw) + "/"),
        st.text(alphabet="abc-09%?#=&;:/.", max_size=40),
    )
)
def test_any_address(task: Task, form: Form, path: str) -> None:
    body = b"name=Ada&email=address@example.org"
    check(task, "", post(form, body, "application/x-www-form-urlencoded", "text/html", f"/floodgate/claim/{path}"))


def test_a_very_large_number_of_fields_is_no_error(task: Task, form: Form) -> None:
    assert post(form, b"&".join(b"a[]" for _ in range(2_900)), "application/x-www-form-urlencoded", "*/*")[0] == 422
    deep = b"answer" + b"[a]" * 200 + b"=1"
    assert post(form, deep, "application/x-www-form-urlencoded", "*/*")[0] == 422
