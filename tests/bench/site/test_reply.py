"""Answers from the wire, however they are cut."""

from __future__ import annotations

import gzip

import pytest

from bench.site.reply import Malformed, Reply

BODY = b"0\r\n\r\n is no end inside a body"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = (
    b"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n" % len(BODY)
    + BODY
    + b"\r\n3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n"
)


@pytest.mark.parametrize(
    ("wire", "status", "body"),
    [
        pytest.param(PLAIN, 200, BODY, id="with length"),
        pytest.param(CHUNKED, 503, BODY + b"abc", id="chunked"),
        pytest.param(b"HTTP/1.1 204 None\r\n\r\n", 204, b"", id="no content"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b"", id="length of zero"),
        pytest.param(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + PLAIN, 200, BODY, id="early hints before"),
    ],
)
def test_whole_at_the_last_byte_however_it_is_cut(wire: bytes, status: int, body: bytes) -> None:
    for cut in range(1, len(wire)):
        reply = Reply()
        assert not reply.take(wire[:cut])
        assert reply.take(wire[cut:])
        assert (reply.status, bytes(reply.body), reply.keep_alive) == (status, body, True)
    slow = Reply()
    assert [slow.take(wire[place : place + 1]) for place in range(len(wire))] == [False] * (len(wire) - 1) + [True]


@pytest.mark.parametrize(
    ("wire", "whole"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nto the end", True, id="no length"),
        pytest.param(PLAIN[:-1], False, id="short of its length"),
        pytest.param(CHUNKED[:-2], False, id="short of its last chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", False, id="head without end"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_what_a_closed_connection_means(wire: bytes, whole: bool) -> None:
    reply = Reply()
    assert not (wire and reply.take(wire))
    assert reply.end() is whole


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", id="length that is no number"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", id="more than its length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", id="chunk without size"),
        pytest.param(b"x" * 70000, id="endless head"),
    ],
)
def test_what_is_no_answer(wire: bytes) -> None:
    with pytest.raises(Malformed):
        Reply().take(wire)


def test_text_is_decompressed_and_broken_text_is_said() -> None:
    packed = gzip.compress("Grüße".encode())
    reply = Reply()
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    assert reply.take(head % len(packed) + packed)
    assert reply.text() == "Grüße"
    broken = Reply()
    assert broken.take(head % 9 + packed[:9])
    with pytest.raises(Malformed):
        broken.text()


def test_a_server_that_closes_is_not_asked_again_on_this_connection() -> None:
    reply = Reply()
    assert reply.take(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    assert not reply.keep_alive


def test_headers_are_told_apart_however_they_are_cut() -> None:
    wire = b"HTTP/1.1 200 OK\r\nX-Empty:\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-Length: 0\r\n\r\n"
    for size in (1, 2, 7, len(wire)):
        reply = Reply()
        taken = [reply.take(wire[place : place + size]) for place in range(0, len(wire), size)]
        assert taken[-1]
        assert reply.headers == {"x-empty": "", "set-cookie": "b", "content-length": "0"}
