"""What can go wrong with a container engine: each is one message for a person."""

from __future__ import annotations


class EngineMissing(Exception):
    """No engine, or no base image, can be had here; the message says what to do."""


class EngineError(Exception):
    """The container engine refused or did not answer.

    ``log_tail`` holds the last lines that it printed, or is empty.
    """

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.log_tail = log_tail


class PortRefused(Exception):
    """What ``PORTS`` says is no port, or none of the ports is free; the message says what to give."""
