"""How a command ends that does not do its work: each is one message for a person, and an exit code of its own."""

from __future__ import annotations


class Refused(Exception):
    """The commit does not enter prod now; the text says why, and what to do."""


class Unusable(Exception):
    """What the command was given, what it reads, or what AWS answered, cannot be used."""
