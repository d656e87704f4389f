"""The typed form of settings.toml.

Every value is checked when the file is read; a wrong one ends with ``file: key = value: what is wrong; allowed: …``.
"""

from __future__ import annotations

from pathlib import Path

from settings.settings import Settings
from settings.validation import read


def load(path: Path) -> Settings:
    """Read the settings in the file; raise SettingsError with one line for each wrong value."""
    return read(Settings, path)
