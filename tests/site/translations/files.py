"""What the translation files should be, by the code and by what translators wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.site.task import ROOT, Host, image

PLUGIN: Final = ROOT / "src/wordpress"
LANGUAGES: Final = PLUGIN / "mu-plugins/floodgate/languages"


@dataclass(frozen=True)
class Wanted:
    """The content of each file, and what keeps the translation from being complete and right."""

    files: dict[str, str]
    mistakes: list[str]

    def stale(self, folder: Path = LANGUAGES) -> list[str]:
        """Return the files that differ from what they should be."""
        return [
            name
            for name, content in self.files.items()
            if not (folder / name).is_file() or (folder / name).read_text() != content
        ]


def wanted(host: Host, code: Path = PLUGIN, languages: Path = LANGUAGES) -> Wanted:
    """Return what is wanted, by PHP's own tokenizer and WordPress's own reader, in a container of the site's image."""
    printed = host.engine(
        *("run", "--rm", "--network", "none", "--entrypoint", "php"),
        *("-v", f"{Path(__file__).parent}:/tool:ro", "-v", f"{code}:/code:ro", "-v", f"{languages}:/languages:ro"),
        *(image("wordpress"), "/tool/translations.php", "/code", "/languages"),
    )
    return Wanted(**json.loads(printed))
