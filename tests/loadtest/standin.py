"""A small site that keeps the storm's side of the bargain, with faults to order.

Run as a process of its own:

    python standin.py '{"slow": 1.5}'

prints its address and serves until its standard input closes. It stands in for the real site only where a test needs a
fault that the real one does not have.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

TOKEN = "stand-in-token"
PAGE = """<!doctype html><html><head><title>Course</title><meta name="generator" content="WordPress 6.8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/wp-content/style.css?ver=1">
<script src="/wp-content/site.js" defer></script></head>
<body><main {marker}>{body}<img src="/wp-content/logo.png" alt=""><img src="https://elsewhere.invalid/x.png" alt="">
</main>{filler}</body></html>"""
# What a page of the real site does in a browser, in a few lines.
SCRIPT = """
const main = document.getElementById('main');
const form = document.getElementById('floodgate-claim');
const find = document.getElementById('floodgate-find');
const keep = (fields) => sessionStorage.setItem('typed', JSON.stringify(fields));
const typed = JSON.parse(sessionStorage.getItem('typed') ?? '{}');
if (FAULTS.throws) setTimeout(() => { throw new Error('the script of the page broke'); });
if (FAULTS.jumps) setTimeout(() => { document.body.style.paddingTop = '300px'; }, 300);
if (main?.dataset.floodgateState === 'closed' && !FAULTS.no_countdown) {
    const clock = document.querySelector('[data-countdown]');
    const left = () => Number(main.dataset.floodgateOpens) - Date.now() / 1000;
    const tick = () => {
        if (left() < 0) return location.replace(location.href);
        clock.querySelector('[data-unit]').textContent = Math.ceil(left());
        setTimeout(tick, 100);
    };
    clock.hidden = false;
    tick();
}
const lost = document.querySelector('[data-resend]');
if (lost && typed.sent && !FAULTS.forgets) lost.hidden = false;
if (main?.dataset.floodgateState === 'confirmed') keep({});
for (const each of [form, find].filter(Boolean)) {
    const { name, email } = each.elements;
    if (typed.email && !FAULTS.forgets) [name.value, email.value] = [typed.name, typed.email];
    if (FAULTS.form_goes) email.addEventListener('input', () => each.remove());
    each.addEventListener("submit", () => keep({ name: name.value, email: email.value, sent: true }));
}
"""
FILLER = "<p>About the course, its place and its people.</p>" * 100


@dataclass
class Faults:
    """What is wrong with the site; nothing by default."""

    slow: float = 0.0  # seconds for each page and claim
    oversell: int = 0  # seats sold beyond the number
    lose_answer_each: int = 0  # each n-th new claim is taken and answered by the waiting page
    no_way_back: bool = False  # where there is no form, nothing leads to a code that did not arrive
    lose_each: int = 0  # each n-th confirmed claim is not stored
    new_code_each: int = 0  # each n-th repeated claim is given a different code
    never_opens: bool = False
    opens_early: float = 0.0  # seconds before its time
    ends_at: float | None = None  # seconds after the opening at which the registration ends
    marker: bool = True
    die_at: float | None = None  # seconds after the opening at which all connections are cut and none is taken
    error_share: int = 0  # each n-th page is a 502 without the site's marker
    no_styles: bool = False  # its pages name a file that is not there
    foreign_each: int = 0  # each n-th page is somebody else's
    waiting_share: int = 0  # each n-th answer is the waiting page
    truncate_each: int = 0  # each n-th page is cut off in its middle
    no_ledger: bool = False
    ledger_says: dict[str, object] = field(default_factory=dict)  # in the place of what is true
    course_says: dict[str, object] = field(default_factory=dict)  # likewise, when one is made
    slow_ledger: float = 0.0  # seconds that each request for the ledger takes
    busy_ledger: int = 0  # how often the ledger is answered by the waiting page at first
    busy_for: int | None = None  # seconds after which that page says to come again
    calls_itself: str = ""  # the address that stands before its links, forms and files
    redirects_to: str = ""  # the address that its pages lead to
    interim: bool = False  # an early hint before each answer
    odd_gzip: bool = False  # bodies of two members, in a coding whose name is in capitals
    closed: bool = False  # to everybody who does not bring the storm's token
    not_ready: bool = False
    commit: str = "c0ffee"
    install_open: bool = False
    front_page: str | None = None
    # What only somebody with a real browser notices:
    no_countdown: bool = False  # nothing counts down, and nothing comes by itself
    forgets: bool = False  # what was typed and sent, when no answer came
    throws: bool = False  # an error that the page's script leaves uncaught
    form_goes: bool = False  # when somebody has filled it in
    jumps: bool = False  # all of the page moves down when it has been seen


@dataclass
class Course:
    seats: int
    opens_at: float
    rows: list[dict[str, object]] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    taken: int = 0


class Site:
    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.courses: dict[str, Course] = {"next": Course(10, time.time() + 3600)}
        self.lock = threading.Lock()
        # By the name that the site was called and the path, the person who asked last; none, where nobody was named.
        self.passes: dict[str, dict[str, str | None]] = {}
        self.arrivals: dict[str, float] = {}  # each person's first look, in seconds from the opening
        self.pages, self.claims, self.repeats = itertools.count(1), itertools.count(1), itertools.count(1)

    def make_course(self, seats: int, opens_in: float) -> tuple[str, Course]:
        with self.lock:
            slug = f"storm-{len(self.courses)}"
            self.courses[slug] = Course(seats, time.time() + opens_in)
            return slug, self.courses[slug]

    def state(self, course: Course) -> str:
        if self.faults.ends_at is not None and time.time() > course.opens_at + self.faults.ends_at:
            return "ended"
        if self.faults.never_opens or time.time() < course.opens_at - self.faults.opens_early:
            return "closed"
        return "sold-out" if course.taken >= self._for_sale(course) else "open"

    def _for_sale(self, course: Course) -> int:
        return course.seats + self.faults.oversell

    def claim(self, course: Course, email: str) -> tuple[str, str | None, bool]:
        """Return what becomes of a claim: the page's state, the code, and whether the seat was theirs already."""
        with self.lock:
            if email in course.codes:
                if self.faults.new_code_each and next(self.repeats) % self.faults.new_code_each == 0:
                    return "confirmed", f"ZZZZ-{len(course.codes):04}-0000", True
                return "confirmed", course.codes[email], True
            if self.state(course) != "open":
                return self.state(course), None, False
            course.taken += 1
            number = next(self.claims)
            code = f"ABCD-{number:04}-EFGH"
            course.codes[email] = code
            row = {"code": code, "email": email, "claimed_at": time.time()}
            if not (self.faults.lose_each and number % self.faults.lose_each == 0):
                course.rows.append(row)
            return "confirmed", code, False

    def dead(self) -> bool:
        at = self.faults.die_at
        opened = [course.opens_at for slug, course in self.courses.items() if slug != "next"]
        return at is not None and bool(opened) and time.time() > max(opened) + at


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    faults = site.faults

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

        def answer(self, status: int, body: str, kind: str = "text/html", **headers: str) -> None:
            data = body.encode()
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                half = len(data) // 2 if faults.odd_gzip else len(data)
                data = b"".join(gzip.compress(piece, 1) for piece in (data[:half], data[half:]) if piece)
                headers["Content_Encoding"] = "X-GZIP" if faults.odd_gzip else "gzip"
            if faults.interim:
                self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </site.css>; rel=preload\r\n\r\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if faults.truncate_each and kind == "text/html" and next(site.pages) % faults.truncate_each == 0:
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
                return
            self.wfile.write(data)

        def page(
            self,
            status: int,
            state: str,
            body: str = "",
            *,
            code: str | None = None,
            again: bool = False,
            opens: float | None = None,
            **headers: str,
        ) -> None:
            marker = f'id="main" data-floodgate-state="{state}"' + (f' data-floodgate-code="{code}"' if code else "")
            marker += ' data-floodgate-again="yes"' if again else ""
            marker += f' data-floodgate-opens="{opens}"' if opens else ""
            html = PAGE.format(marker=marker if faults.marker else "", body=body, filler=FILLER)
            html = re.sub(r'(href|src|action)="/', rf'\1="{faults.calls_itself}/', html)
            self.answer(status, html, **headers)

        def json(self, status: int, value: object) -> None:
            self.answer(status, json.dumps(value), "application/json")

        def hampered(self) -> bool:
            """Apply the faults of pages; True if one has answered already."""
            time.sleep(faults.slow)
            number = next(site.pages)
            if faults.error_share and number % faults.error_share == 0:
                self.answer(502, "<h1>502 Bad Gateway</h1>")
            elif faults.foreign_each and number % faults.foreign_each == 0:
                self.answer(200, "<h1>Sign in to the guests' network</h1>")
            elif faults.waiting_share and number % faults.waiting_share == 0:
                self.page(503, "waiting", Retry_After="1")
            else:
                return False
            return True

        def alive(self) -> bool:
            if site.dead():
                self.close_connection = True
                self.connection.close()
                return False
            if faults.closed and self.headers.get("X-Floodgate-Storm") != TOKEN:
                self.answer(403, "This site is not open to everybody.")
                return False
            return True

        def do_GET(self) -> None:  # noqa: PLR0912 - a branch for each route
            if not self.alive():
                return
            path = self.path.split("?")[0]
            site.passes.setdefault(self.headers.get("Host", ""), {})[path] = self.headers.get("X-Floodgate-Person")
            if path.startswith("/wp-content/"):
                self.asset(path)
                return
            course = re.fullmatch(r"/register/([a-z0-9-]+)/", path)
            ledger = re.fullmatch(r"/wp-json/floodgate/v1/ledger/([a-z0-9-]+)", path)
            if path == "/floodgate/ready":
                if faults.not_ready:
                    self.json(503, {"ready": False, "reason": "database"})
                else:
                    self.json(200, {"ready": True, "stage": "dev", "commit": faults.commit, "wordpress": "6.8.1"})
            elif course and faults.redirects_to:
                self.answer(301, "", Location=faults.redirects_to + path)
            elif course and course[1] in site.courses:
                if person := self.headers.get("X-Floodgate-Person"):
                    site.arrivals.setdefault(person, time.time() - site.courses[course[1]].opens_at)
                if not self.hampered():
                    self.show(course[1])
            elif (back := re.fullmatch(r"(/register/[a-z0-9-]+/)claim", path)) is not None:
                self.answer(303, "", Location=back[1])
            elif path == "/passes":
                self.json(200, site.passes)
            elif path == "/arrivals":
                self.json(200, site.arrivals)
            elif ledger and faults.busy_ledger > 0:
                faults.busy_ledger -= 1
                again = {} if faults.busy_for is None else {"Retry_After": str(faults.busy_for)}
                self.answer(503, json.dumps({"code": "floodgate_waiting"}), "application/json", **again)
            elif ledger and not faults.no_ledger:
                self.ledger(ledger[1])
            elif path == "/":
                front = PAGE.format(marker="", body='<a href="/register/next/">Next course</a>', filler=FILLER)
                self.answer(200, front if faults.front_page is None else faults.front_page)
            elif path == "/wp-admin/install.php" and faults.install_open:
                self.answer(200, "<form>Install</form>")
            else:
                self.answer(404, "not found")

        def asset(self, path: str) -> None:
            if faults.no_styles and path.endswith(".css"):
                self.answer(404, "not found")
                return
            if self.headers.get("If-None-Match") != '"1"':
                if path.endswith(".js"):
                    of_pages = {"no_countdown": faults.no_countdown, "forgets": faults.forgets}
                    of_pages |= {"throws": faults.throws, "jumps": faults.jumps, "form_goes": faults.form_goes}
                    script = SCRIPT.replace("FAULTS", json.dumps(of_pages))
                    self.answer(200, script, "text/javascript", ETag='"1"')
                else:
                    self.answer(200, "x" * 2000, "text/css", ETag='"1"')
                return
            self.send_response(304)
            self.send_header("ETag", '"1"')
            self.end_headers()

        def show(self, slug: str) -> None:
            state = site.state(site.courses[slug])
            form = (
                f'<form id="floodgate-claim" method="post" action="/register/{slug}/claim">'
                '<input name="name"><input type="email" name="email">'
                f'<input type="hidden" name="course" value="{slug}"><button>Register</button></form>'
            )
            lost = "<p data-resend hidden>Please send it again.</p>"
            countdown = "<p data-countdown hidden><b data-unit=1>0</b></p>"
            find = form.replace("floodgate-claim", "floodgate-find").replace(
                "</form>", '<input type="hidden" name="find" value="1"></form>'
            )
            card = form if state == "open" else "" if faults.no_way_back else find
            opens = site.courses[slug].opens_at
            self.page(200, state, f"{countdown if state == 'closed' else lost}{card}", opens=opens)

        def ledger(self, slug: str) -> None:
            time.sleep(faults.slow_ledger)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.json(401, {"code": "unauthorized"})
                return
            course = site.courses[slug]
            self.json(
                200,
                {
                    "course": slug,
                    "seats": course.seats,
                    "sold": len(course.rows),
                    "taken": len(course.rows),
                    "claims": course.rows,
                    **faults.ledger_says,
                },
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            if not self.alive():
                return
            if self.path == "/wp-json/floodgate/v1/storms":
                self.make_storm(body)
                return
            if self.hampered():
                return
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            course, email = site.courses[fields["course"]], fields["email"].strip().lower()
            if "find" in fields and email not in course.codes:
                self.page(409, site.state(course), Cache_Control="no-store")
                return
            state, code, again = site.claim(course, email)
            if faults.lose_answer_each and code and not again and course.taken % faults.lose_answer_each == 0:
                self.page(503, "waiting", Retry_After="1")
                return
            self.page(200 if state == "confirmed" else 409, state, code=code, again=again, Cache_Control="no-store")

        def make_storm(self, body: str) -> None:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.json(401, {"code": "unauthorized"})
                return
            order = json.loads(body)
            slug, course = site.make_course(order["seats"], order["opens_in"])
            self.json(
                201,
                {
                    "course": slug,
                    "path": f"/register/{slug}/",
                    "opens_at": course.opens_at,
                    "now": time.time(),
                    "seats": course.seats,
                    **faults.course_says,
                },
            )

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: people who abort are no news."""


def main() -> None:
    site = Site(Faults(**json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}")))
    host, port = sys.argv[2:] or ("127.0.0.1", "0")
    server = Server((host, int(port)), handler_of(site))
    site.faults.calls_itself = site.faults.calls_itself.replace("PORT", str(server.server_port))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
