"""An edit of each kind is seen in the next reload, and what is wrong with one stands in the terminal."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import Page

from tests.preview.checkout import WITHIN, Running
from tests.site.browser.site import chromium
from tests.site.task import COURSE, eventually

PLUGIN = "wordpress/mu-plugins/floodgate"


@pytest.mark.parametrize(
    "in_place", [pytest.param(True, id="written in place"), pytest.param(False, id="written and renamed")]
)
def test_a_template(preview_site: Running, in_place: bool) -> None:
    assert "An edited line" not in preview_site.get(COURSE).text
    with preview_site.edited(
        f"{PLUGIN}/templates/open.php", lambda text: text + "<p>An edited line</p>", in_place=in_place
    ):
        eventually(lambda: "An edited line" in preview_site.get(COURSE).text, WITHIN)
    eventually(lambda: "An edited line" not in preview_site.get(COURSE).text, WITHIN)


def test_a_class_of_the_claim_that_production_preloads(preview_site: Running) -> None:
    page = preview_site.get("/floodgate/claim/swimming-for-beginners/")
    assert "Swimming for beginners" in page.text
    marked = re.compile(r"namespace Floodgate\\Registration;\n")
    with preview_site.edited(
        f"{PLUGIN}/Registration/Course.php",
        lambda text: marked.sub(lambda found: f"{found[0]}header('X-Edited: class');\n", text),
    ):
        eventually(lambda: preview_site.get(COURSE).headers.get("X-Edited") == "class", WITHIN)


@pytest.mark.parametrize("file", ["ready.php", "wp-config.php", "etc/php.ini"])
def test_a_file_that_is_mounted_alone(preview_site: Running, file: str) -> None:
    def change(text: str) -> str:
        if file.endswith(".ini"):
            return text.replace("expose_php = Off", "expose_php = On")
        if file == "ready.php":
            # It takes away what the page that it renders has sent.
            return text.replace(
                "    return json_encode(", "    header('X-Powered-By: PHP edited');\n    return json_encode("
            )
        return text.replace(
            "declare(strict_types=1);", "declare(strict_types=1);\nheader('X-Powered-By: PHP edited');", 1
        )

    with preview_site.edited(f"wordpress/{file}", change):
        path = "/floodgate/ready" if file == "ready.php" else f"/?{file}"
        eventually(lambda: preview_site.get(path).headers.get("X-Powered-By", "").startswith("PHP"), WITHIN)
    eventually(
        lambda: preview_site.get("/floodgate/ready").ok and "X-Powered-By" not in preview_site.get(path).headers, WITHIN
    )


def outline(page: Page) -> str:
    page.reload()
    return str(page.evaluate("getComputedStyle(document.body).outlineColor"))


@pytest.mark.browser
def test_a_style_and_a_script_in_a_browser(preview_site: Running) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"http://localhost:{preview_site.port}{COURSE}")
        assert outline(page) != "rgb(1, 2, 3)"
        with preview_site.edited(
            f"{PLUGIN}/assets/course.css", lambda text: text + "body{outline:1px solid rgb(1,2,3)}"
        ):
            eventually(lambda: outline(page) == "rgb(1, 2, 3)", WITHIN)
        with preview_site.edited(f"{PLUGIN}/assets/course.js", lambda text: text + "\n;document.title = 'edited';"):
            eventually(lambda: (page.reload(), page.title() == "edited")[1], WITHIN)


def test_a_folder_that_is_moved(preview_site: Running) -> None:
    assets = preview_site.checkout / f"src/{PLUGIN}/assets"
    folder, name = assets / "moved", f"src/{PLUGIN}/assets/moved/edited.css"
    elsewhere = preview_site.checkout / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "edited.css").write_text("body{outline:0}")
    try:
        elsewhere.rename(folder)
        preview_site.wait_for(f"{name}: served from now on")
        before = preview_site.said().count(name)
        folder.rename(elsewhere)
        eventually(lambda: preview_site.said().count(name) > before, WITHIN)
    finally:
        for left in (folder, elsewhere):
            shutil.rmtree(left, ignore_errors=True)


def test_the_waiting_page(preview_site: Running) -> None:
    def waiting() -> str:
        answer = preview_site.get("/", "waiting.localhost")
        assert answer.status_code == 503
        return answer.text

    assert 'data-floodgate-state="waiting"' in waiting()
    with preview_site.edited(
        "nginx/pages/waiting.html", lambda text: text.replace("One moment, please", "An edited page")
    ):
        eventually(lambda: "An edited page" in waiting(), WITHIN)
    with preview_site.edited("nginx/pages/style.css", lambda text: text + ".edited{}"):
        eventually(lambda: ".edited{}" in waiting(), WITHIN)


def test_nginx_goes_over_to_a_configuration_that_is_right(preview_site: Running) -> None:
    new = preview_site.checkout / "src/nginx/conf/new.conf"
    new.write_text("add_header X-Edited yes always;\n")
    with preview_site.edited("nginx/conf/headers.conf", lambda text: text + "include new.conf;\n"):
        eventually(lambda: preview_site.get("/").headers.get("X-Edited") == "yes", WITHIN)
        new.write_text("add_header X-Edited again always;\n")
        eventually(lambda: preview_site.get("/").headers.get("X-Edited") == "again", WITHIN)
        new.unlink()
        preview_site.wait_for('  src/nginx/conf/headers.conf:8: open() "/etc/nginx/new.conf" failed')
        assert preview_site.get("/").headers.get("X-Edited") == "again"
    eventually(lambda: "X-Edited" not in preview_site.get("/").headers, WITHIN)


def test_nginx_keeps_the_old_configuration_and_names_what_is_wrong_with_the_new(preview_site: Running) -> None:
    with preview_site.edited("nginx/conf/front.conf", lambda text: "nonsense on;\n" + text):
        preview_site.wait_for('  src/nginx/conf/front.conf:1: unknown directive "nonsense"')
        preview_site.wait_for("the configuration of before serves on")
        assert preview_site.get(COURSE).status_code == 200
        # A container that starts anew finds the old one as well.
        with preview_site.edited("nginx/bin/floodgate-warm", lambda text: text + "# edited\n"):
            preview_site.wait_for("src/nginx/bin/floodgate-warm: nginx started anew")
            assert preview_site.get(COURSE).status_code == 200
    preview_site.wait_for("src/nginx/conf/front.conf: nginx checked and reloaded")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("<?php if 1", "PHP Parse error: syntax error, unexpected integer", id="syntax"),
        pytest.param("<?php nowhere();", "PHP Fatal error: Uncaught Error: Call to undefined function", id="fatal"),
        pytest.param("<?php echo $nothing;", "PHP Warning: Undefined variable $nothing", id="warning"),
    ],
)
def test_what_php_complains_of_stands_in_the_terminal(preview_site: Running, line: str, message: str) -> None:
    path = f"{PLUGIN}/templates/open.php"
    number = len((preview_site.checkout / "src" / path).read_text().splitlines()) + 1
    with preview_site.edited(path, lambda text: f"{text.rstrip()}\n{line}\n"):
        if "Warning" not in message:
            eventually(lambda: preview_site.get(COURSE).status_code == 500, WITHIN)
        else:
            eventually(lambda: preview_site.get(COURSE).ok and message in preview_site.said(), WITHIN)
        preview_site.wait_for(f"✘ src/{path}:{number}: {message}")
    eventually(lambda: preview_site.get(COURSE).status_code == 200, WITHIN)


def test_php_that_does_not_start_says_why(preview_site: Running) -> None:
    with preview_site.edited("wordpress/etc/php-fpm.conf", lambda text: text + "nonsense = on\n"):
        preview_site.wait_for("✘ src/wordpress/etc/php-fpm.conf:")
        preview_site.wait_for("wordpress has ended:")
        preview_site.wait_for("unknown entry 'nonsense'")
    eventually(lambda: preview_site.get(COURSE).status_code == 200, WITHIN)


@pytest.mark.browser
def test_a_course_that_opens_soon_and_the_administrator_are_named(preview_site: Running) -> None:
    output = preview_site.said()
    later = re.search(r"one that opens at [\d:]+ +(\S+)", output)
    assert later, output
    path = later[1].removeprefix(f"http://localhost:{preview_site.port}")
    assert 'data-floodgate-state="closed"' in preview_site.get(path).text
    assert 'data-floodgate-state="open"' in preview_site.get(COURSE).text
    words = re.search(r"(\S+/wp-admin/) +user (\S+), password (\S+)", output)
    assert words, output
    with chromium() as browser:
        page = browser.new_page()
        page.goto(words[1])
        page.fill("#user_login", words[2])
        page.fill("#user_pass", words[3])
        page.click("#wp-submit")
        page.wait_for_selector("#wpadminbar")
