"""Access logs, whose lines may be of any of ``loadtest.fitting.formats``, all of one."""

from __future__ import annotations

import gzip
import io
import math
import os
import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, combinations, islice
from pathlib import Path
from typing import IO, Final

from loadtest.fitting import formats, parquet
from loadtest.fitting.balancer_lines import BalancerLines
from loadtest.fitting.beside import Beside, is_room
from loadtest.fitting.columns import Requests
from loadtest.fitting.formats import FORMATS, Format
from loadtest.record.exit_codes import BadInput

# The share of lines that may be of no format: other programs write into the same stream now and then.
UNREADABLE: Final = 0.1
# Lines at the start among which the first one of a known format decides which it is.
LOOK: Final = 100
# Nothing, a byte order mark, or a comment such as CloudFront's `#Fields:`.
_NO_LINE: Final = ("", "\ufeff", "#")
_CACHED: Final = ("HIT", "UPDATING")
# Two files are the same log twice where so large a share of one's lines is in the other. Of a long file the first lines
# are looked for, and of the others one in so many.
SAME: Final = 0.5
# Lines that were not understood, of which a place is told.
STRANGE: Final = 3
# Bytes that are read at once; what a second process has to have to read, to be worth its start; and how much more there
# is in a packed file than its size says.
PIECE: Final = 1 << 18
WORTH: Final = 16 << 20
PACKED: Final = 10
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_FIRST_LINES, _ONE_IN = 2000, 16


@dataclass
class Log:
    """What was read: the requests in their order, how many lines were not understood, and the first of them."""

    format: Format
    requests: Requests
    strange: int
    strangers: list[str] = field(default_factory=list)

    @cached_property
    def hides_cached(self) -> bool:
        """Whether answers from nginx's cache seem to leave no line, as our nginx has it."""
        states = self.requests.caches
        return bool(states - {"", "BYPASS"}) and not states & set(_CACHED)

    @cached_property
    def span(self) -> tuple[float, float]:
        """The first and the last moment that it tells of, in epoch seconds."""
        return self.requests.span


def read(paths: Sequence[str]) -> Log:
    """Read all requests of some files, plain or gzipped; ``-`` is standard input. Raise BadInput.

    Of much to read another process reads the second half, where there is a processor for it.
    """
    ours, theirs = _halves(paths)
    blocks = _blocks(ours)
    held: list[_Block] = []
    first: list[tuple[str, int, str]] = []
    while len(first) < LOOK and (block := next(blocks, None)):
        held.append(block)
        first += islice(_said(block), LOOK - len(first))
    if not first:
        raise BadInput(f"{', '.join(paths)}: the log is empty")
    found = next((each for *_, line in first for each in FORMATS if each.parse(line)), None)
    if found is None:
        names = ", ".join(each.name for each in FORMATS)
        name, number, line = first[0]
        raise BadInput(f"{name}:{number}: not an access log; {line[:80]!r} is none of: {names}")
    reading = _Reading(found, marks=len(paths) > 1)
    if theirs:
        with Beside(partial(_read_apart, found, len(paths) > 1, theirs)) as other:
            reading.read(chain(held, blocks))
            reading.append(other.join())
    else:
        reading.read(chain(held, blocks))
    requests, strangers = reading.requests, reading.strangers
    strange = [f"{name}:{number}: {line[:80]!r}" for name, number, line in reading.strange]
    if strangers > UNREADABLE * (len(requests) + strangers):
        raise BadInput(
            f"{strangers} of {len(requests) + strangers} lines are not in the format of the others "
            f"({found.name}), such as {strange[0]}"
        )
    _refuse_doubles(reading.marks)
    return Log(found, requests, strangers, strange)


def _refuse_doubles(marks: dict[str, set[int]]) -> None:
    """Raise BadInput where two files have the same lines: each person would have done everything twice."""
    for one, other in combinations(marks, 2):
        smaller = min(len(marks[one]), len(marks[other]))
        if smaller and len(marks[one] & marks[other]) > SAME * smaller:
            raise BadInput(f"{one} and {other} have the same lines; name one of them")


@dataclass(frozen=True)
class _Part:
    """A file, or what stands in it from one byte up to another."""

    path: str
    start: int = 0
    stop: int | None = None

    @property
    def name(self) -> str:
        return "standard input" if self.path == "-" else self.path


@dataclass(frozen=True)
class _Block:
    """Some lines of a file, whole ones, without the end of the last; the first has a number."""

    name: str
    number: int
    text: bytes


