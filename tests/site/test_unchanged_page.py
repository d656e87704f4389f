"""A page that has not changed costs its validator: 304, with what a cache needs to know and nothing else."""

from __future__ import annotations

import gzip
import re
import time
import uuid

import brotli
import pytest
import requests

from tests.site import probe
from tests.site.organiser import value
from tests.site.task import COURSE, Task, eventually
from tests.site.visitor import Editor, Form, make_storm

# RFC 9110, 15.4.5; what speaks of the connection and of who answers is none of the page's.
OF_AN_UNCHANGED_PAGE = {"Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Vary"}
OF_ANY_ANSWER = {"Server", "Connection"}
ENCODINGS = ["br", "gzip", "identity"]


def whole(task: Task, path: str, **headers: str) -> requests.Response:
    """Return a page as it is sent to who has none, with its validator."""
    answer = task.get(path, **headers)
    assert answer.status_code == 200
    assert answer.headers["ETag"].startswith('W/"'), "its bytes differ by encoding and moment"
    return answer


def unchanged(task: Task, path: str, tag: str, **headers: str) -> requests.Response:
    """Return the answer that a page is the same still.

    A rendering that a second ends in is kept by nobody: whoever asked for it is sent it whole, on a busy machine often.
    """

    def ask() -> list[requests.Response]:
        answer = task.get(path, **{"If-None-Match": tag, **headers})
        return [answer] if answer.status_code == 304 else []

    return eventually(ask)[0]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", id="front page"),
        pytest.param(COURSE, id="course page"),
        pytest.param("/?s=chalk", id="search"),
    ],
)
def test_a_page_that_is_the_same_a_second_later_is_not_sent_again(task: Task, path: str, encoding: str) -> None:
    wanted = {"Accept-Encoding": encoding}

    def twice() -> tuple[requests.Response, requests.Response] | None:
        """Look twice; a form's token, and so its page, is another one every ten minutes (FormToken.php)."""
        page = whole(task, path, **wanted)
        time.sleep(1.1)
        answer = task.get(path, **{"If-None-Match": page.headers["ETag"], **wanted})
        return (page, answer) if answer.status_code == 304 else None

    page, answer = eventually(twice)
    assert answer.content == b""
    assert set(answer.headers) - OF_ANY_ANSWER <= OF_AN_UNCHANGED_PAGE
    for name in ("Cache-Control", "ETag", "Vary"):
        assert answer.headers[name] == page.headers[name]


def test_what_a_page_says_is_the_same_in_every_encoding(task: Task) -> None:
    """Weak comparison is right for all of them: whoever has one need not have another."""
    pages = [whole(task, "/", **{"Accept-Encoding": encoding}) for encoding in ENCODINGS]
    assert len({page.headers["ETag"] for page in pages}) == 1
    assert len({page.text for page in pages}) == 1


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param('W/"of-another-page"', id="another page's"),
        pytest.param('"of-another-page", "and-another"', id="two others'"),
        pytest.param("of-another-page", id="no tag at all"),
    ],
)
def test_whoever_has_another_page_gets_this_one(task: Task, tag: str) -> None:
    page = task.get("/", **{"If-None-Match": tag})
    assert page.status_code == 200
    assert "Content-Security-Policy" in page.headers
    assert "</html>" in page.text


@pytest.mark.parametrize("tag", ["strong", "among others"])
def test_a_validator_is_compared_weakly(task: Task, tag: str) -> None:
    """As RFC 9110, 13.1.2 has it; proxies make strong ones of weak ones, and put several into one request."""
    kept = whole(task, "/").headers["ETag"]
    sent = kept.removeprefix("W/") if tag == "strong" else f'"x", {kept}'
    assert unchanged(task, "/", sent)


# Where nginx keeps for a second that a page says the same (src/nginx/conf/unchanged.js).
MARKERS = "/tmp/floodgate/unchanged"


def markers(task: Task) -> list[str]:
    return task.exec("nginx", "ls", MARKERS).split()


def test_what_is_the_same_is_known_without_a_look_at_the_page(task: Task, editor: Editor) -> None:
    """By an empty file for the second. Nobody who has a page of their own is answered by one, and old ones go."""
    tag = whole(task, "/").headers["ETag"]
    eventually(lambda: task.get("/") and any(name.endswith(tag[3:-1]) for name in markers(task)))
    made_up = "0123456789abcdef"
    seconds = f"for s in $(seq 0 20); do : > {MARKERS}/$(date -u -d @$(($(date +%s) + s)) +%FT%T+00:00)-{made_up}; done"
    validator = {"If-None-Match": f'W/"{made_up}"'}

    def known() -> bool:
        task.exec("nginx", "sh", "-c", seconds)
        return task.get("/", **validator).status_code == 304

    eventually(known)
    assert editor.get(f"{task.url}/", headers=validator, timeout=30).status_code == 200
    assert task.get("/", Cookie="comment_author_abc=x", **validator).status_code == 200
    assert requests.post(task.url, headers=validator, timeout=30).status_code != 304

    def cleared() -> bool:
        task.get("/")
        return len(markers(task)) <= 1

    eventually(cleared)


