"""``python -m lint.dead_code [PATH …]``: vulture on every Python file of the checkout, or on these files.

Exit 0: nothing is wrong, and nothing printed; 1: a name that stands nowhere else and is not allowed to; of the whole
tree, also an allowance of pyproject.toml that nothing needs any more. Vulture reads all of it once for both, without
the allowances: comparing each name with each of them was a third of its time.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("lint.dead_code", __name__):
    import argparse
    import gc
    import sys
    import tomllib
    from collections.abc import Collection, Sequence
    from fnmatch import fnmatchcase
    from pathlib import Path
    from typing import Final

    from vulture import Vulture

    from lint.linters import ROOT
    from lint.sources import of_kind
    from terminal.standard_streams import run

CONFIG: Final = "pyproject.toml"


def faults(root: Path, paths: Sequence[str | Path] = ()) -> list[str]:
    """Return a line for each fault in the checkout ``root`` by its pyproject.toml, or in ``paths`` alone."""
    table = tomllib.loads((root / CONFIG).read_text())["tool"]["vulture"]
    vulture = Vulture(ignore_decorators=table["ignore_decorators"])
    vulture.scavenge(paths or [root / path for path in of_kind(root, (".py",))])
    # What it cannot read it has named itself.
    complaints = ["vulture could not read all files"] if vulture.exit_code else []
    unused = vulture.get_unused_code()
    allowed: set[str] = set()
    for item in unused:
        matching = _matching(item.name, table["ignore_names"]) if item.typ != "unreachable_code" else set()
        allowed |= matching
        if not matching:
            complaints.append(item.get_report())
    unneeded = [] if paths else [each for each in table["ignore_names"] if each not in allowed]
    return complaints + [f"{CONFIG}: ignore_names: no name needs {each!r}" for each in unneeded]


def _matching(name: str, patterns: Collection[str]) -> set[str]:
    return {pattern for pattern in patterns if fnmatchcase(name, pattern)}


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module's description."""
    parser = argparse.ArgumentParser(prog="python -m lint.dead_code", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    complaints = faults(ROOT, parser.parse_args(arguments).paths)
    for line in complaints:
        print(line)
    return 1 if complaints else 0


if __name__ == "__main__":
    gc.disable()  # all that is read stays to the end: to look through it again and again is a tenth of the time
    sys.exit(run("lint.dead_code", main))
