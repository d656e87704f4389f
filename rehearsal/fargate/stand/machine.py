"""What this machine has for tasks."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rehearsal.fargate.plan.target_tracking import Machine


def this_machine() -> Machine:
    """Return its cores and its free memory; where that is not told, it is as much as any number of tasks wants."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except FileNotFoundError:
        found = None
    return Machine(os.cpu_count() or 1, int(found[1]) // 1024 if found else 1 << 30)
