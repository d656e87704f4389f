"""A log as it grows, piece by piece."""

from __future__ import annotations

import codecs
from pathlib import Path

from rehearsal.page.view import plain

# Bytes of a log that are shown from its end when it is opened.
SHOWN = 256 * 1024


class LogReader:
    """Reads what has been written to a file since it was last asked; whole lines only, as long as more may come.

    Of a long file it begins near the end, unless the ``whole`` is asked for.
    """

    def __init__(self, file: Path, *, whole: bool = False) -> None:
        self._file = file
        self._whole = whole
        self._place = 0
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def read(self, *, over: bool = False) -> str:
        """Return what is new, without a terminal's codes; ``over`` gives a last line that has no end, too."""
        try:
            with self._file.open("rb") as stream:
                size = stream.seek(0, 2)
                if size < self._place:
                    self._place = 0  # it was begun anew
                if self._place == 0 and size > SHOWN and not self._whole:
                    self._place = size - SHOWN
                stream.seek(self._place)
                piece = stream.read(SHOWN)
        except FileNotFoundError:
            return ""
        self._place += len(piece)
        lines, end, self._rest = (self._rest + self._decoder.decode(piece)).rpartition("\n")
        whole = lines + end
        if over and not piece:
            whole, self._rest = whole + self._rest, ""
        return plain(whole)
