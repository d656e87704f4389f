"""Lines of AWS's load balancers, a block at a time: these logs are the longest that are fitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from loadtest.fitting import formats
from loadtest.fitting.columns import Requests

# What nearly all lines are made of: parts between quotes up to the last but one that counts, words before the first
# quote, and words around the moment when the request began.
_PARTS, _WORDS, _BEGINNING = 12, 12, 3
_KINDS: Final = frozenset(kind.encode() for kind in formats.ALB_KINDS)
# How a moment is written, a nought for each digit.
_MOMENT: Final = np.frombuffer(b"0000-00-00T00:00:00.000000Z", np.uint8)
_MOST: Final = np.frombuffer(b"9999-99-99T99:99:99.999999Z", np.uint8) - _MOMENT

Columns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], NDArray[np.float32]]


class BalancerLines:
    """Adds blocks of lines to some requests; what a line says is what ``formats`` reads of it."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._kinds = _Kinds(requests)

    def add(self, text: bytes, lines: Sequence[bytes]) -> Iterator[int]:
        """Add the lines of a text, up to each that has to be read by itself: yield its place, and let it be added."""
        quoted = [line.split(b'"', _PARTS - 1) for line in lines]
        odd: list[int] = []
        if b"\\" in text or not _is_plain(quoted):
            pairs = enumerate(zip(lines, quoted, strict=True))
            odd = [place for place, (line, parts) in pairs if b"\\" in line or not _is_plain([parts])]
        for begin, end in pairwise([-1, *odd, len(lines)]):
            alike = quoted[begin + 1 : end]
            if columns := self._columns(alike) if alike else None:
                self._requests.add_columns(*columns)
            elif alike:
                yield from range(begin + 1, end)
            if end < len(lines):
                yield end

    def _columns(self, quoted: Sequence[Sequence[bytes]]) -> Columns | None:
        """Return what lines say that are alike; None where something in them is written in another way."""
        head, request, _, agent, *_, beginning, _ = zip(*quoted, strict=True)
        words = b"".join(head).split(b" ")
        began = b"".join(beginning).split(b" ")
        if not _KINDS.issuperset(words[0:-1:_WORDS]):
            return None
        ends, starts = _seconds(words[1::_WORDS]), _seconds(began[2::_BEGINNING])
        if ends is None or starts is None:
            return None
        clients = [client.rpartition(b":")[0] for client in words[3::_WORDS]]
        visitors = map(self._requests.visitors.__getitem__, zip(clients, agent, strict=True))
        paths = [text.partition(b"?")[0] for text in request]
        kinds = map(self._kinds.__getitem__, zip(paths, words[8::_WORDS], strict=True))
        try:
            numbers = [np.fromiter(each, np.int32, len(quoted)) for each in (visitors, kinds)]
        except KeyError:
            return None
        return numbers[0], numbers[1], ends, np.maximum(0.0, ends - starts).astype(np.float32)


def _is_plain(quoted: Sequence[Sequence[bytes]]) -> bool:
    """Return whether the parts of lines are as many as usual, and the words of those that words are taken of."""
    if set(map(len, quoted)) != {_PARTS}:
        return False
    head, request, *_, beginning, _ = zip(*quoted, strict=True)
    words = ((head, _WORDS), (request, 2), (beginning, _BEGINNING))
    return all({text.count(b" ") for text in texts} == {number} for texts, number in words)


class _Kinds(dict[tuple[bytes, bytes], int]):
    """The numbers of acts and their answers by what a line says of them, up to a ``?``; KeyError for no request."""

    def __init__(self, requests: Requests) -> None:
        super().__init__()
        self._requests = requests

    def __missing__(self, key: tuple[bytes, bytes]) -> int:
        text, status = (part.decode(errors="replace") for part in key)
        words = text.split(" ")
        if len(words) == 1:
            raise KeyError(key)
        method, path = formats.request_line(f"{words[0]} {words[1]} HTTP")
        self[key] = number = self._requests.kind(method, path, int(status) if status.isdecimal() else 0)
        return number


def _seconds(moments: Sequence[bytes]) -> NDArray[np.float64] | None:
    """Return moments in epoch seconds, each as it is read by itself; None where one is written in another way."""
    if set(map(len, moments)) != {len(_MOMENT)}:
        return None
    letters = np.frombuffer(b"".join(moments), np.uint8).reshape(-1, len(_MOMENT))
    if ((letters - _MOMENT) > _MOST).any():
        return None
    try:
        whole = letters[:, :-1].copy().view("S26").ravel().astype("M8[us]").astype(np.int64)
    except ValueError:  # no day of the calendar, or a second of its own
        return None
    minutes, rest = np.divmod(whole, 60_000_000)
    return minutes * 60.0 + rest / 1e6
