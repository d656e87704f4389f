"""What can go wrong when a stack is run: each is one message for a person."""

from __future__ import annotations


class DeploymentFailed(Exception):
    """A stack could not be brought to what its template says.

    ``log_tail`` holds the last lines that the failing container wrote, or is empty.
    """

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.log_tail = log_tail


class PlanError(DeploymentFailed):
    """The template asks for something that AWS would refuse at run time, or that cannot be honoured here."""
