"""The runbook as messages lead to it: its paragraphs, by the anchors that GitHub gives their headings."""

from __future__ import annotations

import re
from typing import Final

from tests.sections import sections
from tests.templates.inputs import ROOT
from tests.templates.world import World

PAGE: Final = ROOT / "docs/operator.md"


def leads_to_the_runbook(world: World, message: str) -> None:
    """Check that a message has the address of a paragraph that exists, in the team's own repository and branch."""
    repository = world.settings.repository
    start = f"https://github.com/{repository.name}/blob/{repository.branch}/docs/operator.md#"
    found = re.findall(re.escape(start) + r"([\w-]+)", message)
    assert len(found) == 1, message
    assert found[0] in sections(PAGE), f"docs/operator.md has no paragraph #{found[0]}"
