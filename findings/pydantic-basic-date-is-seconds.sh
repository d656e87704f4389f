#!/bin/sh
# pydantic takes a text that is all digits for seconds since 1970 (or milliseconds, beyond 2e10) before it takes it for a date. "20261130", a date in ISO
# 8601's basic format, which Python's own fromisoformat reads, is so a night in August 1970, without an error; "20261130T100000Z" is refused.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: pydantic==2.14.4
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
import sys

import pydantic


class Course(pydantic.BaseModel):
    opens_at: datetime.datetime


def said(text):
    try:
        return Course(opens_at=text).opens_at.isoformat()
    except pydantic.ValidationError as error:
        return error.errors()[0]["type"]


found = [said(text) for text in ("2026-11-30", "20261130", "20261130T100000Z")]
print(f"pydantic {pydantic.VERSION}: {found}; Python: {datetime.datetime.fromisoformat('20261130')}")
sys.exit(found != ["2026-11-30T00:00:00", "1970-08-23T12:05:30+00:00", "datetime_from_date_parsing"])
PYTHON
