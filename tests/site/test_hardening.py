"""What a stranger finds: no installer, no code, no version, and redirects that stay where they were asked."""

from __future__ import annotations

import json
import uuid

import pytest
import requests

from tests.site.task import ADMIN, FRONT_KEY, Host, Task, eventually, image


@pytest.mark.parametrize(
    "path",
    [
        "/wp-admin/install.php",
        "/wp-admin/install.php?step=2",
        "/wp-admin/upgrade.php",
        "/wp-admin/setup-config.php",
        "/wp-admin/maint/repair.php",
        "/wp-admin/includes/upgrade.php",
        "/wp-admin//install.php",
        "/wp-admin/./install.php",
        "/wp-admin/install.php/x",
        "/xmlrpc.php",
        "/wp-cron.php",
        "/wp-config.php",
        "/wp-content/db-error.php",
        "/wp-content/db.php",
        "/wp-includes/version.php",
        "/mu-plugins/floodgate.php",
        "/mu-plugins/floodgate/templates/open.php",
        "/.git/config",
        "/.env",
        "/.floodgate/waiting",
        "/.floodgate/shed",
        "/index.php/x.php",
        "/anything.php",
        "/readme.html",
        "/license.txt",
    ],
)
def test_a_stranger_gets_nothing(task: Task, path: str) -> None:
    prepared = requests.Request("GET", task.url + path).prepare()
    prepared.url = task.url + path
    answer = requests.Session().send(prepared, timeout=30, allow_redirects=False)
    assert answer.status_code == 404
    posted = requests.post(task.url + path, data={"weblog_title": "Mine now"}, timeout=30, allow_redirects=False)
    assert posted.status_code in {404, 405}


@pytest.fixture(scope="module")
def versions(task: Task) -> list[str]:
    """WordPress's and PHP's."""
    code = "require '/var/www/wordpress/core/wp-includes/version.php'; echo $wp_version, ' ', PHP_VERSION;"
    found = task.exec("wordpress", "php", "-r", code).split()
    assert len(found) == 2
    return found


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", id="front page"),
        pytest.param("/feed/", id="feed"),
        pytest.param("/wp-login.php", id="login"),
        pytest.param("/no-such-page/", id="page not found"),
        pytest.param("/register/swimming-for-beginners/", id="course page"),
        pytest.param("/x.php", id="PHP not found"),
    ],
)
def test_no_version_is_told(task: Task, versions: list[str], path: str) -> None:
    answer = task.get(path)
    everything = answer.text + json.dumps(dict(answer.headers))
    assert not [version for version in [*versions, "nginx/", "PHP/"] if version in everything]
    assert answer.headers["Server"] == "nginx"
    assert "X-Powered-By" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_redirects_keep_host_and_port(task: Task) -> None:
    assert task.get("/wp-admin").headers["Location"] == "/wp-admin/"
    assert task.get("/wp-admin/").headers["Location"].startswith(f"{task.url}/wp-login.php")
    assert (
        task.get("/?pagename=welcome", Host=task.url.removeprefix("http://"))
        .headers.get("Location", task.url)
        .startswith(task.url)
    )


def test_tls_at_the_load_balancer_is_believed(task: Task) -> None:
    form = {"log": ADMIN[0], "pwd": ADMIN[1], "testcookie": "1"}
    cookies = {"Cookie": "wordpress_test_cookie=WP%20Cookie%20check"}
    for scheme, secure in [("https", True), ("http", False)]:
        headers = {**cookies, "X-Forwarded-Proto": scheme}
        answer = requests.post(
            f"{task.url}/wp-login.php", data=form, headers=headers, timeout=30, allow_redirects=False
        )
        assert answer.status_code == 302
        assert ("; secure" in answer.headers["Set-Cookie"].lower()) is secure
        assert ("Strict-Transport-Security" in answer.headers) is secure


