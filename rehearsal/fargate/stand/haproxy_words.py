"""Texts as HAProxy's configuration has them."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_EXCERPT = "  "
# A shorter text is no key, and may be a part of any word.
_SHORTEST_KEY = 8


def quoted(text: str) -> str:
    """Return a text as one word."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Return a text as it is written within quotes."""
    return re.sub(r'(["\\$])', r"\\\1", text).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def without_header_values(text: str, configuration: str) -> str:
    """Return what HAProxy says of a configuration without what its rules compare headers and queries with: keys.

    Nor with what it shows of a line that it cannot take apart, which may be a piece of one.
    """
    values = {
        value
        for line in configuration.splitlines()
        if "hdr(" in line or " query " in line
        for found in _QUOTED.finditer(line)
        for value in (found[1], found[1].removeprefix("^").removesuffix("$"))
        if len(value) >= _SHORTEST_KEY
    }
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "***")
    return "\n".join(line for line in text.splitlines() if not line.startswith(_EXCERPT))
