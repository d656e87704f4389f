"""The parts of a page in Markdown, by the anchors that GitHub gives their headings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def sections(page: Path) -> Mapping[str, str]:
    """Return what stands under each heading, up to the next one, by its anchor.

    That is the heading in small letters, without marks, hyphens for blanks. What is in a block of code is no heading.
    """
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    is_code = False
    for line in page.read_text(encoding="utf-8").splitlines():
        is_code ^= line.lstrip(" ").startswith("```")
        if not is_code and (heading := re.fullmatch(r"#+ (.+)", line)):
            lines = found.setdefault(_anchor(heading[1]), [])
        else:
            lines.append(line)
    return {anchor: "\n".join(lines) for anchor, lines in found.items()}


def _anchor(heading: str) -> str:
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
