"""Whether somebody wants to be told, by OpenTelemetry's own variables. Imports nothing of OpenTelemetry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from loadtest.record.exit_codes import BadInput

_BASE: Final = "OTEL_EXPORTER_OTLP"
SIGNALS: Final = ("METRICS", "TRACES")
# Seconds for a report, where the variables say nothing: a verdict does not wait longer for a collector.
WITHIN: Final = 5.0
# The one that the exporter speaks which is kept.
SPOKEN: Final = "http/protobuf"


def wanted(environment: Mapping[str, str]) -> bool:
    """Return whether the variables name an endpoint. Raise BadInput where they say what a storm cannot do."""
    disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if disabled or not any(named(environment, signal) for signal in SIGNALS):
        return False
    for name in (f"{_BASE}_PROTOCOL", *(f"{_BASE}_{signal}_PROTOCOL" for signal in SIGNALS)):
        if (value := environment.get(name)) and value != SPOKEN:
            raise BadInput(f"{name}: {value!r}: a storm is told by {SPOKEN} alone")
    for signal in SIGNALS:
        within(environment, signal)
    for name in (f"{_BASE}_ENDPOINT", *(f"{_BASE}_{signal}_ENDPOINT" for signal in SIGNALS)):
        if (value := environment.get(name)) and not _is_address(value):
            raise BadInput(f"{name}: {value!r}: not that; allowed: an address such as http://localhost:4318")
    return True


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def named(environment: Mapping[str, str], signal: str) -> bool:
    """Return whether the variables name an endpoint of a signal (METRICS, TRACES)."""
    return any(map(environment.get, (f"{_BASE}_ENDPOINT", f"{_BASE}_{signal}_ENDPOINT")))


def within(environment: Mapping[str, str], signal: str) -> float:
    """Return the seconds that a report of a signal (METRICS, TRACES) may take. Raise BadInput for what is no time.

    The variables have milliseconds, as in OpenTelemetry's specification; its exporter for Python reads seconds there.
    """
    for name in (f"{_BASE}_{signal}_TIMEOUT", f"{_BASE}_TIMEOUT"):
        if value := environment.get(name):
            if not value.isdecimal() or not int(value):
                raise BadInput(f"{name}: {value!r}: not that; allowed: milliseconds, a whole number above 0")
            return int(value) / 1000
    return WITHIN
