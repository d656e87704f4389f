"""The terminal of ``make site``: looks for edits of ``src/``, does what follows, tells what nginx and PHP say."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Set
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Final

import watchfiles

from containers import readable
from containers.errors import EngineError
from preview.reactions import Step, steps
from preview.site import Site, SiteFailed

# An edit is taken when nothing has changed for so long; an editor writes a file in several steps.
QUIET_MS: Final = 50
LONGEST_MS: Final = 500
_NGINX: Final = re.compile(
    r"^(?:nginx:|\S+ \S+) \[\w+\] (?:\d+#\d+: )?(?P<fault>.*?)(?: in (?P<path>/\S+):(?P<line>\d+))?$"
)
_PHP: Final = re.compile(r"PHP (?P<kind>[A-Z][\w ]*):\s+(?P<fault>.*?) in (?P<path>/\S+?)(?::| on line )(?P<line>\d+)$")


class _Sources(watchfiles.DefaultFilter):
    """What is not an editor's own."""

    ignore_entity_patterns = (*watchfiles.DefaultFilter.ignore_entity_patterns, r"^\.", r"\.tmp$")


def files(changes: Iterable[tuple[watchfiles.Change, str]], known: Set[Path]) -> tuple[set[Path], set[Path]]:
    """Return the files that are new or changed, and those of the ``known`` that are gone.

    Of a folder that was moved, or written in one go, the folder alone may be named
    (findings/watchfiles-names-a-moved-folder-alone.sh). What an editor made and took away meanwhile is neither.
    """
    is_source = _Sources()
    there = set[Path]()
    paths = set[Path]()
    for change, name in changes:
        path = Path(name)
        paths.add(path)
        if path.is_file():
            there.add(path)
        elif change is watchfiles.Change.added:
            there |= {file for file in path.rglob("*") if file.is_file() and is_source(change, str(file))}
    return there, {file for file in known if not (paths.isdisjoint((file, *file.parents)) or file.is_file())}


class Watch:
    """Runs until it is interrupted; what PHP says meanwhile is told by a thread of its own."""

    def __init__(self, site: Site, say: Callable[[str], None]) -> None:
        self._site = site
        self._say = say
        self._ending = threading.Event()
        self._told = set[str]()
        self._listener = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Watch:
        """Begin to listen."""
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Say nothing any more."""
        self._ending.set()

    def run(self) -> None:
        """Follow edits until ``KeyboardInterrupt``."""
        source = self._site.source
        known = {path for path in source.rglob("*") if path.is_file()}
        for changes in watchfiles.watch(source, watch_filter=_Sources(), step=QUIET_MS, debounce=LONGEST_MS):
            self._told.clear()
            there, gone = files(changes, known)
            known = (known | there) - gone
            for path in sorted(there):
                if next(readable.closed(path), None) is not None:
                    self._tell(f"✘ src/{path.relative_to(source)}: its owner alone may read it: chmod go+r {path}")
            relative = sorted(PurePosixPath(path.relative_to(source)) for path in there | gone)
            self._follow(relative)

    def _follow(self, paths: list[PurePosixPath]) -> None:
        needed = {path: steps(path, self._site.mounts, self._site.source) for path in paths}
        for step in Step:
            caused = [path for path in paths if step in needed[path]]
            # A folder's file may be run and served: then the reload is told, not both.
            if not caused or (step is Step.NOTHING and all(Step.RELOAD in needed[path] for path in caused)):
                continue
            files = f"src/{caused[0]}" + (f" and {len(caused) - 1} more" if caused[1:] else "")
            try:
                complaints = self._do(step)
            except (SiteFailed, EngineError) as error:
                complaints = [*str(error).splitlines(), *getattr(error, "tail", "").splitlines()]
            if complaints:
                self._tell(f"✘ {files}:")
            for complaint in complaints:
                self._tell(f"  {complaint}")
            if not complaints:
                self._tell(f"{files}: {step.value}")

    def _do(self, step: Step) -> list[str]:
        """Do a step; what is wrong with the edit."""
        match step:
            case Step.INSTALL:
                self._site.install()
            case Step.RESTART_PHP:
                self._site.restart("wordpress")
            case Step.RESTART_NGINX:
                self._site.restart("nginx")
            case Step.CONFIGURE:
                complaints = self._site.configure()
                faults = [self._nginx_says(match) for line in complaints if (match := _NGINX.match(line))]
                return [*(faults or complaints), "the configuration of before serves on"] if complaints else []
            case Step.RELOAD:
                self._site.forget_files()
        return []

    def _nginx_says(self, match: re.Match[str]) -> str:
        if match["path"] is None:
            return match["fault"]
        return f"{self._site.in_source('nginx', match['path'])}:{match['line']}: {match['fault']}"

    def _listen(self) -> None:
        """Tell what PHP complains of, each complaint once until the next edit."""
        since = datetime.now(UTC)
        while not self._ending.is_set():
            log = ("logs", "--follow", "--since", since.isoformat(), self._site.name("wordpress"))
            with self._site.engine.following(*log) as lines:
                for line in lines:
                    if match := _PHP.search(line.rstrip()):
                        path = self._site.in_source("wordpress", match["path"])
                        self._tell_once(f"✘ {path}:{match['line']}: PHP {match['kind']}: {match['fault']}")
            since = datetime.now(UTC)
            self._ending.wait(0.2)

    def _tell_once(self, line: str) -> None:
        if line not in self._told and not self._ending.is_set():
            self._told.add(line)
            self._tell(line)

    def _tell(self, line: str) -> None:
        self._say(f"{time.strftime('%H:%M:%S')} {line}")
