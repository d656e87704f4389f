"""PHP as the site's image runs it: what the linter takes as known is so, and PHP itself takes the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from containers.engine import Engine, ensure_base, external_bases, find
from lint.linters import AUTOLOADED, OUTSIDE, php_files
from lint.php.check import faults
from lint.php.symbols import Symbols
from preview import composition
from settings.site import LINES
from tests.lint.outside.image import built, defined, run, wanted
from tests.site.task import ROOT

CODE = "/var/www/wordpress/mu-plugins"
THEME = "/var/www/wordpress/core/bundled-themes/floodgate"
FOLDERS = (CODE, THEME, "/var/www/wordpress/install", "/usr/local/bin", "/etc/floodgate")


@pytest.fixture(scope="module")
def engine() -> Engine:
    found = find()
    for base in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(found, base)
    return found


@pytest.fixture(scope="module")
def site_image(engine: Engine) -> str:
    return built(engine)


@pytest.fixture(scope="module")
def whole(engine: Engine, site_image: str) -> Symbols:
    return defined(engine, site_image)


def test_the_code_calls_what_there_is_in_the_image_and_as_it_is(whole: Symbols) -> None:
    assert faults(php_files(ROOT), whole, [AUTOLOADED])[0] == []


if LINES[0] == composition.WORDPRESS:  # the file has the default's

    def test_what_the_linter_knows_of_wordpress_is_what_the_image_has(whole: Symbols) -> None:
        assert OUTSIDE.read_text() == wanted(whole), "run `make php-symbols`, and commit what it writes"


def test_php_takes_all_of_the_code(engine: Engine, site_image: str) -> None:
    assert run(engine, site_image, "loads.php", *FOLDERS) == ""


BROKEN = "<?php\nnamespace Floodgate\\Admin;\n"


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("final class Broken { public function f( }", "Parse error"),
        ("final class Broken { public readonly $x; }", "Readonly property"),
        ("final class Broken implements Screen {}", "2 abstract methods"),
        ("final class Broken implements Screen { public function load(): int { return 1; } }", "must be compatible"),
        ("final class Borken {}", "Admin\\Borken"),
    ],
    ids=["a syntax error", "a property that cannot be", "an interface half met", "a result that differs", "a name"],
)
def test_php_refuses_a_planted_fault(engine: Engine, site_image: str, tmp_path: Path, fault: str, word: str) -> None:
    planted = tmp_path / "Broken.php"
    planted.write_text(BROKEN + fault)
    mount = ("--user", "0", "-v", f"{planted}:{CODE}/floodgate/Admin/Broken.php:ro")
    assert word in run(engine, site_image, "loads.php", f"{CODE}/floodgate/Admin", options=mount)
