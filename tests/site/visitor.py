"""People at a site: one who registers, one who edits."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import requests

from tests.site.task import ADMIN, STORM_TOKEN, Task, eventually


def marker(page: str, name: str) -> str | None:
    """Return the value of a ``data-floodgate-…`` attribute of the page's main element."""
    main = re.search(r"<main\b[^>]*>", page)
    found = re.search(rf'data-floodgate-{name}="([^"]*)"', main[0]) if main else None
    return html.unescape(found[1]) if found else None


@dataclass(frozen=True)
class Storm:
    """A course made for a test."""

    slug: str
    path: str
    opens_at: float
    now: float


def as_person(name: str) -> dict[str, str]:
    """Return headers by which the site's limits count this request as one person's."""
    return {"X-Floodgate-Storm": STORM_TOKEN, "X-Floodgate-Person": hashlib.md5(name.encode()).hexdigest()}


def make_storm(task: Task, seats: int, opens_in: float = 0.0) -> Storm:
    """Return a fresh course."""
    answer = requests.post(
        f"{task.url}/wp-json/floodgate/v1/storms",
        json={"seats": seats, "opens_in": opens_in},
        headers={"Authorization": f"Bearer {STORM_TOKEN}"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return Storm(body["course"], body["path"], body["opens_at"], body["now"])


def make_storm_seen_closed(task: Task, seats: int, seen_closed: Callable[[Storm], bool]) -> Storm:
    """Make a fresh course that opens soon, and that ``seen_closed`` has looked at before.

    How long a look takes is this machine's affair: where the opening came first, there is another course that opens
    later.
    """
    for opens_in in (3, 12, 48, 192):
        storm = make_storm(task, seats, opens_in)
        if seen_closed(storm):
            return storm
    raise AssertionError(f"no look was done {opens_in} s after the course was made")


def ledger(task: Task, slug: str) -> dict[str, object]:
    """Return the ledger of a course."""
    answer = task.get(f"/wp-json/floodgate/v1/ledger/{slug}", Authorization=f"Bearer {STORM_TOKEN}")
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


@dataclass(frozen=True)
class Form:
    """The form of an open course's page, as any client sees it."""

    action: str
    hidden: dict[str, str]

    @classmethod
    def on(cls, task: Task, path: str) -> Form:
        """Return fetched until the page is open."""

        def fetch() -> re.Match[str] | None:
            return re.search(
                r'<form id="floodgate-claim"[^>]*action="([^"]*)".*?</form>', task.get(path).text, re.DOTALL
            )

        return cls._of(eventually(fetch))

    @classmethod
    def within(cls, page: str, name: str = "floodgate-claim") -> Form:
        """Return the form of that id in a page that was answered."""
        form = re.search(rf'<form id="{name}"[^>]*action="([^"]*)".*?</form>', page, re.DOTALL)
        assert form, page
        return cls._of(form)

    @classmethod
    def _of(cls, form: re.Match[str]) -> Form:
        fields = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", form[0])]
        hidden = {f["name"]: html.unescape(f.get("value", "")) for f in fields if f.get("type") == "hidden"}
        return cls(html.unescape(form[1]), hidden)

    def send(
        self, email: str, name: str = "Ada Lovelace", accept: str = "text/html", **fields: str
    ) -> requests.Response:
        """Submit it once. The site's limits count the person, not the one address that all tests come from."""
        data = {**self.hidden, "name": name, "email": email, **fields}
        return requests.post(
            self.action, data=data, headers={"Accept": accept, **as_person(email)}, allow_redirects=False, timeout=60
        )

    def send_until_answered(self, email: str) -> tuple[str, str | None]:
        """Submit it as often as the waiting page asks to; the final state, and the code."""

        def answer() -> tuple[str, str | None] | None:
            page = self.send(email).text
            state = marker(page, "state")
            assert state, page
            return None if state == "waiting" else (state, marker(page, "code"))

        return eventually(answer)


class Editor(requests.Session):
    """Somebody in the dashboard."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task

    @classmethod
    def logged_in(cls, task: Task, login: str = ADMIN[0], password: str = ADMIN[1]) -> Editor:
        """Return an editor of the site, as a rule the administrator of the secret."""
        editor = cls(task)
        editor.log_in(login, password)
        return editor

    def log_in(self, login: str = ADMIN[0], password: str = ADMIN[1]) -> requests.Response:
        """Return through the login form."""
        self.get(f"{self.task.url}/wp-login.php", timeout=60)
        form = {"log": login, "pwd": password, "testcookie": "1"}
        answer = self.post(f"{self.task.url}/wp-login.php", data=form, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.text
        return answer

    def nonce(self, path: str, pattern: str) -> str:
        """Return what a screen's form or script carries."""
        page = self.get(self.task.url + path, timeout=60)
        found = re.search(pattern, page.text)
        assert found, f"{path}: {page.status_code}, no {pattern}"
        return found[1]

    def upload(self, name: str, content: bytes, mime: str) -> requests.Response:
        """Put a file into the media library, as the uploader's script does."""
        nonce = self.nonce("/wp-admin/media-new.php", r'"_wpnonce":"(\w+)"')
        return self.post(
            f"{self.task.url}/wp-admin/async-upload.php",
            data={"name": name, "action": "upload-attachment", "_wpnonce": nonce},
            files={"async-upload": (name, content, mime)},
            timeout=300,
        )

    def write(self, path: str = "", kind: str = "posts", **fields: str) -> dict[str, object]:
        """Return a post or a page, new or (with ``/<id>``) changed, by REST as the block editor uses it."""
        nonce = self.nonce("/wp-admin/post-new.php", r'createNonceMiddleware\(\s*"(\w+)"')
        answer = self.post(
            f"{self.task.url}/wp-json/wp/v2/{kind}{path}", json=fields, headers={"X-WP-Nonce": nonce}, timeout=60
        )
        assert answer.ok, answer.text
        body: dict[str, object] = answer.json()
        return body
