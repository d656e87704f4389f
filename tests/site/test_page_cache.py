"""The one-second cache: everybody gets the same page from it, and nobody gets somebody else's."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.site import probe
from tests.site.inside import rows
from tests.site.task import COURSE, Task, eventually
from tests.site.visitor import Editor, Form, make_storm


@pytest.fixture(scope="module")
def site(task: Task) -> Task:
    probe.install(task)
    return task


def fresh() -> str:
    """Return an address that no test has asked for: the parameter is WordPress's, and changes nothing on this page."""
    return f"/?replytocom={uuid.uuid4().hex}"


def hit(task: Task, path: str, **headers: str) -> requests.Response:
    """Return an answer from the cache, asked for again where a second ends between two requests."""

    def ask() -> list[requests.Response]:
        answer = task.get(path, **headers)
        return [answer] if answer.headers["X-Cache"] == "HIT" else []

    return eventually(ask)[0]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", id="front page"),
        pytest.param(COURSE, id="course page"),
        pytest.param("/no-such-page/", id="page not found"),
    ],
)
def test_anonymous_pages_come_from_the_cache(task: Task, path: str) -> None:
    answer = hit(task, path)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer.headers


def test_the_first_answer_is_a_miss(task: Task) -> None:
    assert task.get(fresh()).headers["X-Cache"] == "MISS"


def test_compressed_and_plain_are_kept_apart(task: Task) -> None:
    path = fresh()
    for encoding, expected in [
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("identity", None),
        ("gzip;q=0", None),
        ("BR;q=0, GZIP", "gzip"),
        ("gzip;q=0, br;q=0.1", "br"),
    ]:
        answer = task.get(path, **{"Accept-Encoding": encoding})
        assert answer.headers.get("Content-Encoding") == expected, encoding
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "</html>" in answer.text


def test_a_head_request_does_not_leave_an_empty_page(task: Task) -> None:
    path = fresh()
    head = requests.head(task.url + path, timeout=30)
    assert (head.status_code, head.text) == (200, "")
    assert "</html>" in task.get(path).text


@pytest.mark.parametrize(
    "cookie",
    ["wordpress_logged_in_abc=x", "comment_author_abc=x", "wp-postpass_abc=x", "a=b; wordpress_logged_in_abc=x"],
)
def test_who_may_see_something_else_bypasses(task: Task, cookie: str) -> None:
    assert [task.get("/", Cookie=cookie).headers["X-Cache"] for _ in range(2)] == ["BYPASS"] * 2


@pytest.mark.parametrize("cookie", ["_ga=GA1.2.3", "session=1"])
def test_other_cookies_do_not_split_the_cache(task: Task, cookie: str) -> None:
    path = fresh()
    task.get(path)
    eventually(lambda: task.get(path, Cookie=cookie).headers["X-Cache"] == "HIT")


def test_authorization_and_posts_bypass(task: Task) -> None:
    assert task.get("/", Authorization="Bearer x").headers["X-Cache"] == "BYPASS"
    assert requests.post(f"{task.url}/", data={"a": "b"}, timeout=30).headers["X-Cache"] == "BYPASS"
    storm = make_storm(task, 2)
    form = Form.on(task, storm.path)
    one, two = form.send("one@example.org"), form.send("two@example.org")
    assert one.headers["X-Cache"] == two.headers["X-Cache"] == "BYPASS"
    assert "no-store" in one.headers["Cache-Control"]
    assert "one@example.org" not in two.text


@pytest.mark.parametrize("path", ["/wp-login.php", "/wp-json/", "/?rest_route=/", "/floodgate/ready"])
def test_what_is_never_a_page_bypasses(task: Task, path: str) -> None:
    assert [task.get(path).headers["X-Cache"] for _ in range(2)] == ["BYPASS"] * 2


def test_an_editors_page_is_for_the_editor_alone(task: Task, editor: Editor) -> None:
    path = fresh()
    mine = editor.get(task.url + path, timeout=30)
    assert 'id="wpadminbar"' in mine.text
    assert mine.headers["X-Cache"] == "BYPASS"
    assert "wpadminbar" not in task.get(path).text


def test_a_draft_is_previewed_by_its_editor_alone(task: Task, editor: Editor) -> None:
    draft = editor.write(title="Not for everybody yet", status="draft")
    path = f"/?p={draft['id']}&preview=true"
    assert "Not for everybody yet" in editor.get(task.url + path, timeout=30).text
    anonymous = task.get(path)
    assert (anonymous.status_code, "Not for everybody yet" in anonymous.text) == (404, False)


def test_feeds_come_from_the_cache_as_what_they_are(task: Task) -> None:
    for path, kind in [("/feed/", "application/rss+xml"), ("/comments/feed/", "application/rss+xml")]:
        answer = hit(task, path)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, kind)
        assert answer.text.rstrip().endswith("</rss>")


