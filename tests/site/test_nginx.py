"""nginx's configuration as it runs: what an analyser says, what its text must hold, what its start refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.site.task import Host, Task, eventually, image

# What the analyser says that is not so here: the check, how its reason begins, and why.
ACCEPTED = {
    ("if_is_evil", 'Directive "sendfile" is not safe to use in "if in location" context'): (
        "nginx's reference names 'if in location' as a context of sendfile; the tests of the cache run through it."
    ),
    (
        "add_header_redefinition",
        'Parent header(s) "referrer-policy", "strict-transport-security", "x-content-type-options", "x-frame-options"',
    ): "What has not changed says what a cache needs, and nothing that the browser keeps with the page.",
    **{
        ("http_splitting", f'At least variable "${name}" can contain'): (
            "They are made of the request line, in which no line feed stands; query.js leaves parts of it out."
        )
        for name in ("page_key", "page_query", "page_uri")
    },
    ("missing_resolver", "'proxy_pass' uses a variable"): "The variable names one of two groups of this configuration.",
}
ON_EVERY_ANSWER = ["x-content-type-options", "x-frame-options", "referrer-policy", "strict-transport-security"]


@pytest.fixture(scope="module")
def rendered(task: Task) -> str:
    """The whole configuration, with the parts that the start has written."""
    return task.exec("nginx", "nginx", "-T", "-e", "stderr", "-c", "/etc/nginx/nginx.conf")


def test_the_analyser_finds_nothing_that_is_not_known(rendered: str, tmp_path: Path) -> None:
    dump = tmp_path / "nginx.conf"
    dump.write_text(rendered)
    options = ["--format", "json", "--add-header-redefinition-headers", ",".join(ON_EVERY_ANSWER)]
    gixy = Path(sys.executable).with_name("gixy")
    done = subprocess.run([gixy, *options, dump], capture_output=True, text=True, check=False)
    found = {(each["plugin"], each["reason"]) for each in json.loads(done.stdout)}
    unknown = {each for each in found if not any(each[0] == a and each[1].startswith(b) for a, b in ACCEPTED)}
    assert unknown == set()
    stale = {a for a in ACCEPTED if not any(each[0] == a[0] and each[1].startswith(a[1]) for each in found)}
    assert stale == set(), "accepted, but no longer said"


def test_the_analyser_is_awake(rendered: str, tmp_path: Path) -> None:
    dump = tmp_path / "nginx.conf"
    dump.write_text(rendered.replace("return 301 /wp-admin/;", "return 301 http://$host$uri;"))
    done = subprocess.run(
        [Path(sys.executable).with_name("gixy"), "--format", "json", dump], capture_output=True, text=True, check=False
    )
    assert "http_splitting" in {each["plugin"] for each in json.loads(done.stdout)}


def blocks(text: str, head: str) -> list[str]:
    """Return the innermost blocks that begin with ``head``."""
    return re.findall(rf"^ *{head}[^\n]*\{{((?:[^{{}}]|\{{[^{{}}]*\}})*)\}}", text, re.MULTILINE)


def test_text(rendered: str) -> None:
    assert "server_tokens off;" in rendered
    assert re.findall(r"^ *listen ([^;]*);", rendered, re.MULTILINE) == [
        "unix:/tmp/floodgate/pages.sock",
        "unix:/tmp/floodgate/new.sock",
        "unix:/tmp/floodgate/editors.sock",
        "unix:/tmp/floodgate/claims.sock",
        "8080 default_server backlog=4096",
    ], "one way in"
    assert "try_files" not in rendered
    assert len(re.findall(r"fastcgi_pass php_(?:pages|editors|claims);", rendered)) == 5
    assert "limit_conn waiting 45;" in rendered
    assert "limit_conn waiting 62;" in rendered
    for zone in re.findall(r"^limit_(?:req|conn)_zone (\S+) zone=(\w+):", rendered, re.MULTILINE):
        assert re.search(rf"limit_(?:req zone=|conn ){zone[1]}\b", rendered), f"{zone[1]} limits nothing"


def test_a_location_with_headers_of_its_own_has_the_common_ones(rendered: str) -> None:
    server = rendered[rendered.index("# configuration file /etc/nginx/front.conf") :]
    server = server[: server.index("# configuration file", 10)]
    for location in blocks(server, "    location"):
        # What has not changed says nothing that the browser keeps with the page.
        if "add_header" in location and "return 304;" not in location:
            assert re.search(r"include (?:headers|static|page|personal)\.conf;", location), location


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        pytest.param({"PHP_CHILDREN": "many"}, 'PHP_CHILDREN is "many"', id="children that are no number"),
        pytest.param({"PHP_CLAIM_CHILDREN": "0"}, 'PHP_CLAIM_CHILDREN is "0"', id="no children for claims"),
        pytest.param({"TASK_CPU": "-1"}, 'TASK_CPU is "-1"', id="negative CPU"),
        pytest.param({"STORM_TOKEN": 'x" 1; default "'}, "STORM_TOKEN has characters", id="token that ends its string"),
    ],
)
def test_the_start_refuses_what_it_cannot_use(host: Host, environment: dict[str, str], complaint: str) -> None:
    env = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    refused = host.engine.run("run", "--rm", "--network", "none", *env, image("nginx"))
    assert refused.returncode == 78
    assert complaint in refused.stderr


def test_a_task_is_healthy_once_its_cache_is_warm(host: Host, task: Task) -> None:
    log = task.log("nginx")
    assert "may be cold" not in log
    assert "gave up" not in log
    kept = task.exec("nginx", "sh", "-c", "grep -rahoE '^KEY: .*' /tmp/nginx-cache")
    keys = {line.removeprefix("KEY: ") for line in kept.splitlines()}
    site = task.url.removeprefix("http://")
    for path in ["/", "/register/swimming-for-beginners/"]:
        assert {f"{encoding}||{site}{path}" for encoding in ("br", "gzip", "")} <= keys


def test_without_php_a_task_is_healthy_after_a_while_and_not_before(host: Host) -> None:
    name = f"{host.prefix}-cold"
    host.start_container(name, "--publish", "127.0.0.1::8080", image("nginx"))
    url = f"http://{host.engine('port', name, '8080').split()[0]}/healthz"

    eventually(lambda: requests.get(url, timeout=10).status_code == 503)
    eventually(lambda: requests.get(url, timeout=10).status_code == 200)
