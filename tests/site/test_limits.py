"""One address, one crowd, one robot: each takes its share of PHP and no more, and a page from the cache is free."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.site import probe
from tests.site.organiser import wordpress
from tests.site.task import ADMIN, COURSE, FRONT_KEY, STORM_TOKEN, Task, eventually
from tests.site.visitor import Editor, Form, make_storm, marker

COOKIE = "wordpress_logged_in_0=forged"


@pytest.fixture(scope="module")
def site(task: Task) -> Task:
    probe.install(task)
    return task


def new(**query: object) -> str:
    """Return the address of a page that nobody has asked for."""
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/?probe=1&new={uuid.uuid4().hex}&{words}"


def crowd(count: int, ask: Callable[[int], requests.Response]) -> list[requests.Response]:
    """Send all at once."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def statuses(answers: list[requests.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def assert_told_to_wait(answer: requests.Response, status: int) -> None:
    assert answer.status_code == status
    assert marker(answer.text, "state") == "waiting"
    assert 3 <= int(answer.headers["Retry-After"]) <= 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(answer.content) < 6_000


def test_one_address_gets_its_share_of_new_pages_and_of_the_cache_all_it_wants(site: Task) -> None:
    one = {"X-Forwarded-For": "203.0.113.1"}
    site.get(COURSE)
    answers = crowd(100, lambda _: site.get(new(), **one))
    counted = statuses(answers)
    assert counted[429] > 0
    assert counted[200] >= 20
    assert_told_to_wait(next(answer for answer in answers if answer.status_code == 429), 429)
    assert statuses(crowd(30, lambda _: site.get(COURSE, **one))) == {200: 30}
    assert site.get(new(), **{"X-Forwarded-For": "203.0.113.2"}).status_code == 200


def test_an_address_before_the_load_balancers_word_is_made_up(site: Task) -> None:
    def ask(number: int) -> requests.Response:
        return site.get(new(), **{"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.3"})

    assert statuses(crowd(100, ask))[429] > 0


def test_behind_cloudfront_each_visitor_has_a_share_of_their_own(site: Task) -> None:
    """All come from one of CloudFront's addresses; what stands before whom it saw is the visitor's own word."""

    def ask(visitor: str, number: int, key: str = FRONT_KEY) -> requests.Response:
        forwarded = f"192.0.2.{number}, {visitor}, 198.51.100.77"
        return site.get(new(), **{"X-Floodgate-Front": key, "X-Forwarded-For": forwarded})

    assert statuses(crowd(100, lambda number: ask("203.0.113.70", number)))[429] > 0
    assert ask("203.0.113.71", 1).status_code == 200
    # Who only says that he is CloudFront is one of many at one address.
    assert statuses(crowd(100, lambda number: ask(f"203.0.113.{100 + number}", 1, "forged")))[429] > 0


def test_the_people_of_a_storm_are_told_apart_by_the_token_alone(site: Task) -> None:
    def ask(token: str, address: str) -> Counter[int]:
        def one(number: int) -> requests.Response:
            headers = {
                "X-Floodgate-Storm": token,
                "X-Floodgate-Person": f"{address}-{number}",
                "X-Forwarded-For": address,
            }
            return site.get(new(), **headers)

        return statuses(crowd(100, one))

    assert ask(STORM_TOKEN, "203.0.113.4")[429] == 0
    assert ask("another", "203.0.113.5")[429] > 0


def test_a_person_of_a_storm_is_limited_like_any_other(site: Task) -> None:
    headers = {"X-Floodgate-Storm": STORM_TOKEN, "X-Floodgate-Person": "greedy"}
    assert statuses(crowd(100, lambda _: site.get(new(), **headers)))[429] > 0


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/?s={}", id="search"),
        pytest.param("/?a=1&s={}", id="search as second parameter"),
        pytest.param("/?%73={}", id="search with encoded name"),
        pytest.param("/?+s={}", id="search after a plus"),
        pytest.param("/search/{}/", id="search by path"),
        pytest.param("/wp-json/wp/v2/posts?search={}", id="search by the interface"),
    ],
)
def test_search_is_for_people(site: Task, path: str) -> None:
    def ask(number: int) -> requests.Response:
        # In place of a search, the probe answers: what counts is the address.
        address = path.format(uuid.uuid4().hex)
        probed = address + ("&" if "?" in address else "?") + "probe=1"
        return site.get(probed, **{"X-Forwarded-For": f"203.0.113.{10 + len(path)}"})

    assert 10 <= statuses(crowd(20, ask))[200] < 20


def test_passwords_are_tried_slowly(site: Task) -> None:
    def ask(_: int) -> requests.Response:
        form = {"log": "somebody", "pwd": uuid.uuid4().hex, "testcookie": "1"}
        headers = {"X-Forwarded-For": "203.0.113.6", "Cookie": "wordpress_test_cookie=WP%20Cookie%20check"}
        return requests.post(f"{site.url}/wp-login.php", data=form, headers=headers, timeout=60)

    answers = crowd(12, ask) + crowd(12, ask) + crowd(12, ask)
    assert statuses(answers)[429] >= 2
    assert "is not right" in answers[0].text
    assert site.get("/wp-login.php", **{"X-Forwarded-For": "203.0.113.6"}).status_code == 200, "looking is free"


def test_a_class_in_one_room_reads_a_protected_page(site: Task, editor: Editor) -> None:
    """Their password goes where log-ins go, which are few in a minute."""
    post = editor.write(title="For the class", content="Room 12", status="publish", password="chalk")

    def read(_: int) -> str:
        pupil = requests.Session()
        headers = {"X-Forwarded-For": "203.0.113.60"}
        pupil.post(
            f"{site.url}/wp-login.php?action=postpass",
            data=[("post_password", "chalk")],
            headers={**headers, "Referer": f"{site.url}/{post['slug']}/"},
            allow_redirects=False,
            timeout=60,
        )
        return pupil.get(f"{site.url}/{post['slug']}/", headers=headers, timeout=60).text

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(read, range(26)))
    assert sum("Room 12" in page for page in pages) == 26


