"""``judge``: the verdict of a stored record, without a storm."""

from __future__ import annotations

from pathlib import Path

from loadtest.evidence import summary
from loadtest.gate import limits
from loadtest.history.judgement import judge_all
from loadtest.history.series import Series, load
from loadtest.record.codec import RecordError
from loadtest.record.exit_codes import BadInput, Exit


def rejudge(path: Path, limits_file: Path) -> Exit:
    """Print the summary of a record's verdict; returns its exit code. Raise BadInput."""
    demanded = limits.load(limits_file)
    series = read(path)
    judgement = judge_all(series, demanded)
    print(summary.text(series, judgement, str(path)), end="")
    return judgement.answer.exit_code


def read(path: Path) -> Series:
    """Read the storms of a record.json. Raise BadInput."""
    try:
        return load(path)
    except RecordError as error:
        raise BadInput(str(error)) from error
    except OSError as error:
        raise BadInput(f"the record {path} cannot be read: {error.strerror}") from error
