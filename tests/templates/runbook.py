"""The runbook as messages lead to it: its paragraphs, by the anchors that GitHub gives their headings."""

from __future__ import annotations

import re
from functools import cache

from tests.templates.inputs import ROOT
from tests.templates.world import World

_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@cache
def anchors() -> frozenset[str]:
    """Return the anchors of docs/operator.md: a heading in small letters, without marks, hyphens for blanks."""
    headings = _HEADING.findall((ROOT / "docs/operator.md").read_text())
    return frozenset(map(_anchor, headings))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def paragraph(anchor: str) -> str:
    """Return what stands under the heading with that anchor, up to the next heading."""
    _, *parts = re.split(r"^#+ (.+)$", (ROOT / "docs/operator.md").read_text(), flags=re.MULTILINE)
    return next(text for heading, text in zip(parts[::2], parts[1::2], strict=True) if _anchor(heading) == anchor)


def leads_to_the_runbook(world: World, message: str) -> None:
    """Check that a message has the address of a paragraph that exists, in the team's own repository and branch."""
    repository = world.settings.repository
    start = f"https://github.com/{repository.name}/blob/{repository.branch}/docs/operator.md#"
    found = re.findall(re.escape(start) + r"([\w-]+)", message)
    assert len(found) == 1, message
    assert found[0] in anchors(), f"docs/operator.md has no paragraph #{found[0]}"
