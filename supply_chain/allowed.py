"""What is allowed although a check finds it: ``allowed.toml``, where each entry says why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from supply_chain.errors import BadInput

FILE = Path(__file__).with_name("allowed.toml")


@dataclass(frozen=True)
class Exemption:
    """A known vulnerability of one package that is lived with until the end of a day."""

    package: str
    identifier: str
    until: date
    reason: str


@dataclass(frozen=True)
class Allowed:
    """Values that look like secrets and are none, by their SHA-1 and why; vulnerabilities that are lived with."""

    secrets: Mapping[str, str]
    vulnerabilities: tuple[Exemption, ...]


def read(file: Path = FILE) -> Allowed:
    """Read the allow-list. Raise ``BadInput`` with the file, the entry and what it lacks."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{file}: cannot be read: {error}") from None
    if unknown := sorted(set(content) - {"secret", "vulnerability"}):
        raise BadInput(f"{file}: {unknown[0]}: not known; allowed: [[secret]], [[vulnerability]]")
    secrets = {
        entry["sha1"]: entry["reason"]
        for entry in _entries(file, content, "secret", {"sha1": str, "reason": str})
    }  # fmt: skip
    wanted = {"package": str, "id": str, "until": date, "reason": str}
    return Allowed(
        secrets,
        tuple(
            Exemption(entry["package"], entry["id"], entry["until"], entry["reason"])
            for entry in _entries(file, content, "vulnerability", wanted)
        ),
    )


def _entries(file: Path, content: Mapping[str, Any], key: str, wanted: Mapping[str, type]) -> list[Mapping[str, Any]]:
    entries = content.get(key, [])
    if not isinstance(entries, list):
        raise BadInput(f"{file}: {key}: not that; allowed: entries that begin with [[{key}]]")
    for number, entry in enumerate(entries, 1):
        if set(entry) != set(wanted):
            raise BadInput(f"{file}: [[{key}]] number {number}: has {', '.join(entry)}; allowed: {', '.join(wanted)}")
        for name, kind in wanted.items():
            if type(entry[name]) is not kind or not str(entry[name]).strip():
                allowed = "a date such as 2027-01-31" if kind is date else "a text that is not empty"
                raise BadInput(
                    f"{file}: [[{key}]] number {number}: {name} = {entry[name]!r}: not that; allowed: {allowed}"
                )
    return entries
