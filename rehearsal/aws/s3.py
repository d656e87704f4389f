"""The objects of the emulated S3 as files: a report that a build publishes opens in a browser, and outlasts the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from moto.s3.models import FakeKey, s3_backends

from rehearsal.values.object_files import object_file


def save(folder: Path) -> None:
    """Write every object to ``folder/BUCKET/KEY`` that is not there already."""
    for bucket in _buckets():
        for name, key in list(bucket.keys.items()):
            file = object_file(folder, bucket.name, name)
            if file is None or name.endswith("/") or not isinstance(key, FakeKey):
                continue  # a folder's name, or the marker of a deletion
            if not file.exists() or file.stat().st_size != key.size or file.read_bytes() != key.value:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(key.value)


def restore(folder: Path, cloud_client: Any) -> None:
    """Put the saved objects of the buckets that exist back into them; ``cloud_client`` gives an account's S3 client."""
    for bucket in _buckets():
        for file in sorted((folder / bucket.name).rglob("*")):
            key = file.relative_to(folder / bucket.name).as_posix()
            if file.is_file() and key not in bucket.keys:
                cloud_client(bucket.account_id).put_object(Bucket=bucket.name, Key=key, Body=file.read_bytes())


def _buckets() -> list[Any]:
    return [
        bucket
        for backends in list(s3_backends.values())
        for backend in list(backends.values())
        for bucket in list(backend.buckets.values())
    ]
