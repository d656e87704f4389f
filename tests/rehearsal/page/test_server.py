"""The page over HTTP: what it answers to whom, with which headers, in how much memory."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.rehearsal.conftest import ROOT
from tests.rehearsal.page.conftest import Serve, page_of
from tests.rehearsal.page.recorded import APPROVE, Recorded


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    made = Recorded(tmp_path)
    made.waits()
    return made


def entered(address: str) -> tuple[requests.Session, str]:
    """Enter as a browser does; the session, and the page's address without the token."""
    session = requests.Session()
    answer = session.get(address, allow_redirects=False)
    parts = urlsplit(address)
    assert (answer.status_code, answer.headers["Refresh"]) == (201, f"0; url={parts.path}")
    cookie = answer.headers["Set-Cookie"]
    for attribute in ("HttpOnly", f"Path={parts.path}", "SameSite=Strict"):
        assert attribute in cookie
    assert parts.query.removeprefix("token=") not in cookie
    return session, f"{parts.scheme}://{parts.netloc}{parts.path}"


def test_the_address_is_for_its_person_alone(recorded: Recorded, serve: Serve) -> None:
    address = serve(recorded.checkout)
    kept = recorded.folder / "page" / "address.json"
    assert json.loads(kept.read_text()) == {"address": address}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    page = address.partition("?")[0]
    assert requests.get(page).status_code == 403
    assert requests.get(f"{page}events").status_code == 403
    assert requests.get(f"http://{urlsplit(page).netloc}/").status_code == 404
    session, _ = entered(address)
    rebound = {"Host": "evil.example"}
    assert session.get(page, headers=rebound).status_code == 421
    answer = session.get(page)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_a_second_page_of_a_checkout_is_the_first(recorded: Recorded, serve: Serve) -> None:
    address = serve(recorded.checkout)
    command = [sys.executable, "-m", "rehearsal.page", "--checkout", str(recorded.checkout)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[-1]) == (0, address)


def test_a_report_is_drawn_and_does_nothing(recorded: Recorded, serve: Serve) -> None:
    session, page = entered(serve(recorded.checkout))
    answer = session.get(f"{page}report/7/{APPROVE}/0")
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups; default-src 'none'")
    assert "allow-scripts" not in policy
    for path in (f"report/7/{APPROVE}/1", "report/7/0/0", "report/9/0/0", "assets/../server.py", "assets/none.js"):
        assert session.get(page + path).status_code == 404, path


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page that decides nothing, for all that it is asked."""
    made = Recorded(tmp_path_factory.mktemp("unmoved"))
    made.waits()
    with page_of(made.checkout) as address:
        yield address


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"decision": "down", "execution": "7"}, 400, id="another command"),
        pytest.param({"decision": "approve"}, 400, id="of no execution"),
        pytest.param({"decision": "approve", "execution": "7" * 2000}, 413, id="more than is read"),
    ],
)
def test_what_is_no_decision_is_refused(unmoved: str, body: dict[str, str], status: int) -> None:
    session, page = entered(unmoved)
    headers = token_of(session, page)
    assert session.post(f"{page}decisions", data=body, headers=headers).status_code == status
    assert session.post(f"{page}decisions", data=body).status_code == 403
    assert session.get(f"{page}decisions").status_code == 405


def token_of(session: requests.Session, page: str) -> dict[str, str]:
    """Return the headers with which the page's own script acts."""
    token = session.get(page).text.partition('name="act-token" content="')[2].partition('"')[0]
    return {"Origin": page.rpartition("/")[0].rpartition("/")[0], "X-Act-Token": token}


def events(answer: requests.Response) -> Iterator[tuple[str, str]]:
    """Yield the events of a stream: the name of each, and the tab that it is for."""
    lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
    for line in lines:
        if line.startswith("event: "):
            yield line.removeprefix("event: "), json.loads(next(lines).removeprefix("data: "))["tab"]


def test_a_stream_tells_each_tab_what_it_watches(recorded: Recorded, serve: Serve) -> None:
    session, page = entered(serve(recorded.checkout))
    headers = token_of(session, page)

    def watch(**fields: str) -> int:
        return session.post(f"{page}watch", data=fields, headers=headers).status_code

    assert session.get(f"{page}events").status_code == 400
    assert watch(stream="a", tab="1") == 404, "nobody hears it"
    with session.get(f"{page}events?stream=a", stream=True) as answer:
        assert watch(stream="a", tab="1") == 204
        came = events(answer)
        assert list(islice(came, 4)) == [("state", "1"), ("dashboards", "1"), ("mailbox", "1"), ("log", "1")]
        assert watch(stream="a", tab="2", execution="7", action="0") == 204
        assert watch(stream="a", tab="1", leaves="") == 204
        assert {tab for _, tab in islice(came, 4)} == {"2"}
        recorded.tells("a message", "to one who is here")
        assert next(came) == ("mailbox", "2")
    assert watch(stream="a") == 400


def test_a_message_leads_to_itself_alone(recorded: Recorded, serve: Serve) -> None:
    session, page = entered(serve(recorded.checkout))
    name = recorded.tells("Grüße", "plain", html="<script>alert(1)</script><p>rich", attached=b"a file")
    message = session.get(f"{page}messages/{name}").json()
    assert (message["subject"], message["text"].strip(), message["html"]) == ("Grüße", "plain", True)
    assert message["attachments"] == [{"name": "course.ics", "bytes": 6}]
    letter = session.get(f"{page}messages/{name}/letter")
    assert "<p>rich" in letter.text
    assert letter.headers["Content-Security-Policy"].startswith("sandbox allow-popups; default-src 'none'")
    file = session.get(f"{page}messages/{name}/0")
    assert (file.content, file.headers["Content-Type"]) == (b"a file", "application/octet-stream")
    assert file.headers["Content-Disposition"] == "attachment; filename=course.ics"
    plain = recorded.tells("only text", "plain", after=1)
    for path in (f"{name}/1", f"{plain}/letter", f"{plain}/0", "none", "..%2Fsecrets"):
        assert session.get(f"{page}messages/{path}").status_code == 404, path
    assert session.post(f"{page}read", data={"message": name}).status_code == 403
    assert session.post(f"{page}read", data={"message": name}, headers=token_of(session, page)).status_code == 204
    assert json.loads((recorded.folder / "page" / "read.json").read_text()) == [name]


def test_it_is_small(recorded: Recorded, serve: Serve) -> None:
    """It stands beside both sites: no emulated AWS, no CDK in its process."""
    session, page = entered(serve(recorded.checkout))
    session.get(page)
    # Another test's process may have ended, and nobody has looked yet.
    alive = [each for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE]
    [process] = [each for each in alive if str(recorded.checkout) in each.cmdline()]
    loaded = "\n".join(mapped.path for mapped in process.memory_maps())
    assert process.memory_info().rss < 100 * 2**20
    assert "numpy" not in loaded


def test_its_process_knows_no_aws() -> None:
    script = "import sys, rehearsal.page.__main__; sys.exit(bool({'moto', 'boto3', 'aws_cdk'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--checkout", "/nowhere"], "/nowhere is no checkout", id="no checkout"),
        pytest.param(["--port", "99999"], "99999 is no port", id="no port"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal.page", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr
