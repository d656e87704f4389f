"""Whether somebody wants to be told, by OpenTelemetry's own variables. Imports nothing of OpenTelemetry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from loadtest.record.exit_codes import BadInput

_BASE: Final = "OTEL_EXPORTER_OTLP"
SIGNALS: Final = ("METRICS", "TRACES")
# Seconds for a report, where the variables say nothing: a verdict does not wait longer for a collector.
WITHIN: Final = 5.0
# The one that the exporter speaks which is kept.
SPOKEN: Final = "http/protobuf"


def wanted(environment: Mapping[str, str]) -> bool:
    """Return whether the variables name an endpoint. Raise BadInput where it speaks what a storm does not."""
    disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if disabled or not any(named(environment, signal) for signal in SIGNALS):
        return False
    for name in (f"{_BASE}_PROTOCOL", *(f"{_BASE}_{signal}_PROTOCOL" for signal in SIGNALS)):
        if (value := environment.get(name)) and value != SPOKEN:
            raise BadInput(f"{name}: {value!r}: a storm is told by {SPOKEN} alone")
    return True


def named(environment: Mapping[str, str], signal: str) -> bool:
    """Return whether the variables name an endpoint of a signal (METRICS, TRACES)."""
    return any(map(environment.get, (f"{_BASE}_ENDPOINT", f"{_BASE}_{signal}_ENDPOINT")))


def within(environment: Mapping[str, str], signal: str) -> float | None:
    """Return the seconds that a report of a signal (METRICS, TRACES) may take; None where the variables say it."""
    names = (f"{_BASE}_{signal}_TIMEOUT", f"{_BASE}_TIMEOUT")
    return None if any(map(environment.get, names)) else WITHIN
