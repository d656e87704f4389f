#!/bin/sh
# A paginator of botocore has a method search, which yields what an expression finds on each page: Contents[].Key gives the keys of a
# bucket. A page without any (an empty bucket, a prefix under which nothing lies yet) yields not nothing, but one None, and whoever goes
# through the keys of a history that has not begun has one key, which is None. "|| `[]`" in the expression is what makes it nothing.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI; nothing of AWS is asked.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --only-binary :all: boto3==1.44.5 botocore==1.44.5
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import boto3
import botocore
from botocore.stub import Stubber


def keys(expression, *pages):
    s3 = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="k", aws_secret_access_key="s")
    stubber = Stubber(s3)
    for number, names in enumerate(pages, start=1):
        more = {"IsTruncated": True, "NextContinuationToken": "next"} if number < len(pages) else {"IsTruncated": False}
        contents = {"Contents": [{"Key": name} for name in names]} if names else {}
        stubber.add_response("list_objects_v2", {"KeyCount": len(names), **contents, **more})
    with stubber:
        return list(s3.get_paginator("list_objects_v2").paginate(Bucket="history").search(expression))


two, none, guarded = keys("Contents[].Key", ["a"], ["b"]), keys("Contents[].Key", []), keys("Contents[].Key || `[]`", [])
print(f"botocore {botocore.__version__}: two pages: {two}; nothing there: {none}; with || `[]`: {guarded}")
sys.exit((two, none, guarded) != (["a", "b"], [None], []))
PYTHON
