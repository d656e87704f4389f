"""AWS of the tests' own process, by moto: whatever asks one for it takes it from here.

What moto imports is less by two seconds once ``rehearsal.aws`` has been imported.
"""

from __future__ import annotations

from moto import mock_aws

import rehearsal.aws  # noqa: F401 - for what it does to moto's imports

__all__ = ["mock_aws"]