def test_a_search_is_kept_by_its_words(task: Task) -> None:
    words = uuid.uuid4().hex
    assert words in hit(task, f"/?s={words}").text
    assert words not in task.get("/?s=another").text


def test_a_part_of_a_page_is_that_part_and_leaves_the_whole_page(task: Task) -> None:
    path = fresh()
    for _ in range(2):  # not in the cache yet, and then in it
        part = task.get(path, Range="bytes=0-14", **{"Accept-Encoding": "identity"})
        assert part.status_code in (200, 206)
        assert part.content == b"<!DOCTYPE html>" if part.status_code == 206 else part.text.rstrip().endswith("</html>")
        whole = task.get(path, **{"Accept-Encoding": "identity"})
        assert (whole.status_code, whole.text.rstrip().endswith("</html>")) == (200, True)


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Host",
        "X-Host",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "User-Agent",
        "Referer",
    ],
)
def test_a_header_outside_the_key_cannot_poison(task: Task, header: str) -> None:
    path = fresh()
    task.get(path, **{header: "poison.example"})
    assert "poison" not in task.get(path).text


def test_another_host_or_scheme_is_another_page(task: Task) -> None:
    path = fresh()
    task.get(path)
    assert task.get(path, Host="evil.example").headers["X-Cache"] == "MISS"
    assert task.get(path, **{"X-Forwarded-Proto": "https"}).headers["X-Cache"] == "MISS"
    assert "evil.example" not in task.get(path).text


@pytest.mark.parametrize(
    ("status", "headers", "kept"),
    [
        pytest.param(200, ["Content-Type: text/html"], True, id="page"),
        pytest.param(404, ["Cache-Control: no-store, private"], True, id="page not found"),
        pytest.param(200, ["Vary: Accept-Encoding"], True, id="compressed page"),
        pytest.param(200, ["Cache-Control: private"], False, id="private"),
        pytest.param(200, ["Set-Cookie: a=b"], False, id="cookie"),
        pytest.param(200, ["Vary: Accept-Encoding", "Vary: Cookie"], False, id="different by cookie"),
        pytest.param(404, ["Set-Cookie: a=b"], False, id="page not found with a cookie"),
        pytest.param(500, [], False, id="error"),
        pytest.param(500, ["Cache-Control: max-age=600"], False, id="error with an age"),
        pytest.param(403, ["Cache-Control: public, max-age=600"], False, id="refusal with an age"),
        pytest.param(503, [], False, id="unavailable"),
    ],
)
def test_php_decides_what_may_be_kept(task: Task, status: int, headers: list[str], kept: bool) -> None:
    listed = ", ".join(f"'{header}'" for header in headers)
    decision = task.exec(
        "wordpress",
        *("php", "-r"),
        "require '/var/www/wordpress/mu-plugins/floodgate/autoload.php';"
        f"echo implode(';', Floodgate\\Site\\PageCache::decide({status}, [{listed}], 1000));",
    )
    assert ("X-Accel-Expires: @1000" in decision) is kept
    assert ("X-Accel-Expires: 0" in decision) is not kept


@pytest.mark.parametrize(
    ("address", "took", "until"),
    [
        pytest.param("/", 0.9, 1000, id="quick: the second in which it began"),
        pytest.param("/?p=1", 1.4, 1003, id="long: the second after it is done"),
        pytest.param("/events/", 30, 1031, id="very long"),
        pytest.param("/register/course/", 1.4, 1000, id="a course: what has changed is seen at once"),
    ],
)
def test_a_page_that_is_long_in_the_making_is_not_old_when_it_is_done(
    task: Task, address: str, took: float, until: int
) -> None:
    shown = task.exec(
        "wordpress",
        *("php", "-r"),
        "require '/var/www/wordpress/mu-plugins/floodgate/autoload.php';"
        f"echo Floodgate\\Site\\PageCache::until('{address}', 1000.7, 1000.7 + {took});",
    )
    assert int(shown) == until


@pytest.mark.parametrize("status", [410, 500, 503], ids=["gone", "error", "unavailable"])
def test_an_error_is_over_when_it_is_mended_whatever_its_age(site: Task, status: int) -> None:
    """Nginx keeps any status for as long as an answer's own headers say, unless it is told otherwise."""
    path = f"/?probe=1&new={uuid.uuid4().hex}&status={status}&header=Cache-Control: max-age=600"
    answers = [site.get(path) for _ in range(2)]
    assert "max-age" not in answers[0].headers["Cache-Control"]
    shown = {answer.text for answer in answers}
    assert len(shown) == 2 or status == 503, "rendered each time; at 503 the waiting page stands"


