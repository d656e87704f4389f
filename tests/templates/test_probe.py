"""The canary's script, as Synthetics gets it: what it takes for a course's page, and what for none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.templates.faults import copied
from tests.templates.inputs import ROOT
from tests.templates.world import STAGES, World, of_type, only, text, wordpress

LINK = '<a href="/register/spring/">Spring</a>'
PAGE = '<main data-floodgate-state="{}">'


def script(world: World) -> dict[str, Any]:
    """Return what the script defines that the template holds."""
    defined: dict[str, Any] = {}
    source = only(wordpress(world, "Prod"), "Synthetics::Canary")["Code"]["Script"]
    exec(compile(source, "index.py", "exec"), defined)
    return defined


@contextmanager
def served(pages: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    """Serve pages, each with its status, on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, page = pages.get(self.path, (404, ""))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("state", ["closed", "open", "sold-out", "ended"])
def test_a_course_in_any_of_its_states_is_read(reference: World, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    with served({"/": (200, LINK), "/register/spring/": (200, PAGE.format(state))}) as site:
        monkeypatch.setenv("SITE_URL", f"{site}/")
        assert script(reference)["handler"](None, None) == f"{site}/register/spring/ is {state}"


def test_a_site_whose_courses_are_over_is_read(reference: World) -> None:
    with served({"/": (200, '<ul data-floodgate-courses="none">')}) as site:
        assert script(reference)["look"](site) == f"{site}/ has no course"


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        pytest.param({"/": (500, "")}, "HTTP Error 500", id="the front page fails"),
        pytest.param({"/": (200, "<p>under construction</p>")}, "leads to no course", id="another page"),
        pytest.param({"/": (200, LINK)}, "HTTP Error 404", id="the course is not there"),
        pytest.param(
            {"/": (200, LINK), "/register/spring/": (503, PAGE.format("waiting"))},
            "HTTP Error 503",
            id="a waiting page",
        ),
        pytest.param(
            {"/": (200, LINK), "/register/spring/": (200, PAGE.format("waiting"))},
            "not in a state of a course",
            id="a waiting page that says that all is well",
        ),
    ],
)
def test_what_a_visitor_would_not_want_fails(reference: World, pages: dict[str, tuple[int, str]], words: str) -> None:
    found = script(reference)
    with served(pages) as site, pytest.raises(found["NotServed"], match=words):
        found["look"](site)


def test_a_site_that_does_not_answer_fails(reference: World) -> None:
    found = script(reference)
    with pytest.raises(found["NotServed"], match="refused"):
        found["look"]("http://127.0.0.1:9")


def probe_is_as_it_must_be(world: World, stage: str) -> None:
    """Check that prod is read each five minutes under its public name, and dev, whose database pauses, by nobody."""
    site = wordpress(world, stage)
    if stage == "Dev":
        assert not of_type(site, "Synthetics::Canary")
        return
    canary = only(site, "Synthetics::Canary")
    assert canary["Schedule"]["Expression"] == "rate(5 minutes)"
    assert canary["StartCanaryAfterCreation"] is True
    assert "VPCConfig" not in canary, "it must come from outside"
    assert text(canary["RunConfig"]["EnvironmentVariables"]["SITE_URL"]) == text(site["Outputs"]["SiteUrl"]["Value"])
    assert canary["Code"]["Script"] == (ROOT / "src/probe/index.py").read_text()
    [alarm] = [
        each for each in of_type(site, "CloudWatch::Alarm").values() if each.get("MetricName") == "SuccessPercent"
    ]
    [dimension] = alarm["Dimensions"]
    assert text(dimension["Value"]) in (canary["Name"], f"<{next(iter(of_type(site, 'Synthetics::Canary')))}>")
    assert (alarm["Period"], alarm["TreatMissingData"]) == (300, "breaching")


@pytest.mark.parametrize("stage", STAGES)
def test_the_probe_is_as_it_must_be(reference: World, stage: str) -> None:
    probe_is_as_it_must_be(reference, stage)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda canary: canary["Schedule"].update(Expression="rate(1 hour)"), id="once an hour"),
        pytest.param(lambda canary: canary.update(StartCanaryAfterCreation=False), id="never started"),
        pytest.param(lambda canary: canary.update(VPCConfig={}), id="from within"),
        pytest.param(lambda canary: canary["RunConfig"]["EnvironmentVariables"].clear(), id="of no site"),
        pytest.param(lambda canary: canary["Code"].update(Script="def handler(*_): pass"), id="another script"),
    ],
)
def test_a_fault_of_the_probe_is_noticed(
    reference: World, monkeypatch: pytest.MonkeyPatch, fault: Callable[[dict[str, Any]], object]
) -> None:
    template = copied(wordpress(reference, "Prod"))
    fault(only(template, "Synthetics::Canary"))
    monkeypatch.setattr("tests.templates.test_probe.wordpress", lambda *_: template)
    with pytest.raises((AssertionError, KeyError)):
        probe_is_as_it_must_be(reference, "Prod")
