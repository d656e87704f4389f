"""``python -m lint [[--but] NAME …]``: every linter on the checkout, or these, or all others.

Exit 0: nothing is wrong, and nothing printed; 1: the faults.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("lint", __name__):
    import argparse
    import sys
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor

    from lint.linters import LINTERS, ROOT
    from terminal.standard_streams import run


def chosen(names: Sequence[str], *, but: bool) -> list[str]:
    """Return the linters of these names, or with ``but`` all others; without a name, all."""
    return [name for name in LINTERS if not names or (name in names) is not but]


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module's description."""
    parser = argparse.ArgumentParser(prog="python -m lint", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(LINTERS)}")
    parser.add_argument("--but", action="store_true", help="all linters but these")
    wanted = parser.parse_args(arguments)
    if unknown := [name for name in wanted.names if name not in LINTERS]:
        parser.error(f"no linter is called {unknown[0]}; the linters: {', '.join(LINTERS)}")
    linters = [LINTERS[name] for name in chosen(wanted.names, but=wanted.but)]
    with ThreadPoolExecutor() as threads:
        complaints = [line for lines in threads.map(lambda linter: linter(ROOT), linters) for line in lines]
    for line in complaints:
        print(line)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(run("lint", main))
