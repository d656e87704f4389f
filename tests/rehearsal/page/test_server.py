"""The page over HTTP: what it answers to whom, with which headers, in how much memory."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.rehearsal.conftest import ROOT
from tests.rehearsal.page.conftest import Serve
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
    assert (answer.status_code, answer.headers["Location"]) == (303, parts.path)
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


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"decision": "down", "execution": "7"}, 400, id="another command"),
        pytest.param({"decision": "approve"}, 400, id="of no execution"),
        pytest.param({"decision": "approve", "execution": "7" * 2000}, 413, id="more than is read"),
    ],
)
def test_what_is_no_decision_is_refused(recorded: Recorded, serve: Serve, body: dict[str, str], status: int) -> None:
    session, page = entered(serve(recorded.checkout))
    token = session.get(page).text.partition('name="act-token" content="')[2].partition('"')[0]
    headers = {"Origin": page.rpartition("/")[0].rpartition("/")[0], "X-Act-Token": token}
    assert session.post(f"{page}decisions", data=body, headers=headers).status_code == status
    assert session.post(f"{page}decisions", data=body).status_code == 403
    assert session.get(f"{page}decisions").status_code == 405


def test_it_is_small(recorded: Recorded, serve: Serve) -> None:
    """It stands beside both sites: no emulated AWS, no CDK in its process."""
    session, page = entered(serve(recorded.checkout))
    session.get(page)
    [process] = [each for each in psutil.Process().children() if "rehearsal.page" in each.cmdline()]
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