def test_nobody_logs_in_by_the_address_of_a_protected_page(site: Task) -> None:
    for data in (
        {"action": "login", "log": ADMIN[0], "pwd": ADMIN[1]},
        {"action": "lostpassword", "user_login": ADMIN[0]},
    ):
        answer = requests.post(
            f"{site.url}/wp-login.php?action=postpass",
            data=data,
            headers={"X-Forwarded-For": "203.0.113.61"},
            timeout=60,
        )
        assert answer.status_code == 400, data
        assert "logged_in" not in str(answer.cookies)


def test_programs_are_told_in_json(site: Task) -> None:
    def ask(_: int) -> requests.Response:
        return site.get(f"/wp-json/?probe=1&new={uuid.uuid4().hex}", **{"X-Forwarded-For": "203.0.113.7"})

    refused = [answer for answer in crowd(100, ask) if answer.status_code == 429]
    assert refused[0].json()["code"] == "floodgate_waiting"
    assert refused[0].json()["data"]["status"] == 429
    assert "Retry-After" in refused[0].headers


def test_while_pages_are_full_editors_claims_and_known_pages_go_on(site: Task, editor: Editor) -> None:
    storm = make_storm(site, 3)
    form = Form.on(site, storm.path)
    assert site.get("/").status_code == 200
    with ThreadPoolExecutor(90) as pool:
        requested = [
            pool.submit(site.get, new(microseconds=500_000), **{"X-Forwarded-For": f"203.0.112.{number}"})
            for number in range(90)
        ]
        # Not simply the first answer: where the people come slowly, somebody's page may be ready before it is full.
        shed = eventually(lambda: [each for each in requested if each.done() and each.result().status_code != 200])[0]
        assert_told_to_wait(shed.result(), 503)
        assert editor.get(f"{site.url}/wp-admin/profile.php", timeout=30).status_code == 200
        assert form.send("ada@example.org").status_code == 200
        assert site.get("/").status_code == 200
        assert sum(each.done() and each.result().status_code == 200 for each in requested) < 90, "still full"
        counted = statuses([each.result() for each in requested])
    # As many as are let in, a second and a half of a processor's work, and those for whom there was room again.
    assert counted[200] >= 45
    assert counted[503] == 90 - counted[200] > 0


def test_a_forged_cookie_gets_no_more_than_its_share_of_the_editors_pool(site: Task, editor: Editor) -> None:
    forged = {"Cookie": COOKIE, "X-Forwarded-For": "203.0.113.8"}
    with ThreadPoolExecutor(30) as pool:
        requested = [pool.submit(site.get, new(microseconds=1_000_000), **forged) for _ in range(30)]
        eventually(lambda: [each for each in requested if each.done()])
        assert editor.get(f"{site.url}/wp-admin/profile.php", timeout=30).status_code == 200
        counted = statuses([each.result() for each in requested])
    # Who came when others had been answered was let in too.
    assert counted[200] >= 12
    assert counted[503] == 30 - counted[200] > 0


def test_user_names_are_not_listed(site: Task, editor: Editor) -> None:
    for path in [
        "/wp-json/wp/v2/users",
        "/wp-json/wp/v2/users/1",
        "/?rest_route=/wp/v2/users",
        "/wp-json//wp/v2/users",
    ]:
        assert site.get(path).status_code in {401, 404}, path
    for path in ["/?author=1", "/author/editor-in-chief/"]:
        answer = site.get(path)
        assert answer.status_code == 404, path
        assert "editor-in-chief" not in answer.headers.get("Location", "")
    nonce = editor.nonce("/wp-admin/post-new.php", r'createNonceMiddleware\( "(\w+)"')
    listed = editor.get(f"{site.url}/wp-json/wp/v2/users", headers={"X-WP-Nonce": nonce}, timeout=30)
    assert listed.json()[0]["slug"] == "editor-in-chief"


def test_what_somebody_writes_does_not_tell_their_login_name(site: Task, editor: Editor) -> None:
    post = editor.write(title="Written by somebody", status="publish")
    words = f"['comment_post_ID' => {post['id']}, 'user_id' => 1, 'comment_author' => '{ADMIN[0]}']"
    wordpress(site, f"return wp_insert_comment({words} + ['comment_content' => 'An answer.']);")
    for path in (f"/{post['slug']}/", "/feed/", "/feed/atom/", f"/{post['slug']}/feed/", "/wp-json/wp/v2/comments"):
        page = site.get(f"{path}?new={uuid.uuid4().hex}")
        assert page.status_code == 200, path
        assert ADMIN[0] not in page.text, path
    assert ADMIN[0] in editor.get(f"{site.url}/{post['slug']}/", timeout=30).text, "who is logged in may know"


def test_whether_there_is_an_account_is_not_told(site: Task) -> None:
    answers = []
    for name in (ADMIN[0], "nobody", "editor@example.org", "nobody@example.org"):
        answer = requests.post(
            f"{site.url}/wp-login.php?action=lostpassword",
            data={"user_login": name, "redirect_to": ""},
            headers={"X-Forwarded-For": "203.0.113.9"},
            allow_redirects=False,
            timeout=60,
        )
        answers.append((answer.status_code, answer.headers["Location"], answer.text))
    assert len(set(answers)) == 1, answers
    assert answers[0][:2] == (302, "/wp-login.php?checkemail=confirm")
    assert "If there is such an account" in site.get("/wp-login.php?checkemail=confirm").text