@pytest.mark.parametrize(
    ("key", "forwarded", "client"),
    [
        pytest.param(None, "203.0.113.9, 198.51.100.7", "198.51.100.7", id="nobody before it"),
        pytest.param(FRONT_KEY, "192.0.2.1, 203.0.113.9, 198.51.100.7", "203.0.113.9", id="CloudFront before it"),
        pytest.param(FRONT_KEY, "2001:db8::1, 198.51.100.7", "2001:db8::1", id="whom CloudFront saw by IPv6"),
        pytest.param(FRONT_KEY, "198.51.100.7", "198.51.100.7", id="a front that says of nobody"),
        pytest.param(f"{FRONT_KEY}0", "203.0.113.9, 198.51.100.7", "198.51.100.7", id="another key"),
        pytest.param("", "203.0.113.9, 198.51.100.7", "198.51.100.7", id="no key"),
    ],
)
def test_the_visitors_address_is_the_load_balancers_word(
    task: Task, key: str | None, forwarded: str, client: str
) -> None:
    """Where CloudFront stands before it and shows its key, whom CloudFront saw."""
    searched = f"/?s={uuid.uuid4().hex}"  # a page that no cache has: one that it has leaves no line
    task.get("/healthz?quiet")
    task.get(searched, **{"X-Forwarded-For": forwarded}, **({} if key is None else {"X-Floodgate-Front": key}))

    def logged() -> list[dict[str, object]]:
        lines = [line for line in task.log("nginx").splitlines() if line.startswith("{")]
        return [entry for entry in map(json.loads, lines) if entry["uri"] == searched]

    entry = eventually(logged)[0]
    assert entry["client"] == client
    assert (entry["status"], entry["method"]) == (200, "GET")
    assert "/healthz" not in task.log("nginx")


def test_ready_names_the_deployment(task: Task) -> None:
    answer = task.get("/floodgate/ready")
    body = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert (body["ready"], body["stage"], body["commit"]) == (True, "dev", "0123456789abcdef")


def test_versioned_files_are_kept_for_ever_and_compressed(task: Task) -> None:
    asset = "/mu-plugins/floodgate/assets/course.css"
    assert asset in task.get("/register/swimming-for-beginners/").text
    assert "immutable" in task.get(f"{asset}?v=1").headers["Cache-Control"]
    assert "immutable" not in task.get(asset).headers["Cache-Control"]
    for proxy in ({}, {"Via": "1.1 x.cloudfront.net (CloudFront)"}, {"Via": "2 anybody"}):
        for accepted, sent in [("gzip", "gzip"), ("gzip, deflate, br", "br")]:
            answer = task.get(asset, **{"Accept-Encoding": accepted, **proxy})
            assert answer.headers.get("Content-Encoding") == sent, f"behind {proxy}"
            assert "--" in answer.text


@pytest.mark.parametrize(("name", "user"), [("nginx", "101:101"), ("wordpress", "33:33")])
def test_images_run_as_nobody_special(host: Host, name: str, user: str) -> None:
    config = json.loads(host.engine("image", "inspect", image(name)))[0]["Config"]
    assert config["User"] == user
    assert "/tmp" in config["Volumes"]
    mode = host.engine("run", "--rm", "--network", "none", "--entrypoint", "stat", image(name), "-c", "%a", "/tmp")
    assert mode.strip() == "1777"


def test_nginx_has_no_code(host: Host) -> None:
    found = host.engine("run", "--rm", "--network", "none", image("nginx"), "find", "/var/www", "-name", "*.php")
    assert found == ""


def test_php_does_not_know_the_administrators_password(task: Task) -> None:
    environment = [line.split("=")[0] for line in task.run("env").log.splitlines()]
    assert "DB_PASSWORD" in environment
    assert "WP_ADMIN_PASSWORD" not in environment


def test_scheduled_work_runs_on_command(task: Task) -> None:
    environment = {**task.environment}
    first = task.host.wordpress(environment, "floodgate-cron", volume=task.volume, network=task.network)
    assert first.code == 0, first.log
    assert "ran " in first.log
