"""The objects of the emulated S3 as files of a folder, ``BUCKET/KEY``."""

from __future__ import annotations

import re
from pathlib import Path

_ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9.-]+)/(?P<key>[^\s'\"]+)")


def files_of(text: str, folder: Path) -> list[Path]:
    """Return the files of the objects that ``text`` names by ``s3://`` addresses, as far as they are here."""
    files = (object_file(folder, found["bucket"], found["key"].rstrip(".,;)")) for found in _ADDRESS.finditer(text))
    return [file for file in files if file is not None and file.exists()]


def object_file(folder: Path, bucket: str, key: str) -> Path | None:
    """Return where an object is kept; None for a key that leads out of the folder."""
    file = (folder / bucket / key).resolve()
    return file if file.is_relative_to((folder / bucket).resolve()) else None
