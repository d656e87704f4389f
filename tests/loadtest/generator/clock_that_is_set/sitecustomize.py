"""A machine whose clock somebody sets: from some moment on, the time of day is so many seconds ahead or behind.

Python imports this by itself where its folder is on the path. Setting the machine's own clock would set everybody's.
"""

from __future__ import annotations

import os
import time

# The file whose coming sets the clock, and by how many seconds.
_WHEN, _BY = os.environ.get("SET_CLOCK_WHEN", ""), float(os.environ.get("SET_CLOCK_BY", "0"))
_real = time.time


def _set() -> float:
    return _real() + (_BY if os.path.exists(_WHEN) else 0.0)  # noqa: PTH110 - pathlib is not worth its import here


if _WHEN:
    time.time = _set
