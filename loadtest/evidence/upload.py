"""The evidence, kept where the approver finds it: an upload of the folder to S3."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable
from pathlib import Path

from loadtest.record.aws_attempts import patience
from loadtest.record.units import utc_moment


class NotPublished(Exception):
    """The evidence could not be uploaded; the message says why."""


def folder(prefix: str, started_at: str, commit: str) -> str:
    """Return the folder of one storm under ``s3://bucket/prefix``: ``<UTC time>-<commit>``."""
    time = utc_moment(started_at).strftime("%Y%m%dT%H%M%SZ")
    return f"{prefix.rstrip('/')}/{time}-{re.sub(r'[^0-9A-Za-z._-]', '-', commit)}"


def upload(files: Iterable[Path], to: str) -> None:
    """Upload files under ``to`` (s3://bucket/key prefix), with their media types. Raise NotPublished."""
    import boto3  # noqa: PLC0415 - a second of start-up that only this path needs
    from boto3.exceptions import S3UploadFailedError  # noqa: PLC0415 - as above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    bucket, _, prefix = to.removeprefix("s3://").partition("/")
    try:
        client = boto3.client("s3", config=patience())
        for file in files:
            kind = mimetypes.guess_type(file.name)[0] or "text/plain"
            kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
            client.upload_file(str(file), bucket, f"{prefix}/{file.name}", ExtraArgs={"ContentType": kind})
    except (BotoCoreError, ClientError, S3UploadFailedError) as error:
        raise NotPublished(f"the evidence could not be uploaded to {to}: {error}") from error
