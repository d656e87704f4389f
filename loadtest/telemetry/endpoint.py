"""Whether somebody wants to be told, by OpenTelemetry's own variables. Imports nothing of OpenTelemetry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from loadtest.record.exit_codes import BadInput

ENDPOINTS: Final = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
)
PROTOCOLS: Final = (
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
)
# Seconds for a report, where the variables say nothing: a verdict does not wait longer for a collector.
WITHIN: Final = 5.0
# The one that the exporter speaks which is kept.
SPOKEN: Final = "http/protobuf"


def wanted(environment: Mapping[str, str]) -> bool:
    """Return whether the variables name an endpoint. Raise BadInput where it speaks what a storm does not."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or not any(map(environment.get, ENDPOINTS)):
        return False
    for name in PROTOCOLS:
        if (value := environment.get(name)) and value != SPOKEN:
            raise BadInput(f"{name}: {value!r}: a storm is told by {SPOKEN} alone")
    return True


def named(environment: Mapping[str, str], signal: str) -> bool:
    """Return whether the variables name an endpoint of a signal (METRICS, TRACES)."""
    return any(map(environment.get, ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")))


def within(environment: Mapping[str, str], signal: str) -> float | None:
    """Return the seconds that a report of a signal (METRICS, TRACES) may take; None where the variables say it."""
    names = (f"OTEL_EXPORTER_OTLP_{signal}_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT")
    return None if any(map(environment.get, names)) else WITHIN
