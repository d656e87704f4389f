"""The messages of the emulated topics: ``mailbox/`` of the rehearsal's folder has a file for each."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from rehearsal.values.replaced_file import write


def send(folder: Path, name: str, *, subject: str, to: Sequence[str], text: str, at: float) -> None:
    """Send a message as a topic sends it, to nobody where it has no address; ``folder`` is the rehearsal's own.

    ``name`` becomes part of its file's name; ``at`` is seconds since the epoch.
    """
    from email.message import EmailMessage  # noqa: PLC0415 - a megabyte and a half of a process that is there all day

    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "no-reply@sns.amazonaws.com"
    message["To"] = ", ".join(to) or "undisclosed-recipients:;"
    message["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(at))
    message.set_content(text)
    safe = re.sub(r"[^\w-]", "-", name)
    write(folder / "mailbox" / f"{time.time_ns()}-{safe}.eml", message.as_string())


def messages(folder: Path) -> list[Path]:
    """Return the messages of the mailbox, the oldest first."""
    return sorted((folder / "mailbox").glob("*.eml"))
