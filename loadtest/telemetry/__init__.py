"""What a storm tells whoever collects such things: its phases, waits and errors by OpenTelemetry."""
