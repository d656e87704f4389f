"""`judge`: the verdict of a stored record, without a storm."""

from __future__ import annotations

from pathlib import Path

from loadtest import limits, summary
from loadtest.exits import BadInput, Exit
from loadtest.record import RecordError, load
from loadtest.verdict import judge


def rejudge(path: Path, limits_file: Path) -> Exit:
    """Print the summary of a record's verdict; returns its exit code. Raises BadInput."""
    demanded = limits.load(limits_file)
    try:
        record = load(path)
    except RecordError as error:
        raise BadInput(str(error)) from error
    except OSError as error:
        raise BadInput(f"the record {path} cannot be read: {error.strerror}") from error
    verdict = judge(record, demanded)
    print(summary.text(record, verdict, str(path)), end="")
    return verdict.answer.exit_code
