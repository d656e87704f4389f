"""Access logs, whose lines may be of any of ``loadtest.fitting.formats``, all of one."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations, islice
from typing import Final

from loadtest.fitting.formats import FORMATS, Format, Request
from loadtest.record.exit_codes import BadInput

# The share of lines that may be of no format: other programs write into the same stream now and then.
UNREADABLE: Final = 0.1
# Lines at the start among which the first one of a known format decides which it is.
LOOK: Final = 100
_CACHED: Final = ("HIT", "UPDATING")
# Two files are the same log twice where so large a share of one's lines is in the other. Of a long file the first lines
# are looked for, and of the others one in so many.
SAME: Final = 0.5
_FIRST_LINES, _ONE_IN = 2000, 16


@dataclass
class Log:
    """What was read: the requests in no particular order, how many lines were not understood, and the first of them."""

    format: Format
    requests: list[Request]
    strange: int
    strangers: list[str] = field(default_factory=list)

    @cached_property
    def hides_cached(self) -> bool:
        """Whether answers from nginx's cache seem to leave no line, as our nginx has it."""
        states = {request.cache for request in self.requests}
        return bool(states - {"", "BYPASS"}) and not states & set(_CACHED)

    @cached_property
    def span(self) -> tuple[float, float]:
        """The first and the last moment that it tells of, in epoch seconds."""
        return min(each.start for each in self.requests), max(each.end for each in self.requests)


def read(paths: Sequence[str]) -> Log:
    """Read all requests of some files, plain or gzipped; ``-`` is standard input. Raise BadInput."""
    marks: dict[str, set[int]] = defaultdict(set)
    lines = ((place, line) for path in paths for place, line in _lines(path, marks))
    first = list(islice(lines, LOOK))
    if not first:
        raise BadInput(f"{', '.join(paths)}: the log is empty")
    found = next((each for _, line in first for each in FORMATS if each.parse(line)), None)
    if found is None:
        names = ", ".join(each.name for each in FORMATS)
        raise BadInput(f"{first[0][0]}: not an access log; {first[0][1][:80]!r} is none of: {names}")
    requests: list[Request] = []
    strange: list[str] = []
    strangers = 0
    for group in (first, lines):
        for place, line in group:
            request = found.parse(line)
            if request:
                requests.append(request)
                continue
            strangers += 1
            if len(strange) < 3:
                strange.append(f"{place}: {line[:80]!r}")
    if strangers > UNREADABLE * (len(requests) + strangers):
        raise BadInput(
            f"{strangers} of {len(requests) + strangers} lines are not in the format of the others "
            f"({found.name}), such as {strange[0]}"
        )
    _refuse_doubles(marks)
    return Log(found, requests, strangers, strange)


def _refuse_doubles(marks: dict[str, set[int]]) -> None:
    """Raise BadInput where two files have the same lines: each person would have done everything twice."""
    for one, other in combinations(marks, 2):
        smaller = min(len(marks[one]), len(marks[other]))
        if smaller and len(marks[one] & marks[other]) > SAME * smaller:
            raise BadInput(f"{one} and {other} have the same lines; name one of them")


def _lines(path: str, marks: dict[str, set[int]]) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file that are not empty and no comment, each with its place; mark some of them."""
    name = "standard input" if path == "-" else path
    ours = marks[name]
    try:
        with io.BufferedReader(io.FileIO(0 if path == "-" else path, closefd=path != "-")) as raw:
            start = raw.peek(4)[:4]
            if start == b"PAR1":
                raise BadInput(f"the log {name} is Parquet, which is not read: let CloudFront write JSON or plain text")
            stream = gzip.GzipFile(fileobj=raw) if start[:2] == b"\x1f\x8b" else raw
            for number, line in enumerate(stream, start=1):
                text = line.decode("utf-8", errors="replace").strip().removeprefix("\ufeff")
                if not text or text.startswith("#"):  # such as CloudFront's `#Fields:`
                    continue
                mark = zlib.crc32(line.strip())
                if number <= _FIRST_LINES or mark % _ONE_IN == 0:
                    ours.add(mark)
                yield f"{name}:{number}", text
    except OSError as error:
        raise BadInput(f"the log {name} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise BadInput(f"the log {name} is broken gzip: {error}") from error
