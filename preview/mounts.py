"""What of ``src/`` lies where in an image, read from its Dockerfile: the mounts of the working tree follow it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_FLAG = re.compile(r"--([a-z]+)=(\S+)")


class DockerfileRefused(Exception):
    """A line of a Dockerfile from which no mount can be made; the message names it."""


@dataclass(frozen=True)
class Mount:
    """A file or folder of the build context, and where the image has it."""

    source: PurePosixPath
    destination: PurePosixPath

    def inside(self, path: PurePosixPath) -> PurePosixPath | None:
        """Return where the image has a path of the build context, if by this mount."""
        return self.destination / path.relative_to(self.source) if path.is_relative_to(self.source) else None

    def outside(self, path: PurePosixPath) -> PurePosixPath | None:
        """Return where the build context has a path of the image, if by this mount."""
        return self.source / path.relative_to(self.destination) if path.is_relative_to(self.destination) else None


def mounts(dockerfile: Path, context: Path) -> tuple[Mount, ...]:
    """Return what the Dockerfile's last stage has from the build context, directly or by way of earlier stages.

    Raise ``DockerfileRefused`` for a line of a kind that is not understood here: it must not be left out silently.
    """
    if not dockerfile.is_file():
        raise DockerfileRefused(f"there is no {dockerfile}")
    stages: dict[str, list[Mount]] = {}
    stage: list[Mount] = []
    for number, words in _instructions(dockerfile.read_text()):
        match words[0].upper():
            case "FROM":
                image, *rest = [word for word in words[1:] if not word.startswith("--")]
                stage = list(stages.get(image, ()))
                if rest:
                    stages[rest[-1]] = stage
            case "COPY":
                stage += _copied(words[1:], stages, context, f"{dockerfile}:{number}")
            case "ADD":
                raise DockerfileRefused(f"{dockerfile}:{number}: ADD cannot be mounted; use COPY")
    return tuple(stage)


def _instructions(text: str) -> list[tuple[int, list[str]]]:
    """Return the instructions as words, each with the number of its first line."""
    found = []
    start, words = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        start = start if words else number
        words += line.removesuffix("\\").split()
        if not line.endswith("\\"):
            found.append((start, words))
            words = []
    return found


def _copied(words: Sequence[str], stages: dict[str, list[Mount]], context: Path, place: str) -> list[Mount]:
    flags = {match[1]: match[2] for word in words if (match := _FLAG.fullmatch(word))}
    *sources, to = [word for word in words if not word.startswith("--")]
    if not to.startswith("/") or any(re.search(r"[$*?\[]", word) for word in (*sources, to)):
        raise DockerfileRefused(f"{place}: COPY cannot be mounted; write plain paths, and an absolute destination")
    destination = PurePosixPath(to)
    if "from" in flags:
        origin = stages.get(flags["from"], [])
        return [each for source in sources for each in _carried(origin, PurePosixPath(source), destination)]
    made = []
    for source in sources:
        path = context / source
        if not path.exists():
            raise DockerfileRefused(f"{place}: there is no {path}")
        into = path.is_file() and (to.endswith("/") or len(sources) > 1)
        made.append(Mount(PurePosixPath(source), destination / path.name if into else destination))
    return made


def _carried(origin: Sequence[Mount], source: PurePosixPath, destination: PurePosixPath) -> Iterator[Mount]:
    """Yield what a stage has from the build context at ``source`` or below it, where ``source`` is copied to."""
    for each in origin:
        if each.destination.is_relative_to(source):
            yield Mount(each.source, destination / each.destination.relative_to(source))
        elif inner := each.outside(source):
            yield Mount(inner, destination)
