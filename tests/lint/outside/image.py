"""The site's image, asked what it defines."""

from __future__ import annotations

import json
from pathlib import Path

from containers.engine import Engine
from lint.linters import AUTOLOADED, ROOT, php_files
from lint.php.check import faults
from lint.php.outside import content, outside
from lint.php.symbols import PARSER, Symbols, declared
from preview import composition
from tests.site.task import image


def built(engine: Engine) -> str:
    """Make the image with WordPress from ``src/`` as it is, and return its tag."""
    engine.build(image("wordpress"), *composition.build(ROOT, "wordpress"))
    return image("wordpress")


def run(engine: Engine, tag: str, script: str, *arguments: str, options: tuple[str, ...] = ()) -> str:
    """Run a PHP script of this folder in the image, and return what it prints."""
    return engine(
        *("run", "--rm", "--network", "none", "--entrypoint", "php", "-v", f"{Path(__file__).parent}:/tool:ro"),
        *(*options, tag, f"/tool/{script}", *arguments),
    )


def defined(engine: Engine, tag: str) -> Symbols:
    """Return all that PHP and WordPress define in the image."""
    builtins = json.loads(run(engine, tag, "builtins.php"))
    whole = outside(builtins["builtin"])
    for source in builtins["core"].values():
        found = declared(PARSER.parse(source.encode()).root_node)
        whole.classes |= found.classes
        whole.functions |= found.functions
        whole.constants |= found.constants
    return whole


def wanted(whole: Symbols) -> str:
    """Find what ``outside.json`` should hold: of all that PHP and WordPress define, what the project's code uses."""
    needed = faults(php_files(ROOT), whole, [AUTOLOADED])[1].uses
    used = Symbols(
        {name: made for name, made in whole.classes.items() if name in needed},
        {name: made for name, made in whole.functions.items() if name in needed},
        whole.constants & needed,
    )
    return json.dumps(content(used), indent=1) + "\n"
