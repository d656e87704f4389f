"""The typed form of settings.toml.

Every value is checked when the file is read; a wrong one ends with ``file: key = value: what is wrong; allowed: …``.
"""

from __future__ import annotations

from pathlib import Path

from settings.settings import Settings
from settings.validation import read


def load(path: Path) -> Settings:
    """The settings in the file; raises SettingsError with one line for each wrong value."""
    return read(Settings, path)
