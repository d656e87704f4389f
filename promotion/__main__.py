"""``python -m promotion``: a command of the steps between dev and prod each.

Exit codes: 0 done; 1 refused, with the reason; 2 bad input, or AWS does not answer.
"""

from __future__ import annotations

import argparse
import os
import sys

from promotion import freeze


def main() -> int:
    """Run one command; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m promotion", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("freeze", help="refuse to enter prod inside a registration window")
    parser.parse_args()
    try:
        import boto3  # noqa: PLC0415 - a second of start-up that help and slips do not wait for

        print(freeze.check(os.environ, boto3.session.Session()))
    except freeze.Refused as error:
        print(error, file=sys.stderr)
        return 1
    except freeze.Unusable as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
