"""GitOps mode: plugins and themes are the image's, and the web changes no code."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from containers.errors import EngineError
from tests.site.dashboard import zipped
from tests.site.task import Host, Task, image
from tests.site.visitor import Editor

GREETER = """<?php
/* Plugin Name: Greeter */
register_activation_hook(__FILE__, fn () => update_option('greeter', (int) get_option('greeter', 0) + 1));
add_action('wp_footer', fn () => print('<p>greeted, activated ' . get_option('greeter') . ' times</p>'));
"""


def build(host: Host, folder: Path, plugin: str) -> str:
    """Build WordPress's image with one more plugin, made as its own Dockerfile makes it."""
    source = folder / "greeter"
    source.mkdir()
    (source / "greeter.php").write_text(plugin)
    (folder / "Dockerfile").write_text(
        textwrap.dedent(f"""\
        FROM {image("wordpress")}
        USER 0
        COPY greeter /var/www/wordpress/core/image-content/plugins/greeter
        RUN floodgate-content
        USER 33:33
        """)
    )
    tag = f"{host.prefix}-gitops"
    host.engine.build(tag, str(folder))
    return tag


@pytest.fixture(scope="module")
def gitops(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Task]:
    """A site of its own in GitOps mode."""
    built = build(host, tmp_path_factory.mktemp("image"), GREETER)
    made = Task(host, "gitops", built=built, DB_NAME="gitops", FLOODGATE_CONTENT="image")
    runs = [made.install() for _ in range(2)]
    assert [run.code for run in runs] == [0, 0], [run.log for run in runs]
    assert ["activated the image's plugin greeter/greeter.php" in run.log for run in runs] == [True, False]
    made.serve()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def author(gitops: Task) -> Editor:
    """The administrator of that site."""
    return Editor.logged_in(gitops)


def test_the_plugin_of_the_image_is_active(gitops: Task) -> None:
    assert "<p>greeted, activated 1 times</p>" in gitops.get("/").text
    assert gitops.get("/image-content/plugins/greeter/greeter.php").status_code == 404


def test_the_dashboard_has_no_plugins_and_offers_no_themes(gitops: Task, author: Editor) -> None:
    screen = author.get(f"{gitops.url}/wp-admin/themes.php", timeout=60)
    assert screen.status_code == 200
    assert 'href="plugins.php"' not in screen.text
    assert "theme-install.php" not in screen.text
    assert "Twenty Twenty-Five" in screen.text


@pytest.mark.parametrize(
    "path", ["/wp-admin/plugins.php", "/wp-admin/plugin-install.php?tab=upload", "/wp-admin/theme-install.php"]
)
def test_a_screen_that_changes_code_says_where_it_is_changed(author: Editor, path: str) -> None:
    answer = author.get(author.task.url + path, timeout=60)
    assert answer.status_code == 403
    assert "commit it to src/wordpress/content" in answer.text


@pytest.mark.parametrize("kind", ["plugin", "theme"])
def test_a_zip_file_is_refused_with_clear_words(author: Editor, kind: str) -> None:
    files = {"other/other.php": "<?php /* Plugin Name: Other */", "other/style.css": "/* Theme Name: Other */"}
    answer = author.post(
        f"{author.task.url}/wp-admin/update.php?action=upload-{kind}",
        data={"_wpnonce": author.nonce("/wp-admin/profile.php", r'name="_wpnonce" value="(\w+)"')},
        files={f"{kind}zip": ("other.zip", zipped(files), "application/zip")},
        timeout=60,
    )
    assert answer.status_code == 403
    assert "commit it to src/wordpress/content" in answer.text
    assert author.task.exec("wordpress", "ls", "/var/www/content/plugins", "/var/www/content/themes").split() == [
        "/var/www/content/plugins:",
        "/var/www/content/themes:",
    ]


def test_uploads_are_people_s_still(gitops: Task, author: Editor) -> None:
    body = author.upload("notes.txt", b"still on the volume", "text/plain").json()
    assert body["success"] is True, body
    assert requests.get(body["data"]["url"], timeout=60).text == "still on the volume"


def test_a_theme_that_is_not_in_the_image_stops_the_deployment(gitops: Task) -> None:
    select = "require '/var/www/wordpress/core/wp-load.php'; update_option('{0}', '{1}'); update_option('{2}', '{1}');"
    before = "twentytwentyfive"
    for theme, code in (("bought", 70), (before, 0)):
        gitops.exec("wordpress", "php", "-r", select.format("stylesheet", theme, "template"))
        run = gitops.install()
        assert run.code == code, run.log
        assert ('the active theme "bought" is not in the image' in run.log) is (code != 0)


def test_a_folder_without_a_plugin_fails_the_build(host: Host, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as failed:
        build(host, tmp_path, "<?php // no header")
    assert 'src/wordpress/content/plugins/greeter: no PHP file with a "Plugin Name:" header' in failed.value.log_tail