class _Reading:
    """What one process has read; ``marks`` asks for those by which the same lines in two files are found."""

    def __init__(self, found: Format, *, marks: bool) -> None:
        self.requests = Requests()
        self.strangers = 0
        # The first of them: file, line, text.
        self.strange: list[tuple[str, int, str]] = []
        self.marks: dict[str, set[int]] = {}
        # How many lines of each file were read.
        self.lines: dict[str, int] = {}
        self._format, self._is_marked = found, marks
        self._balancer = BalancerLines(self.requests) if found.parse is formats.balancer else None

    def read(self, blocks: Iterable[_Block]) -> None:
        """Read blocks. Raise BadInput."""
        for block in blocks:
            lines = block.text.split(b"\n")
            self.lines[block.name] = block.number + len(lines) - 1
            if self._is_marked:
                self._mark(block, lines)
            for place in self._balancer.add(block.text, lines) if self._balancer else range(len(lines)):
                line = _stripped(lines[place])
                if line is None:
                    continue
                if request := self._format.parse(line):
                    self.requests.add(request)
                    continue
                self.strangers += 1
                if len(self.strange) < STRANGE:
                    self.strange.append((block.name, block.number + place, line))

    def write(self, file: IO[bytes]) -> None:
        """Write all of it, for ``append``."""
        pickle.dump((self.strangers, self.strange, self.marks, self.lines), file)
        self.requests.write(file)

    def append(self, file: IO[bytes]) -> None:
        """Append what another process has written, which began where this one has ended."""
        strangers, strange, marks, lines = pickle.load(file)  # noqa: S301 - a child of this process has written it
        self.strangers += strangers
        known = ((name, self.lines.get(name, 0) + number, line) for name, number, line in strange)
        self.strange = [*self.strange, *known][:STRANGE]
        for name, more in marks.items():
            self.marks.setdefault(name, set()).update(more)
        for name, number in lines.items():
            self.lines[name] = self.lines.get(name, 0) + number
        self.requests.append(file)

    def _mark(self, block: _Block, lines: Sequence[bytes]) -> None:
        ours = self.marks.setdefault(block.name, set())
        for number, line in enumerate(lines, start=block.number):
            mark = hash(line.strip())
            if (number <= _FIRST_LINES or mark % _ONE_IN == 0) and _stripped(line) is not None:
                ours.add(mark)


def _read_apart(found: Format, marks: bool, parts: Sequence[_Part], file: IO[bytes]) -> None:
    reading = _Reading(found, marks=marks)
    reading.read(_blocks(parts))
    reading.write(file)


def _stripped(line: bytes) -> str | None:
    """Return a line as text; None for one that is empty or a comment."""
    text = line.decode(errors="replace").strip()
    if text[:1] in _NO_LINE:
        text = text.removeprefix("\ufeff")
        if not text or text.startswith("#"):
            return None
    return text


def _said(block: _Block) -> Iterator[tuple[str, int, str]]:
    """Yield the lines of a block that say something, each with its file and number."""
    for number, line in enumerate(block.text.split(b"\n"), start=block.number):
        if (text := _stripped(line)) is not None:
            yield block.name, number, text


def _blocks(parts: Iterable[_Part]) -> Iterator[_Block]:
    """Yield the lines of some parts of files, a block after the other. Raise BadInput."""
    for part in parts:
        number = 1
        for text in _pieces(part):
            yield _Block(part.name, number, text.removesuffix(b"\n"))
            number += text.count(b"\n")


def _pieces(part: _Part) -> Iterator[bytes]:
    """Yield the bytes of a part of a file, cut at the ends of lines. Raise BadInput."""
    name = part.name
    try:
        with io.BufferedReader(io.FileIO(0 if part.path == "-" else part.path, closefd=part.path != "-")) as raw:
            start = b"" if part.start else raw.peek(4)[:4]
            if start == _PARQUET:
                if part.path == "-":
                    raise BadInput("the log on standard input is Parquet, which is read from its end: name the file")
                yield from parquet.pieces(part.path)
                return
            stream = gzip.GzipFile(fileobj=raw) if start[:2] == _GZIP else raw
            if part.start:
                raw.seek(part.start)
            left = math.inf if part.stop is None else part.stop - part.start
            begun = b""
            while left > 0 and (piece := stream.read1(int(min(left, PIECE)))):
                left -= len(piece)
                whole, end, rest = piece.rpartition(b"\n")
                if end:
                    yield begun + whole + end
                    begun = rest
                else:
                    begun += piece
            if begun:
                yield begun
    except OSError as error:
        raise BadInput(f"the log {name} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise BadInput(f"the log {name} is broken gzip: {error}") from error


def _halves(paths: Sequence[str]) -> tuple[Sequence[_Part], Sequence[_Part]]:
    """Divide files into two halves of about the same work; the second is empty where one process is to read all."""
    parts = [_Part(path) for path in paths]
    if not is_room():
        return parts, ()
    try:
        sizes = [_size(path) for path in paths]
        left = sum(size for size, _ in sizes) / 2
        if left < WORTH:
            return parts, ()
        for place, (part, (size, is_plain)) in enumerate(zip(parts, sizes, strict=True)):
            if left > size:
                left -= size
                continue
            if is_plain:
                with Path(part.path).open("rb") as file:
                    file.seek(int(left))
                    file.readline()
                    cut = file.tell()
                return (
                    [*parts[:place], _Part(part.path, 0, cut)],
                    [_Part(part.path, cut)] * (cut < size) + parts[place + 1 :],
                )
            middle = place + (left > size / 2)
            return (parts[:middle], parts[middle:]) if middle else (parts, ())
    except OSError:  # which reading will say
        pass
    return parts, ()


def _size(path: str) -> tuple[float, bool]:
    """Return how much there is to read in a file, and whether it may be read from the middle on. Raise OSError."""
    if not Path(path).is_file():
        return 0, False
    with Path(path).open("rb") as file:
        is_packed = file.read(4).startswith((_GZIP, _PARQUET))
        size = os.fstat(file.fileno()).st_size
    return size * (PACKED if is_packed else 1), not is_packed
