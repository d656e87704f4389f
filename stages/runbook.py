"""The runbook that every message leads to: docs/operator.md of the team's own repository and branch."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "docs/operator.md"


@dataclass(frozen=True)
class Runbook:
    """Addresses of the runbook's paragraphs; ``repository`` is owner/repository on GitHub."""

    repository: str
    branch: str

    def paragraph(self, anchor: str) -> str:
        """Return the address of the paragraph whose heading GitHub gives that anchor."""
        return f"https://github.com/{self.repository}/blob/{self.branch}/{FILE}#{anchor}"
