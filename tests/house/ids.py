"""Ids of tests that say nothing of what is tested."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest


def is_speechless(text: str, arguments: Iterable[str]) -> bool:
    """Return whether an id has no word, or numbers an argument as pytest does where nobody names the case."""
    if not re.search(r"[^\W\d_]", text.replace("<lambda>", "")):
        return True
    return any(re.search(rf"(?:^|-){re.escape(name)}\d+(?:-|$)", text) for name in arguments)


def speechless(items: Iterable[pytest.Item]) -> list[str]:
    """Return the node ids of the tests whose case has an id without words."""
    return [
        item.nodeid
        for item in items
        if isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and is_speechless(item.callspec.id, item.callspec.params)
    ]
