"""What emulated topics and rehearsed sites have sent, as a person reads it, and which of it nobody has read yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Final

from rehearsal.page.file_cache import FileCache
from rehearsal.values.replaced_file import write

# Messages of a sender that are listed: older ones stay in their folder.
LISTED: Final = 200
TOPICS: Final = "topics"


class Mailbox:
    """Reads ``mailbox/`` and ``mails/STACK/`` of the rehearsal's folder; ``page/read.json`` there names what was read.

    A message's name is its sender's, ``topics`` or a stack, and its file's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marks = folder / "page" / "read.json"
        self._files = FileCache()

    def listed(self) -> dict[str, Any]:
        """Return the senders, how many messages there are, how many of those shown are unread, and these.

        The newest come first.
        """
        names = self._names()
        read = self._read()
        by_sender: dict[str, list[str]] = {}
        for name in names:
            by_sender.setdefault(_sender(name), []).append(name)
        recent = {name for each in by_sender.values() for name in each[:LISTED]}
        shown = [self._line(name) | {"unread": name not in read} for name in names if name in recent]
        return {
            "messages": shown,
            "senders": sorted(by_sender, key=lambda sender: (sender != TOPICS, sender)),
            "count": len(names),
            "unread": sum(each["unread"] for each in shown),
            "folder": str(self._folder),
        }

    def message(self, name: str) -> dict[str, Any] | None:
        """Return a message with its plain text, whether it has another form, and its attachments; None: none such."""
        message = self._message(name)
        if message is None:
            return None
        plain, html = message.get_body(("plain",)), message.get_body(("html",))
        return self._line(name) | {
            "text": _bytes(plain).decode(errors="replace") if plain else "",
            "html": html is not None,
            "attachments": [
                {"name": part.get_filename() or f"attachment {place}", "bytes": len(_bytes(part))}
                for place, part in enumerate(message.iter_attachments(), start=1)
            ],
        }

    def html(self, name: str) -> str | None:
        """Return a message's HTML; None where it has none."""
        message = self._message(name)
        body = message.get_body(("html",)) if message else None
        return _bytes(body).decode(errors="replace") if body else None

    def attachment(self, name: str, place: int) -> tuple[str, bytes] | None:
        """Return the file name and the content of an attachment, by its place from 0; None where there is none."""
        message = self._message(name)
        parts = list(message.iter_attachments()) if message else []
        if not 0 <= place < len(parts):
            return None
        return parts[place].get_filename() or f"attachment-{place + 1}", _bytes(parts[place])

    def mark_read(self, names: Iterable[str] | None) -> None:
        """Note that somebody has read some messages, or (None) all; marks of messages that are gone are dropped."""
        there = self._names()
        read = self._read() | set(there if names is None else names)
        write(self._marks, json.dumps([name for name in there if name in read]))

    def _names(self) -> Sequence[str]:
        """Return the names of the messages, the newest first."""
        topics = [f"{TOPICS}:{file.stem}" for file in self._folder.glob("mailbox/*.eml")]
        mails = [f"{file.parent.name}:{file.stem}" for file in self._folder.glob("mails/*/*.eml")]
        return sorted([*topics, *mails], key=_moment, reverse=True)

    def _file(self, name: str) -> Path:
        sender, _, stem = name.partition(":")
        return self._folder / ("mailbox" if sender == TOPICS else f"mails/{sender}") / f"{stem}.eml"

    def _read(self) -> set[str]:
        def read() -> set[str]:
            return set(json.loads(self._marks.read_text())) if self._marks.exists() else set()

        return self._files.of(self._marks, read)

    def _message(self, name: str) -> EmailMessage | None:
        return self._parsed(name) if name in self._names() else None

    def _parsed(self, name: str) -> EmailMessage | None:
        """Parse the message of a name that is one of ``_names``; None where it has gone since."""
        try:
            content = self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        return BytesParser(EmailMessage, policy=default).parsebytes(content)

    def _line(self, name: str) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            headers = self._parsed(name) or EmailMessage()
            date = getattr(headers.get("Date"), "datetime", None)
            return {
                "name": name,
                "sender": _sender(name),
                "subject": str(headers.get("Subject", "")) or "(no subject)",
                "from": str(headers.get("From", "")),
                "to": str(headers.get("To", "")),
                "at": date.timestamp() if isinstance(date, datetime) else _moment(name)[0] / 1e9,
            }

        return self._files.of(self._file(name), read)


def _sender(name: str) -> str:
    return name.partition(":")[0]


def _moment(name: str) -> tuple[int, str]:
    """Return when a message came, in nanoseconds; its file is named by them, or by microseconds (16 digits)."""
    digits = name.partition(":")[2].partition("-")[0]
    return (int(digits) * (1000 if len(digits) <= 16 else 1) if digits.isdigit() else 0), name


def _bytes(part: Any) -> bytes:
    """Return the content of a part, texts in UTF-8; one in letters that nobody knows is as it was sent."""
    try:
        content = part.get_content()
    except LookupError:
        content = part.get_payload(decode=True)
    if isinstance(content, EmailMessage):
        return content.as_bytes()
    return content.encode() if isinstance(content, str) else bytes(content)