def test_a_reload_costs_more_and_is_as_right_where_nothing_can_be_kept(task: Task) -> None:
    page = whole(task, "/")
    task.exec("nginx", "rm", "-r", MARKERS)
    try:
        assert unchanged(task, "/", page.headers["ETag"])
        assert whole(task, "/").text
    finally:
        task.exec("nginx", "mkdir", MARKERS)


def test_two_pages_that_say_the_same_have_two_tags(task: Task) -> None:
    """Whoever has one of them does not have the other."""
    tags = [f"Floodgate\\Site\\Validator::of('the same', '{address}')" for address in ("a.example /", "a.example /b/")]
    first, second, again = value(task, f"[{tags[0]}, {tags[1]}, {tags[0]}]")
    assert first == again != second


def test_a_page_that_says_something_else_has_another_validator(task: Task) -> None:
    storm = make_storm(task, 3)
    page = whole(task, storm.path)
    Form.on(task, storm.path).send("one@example.org")

    def changed() -> requests.Response | None:
        answer = task.get(storm.path, **{"If-None-Match": page.headers["ETag"]})
        return answer if answer.status_code == 200 else None

    answer = eventually(changed)
    assert "2 of 3 seats left" in answer.text
    assert answer.headers["ETag"] != page.headers["ETag"]


def test_the_pages_of_a_minute_before_the_opening_are_few(task: Task) -> None:
    """Who reloads each second until the opening is sent the page anew a few times, not sixty."""
    storm = make_storm(task, 3, opens_in=23)
    tags = set()
    end = time.monotonic() + 21
    while time.monotonic() < end:
        tags.add(whole(task, storm.path).headers["ETag"])
        time.sleep(0.5)
    assert 1 < len(tags) <= 5, tags


def test_what_is_for_one_person_has_no_validator(task: Task, editor: Editor) -> None:
    probe.install(task)
    personal = [
        editor.get(f"{task.url}/", timeout=30),
        task.get("/", Cookie="comment_author_abc=x"),
        task.get(f"/?probe=1&new={uuid.uuid4().hex}&header=Set-Cookie: a=b"),
        task.get(f"/?probe=1&new={uuid.uuid4().hex}&header=Cache-Control: no-store"),
        task.get("/no-such-page/"),
        Form.on(task, make_storm(task, 1).path).send("one@example.org"),
    ]
    assert [answer.headers.get("ETag") for answer in personal] == [None] * len(personal)
    tag = whole(task, "/").headers["ETag"]
    assert editor.get(f"{task.url}/", headers={"If-None-Match": tag}, timeout=30).status_code == 200


def test_a_feed_keeps_the_validator_that_wordpress_gives_it(task: Task) -> None:
    feed = task.get("/feed/")
    assert not feed.headers["ETag"].startswith('W/"') or feed.headers["Last-Modified"]
    assert unchanged(task, "/feed/", feed.headers["ETag"])


@pytest.mark.parametrize("path", [pytest.param("/", id="front page"), pytest.param(COURSE, id="course page")])
def test_a_first_load_is_smaller_in_brotli(task: Task, path: str) -> None:
    """The page with its styles and scripts: at most 0.9 of what they are in gzip."""
    time.sleep(2.1)  # rendered twice since it was last another one
    task.get(path, **{"Accept-Encoding": "br"})
    time.sleep(1.1)
    assets = re.findall(r"""(?:href|src)=["'](?:http://[^"'/]+)?(/[^"'?]+\.(?:css|js))""", task.get(path).text)
    assert assets
    sizes = {encoding: sum(sent(task, each, encoding) for each in [path, *assets]) for encoding in ("br", "gzip")}
    assert sizes["br"] <= 0.9 * sizes["gzip"], sizes


TINY = 1024  # bytes


def sent(task: Task, path: str, encoding: str) -> int:
    """Return the bytes of a body on the wire, which must be in that encoding; what is tiny anyway may be plain."""
    with requests.get(task.url + path, headers={"Accept-Encoding": encoding}, stream=True, timeout=30) as answer:
        assert answer.status_code == 200
        body = answer.raw.read(decode_content=False)
    if len(body) < TINY and "Content-Encoding" not in answer.headers:
        return len(body)
    assert answer.headers["Content-Encoding"] == encoding
    assert brotli.decompress(body) if encoding == "br" else gzip.decompress(body)
    return len(body)


def test_a_page_that_stays_gets_the_best_compression_and_is_the_same(task: Task) -> None:
    path = f"/?s={uuid.uuid4().hex}"
    first = sent(task, path, "br")

    def smaller() -> bool:
        time.sleep(1)
        return sent(task, path, "br") < 0.95 * first

    eventually(smaller)
    assert task.get(path, **{"Accept-Encoding": "br"}).text == task.get(path, **{"Accept-Encoding": "identity"}).text
