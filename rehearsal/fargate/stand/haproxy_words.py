"""Texts as HAProxy's configuration has them."""

from __future__ import annotations

import re


def quoted(text: str) -> str:
    """Return a text as one word."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Return a text as it is written within quotes."""
    return re.sub(r'(["\\$])', r"\\\1", text).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
