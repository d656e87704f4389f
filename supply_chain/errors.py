"""How the checks of the supply chain end other than well."""

from __future__ import annotations


class BadInput(Exception):
    """A file or an option cannot be used; the message names it and what to change. Exit code 2."""
