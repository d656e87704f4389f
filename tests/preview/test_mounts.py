"""The mounts follow the Dockerfiles' COPY lines, and the images hold the two to each other."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

import pytest

from containers.engine import Engine, find
from preview import composition
from preview.mounts import DockerfileRefused, Mount, mounts
from preview.reactions import Step, steps
from preview.site import CONFIGURATION, Site
from tests.preview.checkout import ROOT, Running

SOURCE = ROOT / "src"
MADE_BY_THE_BUILD = {
    "/var/www/wordpress/core/image-content/plugins.php",
    "/etc/nginx/mime.types",
    "/etc/nginx/upstream.conf",
    # Under the mount files may change, so their addresses are made anew for each page.
    "/var/www/wordpress/mu-plugins/floodgate/asset-versions.php",
}


def mounted(tmp_path: Path, dockerfile: str) -> dict[str, str]:
    for file in ("a.php", "b.php", "folder/x", "folder/deep/y"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    path = tmp_path / "Dockerfile"
    path.write_text(dockerfile)
    return {str(each.source): str(each.destination) for each in mounts(path, tmp_path)}


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        pytest.param("COPY a.php /to/b\n", {"a.php": "/to/b"}, id="a file under another name"),
        pytest.param("COPY a.php /to/\n", {"a.php": "/to/a.php"}, id="a file into a folder"),
        pytest.param(
            "COPY a.php \\\n b.php /t/\n", {"a.php": "/t/a.php", "b.php": "/t/b.php"}, id="two files, two lines"
        ),
        pytest.param("COPY --chmod=755 folder/ /to/\n", {"folder": "/to"}, id="what is in a folder"),
        pytest.param("COPY folder /in\nFROM x\nCOPY a.php /to\n", {"a.php": "/to"}, id="a stage left behind"),
        pytest.param("COPY folder /in\nFROM one\n", {"folder": "/in"}, id="a stage built upon"),
        pytest.param(
            "COPY folder /in/a\nFROM one AS two\nCOPY a.php /in/a.php\nFROM x\nCOPY --from=two /in /to\n",
            {"folder": "/to/a", "a.php": "/to/a.php"},
            id="by way of two stages",
        ),
        pytest.param(
            "COPY folder /in\nFROM x\nCOPY --from=one /in/deep /to\n", {"folder/deep": "/to"}, id="a part of a folder"
        ),
        pytest.param("# COPY a.php /no\nCOPY --from=elsewhere:1 /in /to\n", {}, id="nothing of the context"),
    ],
)
def test_what_an_image_has_of_the_context(tmp_path: Path, dockerfile: str, expected: dict[str, str]) -> None:
    assert mounted(tmp_path, f"FROM x AS one\n{dockerfile}") == expected


@pytest.mark.parametrize(
    "line", ["ADD a.php /to/", "COPY *.php /to/", "COPY a.php to/", "COPY $NAME /to/", "COPY missing /to/"]
)
def test_a_line_that_gives_no_mount_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(DockerfileRefused, match=r"Dockerfile:3: "):
        mounted(tmp_path, f"FROM x\n\n{line}\n")


@pytest.mark.parametrize("name", ["nginx", "wordpress"])
def test_every_file_of_src_in_an_image_is_mounted_and_no_mount_hides_another(preview_site: Running, name: str) -> None:
    engine = find()
    site = Site(engine, preview_site.checkout, print)
    listed = engine(
        *("run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "find", site.image(name)),
        *("/etc", "/usr/local", "/var/www", "-type", "f", "-exec", "sha256sum", "{}", "+"),
    )
    files = {path: digest for digest, path in (line.split("  ", 1) for line in listed.splitlines())}
    ours = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in SOURCE.rglob("*") if path.is_file()}
    count = 0
    for path, digest in files.items():
        places = [found for mount in site.mounts[name] if (found := mount.outside(PurePosixPath(path)))]
        if digest in ours and ours[digest].stat().st_size:
            assert places, f"{path} is {ours[digest]}, which src/{name}/Dockerfile copies and nothing mounts"
            count += 1
        if places and path not in MADE_BY_THE_BUILD:
            sources = [SOURCE / str(each).removesuffix(".gz").removesuffix(".br") for each in places]
            assert all(source.is_file() for source in sources), f"a mount hides {path}"
    assert count > 15


def test_another_wordpress_is_another_image(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(Engine(("no-engine",)), ROOT, print)
    images = {name: site.image(name) for name in composition.PARTS}
    line = f"WORDPRESS={composition.WORDPRESS}"
    other = {name: tuple(word.replace(line, "WORDPRESS=0") for word in composition.BUILDS[name]) for name in images}
    monkeypatch.setattr(composition, "BUILDS", other)
    assert not set(images.values()) & {site.image(name) for name in composition.PARTS}


MOUNTS = {name: mounts(SOURCE / name / "Dockerfile", SOURCE) for name in ("nginx", "wordpress")}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("nginx/conf/front.conf", {Step.CONFIGURE}, id="nginx configuration"),
        pytest.param("nginx/pages/waiting.html", {Step.RELOAD}, id="waiting page"),
        pytest.param("nginx/bin/floodgate-warm", {Step.RESTART_NGINX}, id="program of nginx"),
        pytest.param("wordpress/mu-plugins/floodgate/templates/open.php", {Step.NOTHING}, id="template"),
        pytest.param("wordpress/mu-plugins/floodgate/assets/course.css", {Step.NOTHING, Step.RELOAD}, id="style sheet"),
        pytest.param("wordpress/claim.php", {Step.RESTART_PHP}, id="claim.php"),
        pytest.param("wordpress/etc/php-fpm.conf", {Step.RESTART_PHP}, id="php-fpm configuration"),
        pytest.param("wordpress/bin/floodgate-install", {Step.RESTART_PHP}, id="install program"),
        pytest.param("wordpress/install/Pages.php", {Step.INSTALL}, id="install step"),
        pytest.param("wordpress/Dockerfile", {Step.LATER}, id="Dockerfile"),
        pytest.param("core/fetch.sh", {Step.LATER}, id="core"),
        pytest.param(".dockerignore", set(), id="ignore file"),
    ],
)
def test_what_follows_an_edit(path: str, expected: set[Step]) -> None:
    assert steps(PurePosixPath(path), MOUNTS, SOURCE) == expected


def test_the_configuration_has_one_mount() -> None:
    assert [mount for mount in MOUNTS["nginx"] if mount.destination == CONFIGURATION] == [
        Mount(PurePosixPath("nginx/conf"), CONFIGURATION)
    ]
