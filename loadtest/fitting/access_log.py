"""Access logs, whose lines may be of any of ``loadtest.fitting.formats``, all of one."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations, islice
from typing import Final

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

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last moment that it tells of, in epoch seconds."""
        return self.requests.span


def read(paths: Sequence[str]) -> Log:
    """Read all requests of some files, plain or gzipped; ``-`` is standard input. Raise BadInput."""
    marks: dict[str, set[int]] = defaultdict(set)
    lines = chain.from_iterable(_lines(path, marks) for path in paths)
    first = list(islice(lines, LOOK))
    if not first:
        raise BadInput(f"{', '.join(paths)}: the log is empty")
    found = next((each for *_, line in first for each in FORMATS if each.parse(line)), None)
    if found is None:
        names = ", ".join(each.name for each in FORMATS)
        name, number, line = first[0]
        raise BadInput(f"{name}:{number}: not an access log; {line[:80]!r} is none of: {names}")
    requests, parse = Requests(), found.parse
    strange: list[str] = []
    strangers = 0
    for name, number, line in chain(first, lines):
        if request := parse(line):
            requests.add(request)
            continue
        strangers += 1
        if len(strange) < 3:
            strange.append(f"{name}:{number}: {line[:80]!r}")
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


def _lines(path: str, marks: dict[str, set[int]]) -> Iterator[tuple[str, int, str]]:
    """Yield the lines of a file that are not empty and no comment, each with its file and number; mark some of them."""
    name = "standard input" if path == "-" else path
    ours = marks[name]
    try:
        with io.BufferedReader(io.FileIO(0 if path == "-" else path, closefd=path != "-")) as raw:
            start = raw.peek(4)[:4]
            if start == b"PAR1":
                raise BadInput(f"the log {name} is Parquet, which is not read: let CloudFront write JSON or plain text")
            stream = gzip.GzipFile(fileobj=raw) if start[:2] == b"\x1f\x8b" else raw
            text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="\n")
            for number, whole in enumerate(text, start=1):
                line = whole.strip()
                if line[:1] in _NO_LINE:
                    line = line.removeprefix("\ufeff")
                    if not line or line.startswith("#"):
                        continue
                mark = hash(line)
                if number <= _FIRST_LINES or mark % _ONE_IN == 0:
                    ours.add(mark)
                yield name, number, line
    except OSError as error:
        raise BadInput(f"the log {name} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise BadInput(f"the log {name} is broken gzip: {error}") from error
