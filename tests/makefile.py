"""What the Makefile can make."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

MAKEFILE: Final = Path(__file__).parents[1] / "Makefile"
TARGETS: Final = frozenset(
    name for line in re.findall(r"^([a-z][a-z -]*):(?!=)", MAKEFILE.read_text(), re.M) for name in line.split()
)
