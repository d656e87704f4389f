"""Each documented variant of an access log is read as what it is, or named as strange: never the wrong person."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import pytest

from loadtest import cli
from loadtest.fitting import access_log, formats
from loadtest.fitting.formats import FORMATS
from loadtest.fitting.sessions import observe
from loadtest.record.exit_codes import BadInput

COMMON = '203.0.113.9 - - [23/Nov/2026:18:00:01 +0100] "GET /kurs/?x=1 HTTP/1.1" 200 512'
COMBINED = f'{COMMON} "https://example.org/" "Mozilla/5.0 (Android; \\"CUBOT NOTE 20\\")"'
AGENT = 'Mozilla/5.0 (Android; \\"CUBOT NOTE 20\\")'
END = datetime.fromisoformat("2026-11-23T17:00:01+00:00").timestamp()
ALB = (
    "https 2026-11-23T17:00:01.000000Z app/site/50dc 203.0.113.9:2817 10.0.0.1:80 0.000 0.250 0.000 200 200 34 366 "
    '"GET https://example.org:443/kurs/ HTTP/1.1" "Mozilla/5.0" ECDHE TLSv1.3 arn:aws:x "Root=1-5" "example.org" "-" 0 '
    '2026-11-23T17:00:00.750000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'
)
CLOUDFRONT = (
    "2026-11-23\t17:00:01\tFRA56-P4\t512\t203.0.113.9\tGET\td1.cloudfront.net\t/kurs/\t200\t-\tMozilla/5.0%20(X)\t-\t-"
    "\tHit\tabc==\texample.org\thttps\t23\t0.250\t-\tTLSv1.3\tX\tHit\tHTTP/2.0\t-\t-\t443\t0.250\tHit\ttext/html\t9\t-\t-"
)
HAPROXY = (
    "203.0.113.9:33317 [23/Nov/2026:17:00:00.750] site~ php/web1 10/0/30/69/250 200 2750 - - ---- 1/1/1/1/0 0/0 "
    '{example.org|Mozilla/5.0} {} "GET /kurs/ HTTP/1.1"'
)
CADDY = (
    '{"level":"info","ts":1795453201.0,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":'
    '"10.0.0.1","client_ip":"203.0.113.9","proto":"HTTP/2.0","method":"GET","host":"example.org","uri":"/kurs/?x=1",'
    '"headers":{"User-Agent":["Mozilla/5.0"]}},"bytes_read":0,"user_id":"","duration":0.25,"size":512,"status":200}'
)
TRAEFIK = f'{COMMON} "-" "Mozilla/5.0" 17 "site@docker" "http://10.0.0.1:80" 250ms'
TRAEFIK_JSON = (
    '{"ClientAddr":"203.0.113.9:5555","ClientHost":"203.0.113.9","DownstreamStatus":200,"Duration":250000000,'
    '"RequestMethod":"GET","RequestPath":"/kurs/?x=1","StartUTC":"2026-11-23T17:00:00.75Z","request_User-Agent":"M/5"}'
)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        pytest.param(COMMON, "nginx or Apache", id="common"),
        pytest.param(COMBINED, "nginx or Apache", id="combined"),
        pytest.param(f"example.org {COMBINED}", "nginx or Apache", id="virtual host first"),
        pytest.param(f"example.org:443 {COMBINED}", "nginx or Apache", id="virtual host with its port"),
        pytest.param(f"fade.cafe {COMBINED}", "nginx or Apache", id="virtual host of hexadecimal letters"),
        pytest.param(f"10.0.0.1:443 {COMBINED}", "nginx or Apache", id="address of the server with its port"),
        pytest.param(f"<190>Nov 23 18:00:01 10.0.0.5 nginx: {COMBINED}", "nginx or Apache", id="syslog"),
        pytest.param(f"<190>1 2026-11-23T17:00:01Z web nginx 12 - - {COMBINED}", "nginx or Apache", id="new syslog"),
        pytest.param(f"2026-11-23T17:00:01+00:00 web nginx[12]: {COMBINED}", "nginx or Apache", id="journal"),
        pytest.param(f"nginx-1  | {COMBINED}", "nginx or Apache", id="compose"),
        pytest.param(f"2026-11-23T17:00:01.5Z stdout F {COMBINED}", "nginx or Apache", id="Kubernetes"),
        pytest.param(f'{COMBINED} "0.250"', "nginx or Apache", id="an extra quoted number"),
        pytest.param(f'{COMBINED} 0.250 "-" .', "nginx or Apache", id="an extra number"),
        pytest.param(
            COMBINED.replace("203.0.113.9", "10.0.0.1") + ' "203.0.113.9, 10.1.1.1"',
            "nginx or Apache",
            id="behind a proxy",
        ),
        pytest.param(COMBINED.replace(" - - ", " - a user "), "nginx or Apache", id="a user with a blank"),
        pytest.param(ALB, "AWS application load balancer", id="ALB"),
        pytest.param(ALB.replace("https 2026", "wss 2026"), "AWS application load balancer", id="ALB, a web socket"),
        pytest.param(
            ALB.replace('"Mozilla/5.0"', '"a \\"b\\" c"'), "AWS application load balancer", id="ALB, a quoted agent"
        ),
        pytest.param(CLOUDFRONT, "CloudFront", id="CloudFront"),
        pytest.param(HAPROXY, "HAProxy", id="HAProxy"),
        pytest.param(f"Nov 23 17:00:01 lb haproxy[14389]: {HAPROXY}", "HAProxy", id="HAProxy by syslog"),
        pytest.param(CADDY, "Caddy (JSON)", id="Caddy"),
        pytest.param(TRAEFIK, "Traefik", id="Traefik"),
        pytest.param(TRAEFIK_JSON, "Traefik (JSON)", id="Traefik, JSON"),
        pytest.param(
            '{"date":"2026-11-23","time":"17:00:01","c-ip":"203.0.113.9","cs-method":"GET","cs-uri-stem":"/kurs/",'
            '"sc-status":"200","cs(User-Agent)":"Mozilla/5.0%20(X)","time-taken":"0.25"}',
            "CloudFront (JSON)",
            id="CloudFront, JSON",
        ),
    ],
)
def test_a_line_of_each_format_tells_who_asked_for_what_and_when(line: str, name: str) -> None:
    found = [(each, request) for each in FORMATS if (request := each.parse(line))]
    form, request = found[0]
    assert form.name == name
    assert (request.client, request.method, request.path, request.status) == ("203.0.113.9", "GET", "/kurs/", 200)
    assert request.end == pytest.approx(END, abs=1)
    assert (request.seconds == pytest.approx(0.25)) is form.has_durations


@pytest.mark.parametrize(
    ("old", "new", "plain"),
    [
        pytest.param("", "", True, id="as nearly all are"),
        pytest.param("203.0.113.9:2817", "[2001:db8::1]:2817", True, id="IPv6"),
        pytest.param(" 200 200 ", " 460 - ", True, id="gone before the answer"),
        pytest.param("GET https", "- http", True, id="no request"),
        pytest.param('"Mozilla/5.0"', '"a \\"b\\" c"', False, id="an escaped quote"),
        pytest.param("17:00:00.750000Z", "18:00:00.750000+01:00", False, id="a time with an offset"),
        pytest.param('"Root=1-5"', "-", False, id="nothing quoted"),
        pytest.param("17:00:01.000000Z", "17:00:01.000000", False, id="a time without a zone"),
    ],
)
def test_the_quick_way_through_a_line_of_a_load_balancer_tells_what_the_other_does(
    old: str, new: str, plain: bool
) -> None:
    line = ALB.replace(old, new, 1)
    quick, other = formats._plain_alb(line), formats._any_alb(line)
    assert quick == (other if plain else None)
    assert other is not None


@pytest.mark.parametrize(
    ("written", "path"),
    [
        pytest.param("//kurs/", "/kurs/", id="two slashes first"),
        pytest.param("//kurs/anmelden?x=1", "/kurs/anmelden", id="a folder behind two slashes"),
        pytest.param("/kurs//anmelden", "/kurs/anmelden", id="two slashes within"),
        pytest.param("///", "/", id="nothing else"),
        pytest.param("//[kurs/", "/[kurs/", id="half of a bracket"),
        pytest.param("/kurs/?to=//x", "/kurs/", id="in the query"),
        pytest.param("https://example.org//kurs/", "/kurs/", id="behind a host"),
        pytest.param("https://example.org:443/kurs/", "/kurs/", id="a whole address"),
    ],
)
def test_what_is_asked_for_is_a_path_as_nginx_reads_it(written: str, path: str) -> None:
    assert formats.request_line(f"GET {written} HTTP/1.1") == ("GET", path)
    found = formats.balancer(ALB.replace("https://example.org:443/kurs/", written))
    assert found is not None
    assert found.path == path
    if not written.startswith("http"):
        line = CLOUDFRONT.replace("/kurs/", written.partition("?")[0])
        assert [each.path for one in FORMATS if (each := one.parse(line))] == [path]


def test_an_escaped_quote_in_a_user_agent_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(f'{COMBINED}\n{COMBINED} "0.2"\n')
    log = access_log.read([str(tmp_path / "access.log")])
    assert [agent for _, agent, _ in log.requests.by_visitor(log.requests.acts(), by_end=True)] == [AGENT]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"10.0.0.1 {COMBINED}", id="two addresses, and nobody says whose"),
        pytest.param(COMBINED.replace("203.0.113.9", "visitor.example.org"), id="a name in the place of an address"),
        pytest.param(COMBINED.replace("203.0.113.9", "-"), id="nobody"),
        pytest.param(ALB.replace("203.0.113.9:2817", "-"), id="ALB without its client"),
        pytest.param("203.0.113.9 GET /kurs/ 200", id="something else"),
    ],
)
def test_a_line_without_an_address_in_its_place_is_strange_with_its_place(tmp_path: Path, line: str) -> None:
    assert not [each.name for each in FORMATS if each.parse(line)]
    (tmp_path / "access.log").write_text("\n".join([*[COMBINED] * 20, line]))
    log = access_log.read([str(tmp_path / "access.log")])
    assert log.strange == 1
    assert log.strangers[0].startswith(f"{tmp_path}/access.log:21: ")


def test_a_byte_order_mark_and_comments_are_no_lines(tmp_path: Path) -> None:
    (tmp_path / "cf.log").write_text(f"\ufeff#Version: 1.0\n#Fields: date time\n{CLOUDFRONT}\n", encoding="utf-8")
    (tmp_path / "a.log").write_text(f"\ufeff{COMBINED}\n", encoding="utf-8")
    for name in ("cf.log", "a.log"):
        log = access_log.read([str(tmp_path / name)])
        assert (len(log.requests), log.strange) == (1, 0)


def several(first: int, number: int) -> str:
    return "".join(
        f"{COMBINED.replace('18:00:01', f'18:{second // 60:02}:{second % 60:02}')}\n"
        for second in range(first, first + number)
    )


def test_the_same_lines_twice_are_noticed(tmp_path: Path) -> None:
    one, other, more = (tmp_path / name for name in ("access.log.1", "access.log.1.gz", "access.log.2"))
    one.write_text(several(0, 600))
    other.write_bytes(gzip.compress(one.read_bytes()))
    more.write_text(several(600, 600))
    assert len(access_log.read([str(one), str(more)]).requests) == 1200
    with pytest.raises(
        BadInput, match=r"access\.log\.1 and .*access\.log\.1\.gz have the same lines; name one of them"
    ):
        access_log.read([str(one), str(more), str(other)])


@pytest.mark.parametrize(
    "opening",
    [
        "2026-11-23T19:00:00+01:00",
        "2025-11-23T18:00:00+01:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_an_opening_outside_the_log_is_refused_with_its_span(
    tmp_path: Path, opening: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "access.log").write_text(several(0, 600))
    assert cli.main(["fit", str(tmp_path / "access.log"), "--opening", opening, "--out", str(tmp_path / "x")], {}) == 2
    complaint = capsys.readouterr().err
    assert f"--opening: {opening} is not in the log, which goes from 2026-11-23T17:00:00+00:00 to " in complaint
    assert "2026-11-23T17:09:59+00:00" in complaint


def test_a_check_shows_people_with_their_pauses_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "access.log").write_text(f"{several(0, 3)}what is this\n" + several(10, 20).replace(".9 ", ".8 "))
    assert cli.main(["fit", str(tmp_path / "access.log"), "--check", "--out", str(tmp_path / "x.toml")], {}) == 0
    text = capsys.readouterr().out
    assert "nginx or Apache, 23 requests from 2026-11-23T17:00:00+00:00 to 2026-11-23T17:00:29+00:00" in text
    assert "access.log:4: 'what is this'" in text
    assert "203.0.113.9     Mozilla/5.0 (Android;" in text and "3 pages, 0 submits; pauses 1.0, 1.0 s" in text
    assert not (tmp_path / "x.toml").exists()


@pytest.mark.parametrize(
    ("agent", "robot"),
    [
        pytest.param("Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20)", False, id="a phone"),
        pytest.param("Mozilla/5.0 (compatible; Googlebot/2.1)", True, id="a search engine"),
        pytest.param("bot", True, id="it says so"),
    ],
)
def test_who_says_so_is_a_program_and_a_phone_is_a_person(tmp_path: Path, agent: str, robot: bool) -> None:
    (tmp_path / "access.log").write_text(several(0, 3).replace(AGENT, agent))
    log = access_log.read([str(tmp_path / "access.log")])
    observed = observe(log, "/kurs/", None, None)
    assert (observed.robots, observed.people) == ((1, 0) if robot else (0, 1))
