"""``python -m lint``: every linter on the checkout. Exit 0: nothing is wrong, and nothing printed; 1: the faults."""

from __future__ import annotations

from terminal.interruption import importing

with importing("lint", __name__):
    import argparse
    import sys
    from concurrent.futures import ThreadPoolExecutor

    from lint.linters import LINTERS, ROOT
    from terminal.standard_streams import run


def main() -> int:
    """See the module's description."""
    argparse.ArgumentParser(prog="python -m lint", description=__doc__).parse_args()
    with ThreadPoolExecutor() as threads:
        complaints = [line for lines in threads.map(lambda linter: linter(ROOT), LINTERS.values()) for line in lines]
    for line in complaints:
        print(line)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(run("lint", main))
