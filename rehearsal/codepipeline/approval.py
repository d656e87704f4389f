"""A manual approval: who decides, and on which evidence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Literal

from rehearsal.values.exits import Refused

Decision = Literal["approved", "rejected", "waits"]


def given(text: str | None) -> Decision | None:
    """Return what ``APPROVE`` decides: ``yes`` or ``no``; None where it is not set. Anything else is refused."""
    if not text:
        return None
    decisions: Mapping[str, Decision] = {"yes": "approved", "no": "rejected"}
    if text not in decisions:
        raise Refused(f"APPROVE={text}: give APPROVE=yes or APPROVE=no, or nothing to be asked")
    return decisions[text]


def decide(wanted: Decision | None, *, terminal: bool, ask: Callable[[str], str]) -> Decision:
    """Decide: as given beforehand, as answered at a terminal, or else by waiting, as the pipeline does in AWS."""
    if wanted is not None:
        return wanted
    if not terminal:
        return "waits"
    while True:
        try:
            answer = ask("Promote? [yes / no / later] ").strip().lower()
        except EOFError:
            return "waits"
        if answer in {"yes", "y"}:
            return "approved"
        if answer in {"no", "n"}:
            return "rejected"
        if answer in {"later", "l", ""}:
            return "waits"


def at_terminal() -> bool:
    """Return whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()
