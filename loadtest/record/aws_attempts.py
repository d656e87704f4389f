"""How often a call to AWS is tried: said here, because botocore's own default has changed before (five to three)."""

from __future__ import annotations

from typing import Any, Final

ATTEMPTS: Final = 4


def patience() -> Any:
    """Return botocore's configuration of a client: so many attempts in all, the first one among them."""
    from botocore.config import Config  # noqa: PLC0415 - a second of start-up that only calls to AWS need

    return Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