@pytest.mark.parametrize("header", ["Cache-Control: no-store", "Set-Cookie: a=b"])
def test_nobody_waits_for_anybody_at_a_page_that_cannot_be_kept(site: Task, header: str) -> None:
    """Sixteen at once at a page of a fifth of a second: in parallel up to PHP's pool, which is four here."""
    path = f"/?probe=1&new={uuid.uuid4().hex}&microseconds=200000&header={header}"
    assert site.get(path).status_code == 200
    with ThreadPoolExecutor(16) as pool:
        started = time.monotonic()
        answers = list(pool.map(lambda _: site.get(path), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["rendered"] for answer in answers}) == 16, "each has a page of their own"
    # One after the other they are three seconds of PHP alone, and eight with nginx's looks at its lock.
    assert time.monotonic() - started < 6


def test_wordpress_own_page_that_cannot_be_kept_is_whole_and_kept_by_nobody(task: Task, editor: Editor) -> None:
    post = editor.write(title="Behind a word", content="Room 12", status="publish", password="chalk")
    for _ in range(3):
        for encoding in ("br", "gzip", "identity"):
            page = task.get(f"/{post['slug']}/", **{"Accept-Encoding": encoding})
            assert (page.status_code, page.headers["X-Cache"]) == (200, "BYPASS")
            assert "no-store" in page.headers["Cache-Control"]
            assert "post_password" in page.text
            assert page.headers["Content-Type"].startswith("text/html")


def test_the_first_people_of_a_cold_page_get_one_rendering(site: Task) -> None:
    path = f"/?probe=1&new={uuid.uuid4().hex}&microseconds=150000"
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: site.get(path), range(30)))
    assert {answer.status_code for answer in answers} == {200}
    # A page that began in a second which is over is old when it is done: one renders it anew, and one may have looked
    # just before it was there. Without the lock each of the thirty renders it.
    assert len({answer.json()["rendered"] for answer in answers}) <= 5


def test_a_slow_new_page_is_waited_for(site: Task) -> None:
    """As long as people wait: nobody is sent away, and all are shown the one rendering."""
    path = f"/?probe=1&new={uuid.uuid4().hex}&microseconds=1500000"
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: site.get(path), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    # On a busy machine the last of the crowd may come when it is over. Without the lock each renders it.
    assert len({answer.json()["rendered"] for answer in answers}) <= 3


def test_who_asks_beside_another_is_shown_the_last_page(site: Task) -> None:
    path = f"/?probe=1&new={uuid.uuid4().hex}&microseconds=400000"

    def beside() -> bool:
        last = site.get(path).json()["rendered"]
        time.sleep(1)  # into another second
        with ThreadPoolExecutor(3) as pool:
            return last in {answer.json()["rendered"] for answer in pool.map(lambda _: site.get(path), range(3))}

    assert eventually(beside)  # on a busy machine they come one after the other


def test_who_asks_beside_another_sees_no_page_of_before_a_quiet_time(site: Task) -> None:
    """One renders it anew; the others are shown the last one, where that is some seconds old and no more."""
    path = f"/?probe=1&new={uuid.uuid4().hex}&microseconds=200000"
    before = site.get(path).json()["rendered"]
    time.sleep(4.5)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: site.get(path), range(3)))
    assert {answer.status_code for answer in answers} == {200}
    assert before not in {answer.json()["rendered"] for answer in answers}


def test_requests_that_look_for_the_theme_at_the_same_time_all_find_it(task: Task) -> None:
    """Of two such requests WordPress tells one that there are no themes: here, all of them."""
    option = "_site_transient_theme_roots"
    rows(task.host, f"REPLACE wp_options SET option_name = '{option}', option_value = 'a:0:{{}}'", database(task))
    try:
        assert "</html>" in task.get(fresh()).text
    finally:
        rows(task.host, f"DELETE FROM wp_options WHERE option_name = '{option}'", database(task))


def test_a_site_without_a_theme_is_an_error_and_not_an_empty_page(task: Task) -> None:
    condition = "option_name IN ('stylesheet', 'template')"
    themes = rows(task.host, f"SELECT option_name, option_value FROM wp_options WHERE {condition}", database(task))
    rows(task.host, f"UPDATE wp_options SET option_value = 'gone' WHERE {condition}", database(task))
    try:
        answer = task.get(fresh())
        assert answer.status_code == 500
        assert "The theme of this site is missing" in answer.text
    finally:
        for part, theme in themes:
            update = f"UPDATE wp_options SET option_value = '{theme}' WHERE option_name = '{part}'"
            rows(task.host, update, database(task))


def database(task: Task) -> str:
    return task.environment["DB_NAME"]
